//! Studies in Markdown: a table with one row per strategy, then the meaning of the columns, the
//! notes and the method.

use super::{Column, escape, page, table};
use crate::draw::number::{exact, score, seconds, whole};
use crate::study::{StrategySummary, StudyResults};

const COLUMNS: &[Column<StrategySummary>] = &[
    ("strategy", |row| Some(row.strategy.clone())),
    ("network", |row| Some(row.network.clone())),
    ("population", |row| Some(row.population.to_string())),
    ("solved", |row| Some(format!("{} of {}", row.solved, row.trials))),
    ("evaluations", |row| row.evaluations_median.map(whole)),
    ("quartiles", |row| between(row.evaluations_lower, row.evaluations_upper, whole)),
    ("mean (ERT)", expected),
    ("seconds", |row| row.seconds_median.map(seconds)),
    ("quartiles", |row| between(row.seconds_lower, row.seconds_upper, seconds)),
    ("held-out", |row| row.score_median.map(score)),
    ("worst", |row| row.score_min.map(score)),
    ("validation", |row| row.validation_median.map(score)),
];

/// Writes the results of a study.
pub fn text(results: &StudyResults) -> String {
    let notes = results.notes.iter().map(|note| format!("- Note: {}", escape(note))).collect();
    let titled = |&(title, cell): &Column<StrategySummary>| match title {
        "held-out" => (results.score_part, cell),
        "validation" => (selection_title(results), cell),
        _ => (title, cell),
    };
    let table = table(&COLUMNS.iter().map(titled).collect::<Vec<_>>(), &results.rows);
    page(table, &[legend(results), notes, vec![method(results)]], results.machine.to_string())
}

/// Returns the title of the scores that chose the champions.
fn selection_title(results: &StudyResults) -> &'static str {
    match results.selection_score_name.starts_with("validation") {
        true => "validation",
        false => "selection",
    }
}

/// Returns the meaning of the columns, a line each.
fn legend(results: &StudyResults) -> Vec<String> {
    let part = results.score_part;
    let solved = |target| format!("- solved: the {part} score reaches {}", exact(target));
    let mut lines: Vec<String> = results.target.map(solved).into_iter().collect();
    if results.rows.iter().any(|row| row.expected_evaluations.is_some()) {
        let counted = [
            "- evaluations, seconds and their quartiles: to success, over solved trials only",
            "- mean: of the evaluations to success; in brackets, if some trials are not solved, \
             the expected running time: the evaluations of all trials divided by the number of \
             solved ones",
        ];
        lines.extend(counted.map(String::from));
    }
    let name = results.score_name;
    let score = match part {
        "training" => format!(
            "the {name} that the champion reaches at the end on the samples that trained it, \
             because none are held out"
        ),
        "final" => "minus the value of the champion at the end".into(),
        _ => format!(
            "the {name} that the champion reaches at the end on episodes or samples that chose \
             nothing"
        ),
    };
    lines.push(format!("- {part}: {score}; the median over all trials, and the worst"));
    lines.push(format!(
        "- {}: the {} that chose the champion, and that the curves show; the median",
        selection_title(results),
        results.selection_score_name
    ));
    lines
}

/// Returns a line about how the trials were run.
fn method(results: &StudyResults) -> String {
    let (first, last) = (results.seed, results.seed + (results.seeds - 1));
    let seeds = match results.seeds {
        1 => format!("seed {first}"),
        _ => format!("seeds {first} to {last}"),
    };
    let allocation = results.thread_allocation;
    let on = results.adapter.as_deref().unwrap_or(&results.backend);
    let threads = match allocation.threads_per_trial {
        1 => "one thread".into(),
        threads => format!("{threads} threads"),
    };
    let at_once = match allocation.trials_at_once {
        1 => "one trial after the other, on".into(),
        trials => format!("{trials} trials at once, each on"),
    };
    format!("- {}, {seeds}, on {on}; {at_once} {threads}", escape(&results.task))
}

/// Writes the mean of the evaluations if all trials are solved, else the expected running time in
/// brackets.
fn expected(row: &StrategySummary) -> Option<String> {
    let bracketed = || row.expected_evaluations.map(|value| format!("({})", whole(value)));
    row.evaluations_mean.map(whole).or_else(bracketed)
}

/// Writes a range if it has both ends.
fn between(lower: Option<f64>, upper: Option<f64>, text: fn(f64) -> String) -> Option<String> {
    let (lower, upper) = lower.zip(upper)?;
    Some(format!("{} to {}", text(lower), text(upper)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Request;
    use crate::study::{Seeds, Study};

    #[test]
    fn an_expected_running_time_is_in_brackets_and_empty_columns_are_left_out() {
        let request = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
        let study = Study::new(&request, &[], Seeds { first: 1, count: 2 }).expect("a study");
        let all = study.run(&mut ()).expect("results");
        assert!(text(&all).contains("2 of 2") && !text(&all).contains("| ("));
        // The samples of xor train, choose and score.
        let page = text(&all);
        assert!(page.contains("- training: the accuracy that the champion reaches"), "{page}");
        assert!(page.contains("- solved: the training score reaches 1"), "{page}");
        assert!(!page.contains("held-out") && !page.contains("validation"), "{page}");
        let [row] = all.rows.as_slice() else { panic!("{} rows", all.rows.len()) };
        let some = StrategySummary { solved: 1, evaluations_mean: None, ..row.clone() };
        let some = StrategySummary { expected_evaluations: Some(12_345.6), ..some };
        let page = text(&StudyResults { rows: vec![some], ..all.clone() });
        assert!(page.contains("| (12,346) ") && page.contains("in brackets"), "{page}");
        let unknown =
            StrategySummary { evaluations_median: None, evaluations_mean: None, ..row.clone() };
        let none =
            StrategySummary { expected_evaluations: None, evaluations_lower: None, ..unknown };
        let page = text(&StudyResults { rows: vec![none], ..all });
        assert!(!page.contains("evaluations") && page.contains("1 to 2"), "{page}");
    }
}
