//! Trials: one run of one strategy with one seed, and its result.
//!
//! A trial of a study with a folder has a run folder. Its result is then read from that folder, so
//! it does not matter which process ran the trial.

use serde::Serialize;

use crate::run::Record;
use crate::strategy::StopReason;

/// The result of one trial. A field that does not apply is null.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// The strategy with its settings.
    pub strategy: String,
    /// The seed that everything random follows from.
    pub seed: u64,
    /// True if the score reaches the target.
    pub solved: bool,
    /// The number of training evaluations, up to the end or to the failure.
    pub evaluations: u64,
    /// The number of generations, up to the end or to the failure.
    pub generations: u32,
    /// The number of environment steps in training, up to the end or to the failure.
    pub environment_steps: u64,
    /// The held-out score of the network that the trial returns.
    pub score: Option<f32>,
    /// The validation score of that network.
    pub validation: Option<f64>,
    /// The best training fitness of any individual.
    pub best_fitness: Option<f32>,
    /// The seconds from the beginning of the trial to its end, on its threads.
    pub wall_seconds: f64,
    /// The reason for which the strategy ended its search.
    #[serde(rename = "stopped")]
    pub stop_reason: Option<StopReason>,
    /// The error with which the trial failed.
    pub error: Option<String>,
    /// The run folder of the trial.
    pub run_directory: Option<String>,
    #[serde(skip)]
    pub(super) strategy_index: usize,
    #[serde(skip)]
    pub(super) trace: Trace,
}

/// The improvements of a trial, and its totals so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// The evaluations and the validation score of each better champion.
    pub steps: Vec<(u64, f64)>,
    pub generations: u32,
    pub evaluations: u64,
    pub environment_steps: u64,
    pub best: Option<f32>,
}

impl Trace {
    /// Returns the trace of a log.
    pub fn from_records(records: &[Record]) -> Self {
        let mut trace = Self::default();
        records.iter().for_each(|record| trace.add(record));
        trace
    }

    pub fn add(&mut self, record: &Record) {
        let validation = record.selection_score().map_or(f64::NEG_INFINITY, f64::from);
        let last = self.steps.last().map_or(f64::NEG_INFINITY, |step| step.1);
        if record.champion && validation > last {
            self.steps.push((record.evaluations, validation));
        }
        self.generations = record.generation;
        self.evaluations = record.evaluations;
        self.environment_steps = record.environment_steps;
        self.best = match (self.best, record.best) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
    }

    /// Returns the validation score of the champion.
    pub fn validation(&self) -> Option<f64> {
        self.steps.last().map(|step| step.1).filter(|score| score.is_finite())
    }
}
