//! Tables of runs: one row per group, one row per run, and a row for each setting that differs.

use super::{RunGroup, RunReport, RunRow};
use crate::draw::number::{score, seconds, whole};
use crate::report::markdown::escape;
use crate::study::Quartiles;

/// A table of texts; every row has as many cells as the header.
pub struct RunTable {
    /// The titles of the columns.
    pub header: Vec<String>,
    /// The cells of each row.
    pub rows: Vec<Vec<String>>,
}

/// Returns a table with one row per group: how many runs solved the task, their scores, evaluations
/// and seconds.
pub fn groups<'a>(runs: &RunReport, groups: impl IntoIterator<Item = &'a RunGroup>) -> RunTable {
    let groups: Vec<&RunGroup> = groups.into_iter().collect();
    let score_title = score_title(&groups);
    let header = [
        "",
        "solved",
        &score_title,
        "quartiles",
        "validation",
        "evaluations",
        "quartiles",
        "seconds",
    ];
    let row = |group: &RunGroup| {
        let members = || group.members.iter().map(|&index| &runs.runs[index]);
        let solved = members().filter(|run| run.ended && run.solved == Some(true)).count();
        let ended = members().filter(|run| run.ended).count();
        let scores = runs.quartiles(group, |run| run.score);
        let evaluations = runs.quartiles(group, |run| Some(run.evaluations as f64));
        let times = runs.quartiles(group, |run| run.wall_seconds);
        vec![
            group.name.clone(),
            format!("{solved} of {ended}"),
            median_text(scores, score),
            range_text(scores, score),
            median_text(runs.quartiles(group, |run| run.validation), score),
            median_text(evaluations, whole),
            range_text(evaluations, whole),
            median_text(times, seconds),
        ]
    };
    let header = header.map(Into::into).to_vec();
    without_empty_columns(RunTable { header, rows: groups.into_iter().map(row).collect() })
}

/// Returns the title of the scores of groups, with the part that gave them if it is the same.
fn score_title<'a>(groups: impl IntoIterator<Item = &'a &'a RunGroup>) -> String {
    let mut parts: Vec<&str> = groups.into_iter().map(|group| group.score_part).collect();
    parts.dedup();
    match parts.as_slice() {
        [part] => format!("{part} score"),
        _ => "score".into(),
    }
}

/// Leaves out the columns in which all cells are a hyphen, and the quartiles of single runs, which
/// are equal.
fn without_empty_columns(table: RunTable) -> RunTable {
    let is_single = |cell: &str| cell.split_once(" to ").is_some_and(|(a, b)| a == b);
    let has_content = |column: &usize| {
        table.rows.iter().any(|row| row[*column] != "-" && !is_single(&row[*column]))
    };
    let kept: Vec<usize> = (0..table.header.len()).filter(has_content).collect();
    let keep = |cells: &Vec<String>| kept.iter().map(|&column| cells[column].clone()).collect();
    RunTable { header: keep(&table.header), rows: table.rows.iter().map(keep).collect() }
}

/// Returns a table with one row per run.
pub fn runs(runs: &RunReport) -> RunTable {
    let score_title = score_title(&runs.groups.iter().collect::<Vec<_>>());
    let header = [
        "run",
        "group",
        "seed",
        "state",
        score_title.strip_prefix("held-out").map_or(&score_title, |_| "held-out"),
        "validation",
        "training",
        "generations",
        "evaluations",
        "seconds",
        "backend",
    ];
    let row = |run: &RunRow| {
        let state = match (run.ended, run.solved) {
            (false, _) => "not ended",
            (true, Some(true)) => "solved",
            (true, _) => "ended",
        };
        let number = |value: Option<f64>| value.map_or_else(|| "-".into(), score);
        let device = run.adapter.clone().or(run.backend.clone());
        vec![
            run.run.clone(),
            run.group.clone(),
            run.seed.to_string(),
            state.into(),
            number(run.score),
            number(run.validation),
            number(run.training),
            whole(run.generations.into()),
            whole(run.evaluations as f64),
            run.wall_seconds.map_or_else(|| "-".into(), seconds),
            device.unwrap_or_else(|| "-".into()),
        ]
    };
    let header = header.map(Into::into).to_vec();
    RunTable { header, rows: runs.runs.iter().map(row).collect() }
}

/// Returns a table of the settings in which groups differ, one row per setting; `None` if they do
/// not differ.
pub fn differences(runs: &RunReport) -> Option<RunTable> {
    let mut keys: Vec<&String> =
        runs.groups.iter().flat_map(|group| group.settings.keys()).collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        return None;
    }
    let names = runs.groups.iter().map(|group| group.name.clone());
    let row = |key: &String| {
        let value = |group: &RunGroup| group.settings.get(key).cloned();
        let values = runs.groups.iter().map(|group| value(group).unwrap_or_else(|| "-".into()));
        [key.clone()].into_iter().chain(values).collect()
    };
    let header = [String::new()].into_iter().chain(names).collect();
    Some(RunTable { header, rows: keys.into_iter().map(row).collect() })
}

/// Writes the tables of groups, runs and differing settings in Markdown.
pub fn markdown(report: &RunReport) -> String {
    let mut text = format!("# {}\n\n", escape(&report.title()));
    let mut tables: Vec<RunTable> =
        report.tasks().into_iter().map(|task| groups(report, report.groups_of(task))).collect();
    tables.push(runs(report));
    tables.extend(differences(report));
    for table in tables {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        text.push_str(&line(&table.header));
        text.push_str(&format!("|{}\n", " --- |".repeat(table.header.len())));
        table.rows.iter().for_each(|row| text.push_str(&line(row)));
        text.push('\n');
    }
    report.notes.iter().for_each(|note| text.push_str(&format!("- Note: {}\n", escape(note))));
    if !report.notes.is_empty() {
        text.push('\n');
    }
    text.push_str("Commands that repeat the best run of each group:\n\n```sh\n");
    report.groups.iter().for_each(|group| text.push_str(&format!("{}\n", group.command)));
    text.push_str("```\n");
    text
}

fn median_text(quartiles: Option<Quartiles>, text: fn(f64) -> String) -> String {
    quartiles.map_or_else(|| "-".into(), |quartiles| text(quartiles.median))
}

fn range_text(quartiles: Option<Quartiles>, text: fn(f64) -> String) -> String {
    quartiles.map_or_else(
        || "-".into(),
        |quartiles| format!("{} to {}", text(quartiles.lower), text(quartiles.upper)),
    )
}
