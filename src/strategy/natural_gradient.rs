//! Natural evolution strategies: the settings, utilities and stop rules that SNES and xNES share.
//!
//! # Source
//!
//! Wierstra, Schaul, Glasmachers, Sun, Peters and Schmidhuber, "Natural evolution strategies",
//! Journal of Machine Learning Research 15, 2014: Table 1 for the defaults, section 3.1 for the
//! utilities. The stop rules are Hansen's (see [`StopReason`]), without those that do not apply to
//! a diagonal or exponential parameterisation.

use serde::{Deserialize, Serialize};

use super::state_limits::are_positive;
use super::{Domain, Fitness, Setting, StopReason};

/// The paper's eta of the mean.
pub(super) const LEARNING_RATE: Setting = Setting {
    key: "learning-rate",
    meaning: "learning rate of the centre (eta): 1 moves it to the utility-weighted mean of the \
              individuals",
    default: "1",
    domain: Domain::Positive,
};

/// The share of the first standard deviation below which one is negligible (TolX).
const NEGLIGIBLE: f64 = 1e-12;
/// The growth of a standard deviation that shows that the first one was too small (TolXUp).
const DIVERGENCE: f64 = 1e4;

/// Returns the utilities of table 1. The better half of the individuals count: with ranks from 1,
/// `max(0, ln(n / 2 + 1) - ln(rank))` is scaled to a sum of 1 and lowered by 1/n to a sum of 0.
/// Individuals of equal fitness share their utilities.
pub(super) fn utilities(fitness: &Fitness) -> Vec<f64> {
    let individuals = fitness.len() as f64;
    let raw = |rank: usize| ((individuals / 2.0 + 1.0).ln() - (rank as f64 + 1.0).ln()).max(0.0);
    let total: f64 = (0..fitness.len()).map(raw).sum();
    let utilities = fitness.utilities(|rank| raw(rank) / total);
    utilities.into_iter().map(|utility| utility - 1.0 / individuals).collect()
}

/// The stop rules, with the history of fitness that they need.
#[derive(Serialize, Deserialize)]
pub(super) struct StopRules {
    first_sigma: f64,
    /// The number of flat generations in a row.
    flat: usize,
    /// The number of flat generations after which the search stops.
    patience: usize,
    /// True after the first generation that was not flat.
    learned: bool,
}

impl StopRules {
    /// Rules with Hansen's patience, `10 + ceil(30 genes / population)` generations.
    pub(super) fn new(first_sigma: f64, genes: usize, population: usize) -> Self {
        let patience = 10 + (30 * genes).div_ceil(population);
        Self { first_sigma, flat: 0, patience, learned: false }
    }

    /// True if a search can have these numbers.
    pub(super) fn is_valid(&self) -> bool {
        are_positive(&[self.first_sigma]) && self.flat < u32::MAX as usize
    }

    /// Records the fitness of a generation.
    pub(super) fn record(&mut self, fitness: &Fitness) {
        if fitness.is_flat() {
            self.flat += 1;
        } else {
            (self.flat, self.learned) = (0, true);
        }
    }

    /// Returns the reason to stop, given the largest standard deviation of a gene. A plateau at the
    /// very beginning is no reason, because the next noise may leave it.
    pub(super) fn stop_reason(&self, max_sigma: f64) -> Option<StopReason> {
        if max_sigma > DIVERGENCE * self.first_sigma {
            return Some(StopReason::Diverging);
        }
        if max_sigma < NEGLIGIBLE * self.first_sigma {
            return Some(StopReason::TinySteps);
        }
        (self.learned && self.flat >= self.patience).then_some(StopReason::FlatFitness)
    }
}
