//! `deme compare`: several strategies on one task, the same seeds for each.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use deme::error::Result;
use deme::report;
use deme::study::{Contestant, Findings, Seeds, Study, Trial, Watcher};
use indicatif::{ProgressBar, ProgressStyle};

use super::run_flags::RunFlags;
use super::sizes::whole;
use super::threads::Threads;
use super::{Outcome, note, print};

/// Compare strategies on a task, with the same seeds for each.
#[derive(clap::Args)]
pub struct Flags {
    #[command(flatten)]
    run: RunFlags,
    /// Strategies, a comma between them (see `deme strategies`). Settings may follow a name, and
    /// its own population: pgpe,ga:sigma=0.2:population=64 [default: the task's]
    #[arg(long, value_name = "NAME[:KEY=VALUE]...", value_delimiter = ',')]
    strategies: Vec<String>,
    /// Trials of each strategy, each with a seed of its own
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = whole::<u64>)]
    seeds: u64,
    /// The first seed; the others follow it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<u64>)]
    seed: u64,
    /// Trials that run at once, each on its share of the threads
    /// [default: one for each thread; on a GPU, one]
    #[arg(long, value_name = "N", value_parser = whole::<usize>)]
    jobs: Option<usize>,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON document instead of a table [default: off]
    #[arg(long)]
    json: bool,
    /// Write the table to a CSV file
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Write the table to a Markdown file
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Draw the scores against evaluations, median and quartiles, into an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write no notes and no progress [default: off]
    #[arg(long)]
    quiet: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let files = [&flags.csv, &flags.markdown, &flags.svg];
    files.into_iter().flatten().try_for_each(|path| report::expect_writable(path))?;
    let names = flags.strategies.iter();
    let contestants = names.map(|name| name.parse()).collect::<Result<Vec<Contestant>>>()?;
    let seeds = Seeds { first: flags.seed, count: flags.seeds };
    flags.threads.start()?;
    let mut study = Study::of(&flags.run.request(), &contestants, seeds)?;
    if let Some(jobs) = flags.jobs {
        study = study.with_jobs(jobs)?;
    }
    if !flags.quiet {
        study.notes().iter().for_each(|line| note(&format!("note: {line}")));
    }
    let mut progress = Progress::new(&study, flags.quiet);
    let findings = study.run(&mut progress);
    progress.bar.finish_and_clear();
    output(flags, &findings?)
}

fn output(flags: &Flags, findings: &Findings) -> Result<Outcome> {
    if flags.json {
        print(&report::json::text(findings)?)?;
    } else {
        print(report::markdown::study::text(findings).trim_end())?;
    }
    if let Some(path) = &flags.csv {
        report::write(path, &report::csv::text(&findings.rows)?)?;
    }
    if let Some(path) = &flags.markdown {
        report::write(path, report::markdown::study::text(findings))?;
    }
    if let Some(path) = &flags.svg {
        report::write(path, &report::svg::study::text(findings)?)?;
    }
    // The numbers are honest without the trials that broke, but they are not what was asked for.
    let broken: u64 = findings.rows.iter().map(|row| row.broken).sum();
    Ok(if broken == 0 { Outcome::Done } else { Outcome::Failed })
}

/// How often a plain line is written.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Counts trials on standard error: a bar on a terminal, else a plain line now and then.
struct Progress {
    bar: ProgressBar,
    lines: bool,
    shown: Instant,
    trials: usize,
    ended: usize,
    solved: usize,
}

impl Progress {
    fn new(study: &Study, quiet: bool) -> Self {
        let (trials, is_terminal) = (study.trials(), std::io::stderr().is_terminal());
        let bar = if quiet || !is_terminal {
            ProgressBar::hidden()
        } else {
            let bar = ProgressBar::new(trials as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:20} {eta:>4} left  {wide_msg}") {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar
        };
        let lines = !quiet && !is_terminal;
        Self { bar, lines, shown: Instant::now(), trials, ended: 0, solved: 0 }
    }
}

impl Watcher for Progress {
    fn ended(&mut self, trial: &Trial) {
        self.ended += 1;
        self.solved += usize::from(trial.solved);
        let Self { ended, trials, solved, .. } = self;
        let line = format!("{ended} of {trials} trials, {solved} solved");
        if self.lines && self.shown.elapsed() >= LINE_INTERVAL {
            self.shown = Instant::now();
            note(&line);
        }
        self.bar.set_position(self.ended as u64);
        self.bar.set_message(line);
    }
}
