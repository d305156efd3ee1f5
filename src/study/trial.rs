//! Trials: one run of one strategy with one seed, and its result.

use std::ops::ControlFlow;
use std::time::Instant;

use serde::Serialize;

use crate::run::{self, Config, Observer, Record};
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
    /// The best training fitness of any individual.
    pub best_fitness: Option<f32>,
    /// The seconds from the beginning of the trial to its end, on its threads.
    pub wall_seconds: f64,
    /// The reason for which the strategy ended its search.
    #[serde(rename = "stopped")]
    pub stop_reason: Option<StopReason>,
    /// The error with which the trial failed.
    pub error: Option<String>,
    #[serde(skip)]
    pub(super) strategy_index: usize,
    #[serde(skip)]
    pub(super) trace: Trace,
}

/// An observer of a study. Every method has an empty default.
pub trait StudyObserver {
    /// Called when a trial has ended.
    fn trial_ended(&mut self, _trial: &Trial) {}
}

/// An observer that ignores everything.
impl StudyObserver for () {}

/// The improvements of a trial, and its totals so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// The evaluations and the validation score of each better champion.
    pub steps: Vec<(u64, f64)>,
    generations: u32,
    pub evaluations: u64,
    environment_steps: u64,
    best: Option<f32>,
}

impl Observer for Trace {
    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        let validation = f64::from(record.validation);
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
        ControlFlow::Continue(())
    }
}

/// Runs a trial on the caller's threads.
pub(super) fn run(strategy_index: usize, name: &str, config: &Config) -> Trial {
    let started_at = Instant::now();
    let mut trace = Trace::default();
    let result = run::train(&config.clone().with_start_time(started_at), &mut trace);
    let mut trial = Trial {
        strategy: name.into(),
        seed: config.seed(),
        solved: false,
        evaluations: trace.evaluations,
        generations: trace.generations,
        environment_steps: trace.environment_steps,
        score: None,
        best_fitness: trace.best,
        wall_seconds: started_at.elapsed().as_secs_f64(),
        stop_reason: None,
        error: None,
        strategy_index,
        trace,
    };
    match result {
        Ok(summary) => {
            trial.solved = summary.solved;
            trial.score = summary.score;
            trial.stop_reason = summary.stop_reason;
        }
        Err(error) => trial.error = Some(error.to_string()),
    }
    trial
}
