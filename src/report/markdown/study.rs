//! Studies as a Markdown table: a line a contestant, and under it what the columns count, what
//! should be known, and the method.

use super::{Column, page, table};
use crate::report::svg::axis::whole;
use crate::report::threshold;
use crate::study::{Findings, Row};

const COLUMNS: &[Column<Row>] = &[
    ("strategy", |row| Some(row.strategy.clone())),
    ("network", |row| Some(row.network.clone())),
    ("population", |row| Some(row.population.to_string())),
    ("solved", |row| Some(format!("{} of {}", row.solved, row.trials))),
    ("evaluations", |row| row.evaluations_median.map(whole)),
    ("quartiles", |row| between(row.evaluations_lower, row.evaluations_upper, whole)),
    ("mean (ERT)", expected),
    ("seconds", |row| row.seconds_median.map(seconds)),
    ("quartiles", |row| between(row.seconds_lower, row.seconds_upper, seconds)),
    ("score", |row| row.score_median.map(score)),
    ("worst", |row| row.score_min.map(score)),
];

/// The page.
pub fn text(findings: &Findings) -> String {
    let notes = findings.notes.iter().map(|note| format!("- Note: {note}")).collect();
    let table = table(COLUMNS, &findings.rows);
    page(table, &[legend(findings), notes, vec![method(findings)]], findings.machine.to_string())
}

/// What the columns count.
fn legend(findings: &Findings) -> Vec<String> {
    let solved = |target| format!("- solved: the held-out score reaches {}", threshold(target));
    let mut lines: Vec<String> = findings.target.map(solved).into_iter().collect();
    if findings.rows.iter().any(|row| row.expected_evaluations.is_some()) {
        let counted = [
            "- evaluations, seconds and their quartiles: to success, over solved trials only",
            "- mean: of the evaluations to success; in brackets, where some trials are not \
             solved, the expected running time: the evaluations of all over the number of solved",
        ];
        lines.extend(counted.map(String::from));
    }
    lines.push("- score: held-out, at the end, the median over all trials; and the worst".into());
    lines
}

/// How the trials were run.
fn method(findings: &Findings) -> String {
    let (first, last) = (findings.seed, findings.seed + (findings.seeds - 1));
    let seeds = match findings.seeds {
        1 => format!("seed {first}"),
        _ => format!("seeds {first} to {last}"),
    };
    let sharing = findings.sharing;
    let on = findings.adapter.as_deref().unwrap_or(&findings.backend);
    let threads = match sharing.threads_a_trial {
        1 => "one thread".into(),
        threads => format!("{threads} threads"),
    };
    let at_once = match sharing.trials_at_once {
        1 => "one trial after the other, on".into(),
        trials => format!("{trials} trials at once, each on"),
    };
    format!("- {}, {seeds}, on {on}; {at_once} {threads}", findings.task)
}

/// The mean of the evaluations where all are solved, else the expected running time in brackets.
fn expected(row: &Row) -> Option<String> {
    let bracketed = || row.expected_evaluations.map(|value| format!("({})", whole(value)));
    row.evaluations_mean.map(whole).or_else(bracketed)
}

/// The two ends of a range, where it has them.
fn between(lower: Option<f64>, upper: Option<f64>, text: fn(f64) -> String) -> Option<String> {
    let (lower, upper) = lower.zip(upper)?;
    Some(format!("{} to {}", text(lower), text(upper)))
}

/// A time in three digits or so.
fn seconds(value: f64) -> String {
    let decimals = match value {
        s if s >= 99.5 => 0,
        s if s >= 9.95 => 1,
        s if s >= 0.995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

/// A score in four digits or so; a tiny one with an exponent.
fn score(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if size < 1e-3 => format!("{value:.2e}"),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 1e6 => format!("{value:.1}"),
        _ => format!("{value:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Request;
    use crate::study::{Seeds, Study};

    #[test]
    fn a_mean_of_some_stands_in_brackets_and_columns_without_numbers_are_left_out() {
        let request = Request { backend: Some("cpu".into()), ..Request::of("xor") };
        let study = Study::of(&request, &[], Seeds { first: 1, count: 2 }).expect("a study");
        let all = study.run(&mut ()).expect("findings");
        assert!(text(&all).contains("2 of 2") && !text(&all).contains("| ("));
        let [row] = all.rows.as_slice() else { panic!("{} rows", all.rows.len()) };
        let some = Row { solved: 1, evaluations_mean: None, ..row.clone() };
        let some = Row { expected_evaluations: Some(12_345.6), ..some };
        let page = text(&Findings { rows: vec![some], ..all.clone() });
        assert!(page.contains("| (12,346) ") && page.contains("in brackets"), "{page}");
        let unknown = Row { evaluations_median: None, evaluations_mean: None, ..row.clone() };
        let none = Row { expected_evaluations: None, evaluations_lower: None, ..unknown };
        let page = text(&Findings { rows: vec![none], ..all });
        assert!(!page.contains("evaluations") && page.contains("1 to 2"), "{page}");
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [0.0, -3.21e-13, 0.9321, 498.25].map(score),
            ["0", "-3.21e-13", "0.932", "498.2"]
        );
        assert_eq!([0.0123, 1.234, 12.34, 123.4].map(seconds), ["0.012", "1.23", "12.3", "123"]);
    }
}
