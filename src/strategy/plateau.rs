//! A plateau: for how many generations the best fitness has been the same.
//!
//! A best fitness that stays the same to the bit over `10 + 30 genes / population` generations is a
//! reason to stop, whatever the fitness's unit.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016, section B.3:
//! EqualFunValues.

use serde::{Deserialize, Serialize};

use super::{Fitness, Start, Stop};

/// How long the best fitness has been what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plateau {
    best: Option<f32>,
    generations: u64,
    limit: u64,
}

impl Plateau {
    /// Before the first generation.
    pub(super) fn begin(start: &Start) -> Self {
        let limit = 10 + (30 * start.genes).div_ceil(start.population) as u64;
        Self { best: None, generations: 0, limit }
    }

    /// Takes note of a generation.
    pub(super) fn tell(&mut self, fitness: &Fitness) {
        let best = fitness.best();
        self.generations = if best == self.best { self.generations + 1 } else { 1 };
        self.best = best;
    }

    /// [`Stop::FlatFitness`], where it has lasted too long.
    pub(super) fn stop(&self) -> Option<Stop> {
        (self.generations >= self.limit).then_some(Stop::FlatFitness)
    }
}
