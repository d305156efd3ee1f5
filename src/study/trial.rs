//! Trials: one run of one contestant, watched, and what it came to.

use std::ops::ControlFlow;
use std::time::Instant;

use serde::Serialize;

use crate::run::{self, Config, Observer, Record};
use crate::strategy::Stop;

/// One run; a field without a meaning is null.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// The contestant.
    pub strategy: String,
    /// Everything random follows from it.
    pub seed: u64,
    /// Whether the score reaches the target.
    pub solved: bool,
    /// Evaluations of training, to the end or to where it broke.
    pub evaluations: u64,
    /// Generations, likewise.
    pub generations: u32,
    /// Environment steps of training, likewise.
    pub environment_steps: u64,
    /// The held-out score of the network it hands over.
    pub score: Option<f32>,
    /// The best training fitness of any individual.
    pub best_fitness: Option<f32>,
    /// From its own beginning to its end, on its share of the machine.
    pub wall_seconds: f64,
    /// Why the strategy saw no use in going on.
    pub stopped: Option<Stop>,
    /// What it broke of.
    pub error: Option<String>,
    #[serde(skip)]
    pub(super) contestant: usize,
    #[serde(skip)]
    pub(super) trace: Trace,
}

/// Watches a study; every method may be left out.
pub trait Watcher {
    /// A trial has ended.
    fn ended(&mut self, _trial: &Trial) {}
}

/// Watches nothing.
impl Watcher for () {}

/// What a trial had reached after how many evaluations.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// Evaluations and validation score, wherever the champion became a better one.
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

/// Runs a trial, on the threads that the caller has.
pub(super) fn run(contestant: usize, name: &str, config: &Config) -> Trial {
    let begun = Instant::now();
    let mut trace = Trace::default();
    let ended = run::train(&config.clone().begun_at(begun), &mut trace);
    let mut trial = Trial {
        strategy: name.into(),
        seed: config.seed(),
        solved: false,
        evaluations: trace.evaluations,
        generations: trace.generations,
        environment_steps: trace.environment_steps,
        score: None,
        best_fitness: trace.best,
        wall_seconds: begun.elapsed().as_secs_f64(),
        stopped: None,
        error: None,
        contestant,
        trace,
    };
    match ended {
        Ok(summary) => {
            trial.solved = summary.solved;
            trial.score = summary.score;
            trial.stopped = summary.stopped;
        }
        Err(error) => trial.error = Some(error.to_string()),
    }
    trial
}
