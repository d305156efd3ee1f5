//! Resuming: continues a stopped run in its folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::checkpoint::Checkpoint;
use super::folder::{CONFIG, Folder, LockedFolder};
use super::initial_weights::InitialWeights;
use super::machine::MachineRecord;
use super::{Config, Observer, Request, Run, Summary};
use crate::backend::TuningOptions;
use crate::error::{Error, Result};
use crate::network::Initialisation;
use crate::strategy::Novelty;
use crate::task::{self, Task};

/// A request to resume a run: its folder, and changes to its budgets, target or checkpoints.
#[derive(Clone, Debug)]
pub struct ResumeRequest {
    /// The run folder.
    pub folder: PathBuf,
    /// The largest number of generations, counted from the beginning of the run. A value for one of
    /// the two budgets replaces both.
    pub generations: Option<u64>,
    /// The largest number of evaluations, counted from the beginning of the run.
    pub evaluations: Option<u64>,
    /// The condition that ends the run: a score, `solved` or `never`.
    pub until: Option<String>,
    /// The number of generations without a better champion that ends the run, or `never`.
    pub patience: Option<String>,
    /// The checkpoint interval.
    pub checkpoint_every: Option<String>,
    /// True to refuse to resume where the result could differ from that of a run that was never
    /// stopped: on another backend, GPU or platform, or with instructions that round differently.
    pub exact: bool,
    /// The options of the autotuner, which chooses the variant if the checkpoint has none.
    pub tuning: TuningOptions,
    /// The start of this process's clock.
    pub started_at: Instant,
}

impl ResumeRequest {
    /// Returns a request to resume the run of a folder without changes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            generations: None,
            evaluations: None,
            until: None,
            patience: None,
            checkpoint_every: None,
            exact: false,
            tuning: TuningOptions::default(),
            started_at: Instant::now(),
        }
    }

    /// Returns the configuration in the folder, with the changes. Its task is the caller's own, or
    /// else the one that the folder names.
    fn config(&self, own: Option<Arc<dyn Task>>) -> Result<Config> {
        let mut request = Request::from_folder(&self.folder)?;
        match &own {
            None => expect_data_files(&request, &self.folder)?,
            Some(task) => expect_own_task(&request, &self.folder, &task.about().name)?,
        }
        if self.generations.is_some() || self.evaluations.is_some() {
            (request.generations, request.evaluations) = (self.generations, self.evaluations);
        }
        request.until = self.until.clone().or(request.until);
        request.patience = self.patience.clone().or(request.patience);
        request.checkpoint_every = self.checkpoint_every.clone().or(request.checkpoint_every);
        request.tuning = self.tuning.clone();
        let config = match own {
            Some(task) => request.check_with_task(task)?,
            None => request.check()?,
        };
        Ok(config.with_folder(&self.folder).with_start_time(self.started_at))
    }

    /// Returns the keys of `config.toml` whose values this request changes.
    fn changes(&self) -> Vec<&'static str> {
        let has_budget = self.generations.is_some() || self.evaluations.is_some();
        let changes = [
            (has_budget, "generations"),
            (has_budget, "evaluations"),
            (self.until.is_some(), "until"),
            (self.patience.is_some(), "patience"),
            (self.checkpoint_every.is_some(), "checkpoint-every"),
        ];
        changes.into_iter().filter(|(is_changed, _)| *is_changed).map(|(_, key)| key).collect()
    }
}

/// Resumes a run. The result is that of a run that was never stopped and had the new budget from
/// the beginning. On the CPU the log and the champion are equal to the byte.
///
/// A run without a checkpoint begins again. A run that ended, but was killed before it wrote its
/// summary, writes it now.
///
/// # Errors
/// Returns an error if the folder is not a run folder, another process works in it, another version
/// wrote it, it is damaged, or a value of its `config.toml` has changed, and if the run has nothing
/// left to do.
///
/// # Example
///
/// ```
/// use deme::run::{self, Request, ResumeRequest};
/// let folder = std::env::temp_dir().join(format!("deme-resume-{}", std::process::id()));
/// let until = Some("never".into());
/// let request = Request { generations: Some(3), until, ..Request::for_task("cartpole") };
/// run::train(&request.check()?.with_folder(&folder), &mut ())?;
/// let request = ResumeRequest { generations: Some(6), ..ResumeRequest::new(&folder) };
/// assert_eq!(run::resume(&request, &mut ())?.generations, 6);
/// # std::fs::remove_dir_all(&folder).expect("the folder of this example");
/// # Ok::<(), deme::error::Error>(())
/// ```
pub fn resume(request: &ResumeRequest, observer: &mut dyn Observer) -> Result<Summary> {
    resume_run(request, None, observer)
}

/// Resumes a run of a task of the caller's own, as [`resume`] does.
///
/// # Errors
/// Returns the errors of [`resume`], or an error if the run is one of a task with another name.
pub fn resume_with_task(
    request: &ResumeRequest,
    task: Arc<dyn Task>,
    observer: &mut dyn Observer,
) -> Result<Summary> {
    resume_run(request, Some(task), observer)
}

fn resume_run(
    request: &ResumeRequest,
    own: Option<Arc<dyn Task>>,
    observer: &mut dyn Observer,
) -> Result<Summary> {
    let folder = LockedFolder::open(&request.folder)?;
    let mut config = request.config(own)?;
    let checkpoint = Checkpoint::read(&request.folder, &config, &request.changes())?;
    if checkpoint.is_some() {
        // The checkpoint has the state of the strategy, so the file of the first weights may be
        // gone. `config.toml` still names it.
        config.initial = InitialWeights::Random(Initialisation::Zero);
    }
    config.saved_variant = checkpoint.as_ref().and_then(|checkpoint| checkpoint.variant);
    let mut run = Run::begin(&config)?;
    let log_end = checkpoint.as_ref().map(|checkpoint| checkpoint.log).unwrap_or_default();
    match checkpoint {
        Some(checkpoint) => run.restore(checkpoint, request.exact)?,
        None => run.setup.notes.push(folder.note_on_beginning_again()),
    }
    let completion = run.completion();
    if let Some(reason) = completion.as_ref().filter(|_| folder.has_summary()) {
        return Err(nothing_left_to_do(&request.folder, reason));
    }
    let folder = folder.continue_run(&config, run.progress.generations, log_end)?;
    match completion {
        Some(_) => run.write_missing_summary(folder, observer),
        None => run.run_to_end(Some(folder), observer),
    }
}

/// Refuses a run whose data file is no longer where `config.toml` says.
fn expect_data_files(request: &Request, folder: &Path) -> Result<()> {
    let Some(task) = request.task.as_deref().filter(|task| task::is_data_file(task)) else {
        return Ok(());
    };
    let target = request.target.as_deref().filter(|_| task::has_separate_targets(task));
    let files = [Some(("task", task)), target.map(|target| ("target", target))];
    match files.into_iter().flatten().find(|(_, file)| !Path::new(file).exists()) {
        None => Ok(()),
        Some((key, file)) => {
            Err(Error::invalid(file, "the data file of the run", "none").advise(format!(
                "put it back, or write its new path as `{key}` in {}",
                folder.join(CONFIG).display()
            )))
        }
    }
}

/// Refuses a run of another task than the caller's own.
fn expect_own_task(request: &Request, folder: &Path, name: &str) -> Result<()> {
    let got = request.task.as_deref().unwrap_or("none");
    if got == name {
        return Ok(());
    }
    let expected = format!("a run of the task '{name}'");
    Err(Error::invalid(folder.display().to_string(), expected, format!("one of '{got}'")))
}

fn nothing_left_to_do(folder: &Path, reason: &str) -> Error {
    let what = folder.display().to_string();
    Error::invalid(what, "a run that has something left to do", reason).advise(
        "continue with more --generations or --evaluations, with a longer --patience, or with \
         --until never or a higher score",
    )
}

impl Run<'_> {
    /// Restores the state of a checkpoint.
    fn restore(&mut self, checkpoint: Checkpoint, exact: bool) -> Result<()> {
        self.compare_machines(checkpoint.machine.as_ref(), exact)?;
        let Checkpoint { progress, strategy, champion, population, statistics, novelty, .. } =
            checkpoint;
        self.setup.notes.extend(checkpoint.notes);
        if statistics.is_some() != self.statistics.is_some() {
            let expected = "a checkpoint with the normalisation that config.toml asks for";
            return Err(Error::invalid("--normalise-observations", expected, "another"));
        }
        if novelty.as_ref().map(Novelty::rules) != self.config.novelty.as_ref() {
            let expected = "a checkpoint with the novelty that config.toml asks for";
            return Err(Error::invalid("--novelty", expected, "another"));
        }
        if let Some(genomes) = population {
            self.backend.spawn(&self.parents_proposal(genomes))?;
        }
        self.setup.generations_done = progress.generations;
        self.setup.evaluations_done = progress.evaluations;
        self.setup.environment_steps_done = progress.environment_steps;
        (self.progress, self.strategy, self.statistics) = (progress, strategy, statistics);
        self.novelty = novelty;
        self.validator.restore(champion);
        Ok(())
    }

    /// Notes that the run continues on another machine than that of its checkpoint, or refuses to.
    fn compare_machines(&mut self, before: Option<&MachineRecord>, exact: bool) -> Result<()> {
        let inexact = |got: String| {
            let expected = "the machine of the checkpoint, which gives the same bits";
            Error::invalid("--exact", expected, got)
                .advise("resume there, or without --exact: the results are as good")
        };
        let Some(before) = before else {
            let got = "a checkpoint that does not record its machine";
            return if exact { Err(inexact(got.into())) } else { Ok(()) };
        };
        for difference in before.differences(&MachineRecord::current(&*self.backend)) {
            let words = difference.words;
            if exact && !difference.is_exact {
                return Err(inexact(format!("another: {words}")));
            }
            let effect = match difference.is_exact {
                true => "the bits of results stay the same",
                false => "results may differ in their last bits from those of one machine",
            };
            self.setup
                .notes
                .push(format!("this run continues on another machine: {words}; {effect}"));
        }
        Ok(())
    }

    /// Writes the summary of a run that was killed between its last checkpoint and its summary.
    fn write_missing_summary(
        mut self,
        folder: Folder,
        observer: &mut dyn Observer,
    ) -> Result<Summary> {
        let note = "the run had ended without its summary, which is written now";
        self.setup.notes.push(note.into());
        self.setup.folder = Some(folder.path().to_owned());
        observer.started(&self.setup);
        self.setup_seconds = self.config.started_at.elapsed().as_secs_f64();
        let summary = self.finish(Some(folder))?;
        observer.finished(&summary);
        Ok(summary)
    }

    /// Returns the reason for which the run has nothing left to do, if there is one.
    fn completion(&mut self) -> Option<String> {
        let done = self.progress.generations;
        if let Some(stop) = self.progress.stop_reason {
            return Some(format!(
                "one whose strategy ended its search after generation {done}: {stop}"
            ));
        }
        if self.validator.reaches_target() {
            return Some(format!("one that reached its score in generation {done}"));
        }
        if let Some(patience) = self.config.patience.filter(|_| self.is_out_of_patience()) {
            return Some(format!(
                "one that ended in generation {done}, after {patience} without a better champion"
            ));
        }
        let spent = self.propose().is_none();
        spent.then(|| format!("one whose budget ended with generation {done}"))
    }
}
