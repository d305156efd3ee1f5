//! `deme train`: turns flags and a file into a request, runs it, and prints the result.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::ValueHint;
use deme::draw::number;
use deme::error::{Error, Result, printable, quoted_path};
use deme::files;
use deme::report;
use deme::report::tensorboard::{self, EventWriter};
use deme::run::{self, EndReason, LogReader, Observer, PartScore, Record, Request, Setup, Summary};

use super::dump::ShaderDump;
use super::headings::{OUTPUT, SEARCH, TASK};
use super::output::{Outcome, note, print, print_json};
use super::progress::Progress;
use super::run_flags::{BudgetFlags, MachineFlags, SearchFlags, TaskFlags};
use super::sizes::parse_whole;
use super::table::{grouped, scaled};
use super::threads::Threads;
use super::{interrupt, names, terminal};

/// Train a network on a task
///
/// Each task has a good default for everything that is not given. The run folder holds the trained
/// network, the log and the decisions of the run; `deme play`, `deme report` and `deme resume` read
/// it.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    #[command(flatten)]
    task: TaskFlags,
    /// Strategy that searches
    ///
    /// `deme strategies` says what each is for. [default: the task's]
    #[arg(long, value_name = "NAME", help_heading = SEARCH, value_parser = names::strategies())]
    strategy: Option<String>,
    /// Setting of the strategy; may repeat
    ///
    /// Such as --set sigma=0.1. `deme strategies NAME` lists the settings of one. [default: the
    /// task's, then the strategy's]
    #[arg(long, value_name = "KEY=VALUE", help_heading = SEARCH, value_parser = setting)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    search: SearchFlags,
    /// Seed of everything random
    ///
    /// A whole number below 2^64. The same seed gives the same run. [default: 1]
    #[arg(long, value_name = "N", value_parser = parse_whole::<u64>)]
    seed: Option<u64>,
    #[command(flatten)]
    budget: BudgetFlags,
    #[command(flatten)]
    machine: MachineFlags,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    shaders: ShaderDump,
    /// Run folder, never overwritten
    ///
    /// [default: runs/TASK-STRATEGY-SEED, with a number at its end if another experiment has it]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT, value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// TOML file with these flags as keys
    ///
    /// A flag on the command line wins over the file. The config.toml of a run folder repeats that
    /// run. [default: none]
    #[arg(long, value_name = "FILE", help_heading = TASK, value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Generations or seconds per checkpoint
    ///
    /// A number of generations, such as 100, or of seconds, such as 30s. [default: 10s]
    #[arg(long, value_name = "N|SECONDSs", help_heading = OUTPUT)]
    checkpoint_every: Option<String>,
    #[command(flatten)]
    output: OutputFlags,
}

const EXAMPLES: &str = "\
Examples:
  deme train cartpole
  deme train pendulum --strategy pgpe --set sigma=0.2 --seed 7
  deme train iris.csv --target species --generations 200";

/// The flags of the output of a run.
#[derive(clap::Args)]
#[command(next_help_heading = OUTPUT)]
pub struct OutputFlags {
    /// Print one JSON document
    ///
    /// Instead of a text for people. [default: off]
    #[arg(long)]
    json: bool,
    /// Write no notes and no progress
    ///
    /// [default: off]
    #[arg(long)]
    quiet: bool,
    /// Write event files for TensorBoard
    ///
    /// Into the run folder. A resumed run also writes the generations that its event files lack.
    /// [default: off]
    #[arg(long)]
    tensorboard: bool,
}

pub fn run(flags: &Flags, started_at: Instant) -> Result<Outcome> {
    expect_one_value_each("--set", &flags.set)?;
    expect_one_value_each("--param", &flags.task.parameters())?;
    let typed = flags.request();
    let request = match &flags.config {
        Some(path) => typed.or(Request::from_file(path)?),
        None => typed,
    };
    let config = request.check()?.with_start_time(started_at);
    let mut config = config.with_device(flags.shaders.options());
    if config.out().is_none() {
        config = config.with_default_folder();
    }
    flags.threads.start()?;
    let (summary, status) = observe(&flags.output, |observer| run::train(&config, observer))?;
    print_summary(&flags.output, &summary, status)
}

/// The state in which a run ended.
#[derive(Default)]
pub struct RunStatus {
    /// The folder, and the generation of its last checkpoint.
    saved: Option<(PathBuf, u32)>,
    /// True if an interrupt ended the run.
    interrupted: bool,
}

/// Runs with progress shown and interrupts handled. If the run fails, a note says how to continue
/// from its last checkpoint.
pub fn observe(
    output: &OutputFlags,
    run: impl FnOnce(&mut dyn Observer) -> Result<Summary>,
) -> Result<(Summary, RunStatus)> {
    interrupt::listen("finishing and saving this generation")?;
    let mut observer = RunObserver {
        progress: Progress::new(output.quiet),
        status: RunStatus::default(),
        folder: PathBuf::new(),
        events: output.tensorboard.then_some(None),
        drawn: None,
        failure: None,
    };
    let summary = run(&mut observer);
    observer.progress.clear();
    let summary = match observer.failure {
        Some(error) => summary.and(Err(error)),
        None => summary,
    };
    let status = observer.status;
    if let (Err(_), Some((folder, generation))) = (&summary, &status.saved) {
        note(&format!(
            "note: {} has a checkpoint of generation {generation}; continue with\n  deme resume {}",
            folder.display(),
            quoted_path(folder)
        ));
    }
    Ok((summary?, status))
}

/// Drawing the curve takes at most one part in this many of a run's time.
const CURVE_SHARE: u32 = 50;

/// An observer that shows progress, writes the curve and stops the run after an interrupt.
struct RunObserver {
    progress: Progress,
    status: RunStatus,
    /// The run folder, once the run has started.
    folder: PathBuf,
    /// The event file, if one is wanted; it is opened at the first generation.
    events: Option<Option<EventWriter>>,
    /// The time of the last drawing, and its duration.
    drawn: Option<(Instant, Duration)>,
    /// The first error of the observer itself.
    failure: Option<Error>,
}

impl RunObserver {
    fn write_events(&mut self, record: &Record) -> Result<()> {
        let Some(events) = &mut self.events else { return Ok(()) };
        if events.is_none() {
            let written = tensorboard::written_generations(&self.folder).unwrap_or_default();
            let mut log = LogReader::open(&self.folder)?.read_new()?;
            log.retain(|before| before.generation < record.generation);
            let mut writer = EventWriter::create(&self.folder)?;
            writer.write_missing(&log, &written)?;
            *events = Some(writer);
        }
        events.as_mut().map_or(Ok(()), |events| events.write(record))
    }

    /// Draws the curve, unless the last drawing is recent and took long.
    fn draw_curve(&mut self, is_last: bool) -> Result<()> {
        let started_at = Instant::now();
        let is_due = |(then, took): (Instant, Duration)| then.elapsed() >= took * CURVE_SHARE;
        if !is_last && !self.drawn.is_none_or(is_due) {
            return Ok(());
        }
        if let Some(Some(events)) = &mut self.events {
            events.flush()?;
        }
        if let Some(curve) =
            report::chart::learning::draw_run(&LogReader::open(&self.folder)?.read_new()?)
        {
            files::replace(&self.folder, "curve.svg", curve.svg().as_bytes())?;
        }
        self.drawn = Some((Instant::now(), started_at.elapsed()));
        Ok(())
    }
}

impl Observer for RunObserver {
    fn started(&mut self, started: &Setup) {
        self.folder = started.folder.clone().unwrap_or_default();
        self.progress.started(started);
        if self.events.is_none() && tensorboard::written_generations(&self.folder).is_some() {
            self.progress.noted(
                "the run has event files for TensorBoard, which end where they are; --tensorboard \
                 continues them, also in a later resume",
            );
        }
    }

    fn noted(&mut self, note: &str) {
        self.progress.noted(note);
    }

    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        self.status.interrupted = interrupt::is_requested();
        if let Err(error) = self.write_events(record) {
            self.failure = Some(error);
        }
        match self.status.interrupted || self.failure.is_some() {
            true => ControlFlow::Break(()),
            false => self.progress.generation(record),
        }
    }

    fn saved(&mut self, folder: &Path, generation: u32) {
        self.status.saved = Some((folder.into(), generation));
        if let Err(error) = self.draw_curve(false) {
            self.failure.get_or_insert(error);
        }
    }

    fn finished(&mut self, _: &Summary) {
        if let Err(error) = self.draw_curve(true) {
            self.failure.get_or_insert(error);
        }
    }
}

/// Prints the result of a run, and how to continue it if it was interrupted.
pub fn print_summary(
    output: &OutputFlags,
    summary: &Summary,
    status: RunStatus,
) -> Result<Outcome> {
    if !output.quiet {
        summary.notes.iter().for_each(|line| note(&format!("note: {line}")));
    }
    if output.json {
        print_json(summary)?
    } else {
        print(&terminal::fit_words(&describe(summary), terminal::width(), 2))?
    }
    let (true, Some((folder, generation))) = (status.interrupted, status.saved) else {
        return Ok(Outcome::Success);
    };
    note(&format!(
        "interrupted after generation {generation}, and saved; continue with\n  deme resume {}",
        quoted_path(&folder)
    ));
    Ok(Outcome::Failure)
}

impl Flags {
    /// Returns what was typed as a request.
    pub fn request(&self) -> Request {
        let mut request = Request {
            strategy: self.strategy.clone(),
            seed: self.seed,
            out: self.out.clone(),
            checkpoint_every: self.checkpoint_every.clone(),
            set: self.set.iter().cloned().collect(),
            ..Request::default()
        };
        self.task.fill(&mut request);
        self.search.fill(&mut request);
        self.budget.fill(&mut request);
        self.machine.fill(&mut request);
        request
    }
}

/// A setting as `KEY=VALUE`.
fn setting(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.trim().into(), value.trim().into())),
        _ => Err("expected KEY=VALUE, such as sigma=0.1".into()),
    }
}

/// Refuses a setting that a flag gives twice with different values.
fn expect_one_value_each(flag: &str, settings: &[(String, String)]) -> Result<()> {
    let mut known = BTreeMap::new();
    for (key, value) in settings {
        let first = *known.entry(key).or_insert(value);
        if first != value {
            let got = format!("'{first}' and '{value}'");
            return Err(Error::invalid(format!("{flag} {key}"), "one value", got)
                .advise("leave one of them out"));
        }
    }
    Ok(())
}

/// A run's result for people.
fn describe(summary: &Summary) -> String {
    let over = number::counted(summary.score_episodes, summary.evaluation_unit);
    let score = match summary.score.map(f64::from) {
        // A function is evaluated at one point.
        Some(score) if summary.evaluation_unit == "point" => number::value_of_score(score),
        Some(score) => format!("{} {} over {over}", summary.score_name, number::score(score)),
        None => format!("{} no number over {over}", summary.score_name),
    };
    let verdict = match (summary.solved, summary.target) {
        (true, Some(target)) => format!("solved (at {})", number::exact(target)),
        (_, Some(target)) => format!("not solved (at {})", number::exact(target)),
        (_, None) => "done".into(),
    };
    let seconds = summary.wall_seconds.max(f64::MIN_POSITIVE);
    let steps = match summary.environment_steps {
        0 => String::new(),
        steps => format!(", {} environment steps", grouped(steps)),
    };
    let folder = summary.run_directory.as_deref().unwrap_or("none");
    let parts = describe_parts(summary);
    let end = describe_end(summary);
    format!(
        "{}: {verdict}, {score}\n{parts}\
         \x20 network      {} ({}), found in generation {} of {}\n\
         \x20 strategy     {}, population {}, seed {}\n\
         \x20 evaluations  {}{steps}\n\
         \x20 end          {end}\n\
         \x20 time         {:.2} s on {} ({} evaluations/s)\n\
         \x20 run folder   {folder}",
        summary.task,
        summary.network,
        number::counted(summary.parameters, "parameters"),
        grouped(summary.champion_generation.into()),
        grouped(summary.generations.into()),
        summary.strategy,
        grouped(summary.population.into()),
        summary.seed,
        grouped(summary.evaluations),
        summary.wall_seconds,
        summary.adapter.as_deref().unwrap_or(&summary.backend),
        scaled(summary.evaluations as f64 / seconds),
    )
}

/// The champion's score on each part of the task, and the errors of a regression, a line each;
/// nothing if there is only one part.
fn describe_parts(summary: &Summary) -> String {
    let parts: Vec<_> = summary.parts.named().collect();
    if parts.len() < 2 {
        return String::new();
    }
    let line = |name: &str, value: &dyn Fn(&PartScore) -> Option<f64>| {
        let numbers = parts.iter().map(|(part, score)| {
            format!("{part} {}", value(score).map_or("no number".into(), number::score))
        });
        format!("  {name:12} {}\n", numbers.collect::<Vec<_>>().join(", "))
    };
    let mut lines = line(summary.score_name, &|part| part.score.map(f64::from));
    let errors = |part: &PartScore| part.errors.clone();
    for (index, error) in errors(parts[0].1).iter().enumerate() {
        let of = |part: &PartScore| part.errors.get(index).cloned();
        lines += &line("RMSE", &|part| of(part).map(|error| error.rmse));
        lines += &line("MAE", &|part| of(part).map(|error| error.mae));
        lines.truncate(lines.trim_end().len());
        lines += &format!(", in the unit of '{}'\n", printable(&error.target));
    }
    lines
}

/// The condition that ended a run, for people.
fn describe_end(summary: &Summary) -> String {
    match summary.ended_by {
        EndReason::Target => "the score was reached".into(),
        EndReason::Strategy => "the strategy ended its search".into(),
        EndReason::Patience => {
            let patience = summary.patience.unwrap_or_default().into();
            let patience = number::counted(patience, "generations");
            format!("no better champion in {patience} (--patience)")
        }
        EndReason::Generations => "the budget of generations was used up".into(),
        EndReason::Evaluations => "the budget of evaluations was used up".into(),
        EndReason::Caller => "interrupted".into(),
    }
}
