//! Trial tasks: a trial to run, to continue, or to read from its run folder.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::Trial;
use super::observer::{TrialEvent, TrialProgress};
use super::trial::Trace;
use crate::error::{Error, Result};
use crate::files;
use crate::run::{self, Config, Observer, Record, ResumeRequest, SavedRun, Setup};
use crate::strategy::StopReason;
use crate::task::Task;

/// The least time between two events on the progress of a trial.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// The result of a run, as its summary has it.
#[derive(Deserialize)]
struct RunResult {
    solved: bool,
    score: Option<f32>,
    wall_seconds: f64,
    stopped: Option<StopReason>,
    interrupted: bool,
}

/// A trial to run: its strategy, and the connections to the observer.
pub(super) struct TrialTask<'a> {
    /// The index of the strategy, and its name with settings.
    pub strategy: (usize, &'a str),
    pub seed: u64,
    /// The task of the caller's own, if it is one.
    pub own: Option<&'a Arc<dyn Task>>,
    /// True if a run folder of this trial may exist.
    pub resumes: bool,
    pub events: &'a Sender<TrialEvent>,
    /// True once the study is to stop.
    pub stop: &'a AtomicBool,
}

impl TrialTask<'_> {
    /// Runs the trial on the caller's threads, or continues it, or reads its result. It sends the
    /// trial as an event.
    pub fn run(&self, config: impl FnOnce() -> Result<Config>) {
        let started_at = Instant::now();
        let mut observer = TrialObserver::new(self);
        let result = config().and_then(|config| {
            let config = config.with_start_time(started_at);
            observer.progress.generation_budget = config.generations();
            observer.progress.evaluation_budget = config.evaluations();
            self.find_result(&config, &mut observer)
        });
        let (result, folder, error) = match result {
            Ok((result, folder)) => (Some(result), folder, None),
            Err(error) => (None, None, Some(error.to_string())),
        };
        if result.as_ref().is_some_and(|result| result.interrupted) {
            return self.send(TrialEvent::Stopped(observer.progress));
        }
        let trace = observer.trace;
        let since = started_at.elapsed().as_secs_f64();
        self.send(TrialEvent::Ended(Box::new(Trial {
            strategy: self.strategy.1.into(),
            seed: self.seed,
            solved: result.as_ref().is_some_and(|result| result.solved),
            evaluations: trace.evaluations,
            generations: trace.generations,
            environment_steps: trace.environment_steps,
            score: result.as_ref().and_then(|result| result.score),
            validation: trace.validation(),
            best_fitness: trace.best,
            wall_seconds: result.as_ref().map_or(since, |result| result.wall_seconds),
            stop_reason: result.and_then(|result| result.stopped),
            error,
            run_directory: folder,
            strategy_index: self.strategy.0,
            trace,
        })));
    }

    /// Returns the result of the trial and its folder, and leaves its trace in the observer.
    fn find_result(
        &self,
        config: &Config,
        observer: &mut TrialObserver,
    ) -> Result<(RunResult, Option<String>)> {
        let Some(folder) = config.out() else {
            let summary = run::train(config, observer)?;
            return Ok((RunResult::from(&summary), None));
        };
        let saved = match self.resumes {
            true => saved_result(folder)?,
            false => None,
        };
        let result = match saved {
            Some(result) if !result.interrupted => result,
            _ if self.resumes && folder.join("config.toml").exists() => {
                let request = ResumeRequest::new(folder);
                RunResult::from(&match self.own {
                    Some(task) => run::resume_with_task(&request, Arc::clone(task), observer)?,
                    None => run::resume(&request, observer)?,
                })
            }
            _ => RunResult::from(&run::train(config, observer)?),
        };
        // Earlier processes may have logged the first generations.
        observer.trace = Trace::from_records(&SavedRun::read(folder)?.records);
        Ok((result, Some(folder.display().to_string())))
    }

    fn send(&self, event: TrialEvent) {
        // The receiver is gone only if the caller panics.
        let _ = self.events.send(event);
    }
}

impl From<&run::Summary> for RunResult {
    fn from(summary: &run::Summary) -> Self {
        Self {
            solved: summary.solved,
            score: summary.score,
            wall_seconds: summary.wall_seconds,
            stopped: summary.stop_reason,
            interrupted: summary.interrupted,
        }
    }
}

/// True if the summary in a run folder says that the run has ended.
pub(super) fn has_ended(folder: &Path) -> bool {
    let summary = files::read(&folder.join("summary.json")).ok().flatten();
    let result = summary.and_then(|text| serde_json::from_slice::<RunResult>(&text).ok());
    result.is_some_and(|result| !result.interrupted)
}

/// Returns the result in a run folder, if the run has one. The folder may lack all files.
fn saved_result(folder: &Path) -> Result<Option<RunResult>> {
    if !folder.join("config.toml").exists() {
        // Nothing but the lock is in the folder of a run that was killed while it was created.
        let _ = std::fs::remove_file(folder.join(".lock"));
        let _ = std::fs::remove_dir(folder);
        return Ok(None);
    }
    let Some(summary) = SavedRun::read(folder)?.summary else { return Ok(None) };
    serde_json::from_value(summary).map(Some).map_err(|problem| Error::File {
        path: folder.join("summary.json"),
        line: 0,
        problem: format!("expected a summary as JSON: {problem}"),
    })
}

/// An observer of a trial's run: it keeps the trace, reports progress, and stops the run.
struct TrialObserver<'a> {
    task: &'a TrialTask<'a>,
    trace: Trace,
    progress: TrialProgress,
    last_sent: Instant,
}

impl<'a> TrialObserver<'a> {
    /// Creates the observer and reports that the trial begins.
    fn new(task: &'a TrialTask<'a>) -> Self {
        let progress = TrialProgress {
            strategy: task.strategy.1.into(),
            seed: task.seed,
            generations: 0,
            evaluations: 0,
            generation_budget: None,
            evaluation_budget: None,
            validation: None,
        };
        task.send(TrialEvent::Started(progress.clone()));
        Self { task, trace: Trace::default(), progress, last_sent: Instant::now() }
    }
}

impl Observer for TrialObserver<'_> {
    fn started(&mut self, setup: &Setup) {
        self.progress.generations = setup.generations_done;
        self.progress.evaluations = setup.evaluations_done;
        if self.task.resumes && setup.generations_done > 0 {
            setup.notes.iter().for_each(|note| self.noted(note));
        }
    }

    fn noted(&mut self, note: &str) {
        self.task.send(TrialEvent::Noted(note.into()));
    }

    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        self.trace.add(record);
        self.progress.generations = record.generation;
        self.progress.evaluations = record.evaluations;
        self.progress.validation = self.trace.validation();
        if self.last_sent.elapsed() >= PROGRESS_INTERVAL {
            self.last_sent = Instant::now();
            self.task.send(TrialEvent::Advanced(self.progress.clone()));
        }
        match self.task.stop.load(Ordering::Relaxed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
