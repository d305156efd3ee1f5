//! Studies: comparisons of several strategies on one task, each with the same seeds.
//!
//! A study has a list of strategies, each with its settings. A *trial* is one run of one strategy
//! with one seed. As many trials run at once as there are threads, each on threads of its own, so
//! that small populations keep all cores busy and the time of a trial does not depend on other
//! trials. The result of a trial follows from its seed alone, however the trials are scheduled.
//!
//! # How results are counted
//!
//! - A trial is *solved* if the held-out score of the network that it returns reaches the
//!   target. A trial that used up its budget, was ended by its strategy, or failed is not solved.
//! - Evaluations and seconds to success are those at the end of solved trials, which end when they
//!   reach the target. Their quartiles flatter a strategy that rarely solves the task, so the next
//!   figure is reported with them.
//! - The *expected running time* is the number of evaluations of all trials divided by the number
//!   of solved ones: the mean cost of a solution if unsolved trials are restarted (Auger and
//!   Hansen, "Performance evaluation of an advanced local search evolutionary algorithm", CEC 2005,
//!   equation 2). If all trials are solved, it is their mean.
//! - The score of a trial is that of the network that it returns. A trial that failed has the
//!   lowest score of all.
//!
//! # Folders
//!
//! A study may have a folder ([`Study::with_folder`]), in which each trial has a run folder. If
//! such a study was stopped, [`Study::resume`] continues it: trials that had ended are read, those
//! that had begun are resumed, and the others begin. The result is that of a study that was never
//! stopped, except for its times.
//!
//! # Errors
//!
//! Inputs are checked before the first trial, and errors name the flag. A trial that fails is
//! reported, and the others go on.
//!
//! # Example
//!
//! ```
//! use deme::run::Request;
//! use deme::study::{Seeds, Study};
//! let strategies = ["ga".parse()?, "simple-ga:sigma=0.5:population=64".parse()?];
//! let seeds = Seeds { first: 1, count: 3 };
//! let request = Request { backend: Some("cpu".into()), ..Request::for_task("xor") };
//! let results = Study::new(&request, &strategies, seeds)?.run(&mut ())?;
//! assert_eq!((results.rows.len(), results.trials.len()), (2, 6));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod entry;
mod folder;
mod learning_curve;
mod observer;
mod quartiles;
mod request;
mod results;
mod strategy_spec;
mod strategy_summary;
mod thread_allocation;
mod trial;
mod trial_task;

pub use learning_curve::{CurvePoint, LearningCurve};
pub use observer::{StudyObserver, TrialProgress};
pub use quartiles::Quartiles;
pub use request::{Seeds, StudyRequest};
pub use results::{MissingTrial, StudyResults};
pub use strategy_spec::StrategySpec;
pub use strategy_summary::StrategySummary;
pub use thread_allocation::ThreadAllocation;
pub use trial::Trial;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, OnceLock};

use crate::error::{Error, Result};
use crate::measure::Machine;
use crate::run::{Request, lock};
use crate::task::{self, Task};
use entry::{StudyEntry, TaskCache};
use folder::{SavedStudy, trial_folder};
use observer::TrialEvent;
use trial_task::{TrialTask, has_ended};

/// A study that is ready to run: every strategy was checked, and its backend was opened once.
pub struct Study {
    request: Request,
    entries: Vec<StudyEntry>,
    /// True if the strategies were named.
    has_specs: bool,
    seeds: Seeds,
    thread_allocation: ThreadAllocation,
    tasks: TaskCache,
    /// The folder of the study, and true if it holds trials already.
    folder: Option<(PathBuf, bool)>,
    /// The lock of the folder, which other processes respect as long as this study exists.
    lock: OnceLock<File>,
}

impl Study {
    /// Prepares a study of strategies. An empty list stands for the strategy of the request or of
    /// the task. Everything else comes from the request, except the seed and the folder: without
    /// [`Study::with_folder`] trials write no files.
    ///
    /// # Errors
    /// Returns an error if two strategies are equal, there is no seed, or a run would be refused.
    pub fn new(request: &Request, strategies: &[StrategySpec], seeds: Seeds) -> Result<Self> {
        Self::prepare(request, strategies, seeds, None)
    }

    /// Prepares a study of strategies on a task of the caller's own.
    ///
    /// # Errors
    /// Returns the errors of [`Study::new`].
    pub fn with_task(
        request: &Request,
        strategies: &[StrategySpec],
        seeds: Seeds,
        task: Arc<dyn Task>,
    ) -> Result<Self> {
        let request = Request { task: Some(task.about().name.to_string()), ..request.clone() };
        Self::prepare(&request, strategies, seeds, Some(task))
    }

    fn prepare(
        request: &Request,
        strategies: &[StrategySpec],
        seeds: Seeds,
        own: Option<Arc<dyn Task>>,
    ) -> Result<Self> {
        seeds.check()?;
        let mut entries: Vec<StudyEntry> = Vec::new();
        let tasks = TaskCache::new(1, own.clone());
        // The flags of layers apply to strategies with layers, and that of the population to
        // strategies with one. If there are none, the flags are refused as in a run.
        let none_has_layers = strategies.iter().all(StrategySpec::evolves_topology);
        let none_has_population = strategies.iter().all(StrategySpec::follows_gradient);
        for strategy in strategies {
            let name = strategy.to_string();
            if entries.iter().any(|entry| entry.name == name) {
                let got = format!("'{name}' twice");
                return Err(Error::invalid("--strategies", "different strategies", got));
            }
            let mut request = strategy.apply_to(request)?;
            let notes = [
                strategy.drop_layer_flags(&mut request, none_has_layers),
                strategy.drop_population_flag(&mut request, none_has_population),
            ];
            let mut entry = StudyEntry::new(request, Some(name), seeds.first, &tasks)?;
            entry.setup.notes.extend(notes.into_iter().flatten());
            entries.push(entry);
        }
        if strategies.is_empty() {
            entries.push(StudyEntry::new(request.clone(), None, seeds.first, &tasks)?);
        }
        // One trial at a time keeps a GPU busy.
        let on_gpu = entries.iter().any(|entry| entry.setup.backend == "gpu");
        let trials = if on_gpu { 1 } else { entries.len().saturating_mul(seeds.count as usize) };
        let threads = ThreadAllocation::divide(rayon::current_num_threads(), trials);
        let seeds_at_once = threads.trials_at_once.div_ceil(entries.len()) + 1;
        Ok(Self {
            request: request.clone(),
            entries,
            has_specs: !strategies.is_empty(),
            seeds,
            thread_allocation: threads,
            tasks: TaskCache::new(seeds_at_once, own),
            folder: None,
            lock: OnceLock::new(),
        })
    }

    /// Prepares to continue the study of a folder. Values that the request leaves out are read from
    /// the folder.
    ///
    /// # Errors
    /// Returns an error if the folder is not a study's, if another process works in it, or if the
    /// request contradicts it.
    pub fn resume(folder: &Path, request: &StudyRequest) -> Result<Self> {
        Self::continue_study(folder, request, None)
    }

    /// Prepares to continue the study of a folder on a task of the caller's own.
    ///
    /// # Errors
    /// Returns the errors of [`Study::resume`].
    pub fn resume_with_task(
        folder: &Path,
        request: &StudyRequest,
        task: Arc<dyn Task>,
    ) -> Result<Self> {
        Self::continue_study(folder, request, Some(task))
    }

    fn continue_study(
        folder: &Path,
        request: &StudyRequest,
        own: Option<Arc<dyn Task>>,
    ) -> Result<Self> {
        // The folder is locked before anything is read that another process could change.
        SavedStudy::read(folder)?;
        let lock = lock(folder)?;
        let saved = SavedStudy::read(folder)?;
        let (run, strategies, seeds) = saved.merge(request)?;
        let study = match own {
            Some(task) => Self::with_task(&run, &strategies, seeds, task)?,
            None => Self::new(&run, &strategies, seeds)?,
        };
        saved.expect_same(&study.saved(), folder)?;
        Ok(Self { folder: Some((folder.into(), true)), lock: lock.into(), ..study })
    }

    /// Returns this study with a new folder, which has a run folder for each trial. It is created
    /// when the study runs.
    ///
    /// # Errors
    /// Returns an error if the folder exists.
    pub fn with_folder(self, folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        if folder.symlink_metadata().is_ok() {
            let what = format!("--out {}", folder.display());
            let expected = "a folder that does not exist";
            return Err(Error::invalid(what, expected, "one that exists")
                .advise("continue a study with --resume DIR, or name another folder"));
        }
        Ok(Self { folder: Some((folder, false)), ..self })
    }

    /// Returns this study with another number of trials that run at once.
    ///
    /// # Errors
    /// Returns an error if the number is zero or larger than the number of threads.
    pub fn with_jobs(mut self, jobs: usize) -> Result<Self> {
        let threads = rayon::current_num_threads();
        if !(1..=threads).contains(&jobs) {
            let expected = format!("a whole number from 1 to {threads}, the number of threads");
            return Err(Error::invalid("--jobs", expected, jobs));
        }
        self.thread_allocation = ThreadAllocation::divide(threads, jobs.min(self.trials()));
        Ok(self)
    }

    /// Returns the name of the task.
    pub fn task(&self) -> &str {
        &self.entries[0].setup.task
    }

    /// Returns the paths of the data files that the study reads: the samples, and the targets in a
    /// file of their own.
    pub fn data_files(&self) -> Vec<&Path> {
        let is_file = |name: &&String| task::is_data_file(name);
        let samples = self.request.task.as_ref().filter(is_file);
        let targets = samples.and(self.request.target.as_ref()).filter(is_file);
        samples.into_iter().chain(targets).map(Path::new).collect()
    }

    /// Returns the number of trials.
    pub fn trials(&self) -> usize {
        self.entries.len() * self.seeds.count as usize
    }

    /// Returns the number of trials that have ended in the folder of the study, and need not run.
    pub fn trials_done(&self) -> usize {
        let Some((folder, true)) = &self.folder else { return 0 };
        let trial = |&(index, seed): &(usize, u64)| -> PathBuf {
            trial_folder(folder, &self.entries[index].name, seed)
        };
        self.items().iter().filter(|item| has_ended(&trial(item))).count()
    }

    /// Returns the allocation of threads to trials.
    pub fn thread_allocation(&self) -> ThreadAllocation {
        self.thread_allocation
    }

    /// Returns notes for the user on the setup, a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for note in self.entries.iter().flat_map(|entry| &entry.setup.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        notes
    }

    /// Runs all trials, until they end or the observer stops them.
    ///
    /// # Errors
    /// Returns an error if the system refuses threads, or the folder cannot be created. A trial
    /// that fails is part of the results.
    pub fn run(&self, observer: &mut dyn StudyObserver) -> Result<StudyResults> {
        if let Some((folder, false)) = &self.folder {
            let lock = self.saved().create(folder)?;
            self.lock.get_or_init(|| lock);
        }
        let (stop, mut trials, mut stopped) = (AtomicBool::new(false), Vec::new(), Vec::new());
        let run_trial = |&(index, seed): &(usize, u64), events: &Sender<TrialEvent>| {
            if !stop.load(Ordering::Relaxed) {
                self.run_trial(index, seed, events, &stop);
            }
        };
        self.thread_allocation.run(&self.items(), run_trial, |event| {
            match event {
                None => {}
                Some(TrialEvent::Started(progress)) => observer.trial_started(&progress),
                Some(TrialEvent::Advanced(progress)) => observer.trial_advanced(&progress),
                Some(TrialEvent::Noted(note)) => observer.noted(&note),
                Some(TrialEvent::Stopped(progress)) => {
                    observer.trial_stopped(&progress);
                    stopped.push(progress);
                }
                Some(TrialEvent::Ended(trial)) => {
                    observer.trial_ended(&trial);
                    trials.push(*trial);
                }
            }
            if observer.poll().is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        })?;
        // Trials end in any order.
        trials.sort_by_key(|trial: &Trial| (trial.strategy_index, trial.seed));
        Ok(self.to_results(trials, &stopped))
    }

    /// Returns the strategy's index and the seed of each trial. Seeds are outside and strategies
    /// inside: trials that are compared run at about the same time.
    fn items(&self) -> Vec<(usize, u64)> {
        let strategies = 0..self.entries.len();
        let seeds = self.seeds.each();
        seeds.flat_map(|seed| strategies.clone().map(move |index| (index, seed))).collect()
    }

    fn run_trial(&self, index: usize, seed: u64, events: &Sender<TrialEvent>, stop: &AtomicBool) {
        let entry = &self.entries[index];
        let (folder, resumes) = match &self.folder {
            Some((folder, resumes)) => (Some(trial_folder(folder, &entry.name, seed)), *resumes),
            None => (None, false),
        };
        let strategy = (index, entry.name.as_str());
        let own = self.tasks.own();
        let task = TrialTask { strategy, seed, own, resumes, events, stop };
        task.run(|| entry.config_of(seed, folder.as_deref(), &self.tasks));
    }

    /// Returns the contents of the file in the study's folder.
    fn saved(&self) -> SavedStudy {
        let entries = self.entries.iter().map(|entry| (entry.name.as_str(), &entry.config));
        SavedStudy::new(&self.request, self.has_specs, self.seeds, entries)
    }

    fn to_results(&self, trials: Vec<Trial>, stopped: &[TrialProgress]) -> StudyResults {
        let trials_of = |index: usize| -> Vec<&Trial> {
            trials.iter().filter(|trial| trial.strategy_index == index).collect()
        };
        let entries = || self.entries.iter().enumerate();
        let rows: Vec<StrategySummary> = entries()
            .map(|(index, entry)| {
                let stops = entry.config.stops_at_target();
                StrategySummary::new(&entry.name, &entry.setup, &trials_of(index), stops)
            })
            .collect();
        let curves = entries()
            .map(|(index, entry)| LearningCurve::of_trials(&entry.name, &trials_of(index)));
        let unsolved = entries().zip(&rows).filter(|((_, entry), row)| {
            row.solved < row.trials && entry.config.could_search_novelty()
        });
        let unsolved: Vec<&str> = unsolved.map(|((_, entry), _)| entry.name.as_str()).collect();
        let missing = self.missing(&trials, stopped);
        let StudyEntry { config, setup, .. } = &self.entries[0];
        let (target, stops_at_target) = (config.target(), config.stops_at_target());
        let mut notes: Vec<String> =
            results::missing_note(&missing, self.trials()).into_iter().collect();
        notes.extend(results::notes(&rows, &trials, target, stops_at_target));
        if config.score_part() == "held-out" {
            notes.extend(results::ranking_note(&rows));
        }
        notes.extend(results::novelty_note(&unsolved));
        StudyResults {
            task: setup.task.clone(),
            score_name: setup.score_name,
            score_part: config.score_part(),
            selection_score_name: setup.selection_score_name.clone(),
            has_target_scale: config.has_target_scale(),
            target,
            stops_at_target,
            seed: self.seeds.first,
            seeds: self.seeds.count,
            backend: setup.backend.into(),
            adapter: (setup.backend == "gpu").then(|| setup.adapter.clone()),
            thread_allocation: self.thread_allocation,
            machine: Machine::current(),
            study_directory: self.folder.as_ref().map(|(path, _)| path.display().to_string()),
            notes,
            curves: curves.collect(),
            rows,
            trials,
            missing,
        }
    }

    /// Returns the trials that have not ended.
    fn missing(&self, ended: &[Trial], stopped: &[TrialProgress]) -> Vec<MissingTrial> {
        let has_ended = |index: usize, seed: u64| {
            ended.iter().any(|trial| (trial.strategy_index, trial.seed) == (index, seed))
        };
        let mut items = self.items();
        items.sort_unstable();
        let missing = items.into_iter().filter(|&(index, seed)| !has_ended(index, seed));
        let missing = missing.map(|(index, seed)| {
            let strategy = self.entries[index].name.clone();
            let begun = stopped.iter().find(|of| of.seed == seed && of.strategy == strategy);
            MissingTrial { generations: begun.map_or(0, |of| of.generations), strategy, seed }
        });
        missing.collect()
    }
}
