//! Progress: the totals of a run so far, and the timer of a generation's phases.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::PhaseSeconds;
use crate::strategy::{Fitness, StopReason};

/// The totals of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RunProgress {
    /// The number of generations.
    pub generations: u32,
    /// The number of evaluations in training.
    pub evaluations: u64,
    /// The number of individuals scored.
    pub individuals: u64,
    /// The number of steps in training episodes.
    pub environment_steps: u64,
    /// The number of individuals whose fitness was NaN or infinite.
    pub failed: u64,
    /// The best training fitness of any individual.
    pub best_fitness: Option<f32>,
    /// The reason for which the strategy ended its search.
    pub stop_reason: Option<StopReason>,
    /// The seconds of each phase, over all generations.
    pub seconds: PhaseSeconds,
    /// The seconds of earlier processes of this run, up to their last checkpoint.
    pub wall_seconds: f64,
}

impl RunProgress {
    /// Adds a generation.
    pub fn add_generation(
        &mut self,
        fitness: &Fitness,
        evaluations: u64,
        environment_steps: u64,
        seconds: &PhaseSeconds,
    ) {
        self.generations += 1;
        self.evaluations += evaluations;
        self.individuals += fitness.len() as u64;
        self.environment_steps += environment_steps;
        self.failed += fitness.failed() as u64;
        self.best_fitness = match (self.best_fitness, fitness.best()) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let sum = &mut self.seconds;
        sum.propose += seconds.propose;
        sum.spawn += seconds.spawn;
        sum.score += seconds.score;
        sum.recombine += seconds.recombine;
        sum.update += seconds.update;
        sum.validate += seconds.validate;
    }
}

/// A timer of the phases of one generation.
pub(super) struct PhaseTimer {
    /// The seconds of the phases that have ended.
    pub seconds: PhaseSeconds,
    phase_began: Instant,
}

impl PhaseTimer {
    /// A timer that starts now, after a proposal that took `propose` seconds.
    pub fn new(propose: f64) -> Self {
        let seconds = PhaseSeconds { propose, ..PhaseSeconds::default() };
        Self { seconds, phase_began: Instant::now() }
    }

    /// Ends a phase, adds its time to the field of that phase, and begins the next phase.
    pub fn end_phase(&mut self, phase: impl FnOnce(&mut PhaseSeconds) -> &mut f64) {
        let now = Instant::now();
        *phase(&mut self.seconds) += now.duration_since(self.phase_began).as_secs_f64();
        self.phase_began = now;
    }
}
