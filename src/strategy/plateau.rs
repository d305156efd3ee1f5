//! A plateau: a run of generations in which the best fitness is exactly the same.
//!
//! A search stops after `10 + 30 genes / population` generations whose best fitness has the same
//! bits. The rule holds for any unit of fitness.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016, section B.3:
//! EqualFunValues.

use serde::{Deserialize, Serialize};

use super::{Fitness, Start, StopReason};

/// The best fitness, and the number of generations that it has lasted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plateau {
    best: Option<f32>,
    generations: u64,
    limit: u64,
}

impl Plateau {
    /// The state before the first generation.
    pub(super) fn new(start: &Start) -> Self {
        let limit = 10 + (30 * start.genes).div_ceil(start.population) as u64;
        Self { best: None, generations: 0, limit }
    }

    /// True if the count of generations cannot overflow.
    pub(super) fn is_valid(&self) -> bool {
        self.generations < u64::MAX / 2
    }

    /// Records the fitness of a generation.
    pub(super) fn record(&mut self, fitness: &Fitness) {
        let best = fitness.best();
        self.generations = if best == self.best { self.generations + 1 } else { 1 };
        self.best = best;
    }

    /// Returns [`StopReason::FlatFitness`] once the plateau has reached its limit.
    pub(super) fn stop_reason(&self) -> Option<StopReason> {
        (self.generations >= self.limit).then_some(StopReason::FlatFitness)
    }
}
