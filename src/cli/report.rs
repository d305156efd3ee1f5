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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use clap::FromArgMatches;
    use deme::report::runs::RunReport;
    use deme::run::{Request, SavedRun};
    use tempfile::TempDir;

    use super::super::{Command, Deme, grammar};

    fn request_of<'a>(words: impl Iterator<Item = &'a str>) -> Request {
        let matches = grammar().try_get_matches_from(words).expect("a command");
        match Deme::from_arg_matches(&matches).expect("a command").command {
            Command::Train(flags) => flags.request(),
            _ => panic!("a command that trains"),
        }
    }

    /// A data file without header, of two classes of 60 samples each.
    fn data_file(folder: &TempDir) -> PathBuf {
        let line = |k: u32| format!("{k};{};{}\n", k * k % 17, ["a", "b"][k as usize % 2]);
        let path = folder.path().join("data.csv");
        std::fs::write(&path, (0..120).map(line).collect::<String>()).expect("a file");
        path
    }

    /// Flags of `deme train` after the task; DATA stands for a data file.
    const FLAGS: &str = "\
DATA --held-out 0.3
DATA --held-out 0
DATA --held-out 0.2 --validation 0.2
DATA --validation 0.1
DATA --validation 0
DATA --held-out 0 --validation 0.25
DATA --held-out 0.3 --validation 0.1 --seed 5
DATA --target column1 --goal regression --features column2 --until 0.5
DATA --delimiter ; --drop column1
DATA --features column2 --categories auto --missing drop
DATA --patience 7
DATA --until never --patience 300
DATA --evaluations 900
cartpole --seed 18446744073709551615 --population 40 --episodes 2 --generations 3
cartpole --evaluations 4000
cartpole --evaluations 4000 --generations 50
cartpole --evaluations 4000 --generations 100
cartpole --network 4-4:relu --activation sigmoid
cartpole --network 5:elman --initial normal:0.5 --normalise-observations
cartpole --initial constant:-0.25 --normalise-observations=false
cartpole --strategy snes --set sigma=0.25
cartpole --strategy neat
pendulum --until -500
pendulum --until never --patience never
cartpole --param gravity=3.7 --param half-length=0.25..0.75
maze --novelty
maze --novelty=neighbours=7:threshold=3
sphere --strategy cma-es --set sigma=0.3
cartpole --backend gpu --adapter llvmpipe --variant loop --recombine cpu --precision f16
cartpole --backend cpu --recombine cpu";

    /// The flags that have no part in the result.
    const WITHOUT_RESULT: [&str; 9] = [
        "help",
        "config",
        "out",
        "json",
        "quiet",
        "tensorboard",
        "threads",
        "dump-wgsl",
        "checkpoint-every",
    ];

    #[test]
    fn the_command_of_a_report_repeats_a_run_for_every_flag() {
        let folder = TempDir::new().expect("a temporary folder");
        let data = data_file(&folder).display().to_string();
        let mut untested: BTreeSet<String> = BTreeSet::new();
        for train in grammar().get_subcommands().filter(|command| command.get_name() == "train") {
            untested.extend(train.get_arguments().filter_map(|arg| arg.get_long()).map(Into::into));
        }
        WITHOUT_RESULT.iter().for_each(|flag| assert!(untested.remove(*flag), "{flag}"));
        for line in FLAGS.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
                untested.remove(flag.split('=').next().unwrap_or(flag));
            }
            let word = |word: &&'static str| match *word {
                "DATA" => data.clone(),
                word => word.to_owned(),
            };
            let typed: Vec<String> = words.iter().map(word).collect();
            let header = typed[0].ends_with(".csv").then_some("--no-header");
            let typed = typed.iter().map(String::as_str).chain(header);
            let request = request_of(["deme", "train"].into_iter().chain(typed));
            let wanted = match request.check() {
                Ok(config) => config.request().clone(),
                Err(error) => panic!("{line}: {error}"),
            };
            let run = SavedRun {
                folder: folder.path().into(),
                request: wanted.clone(),
                records: vec![],
                summary: None,
                notes: vec![],
            };
            let command = RunReport::from_runs(&[run]).groups.swap_remove(0).command;
            assert!(!command.contains("--config"), "{line}: {command}");
            // No value of the table has a blank, so quotes around words are all that a shell does.
            let again = request_of(command.split(' ').map(|word| word.trim_matches('\'')));
            let again = again.check().map(|config| config.request().clone());
            assert_eq!(again.expect(&command), wanted, "{line}: {command}");
        }
        untested.remove("no-header");
        assert_eq!(untested, BTreeSet::new(), "flags without a line in the table");
    }
}
