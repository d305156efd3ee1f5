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

mod learning_curve;
mod quartiles;
mod results;
mod strategy_spec;
mod strategy_summary;
mod thread_allocation;
mod trial;

pub use learning_curve::{CurvePoint, LearningCurve};
pub use quartiles::Quartiles;
pub use results::StudyResults;
pub use strategy_spec::StrategySpec;
pub use strategy_summary::StrategySummary;
pub use thread_allocation::ThreadAllocation;
pub use trial::{StudyObserver, Trial};

use crate::error::{Error, Result};
use crate::measure::Machine;
use crate::run::{self, Config, Request, Setup};

/// The largest number of trials of a strategy. Quartiles need a few dozens.
const LARGEST_COUNT: u64 = 10_000;

/// Consecutive seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The first seed.
    pub first: u64,
    /// The number of seeds, from 1 to 10,000.
    pub count: u64,
}

impl Seeds {
    /// Returns every seed.
    pub fn each(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |offset| self.first + offset)
    }

    fn check(self) -> Result<()> {
        if !(1..=LARGEST_COUNT).contains(&self.count) {
            let expected = format!("a whole number from 1 to {LARGEST_COUNT}");
            return Err(Error::invalid("--seeds", expected, self.count));
        }
        if self.first.checked_add(self.count - 1).is_none() {
            let got = format!("{} for the first of {}", self.first, self.count);
            return Err(Error::invalid("--seed", "a last seed below 2^64", got));
        }
        Ok(())
    }
}

/// A study that is ready to run: every strategy was checked, and its backend was opened once.
pub struct Study {
    entries: Vec<StudyEntry>,
    seeds: Seeds,
    thread_allocation: ThreadAllocation,
}

/// A strategy of a study: its name with its settings, and the run that its trials repeat.
struct StudyEntry {
    name: String,
    config: Config,
    setup: Setup,
}

impl StudyEntry {
    fn new(request: Request, name: Option<String>, seeds: Seeds) -> Result<Self> {
        let config = Request { out: None, ..request }.check()?.with_seed(seeds.first);
        let setup = run::dry_run(&config)?;
        Ok(Self { name: name.unwrap_or(setup.strategy.into()), config, setup })
    }
}

impl Study {
    /// Prepares a study of strategies. An empty list stands for the strategy of the request or of
    /// the task. Everything else comes from the request, except the seed and the folder: trials
    /// write no files.
    ///
    /// # Errors
    /// Returns an error if two strategies are equal, there is no seed, or a run would be refused.
    pub fn new(request: &Request, strategies: &[StrategySpec], seeds: Seeds) -> Result<Self> {
        seeds.check()?;
        let mut entries: Vec<StudyEntry> = Vec::new();
        // The flags of layers apply to strategies with layers. If there are none, the flags are
        // refused as in a run.
        let none_has_layers = strategies.iter().all(StrategySpec::evolves_topology);
        for strategy in strategies {
            let name = strategy.to_string();
            if entries.iter().any(|entry| entry.name == name) {
                let got = format!("'{name}' twice");
                return Err(Error::invalid("--strategies", "different strategies", got));
            }
            let mut request = strategy.apply_to(request);
            let note = strategy.drop_layer_flags(&mut request, none_has_layers);
            let mut entry = StudyEntry::new(request, Some(name), seeds)?;
            entry.setup.notes.extend(note);
            entries.push(entry);
        }
        if strategies.is_empty() {
            entries.push(StudyEntry::new(request.clone(), None, seeds)?);
        }
        // One trial at a time keeps a GPU busy.
        let on_gpu = entries.iter().any(|entry| entry.setup.backend == "gpu");
        let trials = if on_gpu { 1 } else { entries.len().saturating_mul(seeds.count as usize) };
        let thread_allocation = ThreadAllocation::divide(rayon::current_num_threads(), trials);
        Ok(Self { entries, seeds, thread_allocation })
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

    /// Returns the number of trials.
    pub fn trials(&self) -> usize {
        self.entries.len() * self.seeds.count as usize
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

    /// Runs all trials.
    ///
    /// # Errors
    /// Returns an error if the system refuses threads. A trial that fails is part of the results.
    pub fn run(&self, observer: &mut dyn StudyObserver) -> Result<StudyResults> {
        // Seeds outside, strategies inside: trials that are compared run at about the same time.
        let strategies = 0..self.entries.len();
        let items: Vec<(usize, u64)> = self
            .seeds
            .each()
            .flat_map(|seed| strategies.clone().map(move |strategy| (strategy, seed)))
            .collect();
        let run_trial = |&(index, seed): &(usize, u64)| {
            let StudyEntry { name, config, .. } = &self.entries[index];
            trial::run(index, name, &config.clone().with_seed(seed))
        };
        let mut trials = Vec::with_capacity(items.len());
        self.thread_allocation.run(&items, run_trial, |trial: Trial| {
            observer.trial_ended(&trial);
            trials.push(trial);
        })?;
        // Trials end in any order.
        trials.sort_by_key(|trial| (trial.strategy_index, trial.seed));
        Ok(self.to_results(trials))
    }

    fn to_results(&self, trials: Vec<Trial>) -> StudyResults {
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
        let StudyEntry { config, setup, .. } = &self.entries[0];
        let (target, stops_at_target) = (config.target(), config.stops_at_target());
        StudyResults {
            task: setup.task.clone(),
            target,
            stops_at_target,
            seed: self.seeds.first,
            seeds: self.seeds.count,
            backend: setup.backend.into(),
            adapter: (setup.backend == "gpu").then(|| setup.adapter.clone()),
            thread_allocation: self.thread_allocation,
            machine: Machine::current(),
            notes: results::notes(&rows, &trials, target, stops_at_target),
            curves: curves.collect(),
            rows,
            trials,
        }
    }
}
