//! Tables of runs: a row a group, a row a run, and the settings that differ.

use super::{Group, Runs, Told};
use crate::study::Quartiles;

/// A header, and rows of as many cells.
pub struct Table {
    /// What stands above the columns.
    pub header: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<String>>,
}

/// A row a group: how often it solved, its scores, and what they took.
pub fn groups(runs: &Runs) -> Table {
    let header =
        ["", "solved", "score", "quartiles", "evaluations", "quartiles", "seconds"].map(Into::into);
    let row = |group: &Group| {
        let told = || group.members.iter().map(|&index| &runs.runs[index]);
        let solved = told().filter(|run| run.solved == Some(true)).count();
        let ended = told().filter(|run| run.ended).count();
        let scores = runs.quartiles(group, |run| run.score);
        let evaluations = runs.quartiles(group, |run| Some(run.evaluations as f64));
        let seconds = runs.quartiles(group, |run| run.wall_seconds);
        vec![
            group.name.clone(),
            format!("{solved} of {ended}"),
            median(scores),
            between(scores),
            median(evaluations),
            between(evaluations),
            median(seconds),
        ]
    };
    Table { header: header.to_vec(), rows: runs.groups.iter().map(row).collect() }
}

/// A row a run.
pub fn runs(runs: &Runs) -> Table {
    let header = [
        "run",
        "group",
        "seed",
        "state",
        "score",
        "validation",
        "generations",
        "evaluations",
        "seconds",
        "backend",
    ];
    let row = |run: &Told| {
        let state = match (run.ended, run.solved) {
            (false, _) => "not ended",
            (true, Some(true)) => "solved",
            (true, _) => "ended",
        };
        let number = |value: Option<f64>| value.map_or_else(|| "-".into(), short);
        let device = run.adapter.clone().or(run.backend.clone());
        vec![
            run.run.clone(),
            run.group.clone(),
            run.seed.to_string(),
            state.into(),
            number(run.score),
            number(run.validation),
            run.generations.to_string(),
            run.evaluations.to_string(),
            number(run.wall_seconds),
            device.unwrap_or_else(|| "-".into()),
        ]
    };
    let header = header.map(Into::into).to_vec();
    Table { header, rows: runs.runs.iter().map(row).collect() }
}

/// The settings in which groups differ, a row a setting; none where there is one group.
pub fn differences(runs: &Runs) -> Option<Table> {
    let mut keys: Vec<&String> =
        runs.groups.iter().flat_map(|group| group.settings.keys()).collect();
    keys.sort();
    keys.dedup();
    if keys.is_empty() {
        return None;
    }
    let names = runs.groups.iter().map(|group| group.name.clone());
    let row = |key: &String| {
        let of = |group: &Group| group.settings.get(key).cloned().unwrap_or_else(|| "-".into());
        [key.clone()].into_iter().chain(runs.groups.iter().map(of)).collect()
    };
    let header = [String::new()].into_iter().chain(names).collect();
    Some(Table { header, rows: keys.into_iter().map(row).collect() })
}

/// Both tables and the differences in Markdown.
pub fn markdown(report: &Runs) -> String {
    let mut text = format!("# {}\n\n", report.title());
    let mut tables = vec![groups(report), runs(report)];
    tables.extend(differences(report));
    for table in tables {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        text.push_str(&line(&table.header));
        text.push_str(&line(&vec!["---".to_owned(); table.header.len()]));
        table.rows.iter().for_each(|row| text.push_str(&line(row)));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn median(quartiles: Option<Quartiles>) -> String {
    quartiles.map_or_else(|| "-".into(), |quartiles| short(quartiles.median))
}

fn between(quartiles: Option<Quartiles>) -> String {
    quartiles.map_or_else(
        || "-".into(),
        |quartiles| format!("{} to {}", short(quartiles.lower), short(quartiles.upper)),
    )
}

/// A number in about four digits.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        size if value.fract() == 0.0 && size < 1e15 => format!("{value:.0}"),
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1e-3 => format!("{value:.3}"),
        _ => format!("{value:.2e}"),
    }
}
