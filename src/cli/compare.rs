//! `deme compare`: several strategies on one task, with the same seeds for each.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ValueHint;
use deme::error::Result;
use deme::report;
use deme::run::Request;
use deme::study::{Seeds, StrategySpec, Study, StudyObserver, StudyResults, Trial};
use indicatif::{ProgressBar, ProgressStyle};

use super::headings::{OUTPUT, SEARCH};
use super::names;
use super::output::{Outcome, note, print_json_text};
use super::run_flags::{BudgetFlags, MachineFlags, SearchFlags, TaskFlags};
use super::sizes::parse_whole;
use super::table::print_report;
use super::threads::Threads;

/// Compare strategies on a task, with the same seeds for each
///
/// Every strategy trains once per seed. The table has the medians and quartiles of what it cost to
/// solve the task, and of the held-out scores.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    #[command(flatten)]
    task: TaskFlags,
    /// Strategies, with commas between them
    ///
    /// Settings may follow a name, and its own population: pgpe,ga:sigma=0.2:population=64.
    /// `deme strategies` says what each is for. [default: the task's]
    #[arg(
        long,
        value_name = "NAME,...",
        help_heading = SEARCH,
        value_delimiter = ',',
        value_parser = names::strategies()
    )]
    strategies: Vec<String>,
    #[command(flatten)]
    search: SearchFlags,
    /// Number of trials per strategy
    ///
    /// Each trial has a seed of its own.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = parse_whole::<u64>)]
    seeds: u64,
    /// First seed; the others follow it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_whole::<u64>)]
    seed: u64,
    #[command(flatten)]
    budget: BudgetFlags,
    #[command(flatten)]
    machine: MachineFlags,
    /// Trials that run at the same time
    ///
    /// Each has its share of the threads. [default: one per thread; on a GPU, one]
    #[arg(long, value_name = "N", value_parser = parse_whole::<usize>)]
    jobs: Option<usize>,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON document
    ///
    /// Instead of a table. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
    /// CSV file for the table
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    csv: Option<PathBuf>,
    /// Markdown file for the table
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    markdown: Option<PathBuf>,
    /// SVG file for the learning curves
    ///
    /// Held-out score against evaluations: median and quartiles.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    svg: Option<PathBuf>,
    /// Write no notes and no progress
    ///
    /// [default: off]
    #[arg(long, help_heading = OUTPUT)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  deme compare cartpole --strategies openai-es,ga,random-search --seeds 20
  deme compare pendulum --strategies pgpe,pgpe:sigma=0.3 --svg curves.svg";

/// The columns that a narrow terminal leaves out, least important first.
const OPTIONAL: &[&str] = &["network", "quartiles", "worst", "mean (ERT)", "population", "seconds"];

pub fn run(flags: &Flags) -> Result<Outcome> {
    let files = [&flags.csv, &flags.markdown, &flags.svg];
    files.into_iter().flatten().try_for_each(|path| report::expect_writable(path))?;
    let names = flags.strategies.iter();
    let strategies = names.map(|name| name.parse()).collect::<Result<Vec<StrategySpec>>>()?;
    let seeds = Seeds { first: flags.seed, count: flags.seeds };
    flags.threads.start()?;
    let mut study = Study::new(&flags.request(), &strategies, seeds)?;
    if let Some(jobs) = flags.jobs {
        study = study.with_jobs(jobs)?;
    }
    if !flags.quiet {
        study.notes().iter().for_each(|line| note(&format!("note: {line}")));
    }
    let mut progress = TrialProgress::new(&study, flags.quiet);
    let results = study.run(&mut progress);
    progress.bar.finish_and_clear();
    output(flags, &results?)
}

impl Flags {
    fn request(&self) -> Request {
        let mut request = Request::default();
        self.task.fill(&mut request);
        self.search.fill(&mut request);
        self.budget.fill(&mut request);
        self.machine.fill(&mut request);
        request
    }
}

fn output(flags: &Flags, results: &StudyResults) -> Result<Outcome> {
    if flags.json {
        print_json_text(&report::json::text(results)?)?;
    } else {
        print_report(&report::markdown::study::text(results), OPTIONAL)?;
    }
    if let Some(path) = &flags.csv {
        report::write(path, &report::csv::text(&results.rows)?)?;
    }
    if let Some(path) = &flags.markdown {
        report::write(path, report::markdown::study::text(results))?;
    }
    if let Some(path) = &flags.svg {
        report::write(path, report::chart::study::draw(results)?.svg())?;
    }
    // The table leaves failed trials out, so it is correct but incomplete.
    let broken: u64 = results.rows.iter().map(|row| row.broken).sum();
    Ok(if broken == 0 { Outcome::Success } else { Outcome::Failure })
}

/// The time between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// The number of finished trials on standard error: as a bar on a terminal, else as a plain line
/// from time to time.
struct TrialProgress {
    bar: ProgressBar,
    writes_lines: bool,
    last_shown: Instant,
    trials: usize,
    finished: usize,
    solved: usize,
}

impl TrialProgress {
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
        let writes_lines = !quiet && !is_terminal;
        let last_shown = Instant::now();
        Self { bar, writes_lines, last_shown, trials, finished: 0, solved: 0 }
    }
}

impl StudyObserver for TrialProgress {
    fn trial_ended(&mut self, trial: &Trial) {
        self.finished += 1;
        self.solved += usize::from(trial.solved);
        let Self { finished, trials, solved, .. } = self;
        let line = format!("{finished} of {trials} trials, {solved} solved");
        if self.writes_lines && self.last_shown.elapsed() >= LINE_INTERVAL {
            self.last_shown = Instant::now();
            note(&line);
        }
        self.bar.set_position(self.finished as u64);
        self.bar.set_message(line);
    }
}
