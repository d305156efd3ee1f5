//! `deme train`: flags and file to a request, a run, and its result for a person or a program.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deme::error::{Error, Result};
use deme::report::events::Events;
use deme::report::{self, runs};
use deme::run::{self, Log, Observer, Record, Request, Started, Summary};

use super::dump::Dump;
use super::progress::Progress;
use super::run_flags::RunFlags;
use super::sizes::whole;
use super::table::{grouped, scaled};
use super::threads::Threads;
use super::{Outcome, interrupt, note, print, print_json};

/// Train a network on a task.
#[derive(clap::Args)]
pub struct Flags {
    #[command(flatten)]
    run: RunFlags,
    /// How the population learns (see `deme strategies`) [default: the task's]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// A setting of the strategy, such as sigma=0.1; may repeat [default: the task's]
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Everything random follows from it, a whole number below 2^64 [default: 1]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    /// Run folder, never overwritten [default: runs/TASK-STRATEGY-SEED]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// TOML file with the names of these flags as keys; flags win [default: none]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Save a checkpoint after so many generations (100), or seconds (30s) [default: 10s]
    #[arg(long, value_name = "N|SECONDSs")]
    checkpoint_every: Option<String>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    dump: Dump,
    #[command(flatten)]
    end: End,
}

/// How a run and its end are told.
#[derive(clap::Args)]
pub struct End {
    /// Print one JSON document instead of a text [default: off]
    #[arg(long)]
    json: bool,
    /// Write no notes and no progress [default: off]
    #[arg(long)]
    quiet: bool,
    /// Write event files for TensorBoard into the run folder [default: off]
    #[arg(long)]
    tensorboard: bool,
}

pub fn run(flags: &Flags, begun: Instant) -> Result<Outcome> {
    let typed = flags.request();
    let request = match &flags.config {
        Some(path) => typed.or(Request::read(path)?),
        None => typed,
    };
    let config = request.check()?.begun_at(begun);
    let mut config = config.with_device(flags.dump.options());
    if config.out().is_none() {
        let folder = config.default_folder();
        config = config.into_folder(folder);
    }
    flags.threads.start()?;
    let out = config.out().map(Path::to_owned).unwrap_or_default();
    let (summary, watch) = watched(&flags.end, &out, |observer| run::train(&config, observer))?;
    ended(&flags.end, &summary, watch)
}

/// What was seen of a run beside its progress.
#[derive(Default)]
pub struct Watch {
    /// The folder, and the generation that it is saved up to.
    saved: Option<(PathBuf, u32)>,
    /// Whether it was ended by an interrupt.
    interrupted: bool,
}

/// A run with its progress shown, and interrupts heard; if it breaks, a note says what is left.
pub fn watched(
    end: &End,
    folder: &Path,
    run: impl FnOnce(&mut dyn Observer) -> Result<Summary>,
) -> Result<(Summary, Watch)> {
    interrupt::listen()?;
    let mut watcher = Watcher {
        progress: Progress::new(end.quiet),
        watch: Watch::default(),
        folder,
        events: end.tensorboard.then_some(None),
        drawn: None,
        broken: None,
    };
    let summary = run(&mut watcher);
    watcher.progress.clear();
    let summary = match watcher.broken {
        Some(error) => summary.and(Err(error)),
        None => summary,
    };
    let watch = watcher.watch;
    if let (Err(_), Some((folder, generation))) = (&summary, &watch.saved) {
        let folder = folder.display();
        note(&format!(
            "note: {folder} is whole up to generation {generation}; go on from there with\n  \
             deme resume {folder}"
        ));
    }
    Ok((summary?, watch))
}

/// Drawing takes no more than one part in so many of a run's time.
const CURVE_SHARE: u32 = 50;

/// Shows progress, and ends the run when it is asked to.
struct Watcher<'a> {
    progress: Progress,
    watch: Watch,
    folder: &'a Path,
    /// The event file, where one is wanted, from the first generation on.
    events: Option<Option<Events>>,
    /// When the curve was drawn last, and how long that took.
    drawn: Option<(Instant, Duration)>,
    /// What went wrong beside the run itself.
    broken: Option<Error>,
}

impl Watcher<'_> {
    fn write_events(&mut self, record: &Record) -> Result<()> {
        let Some(events) = &mut self.events else { return Ok(()) };
        if events.is_none() {
            *events = Some(Events::create(self.folder)?);
        }
        events.as_mut().map_or(Ok(()), |events| events.write(record))
    }

    /// Draws the curve, unless that has just been done and takes long.
    fn draw_curve(&mut self, is_last: bool) -> Result<()> {
        let begun = Instant::now();
        let is_due = |(then, took): (Instant, Duration)| then.elapsed() >= took * CURVE_SHARE;
        if !is_last && !self.drawn.is_none_or(is_due) {
            return Ok(());
        }
        if let Some(Some(events)) = &mut self.events {
            events.flush()?;
        }
        if let Some(curve) = runs::chart::run(&Log::open(self.folder)?.more()?) {
            report::replace(&self.folder.join("curve.svg"), curve.svg().as_bytes())?;
        }
        self.drawn = Some((Instant::now(), begun.elapsed()));
        Ok(())
    }
}

impl Observer for Watcher<'_> {
    fn started(&mut self, started: &Started) {
        self.progress.started(started);
    }

    fn noted(&mut self, note: &str) {
        self.progress.noted(note);
    }

    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        self.watch.interrupted = interrupt::asked();
        if let Err(error) = self.write_events(record) {
            self.broken = Some(error);
        }
        match self.watch.interrupted || self.broken.is_some() {
            true => ControlFlow::Break(()),
            false => self.progress.generation(record),
        }
    }

    fn saved(&mut self, folder: &Path, generation: u32) {
        self.watch.saved = Some((folder.into(), generation));
        if let Err(error) = self.draw_curve(false) {
            self.broken.get_or_insert(error);
        }
    }

    fn finished(&mut self, _: &Summary) {
        if let Err(error) = self.draw_curve(true) {
            self.broken.get_or_insert(error);
        }
    }
}

/// Tells what a run came to.
pub fn ended(end: &End, summary: &Summary, watch: Watch) -> Result<Outcome> {
    if !end.quiet {
        summary.notes.iter().for_each(|line| note(&format!("note: {line}")));
    }
    if end.json {
        print_json(summary)?
    } else {
        print(&describe(summary))?
    }
    let (true, Some((folder, generation))) = (watch.interrupted, watch.saved) else {
        return Ok(Outcome::Done);
    };
    let folder = folder.display();
    note(&format!(
        "interrupted after generation {generation}, and saved; go on with\n  deme resume {folder}"
    ));
    Ok(Outcome::Failed)
}

impl Flags {
    fn request(&self) -> Request {
        Request {
            strategy: self.strategy.clone(),
            seed: self.seed,
            out: self.out.clone(),
            checkpoint_every: self.checkpoint_every.clone(),
            set: self.set.iter().cloned().collect(),
            ..self.run.request()
        }
    }
}

fn setting(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.trim().into(), value.trim().into())),
        _ => Err("expected KEY=VALUE, such as sigma=0.1".into()),
    }
}

fn describe(summary: &Summary) -> String {
    let score = summary.score.map_or("no number".into(), |score| score.to_string());
    let over = format!("{} {}", grouped(summary.score_episodes), summary.judged_on);
    let verdict = match (summary.solved, summary.target) {
        (true, Some(target)) => format!("solved (at {target})"),
        (_, Some(target)) => format!("not solved (at {target})"),
        (_, None) => "done".into(),
    };
    let seconds = summary.wall_seconds.max(f64::MIN_POSITIVE);
    let steps = match summary.environment_steps {
        0 => String::new(),
        steps => format!(", {} environment steps", grouped(steps)),
    };
    let folder = summary.run_directory.as_deref().unwrap_or("none");
    format!(
        "{}: {verdict}, {} {score} over {over}\n\
         \x20 network      {} ({} parameters), found in generation {} of {}\n\
         \x20 strategy     {}, population {}, seed {}\n\
         \x20 evaluations  {}{steps}\n\
         \x20 time         {:.2} s on {} ({} evaluations/s)\n\
         \x20 run folder   {folder}",
        summary.task,
        summary.score_name,
        summary.network,
        grouped(summary.parameters),
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
