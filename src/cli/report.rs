//! `deme report`: one or many runs as a page, a chart or tables.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use deme::draw::Scene;
use deme::error::{Error, Result};
use deme::files;
use deme::report::{self, runs};

use super::headings::OUTPUT;
use super::output::{Outcome, note, print};

/// Report on one or many runs: a page, a chart, tables
///
/// Runs that differ only in their seed are one group, with one curve and a band around it.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Run folders of `deme train`, or folders of them
    ///
    /// Anything else among them is passed over with a note.
    #[arg(value_name = "DIR", required = true, value_hint = ValueHint::DirPath)]
    folders: Vec<PathBuf>,
    /// HTML file: one page, without scripts from the web
    ///
    /// [default: report.html if no other file is named]
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    html: Option<PathBuf>,
    /// SVG file for the learning curves
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    svg: Option<PathBuf>,
    /// SVG file for the species of neat
    ///
    /// The sizes of the species over the generations, of the best run of each group.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    species: Option<PathBuf>,
    /// CSV file with one line per run
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    csv: Option<PathBuf>,
    /// Markdown file for the tables
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  deme report runs
  deme report runs/cartpole-* --svg curves.svg --csv runs.csv";

pub fn run(flags: &Flags) -> Result<Outcome> {
    let mut html = flags.html.clone();
    let others = [&flags.svg, &flags.species, &flags.csv, &flags.markdown];
    if flags.html.is_none() && others.into_iter().all(Option::is_none) {
        html = Some("report.html".into());
    }
    let paths = [&html, &flags.svg, &flags.species, &flags.csv, &flags.markdown];
    let formats = [
        ("--html", report::HTML),
        ("--svg", report::SVG),
        ("--species", report::SVG),
        ("--csv", report::CSV),
        ("--markdown", report::MARKDOWN),
    ];
    for (path, (flag, endings)) in paths.into_iter().zip(formats) {
        path.as_ref().map_or(Ok(()), |path| report::expect_output(flag, path, endings))?;
    }
    let selected = runs::RunReport::read(&flags.folders)?;
    selected.notes.iter().for_each(|line| note(&format!("note: {line}")));
    // All files are made before the first is written, so that there are all of them or none.
    let mut outputs: Vec<(&Path, Vec<u8>)> = Vec::new();
    if let Some(path) = &html {
        outputs.push((path, runs::html::page(&selected).into()));
    }
    if let Some(path) = &flags.svg {
        let curves = report::chart::learning::draw_groups(&selected).ok_or_else(|| {
            Error::invalid("--svg", "a run with a generation that has a score", "none")
        })?;
        outputs.push((path, curves.svg().into()));
    }
    if let Some(path) = &flags.species {
        let charts: Vec<_> =
            selected.groups.iter().filter_map(|group| group.species.as_ref()).collect();
        let scene = Scene::stack(&charts).ok_or_else(|| {
            let expected = "a run whose log has species, as those of neat have";
            Error::invalid("--species", expected, "none")
        })?;
        outputs.push((path, scene.svg().into()));
    }
    if let Some(path) = &flags.csv {
        outputs.push((path, report::csv::text(&selected.runs)?.into()));
    }
    if let Some(path) = &flags.markdown {
        outputs.push((path, runs::tables::markdown(&selected).into()));
    }
    let outputs: Vec<(&Path, &[u8])> =
        outputs.iter().map(|(path, bytes)| (*path, &bytes[..])).collect();
    files::write_all(&outputs)?;
    for path in paths.into_iter().flatten() {
        print(&path.display().to_string())?;
    }
    Ok(Outcome::Success)
}
