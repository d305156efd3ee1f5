//! A report of runs as one HTML page without external files: curves, champions, species, tables,
//! settings and time.

use std::fmt::Write;

use super::tables::{self, RunTable};
use super::{RunGroup, RunReport};
use crate::draw::{Scene, escape_markup};
use crate::measure::Machine;
use crate::report::chart::{learning, phases};

const STYLE: &str = "
body { font: 15px/1.5 system-ui, sans-serif; color: #2d2d30; background: #fcfcfa;
  max-width: 960px; margin: 40px auto; padding: 0 20px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 36px 0 8px; }
p { margin: 4px 0 12px; }
.note { color: #6d6d70; }
.wide { overflow-x: auto; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: #6d6d70; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid #e4e4e0; white-space: nowrap; }
@media (prefers-color-scheme: dark) {
  body { color: #e4e4e0; background: #1c1c1e; }
  th, td { border-color: #3a3a3c; }
  th, .note { color: #a0a0a4; }
  svg { background: #fcfcfa; border-radius: 6px; }
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
    let (all, groups) = (report.runs.len(), report.groups.len());
    let count = |count: usize, word: &str| match count {
        1 => format!("one {word}"),
        _ => format!("{count} {word}s"),
    };
    let _ =
        writeln!(text, "<p class=\"note\">{} in {}</p>", count(all, "run"), count(groups, "group"));
    if let Some(curves) = learning::draw_groups(report) {
        text.push_str(
            "<h2>Learning</h2>\n<p class=\"note\">The validation score by which the champion \
             was chosen. A group of several runs has the median and a band between the \
             quartiles.</p>\n",
        );
        text.push_str(&curves.svg());
    }
    text.push_str(
        "<h2>Scores</h2>\n<p class=\"note\">Held-out scores: the episodes or samples took no \
         part in training or in the choice of the champion.</p>\n",
    );
    write_table(&mut text, &tables::groups(report));
    write_drawings(&mut text, report);
    if let Some(differences) = tables::differences(report) {
        text.push_str("<h2>Settings that differ</h2>\n");
        write_table(&mut text, &differences);
    }
    if let Some(bars) = phases::draw(&report.groups) {
        text.push_str(
            "<h2>Time</h2>\n<p class=\"note\">The mean time of a run, by the phases of a \
             generation.</p>\n",
        );
        text.push_str(&bars.svg());
    }
    text.push_str("<h2>Runs</h2>\n");
    write_table(&mut text, &tables::runs(report));
    text.push_str("<h2>Settings that all runs share</h2>\n");
    let shared = report.shared.iter().map(|(key, value)| vec![key.clone(), value.clone()]);
    write_table(
        &mut text,
        &RunTable { header: vec!["".into(), "".into()], rows: shared.collect() },
    );
    let machine = escape_markup(&Machine::current().to_string());
    let _ = writeln!(text, "<p class=\"note\">Reported on {machine}.</p>\n</body>\n</html>");
    text
}

/// Writes the network and the species of each group's best run.
fn write_drawings(text: &mut String, report: &RunReport) {
    type Drawing = fn(&RunGroup) -> Option<&Scene>;
    let sections: [(&str, &str, Drawing); 2] = [
        ("Networks", "The champion of the best run", |group| group.network.as_ref()),
        ("Species", "The sizes of species over the generations of the best run", |group| {
            group.species.as_ref()
        }),
    ];
    for (title, words, drawing) in sections {
        let drawn: Vec<(&RunGroup, &Scene)> =
            report.groups.iter().filter_map(|group| Some((group, drawing(group)?))).collect();
        if drawn.is_empty() {
            continue;
        }
        let _ = writeln!(text, "<h2>{title}</h2>\n<p class=\"note\">{words} of each group.</p>");
        for (group, scene) in drawn {
            let (name, run) =
                (escape_markup(&group.name), escape_markup(&report.runs[group.best].run));
            let _ = writeln!(text, "<p>{name}: {run}</p>\n<div class=\"wide\">");
            text.push_str(&scene.svg());
            text.push_str("</div>\n");
        }
    }
}

fn write_table(text: &mut String, table: &RunTable) {
    text.push_str("<div class=\"wide\"><table>\n");
    if table.header.iter().any(|cell| !cell.is_empty()) {
        let cells: String =
            table.header.iter().map(|cell| format!("<th>{}</th>", escape_markup(cell))).collect();
        let _ = writeln!(text, "<tr>{cells}</tr>");
    }
    for row in &table.rows {
        let cells: String =
            row.iter().map(|cell| format!("<td>{}</td>", escape_markup(cell))).collect();
        let _ = writeln!(text, "<tr>{cells}</tr>");
    }
    text.push_str("</table></div>\n");
}
