//! Observers: what a caller can watch of a run. The library itself never prints.

use std::ops::ControlFlow;

use serde::Serialize;

use super::Config;
use crate::backend::Backend;

/// Watches a run; every method may be left out.
pub trait Observer {
    /// Everything is decided, and the first generation is about to begin.
    fn started(&mut self, _started: &Started) {}

    /// A generation has ended; `Break` ends the run with it.
    fn generation(&mut self, _record: &Record) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The run has ended, and its folder is complete.
    fn finished(&mut self, _summary: &super::Summary) {}
}

/// Watches nothing.
impl Observer for () {}

/// What was decided for a run.
#[derive(Clone, Debug)]
pub struct Started {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: &'static str,
    /// Hidden layers.
    pub network: String,
    /// Parameters of an individual.
    pub parameters: u64,
    /// Individuals.
    pub population: u32,
    /// Generations at most.
    pub generations: Option<u32>,
    /// Evaluations at most.
    pub evaluations: Option<u64>,
    /// What the score is: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// The held-out score that ends the run.
    pub target: Option<f32>,
    /// The backend's name.
    pub backend: &'static str,
    /// The device, for a person.
    pub adapter: String,
    /// Sentences that a person may want to know.
    pub notes: Vec<String>,
}

impl Started {
    pub(super) fn of(config: &Config, backend: &dyn Backend, note: String) -> Self {
        let mut notes = vec![note];
        notes.extend(config.notes.iter().cloned());
        Self {
            task: config.task.about().name.to_string(),
            strategy: config.strategy.name,
            network: config.network_name(),
            parameters: config.network.parameters() as u64,
            population: config.population,
            generations: config.generations,
            evaluations: config.evaluations,
            score_name: config.task.score_name(),
            target: if config.stops_at_target() { config.target() } else { None },
            backend: backend.name(),
            adapter: backend.adapter(),
            notes,
        }
    }
}

/// One generation, and one line of `log.jsonl`.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Generations so far.
    pub generation: u32,
    /// Evaluations so far.
    pub evaluations: u64,
    /// Environment steps of training so far.
    pub environment_steps: u64,
    /// The best fitness of this generation; none where all have failed.
    pub best: Option<f32>,
    /// The mean fitness of those that have not failed.
    pub mean: Option<f64>,
    /// Individuals whose fitness is NaN or infinite.
    pub failed: usize,
    /// How widely the strategy searches.
    pub spread: f64,
    /// The validation score of what the strategy recommends.
    pub validation: f32,
    /// Whether that is the new champion.
    pub champion: bool,
    /// Its held-out score, where it was judged.
    pub held_out: Option<f32>,
    /// Where the time went.
    pub seconds: Seconds,
}

/// Seconds of each phase of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Seconds {
    /// The strategy's recipe.
    pub propose: f64,
    /// Making the population.
    pub spawn: f64,
    /// Running it on the task.
    pub score: f64,
    /// Summing its noise.
    pub recombine: f64,
    /// Ranking, weighing and learning.
    pub update: f64,
    /// Validating what the strategy recommends.
    pub examine: f64,
}

impl Seconds {
    /// The whole generation.
    pub fn total(&self) -> f64 {
        self.propose + self.spawn + self.score + self.recombine + self.update + self.examine
    }
}
