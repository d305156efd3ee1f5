//! A report of runs as one HTML page without external files and without scripts: for each task the
//! result, the curves and the champions; then how to repeat the runs, and their settings.

use std::fmt::Write;

use super::tables::{self, RunTable};
use super::{RunGroup, RunReport};
use crate::draw::number::{self, exact};
use crate::draw::{Colour, escape_markup};
use crate::measure::Machine;
use crate::report::chart::{learning, phases};
use crate::report::runs::Illustration;

const STYLE: &str = "
:root { --ink: #2d2d30; --soft: #66666a; --line: #e2e2dc; --paper: #fcfcfa; --box: #f3f3ee; }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 980px; margin: 48px auto 80px; padding: 0 24px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 22px; margin: 56px 0 10px; padding-top: 14px; border-top: 2px solid var(--line); }
h3 { font-size: 17px; margin: 32px 0 6px; }
p { margin: 4px 0 14px; }
.note, figcaption { color: var(--soft); font-size: 14px; }
.wide { overflow-x: auto; }
svg, img { max-width: 100%; height: auto; border-radius: 6px; }
figure { margin: 18px 0 26px; }
figcaption { margin-bottom: 6px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { padding: 6px 18px 6px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
pre { font: 13px/1.6 ui-monospace, monospace; background: var(--box); border-radius: 6px;
  padding: 10px 14px; margin: 6px 0 14px; white-space: pre-wrap; overflow-wrap: anywhere;
  user-select: all; }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 8px; }
details { margin: 12px 0; }
summary { cursor: pointer; }
dl { columns: 2; column-gap: 48px; font-size: 14px; margin: 12px 0; }
dl div { display: flex; justify-content: space-between; gap: 16px; break-inside: avoid;
  border-bottom: 1px solid var(--line); padding: 4px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; text-align: right; }
@media (max-width: 640px) { dl { columns: 1; } }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e0; --soft: #a6a6aa; --line: #3a3a3d; --paper: #1b1b1d; --box: #262629; }
  svg, img { background: #fcfcfa; }
}
";

/// Writes the page.
pub fn page(report: &RunReport) -> String {
    let title = escape_markup(&report.title());
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta \
         name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} - \
         deme</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let all = report.groups.iter().map(|group| group.members.len()).sum();
    let groups = report.groups.len();
    let counts = format!("{} in {}", count(all, "run"), count(groups, "group"));
    let _ = writeln!(text, "<p class=\"note\">{counts}</p>");
    let tasks = report.tasks();
    for task in &tasks {
        if tasks.len() > 1 {
            let _ = writeln!(text, "<h2>{}</h2>", escape_markup(task));
        }
        write_task(&mut text, report, task);
    }
    for note in &report.notes {
        let _ = writeln!(text, "<p>Note: {}</p>", escape_markup(note));
    }
    write_commands(&mut text, report);
    write_settings(&mut text, report);
    if let Some(bars) = phases::draw(&report.groups) {
        let note = "The mean time of a run, by the phases of a generation.";
        let _ = writeln!(text, "<h2>Time</h2>\n<p class=\"note\">{note}</p>");
        text.push_str(&bars.svg());
    }
    text.push_str("<h2>Runs</h2>\n");
    write_table(&mut text, &tables::runs(report), &[]);
    let machine = escape_markup(&Machine::current().to_string());
    let _ = writeln!(text, "<p class=\"note\">Reported on {machine}.</p>\n</body>\n</html>");
    text
}

fn count(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    }
}

/// Writes the result, the curves and the champions of a task.
fn write_task(text: &mut String, report: &RunReport, task: &str) {
    let groups: Vec<&RunGroup> = report.groups_of(task).collect();
    let colours: Vec<Colour> = (0..groups.len()).map(Colour::of_curve).collect();
    let note = match groups.first().map_or("held-out", |group| group.score_part) {
        "training" => {
            "The training score is that of the champion on the samples that trained it, because \
             none are held out."
        }
        "final" => "The final score is minus the value of the champion at the end.",
        _ => {
            "The held-out score is that of the champion on episodes or samples that took no part \
             in training or in the choice of the champion."
        }
    };
    let _ = writeln!(text, "<h3>Result</h3>");
    let _ = writeln!(text, "<p>{}</p>", escape_markup(&result(report, &groups)));
    write_table(text, &tables::groups(report, groups.iter().copied()), &colours);
    let _ = writeln!(text, "<p class=\"note\">{note}</p>");
    if let Some(curves) = learning::draw_task(report, task) {
        let _ = writeln!(
            text,
            "<h3>Learning</h3>\n<p class=\"note\">The score by which the champion is chosen, \
             against the evaluations so far: on validation episodes or samples, or on training \
             samples where there are no others. A group of several runs has the median and a band \
             between the quartiles.</p>\n{}",
            curves.svg()
        );
    }
    write_champions(text, report, &groups);
}

/// Returns the result of a task in a sentence: how many runs solved it, and the best score.
fn result(report: &RunReport, groups: &[&RunGroup]) -> String {
    let runs = || groups.iter().flat_map(|group| &group.members).map(|&index| &report.runs[index]);
    let ended = runs().filter(|run| run.ended).count();
    let solved = runs().filter(|run| run.ended && run.solved == Some(true)).count();
    let name = groups.first().map_or("score", |group| group.score_name);
    let target = groups.first().and_then(|group| group.target);
    let mut sentence = match (ended, target) {
        (0, _) => "No run has ended yet.".to_owned(),
        (_, None) => format!("{} ended.", count(ended, "run")),
        (_, Some(target)) => {
            let name = if name.ends_with("negated") { "score" } else { name };
            let target = exact(target);
            format!(
                "{solved} of {} solved the task ({name} of at least {target}).",
                count(ended, "run")
            )
        }
    };
    let best = runs().filter_map(|run| Some((run.score?, run))).max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((score, run)) = best {
        let part = groups.first().map_or("held-out", |group| group.score_part);
        let score = match part {
            "final" => number::value_of_score(score),
            _ => format!("{part} {name} of {}", number::score(score)),
        };
        let _ = write!(sentence, " The best has a {score}: {}.", run.run);
    }
    sentence
}

/// Writes what the champion of each group's best run does, its network, and the species.
fn write_champions(text: &mut String, report: &RunReport, groups: &[&RunGroup]) {
    if groups.iter().all(|group| group.network.is_none() && group.illustration.is_none()) {
        return;
    }
    let _ =
        writeln!(text, "<h3>Champions</h3>\n<p class=\"note\">Of the best run of each group.</p>");
    for group in groups {
        let name = escape_markup(&format!("{}: {}", group.name, report.runs[group.best].run));
        let mut figure = |caption: &str, content: String| {
            let _ = writeln!(
                text,
                "<figure>\n<figcaption>{name}, {caption}</figcaption>\n<div \
                 class=\"wide\">{content}</div>\n</figure>"
            );
        };
        match &group.illustration {
            Some(Illustration::Animation(address)) => {
                let alt = "the champion on its first held-out episode";
                figure(alt, format!("<img src=\"{address}\" alt=\"{alt}\">"));
            }
            Some(Illustration::Picture(scene)) => {
                figure(&format!("{} samples", group.score_part), scene.svg());
            }
            None => {}
        }
        if let Some(network) = &group.network {
            figure("its network", network.svg());
        }
        if let Some(species) = &group.species {
            figure("the sizes of species over the generations", species.svg());
        }
    }
}

/// Writes the command that repeats the best run of each group.
fn write_commands(text: &mut String, report: &RunReport) {
    text.push_str(
        "<h2>How to repeat it</h2>\n<p class=\"note\">One command for each group, with the seed of \
         its best run; a click selects it.</p>\n",
    );
    for group in &report.groups {
        let (name, command) = (escape_markup(&group.name), escape_markup(&group.command));
        let _ = writeln!(text, "<p class=\"note\">{name}</p>\n<pre>{command}</pre>");
    }
}

/// Writes the settings that differ as a table, and the others as one list.
fn write_settings(text: &mut String, report: &RunReport) {
    text.push_str("<h2>Settings</h2>\n");
    if let Some(differences) = tables::differences(report) {
        text.push_str("<h3>Settings that differ</h3>\n");
        write_table(text, &differences, &[]);
    }
    let subject =
        if report.runs.len() == 1 { "Settings of the run" } else { "Settings that all runs share" };
    let _ =
        writeln!(text, "<details>\n<summary>{subject} ({})</summary>\n<dl>", report.shared.len());
    for (key, value) in &report.shared {
        let (key, value) = (escape_markup(key), escape_markup(value));
        let _ = writeln!(text, "<div><dt>{key}</dt><dd>{value}</dd></div>");
    }
    text.push_str("</dl>\n</details>\n");
}

/// Writes a table, with the colour of its curve before the first cell of each row.
fn write_table(text: &mut String, table: &RunTable, colours: &[Colour]) {
    text.push_str("<div class=\"wide\"><table>\n");
    let cells: String =
        table.header.iter().map(|cell| format!("<th>{}</th>", escape_markup(cell))).collect();
    let _ = writeln!(text, "<tr>{cells}</tr>");
    for (index, row) in table.rows.iter().enumerate() {
        text.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let key = colours.get(index).filter(|_| column == 0).map_or(String::new(), |colour| {
                format!("<span class=\"key\" style=\"background:{}\"></span>", colour.hex())
            });
            let _ = write!(text, "<td>{key}{}</td>", escape_markup(cell));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</table></div>\n");
}
