//! Natural evolution strategies: what SNES and xNES share.
//!
//! # Source
//!
//! Wierstra, Schaul, Glasmachers, Sun, Peters and Schmidhuber, "Natural evolution strategies",
//! Journal of Machine Learning Research 15, 2014: Table 1 has the defaults, section 3.1 the
//! utilities. The stop rules are Hansen's (see [`Stop`]); those that say nothing of a diagonal or
//! exponential parameterisation are left out.

use serde::{Deserialize, Serialize};

use super::{Domain, Fitness, Setting, Stop};

/// How wide the first generation is, which is the problem's to say.
pub(super) const SIGMA: Setting = Setting {
    key: "sigma",
    meaning: "standard deviation of every gene in the first generation, around the first guess",
    default: "0.5",
    domain: Domain::Positive,
};

/// The paper's eta of the mean.
pub(super) const LEARNING_RATE: Setting = Setting {
    key: "learning-rate",
    meaning: "eta of the centre: 1 moves it to the individuals' weighted mean",
    default: "1",
    domain: Domain::Positive,
};

/// Deviations that are this share of the first one are negligible (TolX).
const NEGLIGIBLE: f64 = 1e-12;
/// A deviation that grew by this factor began too small (TolXUp).
const FAR_TOO_WIDE: f64 = 1e4;

/// Table 1: the better half of the individuals count, `max(0, ln(n / 2 + 1) - ln(place))` with
/// places from 1, scaled to a sum of 1 and lowered by 1/n to a sum of 0. Equals share.
pub(super) fn utilities(fitness: &Fitness) -> Vec<f64> {
    let individuals = fitness.len() as f64;
    let raw = |place: usize| ((individuals / 2.0 + 1.0).ln() - (place as f64 + 1.0).ln()).max(0.0);
    let total: f64 = (0..fitness.len()).map(raw).sum();
    let utilities = fitness.utilities(|place| raw(place) / total);
    utilities.into_iter().map(|utility| utility - 1.0 / individuals).collect()
}

/// What tells that going on is of no use.
#[derive(Serialize, Deserialize)]
pub(super) struct Watch {
    first_sigma: f64,
    /// Generations of equals in a row.
    flat: usize,
    /// As many of them are too many.
    patience: usize,
    /// Whether there ever was a generation that said something.
    learned: bool,
}

impl Watch {
    /// Hansen's stretch of generations, `10 + ceil(30 genes / population)`.
    pub(super) fn begin(first_sigma: f64, genes: usize, population: usize) -> Self {
        let patience = 10 + (30 * genes).div_ceil(population);
        Self { first_sigma, flat: 0, patience, learned: false }
    }

    /// Looks at a generation.
    pub(super) fn see(&mut self, fitness: &Fitness) {
        if fitness.is_flat() {
            self.flat += 1;
        } else {
            (self.flat, self.learned) = (0, true);
        }
    }

    /// The reason to stop, given the deviation of the gene that strays furthest. A plateau at the
    /// very beginning is none: the next noise may leave it.
    pub(super) fn stop(&self, widest: f64) -> Option<Stop> {
        if widest > FAR_TOO_WIDE * self.first_sigma {
            return Some(Stop::Diverging);
        }
        if widest < NEGLIGIBLE * self.first_sigma {
            return Some(Stop::TinySteps);
        }
        (self.learned && self.flat >= self.patience).then_some(Stop::FlatFitness)
    }
}
