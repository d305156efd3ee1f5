//! Step sizes of the CMA strategies: cumulative adaptation of sigma, and the rates that both
//! strategies share.
//!
//! The centre moves along the weighted mean of the noise of the better half. The *evolution path*
//! is an exponentially fading sum of these moves. It is longer than that of random moves while
//! moves point the same way, and sigma grows; it is shorter while they cancel, and sigma shrinks.
//!
//! # Shapes
//!
//! A path is `f64[genes]`. Weights are `f64[population]`, by rank, best first.
//!
//! # Flat fitness
//!
//! A generation of equal fitness moves neither centre nor path. Sigma grows ([`StepSize::widen`]),
//! so that a search on a plateau samples beyond it, unless all individuals have failed.
//!
//! # A lower bound
//!
//! A search that converges no longer explores, which is wrong where fitness only approximates the
//! goal. `least-sigma` bounds the step size from below. It bounds the root mean square of the
//! genes' standard deviations, because with a bound on sigma alone the covariance would shrink
//! instead.
//!
//! # Errors
//!
//! A step out of the range of single precision is refused.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016: equations 43 to 45 for
//! the step size, 49 to 55 for the rates, section B.4 for flat fitness. The bound: Igel,
//! "Neuroevolution for reinforcement learning using evolution strategies", CEC 2003.

use serde::{Deserialize, Serialize};

use super::state_limits::{StateLimits, are_non_negative, are_positive, are_shares};
use super::{Domain, Setting, Settings};
use crate::error::{Error, Result};

/// The lower bound of the search width.
pub(super) const LEAST_SIGMA: Setting = Setting {
    key: "least-sigma",
    meaning: "lower bound of the root mean square of the genes' standard deviations, as a share of \
              the first sigma; 0 sets no bound",
    default: "0",
    domain: Domain::Share,
};

/// Returns the population that the tutorial advises, equation 48: 4 + floor(3 ln n). Table 1 of
/// Wierstra et al. 2014 advises the same.
pub(super) fn default_population(genes: usize) -> usize {
    4 + (3.0 * (genes as f64).ln()).floor() as usize
}

/// Returns the variance-effective selection mass of some weights, equation 8. The weights may have
/// any sum.
pub(super) fn effective_mass(weights: impl Iterator<Item = f64> + Clone) -> f64 {
    let sum: f64 = weights.clone().sum();
    sum * sum / weights.map(|weight| weight * weight).sum::<f64>()
}

/// Returns the expected length of a standard normal vector, by the series of the tutorial.
pub(super) fn expected_length(genes: f64) -> f64 {
    genes.sqrt() * (1.0 - 1.0 / (4.0 * genes) + 1.0 / (21.0 * genes * genes))
}

/// Adds a step to a path: `path = (1 - rate) path + sqrt(rate (2 - rate) mu_eff) step`. Under
/// random selection of `mu_eff` individuals the distribution of the path stays the same.
pub(super) fn cumulate(path: &mut [f64], rate: f64, mu_eff: f64, step: impl Iterator<Item = f64>) {
    let gain = (rate * (2.0 - rate) * mu_eff).sqrt();
    for (path, step) in path.iter_mut().zip(step) {
        *path = (1.0 - rate) * *path + gain * step;
    }
}

/// Cumulative step-size adaptation.
#[derive(Serialize, Deserialize)]
pub(super) struct StepSize {
    /// The overall standard deviation.
    pub(super) sigma: f64,
    /// The lower bound of the root mean square of the genes' standard deviations.
    min_sigma: f64,
    mu_eff: f64,
    /// The share of the path that fades in a generation, `c_sigma`.
    rate: f64,
    /// The damping of changes of sigma, `d_sigma`.
    damping: f64,
    /// The expected length of the path under random selection, `chi_n`.
    expected: f64,
    path: Vec<f64>,
    updates: i32,
}

impl StepSize {
    /// The state before the first generation. `rate` is `c_sigma`; the damping follows from it,
    /// equation 55.
    pub(super) fn new(settings: &Settings, genes: usize, mu_eff: f64, rate: f64) -> Self {
        let (n, sigma) = (genes as f64, settings.number("sigma"));
        let excess = ((mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0;
        Self {
            sigma,
            min_sigma: settings.number(LEAST_SIGMA.key) * sigma,
            mu_eff,
            rate,
            damping: 1.0 + 2.0 * excess.max(0.0) + rate,
            expected: expected_length(n),
            path: vec![0.0; genes],
            updates: 0,
        }
    }

    /// True if a search of these sizes can have this state.
    pub(super) fn is_valid(&self, limits: &StateLimits) -> bool {
        are_positive(&[self.sigma, self.mu_eff, self.rate, self.damping, self.expected])
            && are_non_negative(&[self.min_sigma])
            && are_shares(&[self.rate])
            && limits.is_vector(&self.path)
            && self.updates >= 0
    }

    /// Updates path and sigma from the weighted mean of the noise, in the coordinates in which the
    /// noise is standard normal.
    ///
    /// Returns `h_sigma`, true if the path has an ordinary length. A longer path means that sigma
    /// is about to grow, and the path of the covariance should pause.
    pub(super) fn update(&mut self, noise: &[f64]) -> bool {
        cumulate(&mut self.path, self.rate, self.mu_eff, noise.iter().copied());
        let length = self.path.iter().map(|x| x * x).sum::<f64>().sqrt();
        let relative = length / self.expected;
        self.sigma *= (self.rate / self.damping * (relative - 1.0)).exp();
        // After that many updates the beginning of the path has faded to the last bit.
        self.updates = self.updates.saturating_add(1);
        let elapsed = 1.0 - (1.0 - self.rate).powi(self.updates.saturating_mul(2));
        relative / elapsed.sqrt() < 1.4 + 2.0 / (self.path.len() as f64 + 1.0)
    }

    /// Applies the lower bound, given the diagonal of the covariance. If the search is too narrow,
    /// sigma becomes the bound, and the result is the factor for the lengths of the covariance.
    /// Setting both prevents one from shrinking without end while the other grows.
    pub(super) fn apply_bound(
        &mut self,
        variances: impl ExactSizeIterator<Item = f64>,
    ) -> Option<f64> {
        if self.min_sigma == 0.0 {
            return None;
        }
        let genes = variances.len() as f64;
        let width = (variances.sum::<f64>() / genes).sqrt();
        if self.sigma * width >= self.min_sigma {
            return None;
        }
        self.sigma = self.min_sigma;
        Some(1.0 / width)
    }

    /// Refuses a step out of the range of single precision, in which genomes are proposed.
    pub(super) fn expect_finite(&self, mean: &[f64], step: &[f64]) -> Result<()> {
        let mut genes = mean.iter().zip(step);
        let (sigma, expected) = (self.sigma, "a search whose genes stay finite");
        if sigma.is_finite() && genes.all(|(m, y)| ((m + sigma * y) as f32).is_finite()) {
            return Ok(());
        }
        Err(Error::invalid("--set sigma", expected, format!("steps of {sigma}"))
            .advise("stop when the strategy reports a stop reason, or bound the fitness"))
    }

    /// Enlarges sigma after a generation of equal fitness.
    pub(super) fn widen(&mut self) {
        self.sigma *= (0.2 + self.rate / self.damping).exp();
    }
}
