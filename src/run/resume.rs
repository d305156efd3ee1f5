//! Resuming: a run that was stopped, by whatever, goes on in its folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::checkpoint::Checkpoint;
use super::folder::Folder;
use super::{Config, Observer, Request, Run, Summary};
use crate::error::{Error, Result};
use crate::strategy::Novelty;

/// A folder to go on in, and what is to be changed about its run.
#[derive(Clone, Debug)]
pub struct Resumption {
    /// The run folder.
    pub folder: PathBuf,
    /// Generations in all, not beyond those that are done. Who names one of the two budgets
    /// replaces both.
    pub generations: Option<u64>,
    /// Evaluations in all.
    pub evaluations: Option<u64>,
    /// When to end: a score, `solved` or `never`.
    pub until: Option<String>,
    /// How often a checkpoint is saved.
    pub checkpoint_every: Option<String>,
    /// When the clock of this process began.
    pub begun: Instant,
}

impl Resumption {
    /// A folder to go on in as it was decided at the beginning.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            generations: None,
            evaluations: None,
            until: None,
            checkpoint_every: None,
            begun: Instant::now(),
        }
    }

    /// The configuration that is in the folder, with the changes.
    fn config(&self) -> Result<Config> {
        let mut request = Request::of_folder(&self.folder)?;
        if self.generations.is_some() || self.evaluations.is_some() {
            (request.generations, request.evaluations) = (self.generations, self.evaluations);
        }
        request.until = self.until.clone().or(request.until);
        request.checkpoint_every = self.checkpoint_every.clone().or(request.checkpoint_every);
        Ok(request.check()?.into_folder(&self.folder).begun_at(self.begun))
    }
}

/// Goes on with a run: with the same budget, as if it had never been stopped; with another one, as
/// if it had had that from the beginning. On the CPU that is so to the byte, in the log and in the
/// champion.
///
/// A folder whose run has not come to a checkpoint begins again.
///
/// # Errors
/// A folder that is none, is worked in by another process, was written by another version, or is
/// damaged; a run that has nothing left to do.
///
/// # Example
///
/// ```
/// use deme::run::{self, Request, Resumption};
/// let folder = std::env::temp_dir().join(format!("deme-resume-{}", std::process::id()));
/// let until = Some("never".into());
/// let request = Request { generations: Some(3), until, ..Request::of("cartpole") };
/// run::train(&request.check()?.into_folder(&folder), &mut ())?;
/// let further = Resumption { generations: Some(6), ..Resumption::of(&folder) };
/// assert_eq!(run::resume(&further, &mut ())?.generations, 6);
/// # std::fs::remove_dir_all(&folder).expect("the folder of this example");
/// # Ok::<(), deme::error::Error>(())
/// ```
pub fn resume(resumption: &Resumption, observer: &mut dyn Observer) -> Result<Summary> {
    let mut folder = Folder::reopen(&resumption.folder)?;
    let mut config = resumption.config()?;
    let saved = Checkpoint::read(&resumption.folder, &config)?;
    config.kept = saved.as_ref().and_then(|saved| saved.variant);
    let mut run = Run::begin(&config)?;
    let end = saved.as_ref().map(|saved| saved.log).unwrap_or_default();
    if let Some(saved) = saved {
        run.restore(saved)?;
    }
    if let Some(reason) = run.is_complete() {
        return Err(nothing_left(&resumption.folder, &reason));
    }
    folder.go_on(&config, end)?;
    run.go(Some(folder), observer)
}

fn nothing_left(folder: &Path, reason: &str) -> Error {
    let what = folder.display().to_string();
    Error::invalid(what, "a run that has something left to do", reason).advise(
        "go further with more --generations or --evaluations, or with --until never or a higher \
         score",
    )
}

impl Run<'_> {
    /// Goes on from a checkpoint.
    fn restore(&mut self, saved: Checkpoint) -> Result<()> {
        let Checkpoint { counters, strategy, champion, population, statistics, novelty, .. } =
            saved;
        if statistics.is_some() != self.statistics.is_some() {
            let expected = "a checkpoint of observations normalised as config.toml says";
            return Err(Error::invalid("--normalise-observations", expected, "another"));
        }
        if novelty.as_ref().map(Novelty::rules) != self.config.novelty.as_ref() {
            let expected = "a checkpoint with the novelty that config.toml asks for";
            return Err(Error::invalid("--novelty", expected, "another"));
        }
        if let Some(genomes) = population {
            self.trainer.spawn(&self.explicit(genomes))?;
        }
        self.started.generations_done = counters.generations;
        self.started.evaluations_done = counters.evaluations;
        self.started.environment_steps_done = counters.environment_steps;
        (self.counters, self.strategy, self.statistics) = (counters, strategy, statistics);
        self.novelty = novelty;
        self.examiner.restore(champion);
        Ok(())
    }

    /// Why there is nothing left to do, if there is not.
    fn is_complete(&mut self) -> Option<String> {
        let done = self.counters.generations;
        if let Some(stop) = self.counters.stopped {
            return Some(format!(
                "one whose strategy saw no use in going on after generation {done}: {stop}"
            ));
        }
        let held_out = self.examiner.champion().and_then(|champion| champion.held_out);
        if self.config.stops_at_target() && self.config.reaches_target(held_out) {
            return Some(format!("one that has reached its score in generation {done}"));
        }
        let spent = self.propose().is_none();
        spent.then(|| format!("one whose budget ended with generation {done}"))
    }
}
