//! `deme report`: one run or many as a page, a chart or tables.

use std::path::PathBuf;

use deme::error::{Error, Result};
use deme::report::{self, runs};

use super::{Outcome, print};

/// Tell of one run or many: a page, a chart, tables.
#[derive(clap::Args)]
pub struct Flags {
    /// Run folders of `deme train`; those that differ in the seed alone are one curve with a band
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// Write one page that needs no network [default: report.html, where no other file is named]
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Draw the learning curves into an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Draw the species of the best run of each group, as they came and went, into an SVG file
    #[arg(long, value_name = "FILE")]
    species: Option<PathBuf>,
    /// Write a line a run to a CSV file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the tables to a Markdown file
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let mut html = flags.html.clone();
    let others = [&flags.svg, &flags.species, &flags.csv, &flags.markdown];
    if flags.html.is_none() && others.into_iter().all(Option::is_none) {
        html = Some("report.html".into());
    }
    let files = [&html, &flags.svg, &flags.species, &flags.csv, &flags.markdown];
    files.into_iter().flatten().try_for_each(|path| report::expect_writable(path))?;
    let told = runs::Runs::read(&flags.folders)?;
    if let Some(path) = &html {
        report::write(path, runs::html::page(&told))?;
    }
    if let Some(path) = &flags.svg {
        let curves = runs::chart::groups(&told).ok_or_else(|| {
            Error::invalid("--svg", "a run with a generation that has a score", "none")
        })?;
        report::write(path, curves.svg())?;
    }
    if let Some(path) = &flags.species {
        let charts: Vec<_> =
            told.groups.iter().filter_map(|group| group.species.as_ref()).collect();
        let scene = runs::species::below_each_other(&charts).ok_or_else(|| {
            let expected = "a run whose log has species, as those of neat have";
            Error::invalid("--species", expected, "none")
        })?;
        report::write(path, scene.svg())?;
    }
    if let Some(path) = &flags.csv {
        report::write(path, report::csv::text(&told.runs)?)?;
    }
    if let Some(path) = &flags.markdown {
        report::write(path, runs::tables::markdown(&told))?;
    }
    for path in files.into_iter().flatten() {
        print(&path.display().to_string())?;
    }
    Ok(Outcome::Done)
}
