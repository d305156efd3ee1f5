//! A report of runs as one page that needs no network: curves, champions, species, tables, settings
//! and time.

use std::fmt::Write;

use super::tables::{self, Table, short};
use super::{Group, Runs, chart};
use crate::measure::Machine;
use crate::play::{Anchor, Colour, Scene, escaped};
use crate::run::Seconds;

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

/// The page.
pub fn page(runs: &Runs) -> String {
    let title = escaped(&runs.title());
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta \
         name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} - \
         deme</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    let (all, groups) = (runs.runs.len(), runs.groups.len());
    let count = |count: usize, word: &str| match count {
        1 => format!("one {word}"),
        _ => format!("{count} {word}s"),
    };
    let _ =
        writeln!(text, "<p class=\"note\">{} in {}</p>", count(all, "run"), count(groups, "group"));
    if let Some(curves) = chart::groups(runs) {
        text.push_str(
            "<h2>Learning</h2>\n<p class=\"note\">The validation score of the champion, \
                       which chose it; medians, with bands between the quartiles where a group has \
                       several runs.</p>\n",
        );
        text.push_str(&curves.svg());
    }
    text.push_str(
        "<h2>Scores</h2>\n<p class=\"note\">Held-out scores, on episodes or samples that \
                   chose nothing.</p>\n",
    );
    table(&mut text, &tables::groups(runs));
    drawings(&mut text, runs);
    if let Some(differences) = tables::differences(runs) {
        text.push_str("<h2>Settings that differ</h2>\n");
        table(&mut text, &differences);
    }
    if let Some(bars) = phases(&runs.groups) {
        text.push_str(
            "<h2>Time</h2>\n<p class=\"note\">Where the time of the generations of a run \
                       went, on average.</p>\n",
        );
        text.push_str(&bars.svg());
    }
    text.push_str("<h2>Runs</h2>\n");
    table(&mut text, &tables::runs(runs));
    text.push_str("<h2>Settings that all share</h2>\n");
    let shared = runs.shared.iter().map(|(key, value)| vec![key.clone(), value.clone()]);
    table(&mut text, &Table { header: vec!["".into(), "".into()], rows: shared.collect() });
    let machine = escaped(&Machine::this().to_string());
    let _ = writeln!(text, "<p class=\"note\">Reported on {machine}.</p>\n</body>\n</html>");
    text
}

/// The network of each group's best run, and its species.
fn drawings(text: &mut String, runs: &Runs) {
    type Of = fn(&Group) -> Option<&Scene>;
    let sections: [(&str, &str, Of); 2] = [
        ("Networks", "The champion of the best run", |group| group.network.as_ref()),
        ("Species", "How species came and went in the best run", |group| group.species.as_ref()),
    ];
    for (title, words, of) in sections {
        let drawn: Vec<(&Group, &Scene)> =
            runs.groups.iter().filter_map(|group| Some((group, of(group)?))).collect();
        if drawn.is_empty() {
            continue;
        }
        let _ = writeln!(text, "<h2>{title}</h2>\n<p class=\"note\">{words} of each group.</p>");
        for (group, scene) in drawn {
            let (name, run) = (escaped(&group.name), escaped(&runs.runs[group.best].run));
            let _ = writeln!(text, "<p>{name}: {run}</p>\n<div class=\"wide\">");
            text.push_str(&scene.svg());
            text.push_str("</div>\n");
        }
    }
}

fn table(text: &mut String, table: &Table) {
    text.push_str("<div class=\"wide\"><table>\n");
    if table.header.iter().any(|cell| !cell.is_empty()) {
        let cells: String =
            table.header.iter().map(|cell| format!("<th>{}</th>", escaped(cell))).collect();
        let _ = writeln!(text, "<tr>{cells}</tr>");
    }
    for row in &table.rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        let _ = writeln!(text, "<tr>{cells}</tr>");
    }
    text.push_str("</table></div>\n");
}

/// A phase of a generation: its name, its colour, and its time.
type Phase = (&'static str, Colour, fn(&Seconds) -> f64);

const PHASES: [Phase; 6] = [
    ("propose", Colour(204, 121, 167), |seconds| seconds.propose),
    ("spawn", Colour(86, 180, 233), |seconds| seconds.spawn),
    ("score", Colour::BLUE, |seconds| seconds.score),
    ("recombine", Colour::GREEN, |seconds| seconds.recombine),
    ("update", Colour(230, 159, 0), |seconds| seconds.update),
    ("examine", Colour::VERMILION, |seconds| seconds.examine),
];

/// A bar a group; none where no run has ended.
fn phases(groups: &[Group]) -> Option<Scene> {
    const ROW: f64 = 40.0;
    let timed: Vec<(&Group, &Seconds)> = groups
        .iter()
        .filter_map(|group| Some((group, group.seconds.as_ref()?)))
        .filter(|(_, seconds)| seconds.total() > 0.0)
        .collect();
    if timed.is_empty() {
        return None;
    }
    let longest = timed.iter().map(|(_, seconds)| seconds.total()).fold(0.0, f64::max);
    let mut scene = Scene::new([900, (ROW * timed.len() as f64 + 44.0) as u32]);
    let mut x = 10.0;
    for (name, colour, _) in PHASES {
        scene.rectangle([x, 10.0], [12.0, 12.0], colour);
        scene.text([x + 18.0, 21.0], Anchor::Start, 13.0, Colour::INK, name);
        x += 110.0;
    }
    for (row, (group, seconds)) in timed.into_iter().enumerate() {
        let y = 36.0 + ROW * row as f64;
        let mut x = 10.0;
        for (_, colour, of) in PHASES {
            let width = 640.0 * of(seconds) / longest;
            scene.rectangle([x, y + 16.0], [width, 14.0], colour);
            x += width;
        }
        let words = format!("{}, {} s", group.name, short(seconds.total()));
        scene.text([10.0, y + 11.0], Anchor::Start, 13.0, Colour::INK, words);
    }
    Some(scene)
}
