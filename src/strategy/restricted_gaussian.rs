//! A restricted Gaussian: a normal distribution with a scale for each gene and one long axis.
//!
//! The covariance is `sigma^2 D (I + v v^T) D`, with a diagonal D and a vector v.
//!
//! # Source
//!
//! Akimoto, Auger and Hansen, "Comparison-based natural gradient optimization in high dimension",
//! GECCO 2014.

use serde::{Deserialize, Serialize};

use super::StopReason;
use super::reduction::range;
use super::state_limits::{StateLimits, are_positive};

/// The distribution: m, sigma, v and D, each vector `f64[genes]`.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RestrictedGaussian {
    /// The centre m.
    pub(super) centre: Vec<f64>,
    /// The overall standard deviation.
    pub(super) sigma: f64,
    /// The long axis v.
    pub(super) axis: Vec<f64>,
    /// The scales, the diagonal of D.
    pub(super) scales: Vec<f64>,
}

impl RestrictedGaussian {
    /// Returns the standard deviation of a gene.
    pub(super) fn deviation(&self, gene: usize) -> f64 {
        let axis = self.axis[gene];
        self.sigma * self.scales[gene] * (1.0 + axis * axis).sqrt()
    }

    /// True if a search of these sizes can have this distribution.
    pub(super) fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.is_genome(&self.centre)
            && limits.is_genome(&self.axis)
            && self.axis.iter().any(|&axis| axis * axis > 0.0)
            && limits.is_vector(&self.scales)
            && are_positive(&[self.sigma])
            && self.fault().is_none()
    }

    /// Returns a reason to stop if the numbers of this Gaussian are unusable.
    pub(super) fn fault(&self) -> Option<StopReason> {
        let genes = self.centre.len();
        let finite = |[min, max]: [f64; 2]| (min as f32).is_finite() && (max as f32).is_finite();
        let deviations = range(genes, |g| self.deviation(g));
        let scales = range(genes, |g| self.scales[g]);
        let is_valid =
            self.sigma > 0.0 && finite(range(genes, |g| self.centre[g])) && finite(deviations);
        if !(scales[0] > 0.0 && finite(range(genes, |g| self.axis[g]))) {
            return Some(StopReason::IllConditioned);
        }
        (!is_valid).then_some(StopReason::Diverging)
    }
}
