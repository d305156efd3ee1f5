//! `deme compare`: several strategies on one task, with the same seeds for each.

use std::path::PathBuf;

use clap::ValueHint;
use deme::draw::number;
use deme::error::{Result, quoted_path};
use deme::files::FileBatch;
use deme::report;
use deme::run::Request;
use deme::study::{Seeds, StrategySpec, Study, StudyRequest, StudyResults};

use super::headings::{OUTPUT, SEARCH};
use super::output::{self, Outcome, note, print_json_text};
use super::run_flags::{BudgetFlags, MachineFlags, SearchFlags, TaskFlags};
use super::sizes::parse_whole;
use super::study_progress::StudyProgress;
use super::table::print_report;
use super::threads::Threads;
use super::{interrupt, names};

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
    /// Settings may follow a name, as in pgpe,ga:sigma=0.2, and these options of its runs:
    /// population, episodes, network, initial, normalise-observations, novelty, as in
    /// neat,neat:novelty=true:population=64. `deme strategies` says what each is for. [default: the
    /// task's]
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
    /// Each trial has a seed of its own. [default: 10]
    #[arg(long, value_name = "N", value_parser = parse_whole::<u64>)]
    seeds: Option<u64>,
    /// First seed; the others follow it
    ///
    /// A whole number below 2^64. [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_whole::<u64>)]
    seed: Option<u64>,
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
    /// New folder with a run folder per trial
    ///
    /// DIR/STRATEGY-SEED is what `deme train` would have written: `deme play`, `deme export`,
    /// `deme report` and `deme resume` read it. DIR also has results.json and curves.svg. Without
    /// it, trials leave no files. [default: none]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT, value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Continue the study of a folder
    ///
    /// A folder of --out. Trials that ended are read, those that had begun are resumed, and the
    /// others run. Everything else comes from the folder. A flag that contradicts it is refused.
    /// [default: a new study]
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "out",
        help_heading = OUTPUT,
        value_hint = ValueHint::DirPath
    )]
    resume: Option<PathBuf>,
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
    /// The champion's validation score against evaluations: median and quartiles.
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
  deme compare pendulum --strategies pgpe,pgpe:sigma=0.3 --svg curves.svg
  deme compare maze --strategies neat,neat:novelty=true --seeds 5 --out study
  deme compare --resume study";

/// The columns that a narrow terminal leaves out, least important first.
const OPTIONAL: &[&str] =
    &["network", "quartiles", "worst", "mean (ERT)", "population", "seconds", "validation"];

pub fn run(flags: &Flags) -> Result<Outcome> {
    let files = [&flags.csv, &flags.markdown, &flags.svg];
    output::expect_table_files(files, &[])?;
    flags.threads.start()?;
    let study = flags.study()?;
    // The study knows its data file, also one that it was resumed with.
    output::expect_table_files(files, &study.data_files())?;
    if !flags.quiet {
        study.notes().iter().for_each(|line| note(&format!("note: {line}")));
    }
    interrupt::listen(match flags.folder() {
        Some(_) => "finishing and saving the generation of each trial",
        None => "finishing the generation of each trial",
    })?;
    let mut progress = StudyProgress::new(&study, flags.quiet);
    let results = study.run(&mut progress);
    progress.clear();
    let outcome = write(flags, &results?)?;
    progress.failure.map_or(Ok(outcome), Err)
}

impl Flags {
    /// Prepares the study: a new one, or that of a folder.
    fn study(&self) -> Result<Study> {
        let names = self.strategies.iter();
        let strategies = names.map(|name| name.parse()).collect::<Result<Vec<StrategySpec>>>()?;
        let study = if let Some(folder) = &self.resume {
            let (run, first_seed) = (self.request(), self.seed);
            Study::resume(folder, &StudyRequest { run, strategies, first_seed, seeds: self.seeds })?
        } else {
            let seeds = Seeds { first: self.seed.unwrap_or(1), count: self.seeds.unwrap_or(10) };
            let study = Study::new(&self.request(), &strategies, seeds)?;
            match &self.out {
                Some(folder) => study.with_folder(folder)?,
                None => study,
            }
        };
        match self.jobs {
            Some(jobs) => study.with_jobs(jobs),
            None => Ok(study),
        }
    }

    /// The folder of the study.
    fn folder(&self) -> Option<&PathBuf> {
        self.out.as_ref().or(self.resume.as_ref())
    }

    fn request(&self) -> Request {
        let mut request = Request::default();
        self.task.fill(&mut request);
        self.search.fill(&mut request);
        self.budget.fill(&mut request);
        self.machine.fill(&mut request);
        request
    }
}

fn write(flags: &Flags, results: &StudyResults) -> Result<Outcome> {
    let document = report::json::text(results)?;
    if flags.json {
        print_json_text(&document)?;
    } else {
        print_report(&report::markdown::study::text(results), OPTIONAL)?;
    }
    let is_complete = results.missing.is_empty();
    // All files are made before the first is written, so that there are all of them or none.
    let curves = match report::chart::study::draw(results) {
        // A study that was stopped early has no curves.
        Err(error) if is_complete && flags.svg.is_some() => return Err(error),
        curves => curves.ok().map(|curves| curves.svg()),
    };
    if let (Some(path), None) = (&flags.svg, &curves) {
        note(&format!("{} is not written: the study has no learning curves yet", path.display()));
    }
    let table = flags.csv.as_ref().map(|_| report::csv::text(&results.rows)).transpose()?;
    let markdown = flags.markdown.as_ref().map(|_| report::markdown::study::text(results));
    let document = format!("{document}\n");
    let mut batch = FileBatch::default();
    for (path, text) in [(&flags.csv, &table), (&flags.markdown, &markdown), (&flags.svg, &curves)]
    {
        if let (Some(path), Some(text)) = (path, text) {
            batch.add(path, text.as_bytes())?;
        }
    }
    if let Some(folder) = flags.folder() {
        batch.replace(folder, "results.json", document.as_bytes())?;
        if let Some(curves) = &curves {
            batch.replace(folder, "curves.svg", curves.as_bytes())?;
        }
    }
    batch.publish()?;
    if !is_complete {
        note(&interruption(flags, results));
    }
    // The table leaves failed trials out, so it is correct but incomplete.
    let broken: u64 = results.rows.iter().map(|row| row.broken).sum();
    Ok(if broken == 0 && is_complete { Outcome::Success } else { Outcome::Failure })
}

/// The state of an interrupted study, and how to continue it.
fn interruption(flags: &Flags, results: &StudyResults) -> String {
    let (ended, missing) = (results.trials.len(), results.missing.len());
    let begun = results.missing.iter().filter(|trial| trial.generations > 0).count();
    let counts = format!(
        "interrupted after {ended} of {}",
        number::counted((ended + missing) as u64, "trials")
    );
    match flags.folder() {
        Some(folder) => format!(
            "{counts}, and saved, with {begun} that had begun; continue with\n  deme compare \
             --resume {}",
            quoted_path(folder)
        ),
        None => format!("{counts}; the others are lost; --out DIR keeps every trial"),
    }
}
