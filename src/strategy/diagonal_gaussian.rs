//! The diagonal Gaussian: a normal distribution with a standard deviation for each gene, which
//! several strategies sample from and update.
//!
//! # Shapes
//!
//! Centre and standard deviations are `f64[genes]`, and nothing else is stored: a million genes
//! take 16 MB. The proposal holds both in single precision. A deviation never falls below the
//! smallest normal `f32`, so that no gene loses its noise.
//!
//! # Errors
//!
//! An update is refused if a gene or a deviation would not be finite in single precision.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::state_limits::{StateLimits, are_positive};
use super::{Recommendation, Start};
use crate::error::{Error, Result};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};

/// The smallest standard deviation, the smallest normal number of single precision.
const MIN_SIGMA: f64 = f32::MIN_POSITIVE as f64;

/// The distribution of a generation's individuals, and their number.
#[derive(Serialize, Deserialize)]
pub(super) struct DiagonalGaussian {
    centre: Vec<f64>,
    sigma: Vec<f64>,
    noise: NoiseKey,
    population: usize,
    mirrored: bool,
}

impl DiagonalGaussian {
    /// A distribution around the first guess with the same standard deviation for every gene.
    pub(super) fn new(start: Start, sigma: f64, mirrored: bool) -> Self {
        Self {
            sigma: vec![sigma; start.genes],
            noise: start.noise(),
            population: start.population,
            centre: start.centre.into_iter().map(f64::from).collect(),
            mirrored,
        }
    }

    /// True if a search of these sizes can have this distribution.
    pub(super) fn is_valid(&self, limits: &StateLimits, mirrored: bool) -> bool {
        limits.allow(self.population, self.noise)
            && limits.is_genome(&self.centre)
            && limits.is_genome(&self.sigma)
            && are_positive(&self.sigma)
            && self.mirrored == mirrored
            && (!mirrored || self.population.is_multiple_of(2))
    }

    /// The centre, `f64[genes]`.
    pub(super) fn centre(&self) -> &[f64] {
        &self.centre
    }

    /// The standard deviations, `f64[genes]`.
    pub(super) fn sigma(&self) -> &[f64] {
        &self.sigma
    }

    /// The number of genes.
    pub(super) fn genes(&self) -> usize {
        self.centre.len()
    }

    /// The number of individuals in a generation.
    pub(super) fn population(&self) -> usize {
        self.population
    }

    /// Returns the recipe of this generation.
    pub(super) fn proposal(&self) -> Proposal {
        Proposal::Gaussian(Gaussian {
            centre: single(&self.centre),
            scale: Scale::PerGene(single(&self.sigma)),
            noise: self.noise,
            individuals: self.population,
            mirrored: self.mirrored,
        })
    }

    /// Replaces centre and standard deviations.
    ///
    /// # Errors
    /// Returns an error, and changes nothing, if a gene or a deviation is not finite in single
    /// precision.
    pub(super) fn update(&mut self, centre: Vec<f64>, sigma: Vec<f64>) -> Result<()> {
        let overflow = centre.iter().chain(&sigma).find(|&&value| !(value as f32).is_finite());
        if let Some(overflow) = overflow {
            let expected = "genes and deviations that are finite in single precision";
            return Err(Error::invalid("the distribution of a strategy", expected, overflow)
                .advise("choose a smaller sigma or learning rate"));
        }
        self.centre = centre;
        self.sigma = sigma;
        self.sigma.iter_mut().for_each(|sigma| *sigma = sigma.max(MIN_SIGMA));
        Ok(())
    }

    /// Ends the generation, so that the next one draws new noise.
    pub(super) fn advance(&mut self) {
        self.noise.generation += 1;
    }

    /// Returns the centre as a genome.
    pub(super) fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre.iter().map(|&gene| gene as f32).collect())
    }

    /// Returns the mean standard deviation of a gene.
    pub(super) fn mean_sigma(&self) -> f64 {
        self.sigma.iter().sum::<f64>() / self.sigma.len() as f64
    }

    /// Returns the largest standard deviation of a gene.
    pub(super) fn max_sigma(&self) -> f64 {
        self.sigma.iter().copied().fold(0.0, f64::max)
    }
}

fn single(values: &[f64]) -> Arc<[f32]> {
    values.iter().map(|&value| value as f32).collect()
}
