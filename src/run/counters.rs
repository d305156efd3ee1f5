//! Counters: what a run has come to so far, as far as numbers tell.

use serde::{Deserialize, Serialize};

use super::Seconds;
use crate::strategy::Stop;

/// What a run has counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Counters {
    /// Generations done.
    pub generations: u32,
    /// Evaluations of training.
    pub evaluations: u64,
    /// Individuals scored.
    pub individuals: u64,
    /// Steps of the training episodes.
    pub environment_steps: u64,
    /// Individuals whose fitness was NaN or infinite.
    pub failed: u64,
    /// The best training fitness of any individual.
    pub best_fitness: Option<f32>,
    /// Why the strategy saw no use in going on.
    pub stopped: Option<Stop>,
    /// Seconds of each phase, over all generations.
    pub seconds: Seconds,
    /// Seconds of the processes that went before this one, up to their last checkpoint.
    pub wall_seconds: f64,
}

impl Counters {
    /// Takes the time of a generation into account.
    pub fn add(&mut self, seconds: &Seconds) {
        let sum = &mut self.seconds;
        sum.propose += seconds.propose;
        sum.spawn += seconds.spawn;
        sum.score += seconds.score;
        sum.recombine += seconds.recombine;
        sum.update += seconds.update;
        sum.examine += seconds.examine;
    }
}
