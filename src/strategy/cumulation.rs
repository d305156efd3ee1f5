//! Cumulation: what the CMA strategies share, from the weights of the best to the step size.
//!
//! The centre moves along the weighted mean of the best half's noise. Where successive moves point
//! the same way, their exponentially fading sum, the evolution path, grows longer than moves in
//! random directions would make it, and sigma grows; where they cancel, sigma shrinks.
//!
//! # Shapes
//!
//! A path is `f64[genes]`; weights are `f64[population]`, by place, the best first.
//!
//! # When nothing can be learned
//!
//! A generation of equals moves neither centre nor path. Sigma grows ([`StepSize::widen`]), so that
//! a search on a plateau comes to look beyond it; where all have failed, not even that.
//!
//! # A search that goes on exploring
//!
//! Where fitness is not quite what a search is for, one that converges no longer looks around what
//! it has found. `least-sigma` bounds the step size from below, so that it goes on. What is bounded
//! is the standard deviation of a gene, in the root mean square: a bound of sigma alone would leave
//! the covariance to shrink in its stead.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016: equations 43 to 45 for
//! the step size, 49 to 55 for the rates, section B.4 for equal fitness. The bound: Igel,
//! "Neuroevolution for reinforcement learning using evolution strategies", CEC 2003.

use serde::{Deserialize, Serialize};

use super::{Domain, Setting, Settings};
use crate::error::{Error, Result};

/// How wide a search stays.
pub(super) const LEAST_SIGMA: Setting = Setting {
    key: "least-sigma",
    meaning: "share of the first sigma that the genes' standard deviations keep, in the root mean \
              square; 0 for any",
    default: "0",
    domain: Domain::Share,
};

/// The population that the tutorial advises, equation 48: 4 + floor(3 ln n). It is that of table 1
/// of Wierstra et al. 2014, too.
pub(super) fn default_population(genes: usize) -> usize {
    4 + (3.0 * (genes as f64).ln()).floor() as usize
}

/// How many individuals a weighted mean is worth, equation 8; the weights may be of any sum.
pub(super) fn effective(weights: impl Iterator<Item = f64> + Clone) -> f64 {
    let sum: f64 = weights.clone().sum();
    sum * sum / weights.map(|weight| weight * weight).sum::<f64>()
}

/// The expected length of a standard normal vector, by the series that the tutorial takes.
pub(super) fn expected_length(genes: f64) -> f64 {
    genes.sqrt() * (1.0 - 1.0 / (4.0 * genes) + 1.0 / (21.0 * genes * genes))
}

/// `path = (1 - rate) path + sqrt(rate (2 - rate) mu_eff) step`: steps of `mu_eff` individuals that
/// are chosen at random leave the path's distribution as it is.
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
    /// What the genes' standard deviations keep, in the root mean square.
    least: f64,
    mu_eff: f64,
    /// `c_sigma`: the share of the path that fades in a generation.
    rate: f64,
    /// `d_sigma`: how slowly sigma follows.
    damping: f64,
    /// `chi_n`: the length of the path where selection is blind.
    expected: f64,
    path: Vec<f64>,
    updates: i32,
}

impl StepSize {
    /// At rest; `rate` is `c_sigma`, and the damping follows from it, equation 55.
    pub(super) fn new(settings: &Settings, genes: usize, mu_eff: f64, rate: f64) -> Self {
        let (n, sigma) = (genes as f64, settings.number("sigma"));
        let excess = ((mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0;
        Self {
            sigma,
            least: settings.number(LEAST_SIGMA.key) * sigma,
            mu_eff,
            rate,
            damping: 1.0 + 2.0 * excess.max(0.0) + rate,
            expected: expected_length(n),
            path: vec![0.0; genes],
            updates: 0,
        }
    }

    /// Learns from the weighted mean of the noise, in the coordinates in which it is round.
    ///
    /// Says whether the path is of a usual length (`h_sigma`): where it is not, sigma is about to
    /// grow, and the covariance's path had better wait.
    pub(super) fn update(&mut self, noise: &[f64]) -> bool {
        cumulate(&mut self.path, self.rate, self.mu_eff, noise.iter().copied());
        let length = self.path.iter().map(|x| x * x).sum::<f64>().sqrt();
        let relative = length / self.expected;
        self.sigma *= (self.rate / self.damping * (relative - 1.0)).exp();
        // After as many updates the beginning of the path is forgotten to the last bit.
        self.updates = self.updates.saturating_add(1);
        let begun = 1.0 - (1.0 - self.rate).powi(self.updates.saturating_mul(2));
        relative / begun.sqrt() < 1.4 + 2.0 / (self.path.len() as f64 + 1.0)
    }

    /// Keeps the search as wide as `least-sigma` says: what the covariance's lengths are to be
    /// multiplied by, if at all, given its diagonal. Sigma is then the bound, so that neither of
    /// the two shrinks without end while the other grows.
    pub(super) fn keep_wide(
        &mut self,
        variances: impl ExactSizeIterator<Item = f64>,
    ) -> Option<f64> {
        if self.least == 0.0 {
            return None;
        }
        let genes = variances.len() as f64;
        let width = (variances.sum::<f64>() / genes).sqrt();
        if self.sigma * width >= self.least {
            return None;
        }
        self.sigma = self.least;
        Some(1.0 / width)
    }

    /// Refuses a step that leads out of single precision, in which genomes are handed over.
    pub(super) fn expect_finite(&self, mean: &[f64], step: &[f64]) -> Result<()> {
        let mut genes = mean.iter().zip(step);
        let (sigma, expected) = (self.sigma, "a search that stays finite");
        if sigma.is_finite() && genes.all(|(m, y)| ((m + sigma * y) as f32).is_finite()) {
            return Ok(());
        }
        Err(Error::invalid("--set sigma", expected, format!("steps of {sigma}"))
            .advise("stop where the strategy says so, or bound the fitness"))
    }

    /// Looks further afield, for fitness was the same everywhere.
    pub(super) fn widen(&mut self) {
        self.sigma *= (0.2 + self.rate / self.damping).exp();
    }
}
