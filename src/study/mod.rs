//! Studies: several strategies on one task, each with the same seeds, and what came of them.
//!
//! A contestant is a strategy with its settings; a trial is one run of one contestant with one
//! seed. Trials share the machine: as many run at once as there are threads, each on threads of
//! its own, so that small populations fill the cores too and a trial's time is its own. What a
//! trial comes to follows from its seed alone, however the trials are scheduled.
//!
//! # What is counted
//!
//! - A trial is *solved* if the held-out score of the network it hands over reaches the target.
//!   One that used up its budget, saw no use in going on, or broke, is not.
//! - Evaluations and seconds to success are those of solved trials at their end, which reaching
//!   the target brings about. Quartiles over them flatter a contestant that rarely solves, so:
//! - the *expected running time* is the evaluations of all trials over the number of solved ones:
//!   what it takes on average until one solves, if one that does not is begun anew (Auger and
//!   Hansen, "Performance evaluation of an advanced local search evolutionary algorithm", CEC
//!   2005, equation 2). Where all are solved it is their mean.
//! - A trial's score is that of the network it hands over; one that broke has the lowest of all.
//!
//! # Errors
//!
//! What can be refused is refused before the first trial, by the name of its flag. A trial that
//! breaks on the way is reported, and the others go on.
//!
//! # Example
//!
//! ```
//! use deme::run::Request;
//! use deme::study::{Seeds, Study};
//! let contestants = ["ga".parse()?, "simple-ga:sigma=0.5:population=64".parse()?];
//! let seeds = Seeds { first: 1, count: 3 };
//! let request = Request { backend: Some("cpu".into()), ..Request::of("xor") };
//! let findings = Study::of(&request, &contestants, seeds)?.run(&mut ())?;
//! assert_eq!((findings.rows.len(), findings.trials.len()), (2, 6));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod contestant;
mod curve;
mod findings;
mod quartiles;
mod row;
mod sharing;
mod trial;

pub use contestant::Contestant;
pub use curve::{Curve, Point};
pub use findings::Findings;
pub use quartiles::Quartiles;
pub use row::Row;
pub use sharing::Sharing;
pub use trial::{Trial, Watcher};

use crate::error::{Error, Result};
use crate::measure::Machine;
use crate::run::{self, Config, Request, Started};

/// Seeds in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// How many; at least one.
    pub count: u64,
}

impl Seeds {
    /// Each seed.
    pub fn each(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |offset| self.first + offset)
    }

    fn check(self) -> Result<()> {
        if self.count == 0 || self.count > u64::from(u32::MAX) {
            let expected = format!("a whole number from 1 to {}", u32::MAX);
            return Err(Error::invalid("--seeds", expected, self.count));
        }
        if self.first.checked_add(self.count - 1).is_none() {
            let got = format!("{} for the first of {}", self.first, self.count);
            return Err(Error::invalid("--seed", "a last seed below 2^64", got));
        }
        Ok(())
    }
}

/// A study that can begin: every contestant was checked, and its backend opened once.
pub struct Study {
    entries: Vec<Entry>,
    seeds: Seeds,
    sharing: Sharing,
}

/// A contestant, the run that it is to repeat, and what was decided for that.
struct Entry {
    name: String,
    config: Config,
    started: Started,
}

impl Entry {
    fn of(request: Request, name: Option<String>, seeds: Seeds) -> Result<Self> {
        let config = Request { out: None, ..request }.check()?.with_seed(seeds.first);
        let started = run::rehearse(&config)?;
        Ok(Self { name: name.unwrap_or(started.strategy.into()), config, started })
    }
}

impl Study {
    /// A study of contestants; of no contestants, of the strategy that the request or the task
    /// names. The request says all else, but for the seed and the folder: trials leave no files.
    ///
    /// # Errors
    /// Two contestants that are the same, no seed, and all that a run would refuse.
    pub fn of(request: &Request, contestants: &[Contestant], seeds: Seeds) -> Result<Self> {
        seeds.check()?;
        let mut entries: Vec<Entry> = Vec::new();
        // Layers are for those that have some. Where nobody has, they are refused as in a run.
        let all_grow = contestants.iter().all(Contestant::grows);
        for contestant in contestants {
            let name = contestant.to_string();
            if entries.iter().any(|entry| entry.name == name) {
                let got = format!("'{name}' twice");
                return Err(Error::invalid("--strategies", "strategies that differ", got));
            }
            let mut request = contestant.of(request);
            let note = contestant.leave_out_layers(&mut request, all_grow);
            let mut entry = Entry::of(request, Some(name), seeds)?;
            entry.started.notes.extend(note);
            entries.push(entry);
        }
        if contestants.is_empty() {
            entries.push(Entry::of(request.clone(), None, seeds)?);
        }
        // A GPU is one, and fills itself.
        let on_gpu = entries.iter().any(|entry| entry.started.backend == "gpu");
        let trials = if on_gpu { 1 } else { entries.len().saturating_mul(seeds.count as usize) };
        let sharing = Sharing::of(rayon::current_num_threads(), trials);
        Ok(Self { entries, seeds, sharing })
    }

    /// The same study, with so many trials at once.
    ///
    /// # Errors
    /// None at once, or more than there are threads.
    pub fn with_jobs(mut self, jobs: usize) -> Result<Self> {
        let threads = rayon::current_num_threads();
        if !(1..=threads).contains(&jobs) {
            let expected = format!("a whole number from 1 to the {threads} threads there are");
            return Err(Error::invalid("--jobs", expected, jobs));
        }
        self.sharing = Sharing::of(threads, jobs.min(self.trials()));
        Ok(self)
    }

    /// Trials in all.
    pub fn trials(&self) -> usize {
        self.entries.len() * self.seeds.count as usize
    }

    /// How the trials share the machine.
    pub fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Sentences that a person may want to know before it begins.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for note in self.entries.iter().flat_map(|entry| &entry.started.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        notes
    }

    /// Runs all trials.
    ///
    /// # Errors
    /// Threads that the system refuses. A trial that breaks is among the findings.
    pub fn run(&self, watcher: &mut dyn Watcher) -> Result<Findings> {
        // Seeds outside, contestants inside: what is compared runs at about the same time.
        let contestants = 0..self.entries.len();
        let jobs: Vec<(usize, u64)> = self
            .seeds
            .each()
            .flat_map(|seed| contestants.clone().map(move |contestant| (contestant, seed)))
            .collect();
        let one = |&(contestant, seed): &(usize, u64)| {
            let Entry { name, config, .. } = &self.entries[contestant];
            trial::run(contestant, name, &config.clone().with_seed(seed))
        };
        let mut trials = Vec::with_capacity(jobs.len());
        self.sharing.run(&jobs, one, |trial: Trial| {
            watcher.ended(&trial);
            trials.push(trial);
        })?;
        // In the order of the contestants, and not in that of their ends.
        trials.sort_by_key(|trial| (trial.contestant, trial.seed));
        Ok(self.findings(trials))
    }

    fn findings(&self, trials: Vec<Trial>) -> Findings {
        let of = |contestant: usize| -> Vec<&Trial> {
            trials.iter().filter(|trial| trial.contestant == contestant).collect()
        };
        let entries = || self.entries.iter().enumerate();
        let rows: Vec<Row> = entries()
            .map(|(contestant, entry)| {
                let ends = entry.config.stops_at_target();
                Row::of(&entry.name, &entry.started, &of(contestant), ends)
            })
            .collect();
        let curves = entries().map(|(contestant, entry)| Curve::of(&entry.name, &of(contestant)));
        let Entry { config, started, .. } = &self.entries[0];
        let (target, stops_at_target) = (config.target(), config.stops_at_target());
        Findings {
            task: started.task.clone(),
            target,
            stops_at_target,
            seed: self.seeds.first,
            seeds: self.seeds.count,
            backend: started.backend.into(),
            adapter: (started.backend == "gpu").then(|| started.adapter.clone()),
            sharing: self.sharing,
            machine: Machine::this(),
            notes: findings::notes(&rows, &trials, target, stops_at_target),
            curves: curves.collect(),
            rows,
            trials,
        }
    }
}
