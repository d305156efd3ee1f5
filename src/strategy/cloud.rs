//! A cloud: a Gaussian distribution with a standard deviation for each gene, as strategies move it.
//!
//! # Shapes
//!
//! Centre and deviations are `f64[genes]`, and that is all that is kept: a million genes take 16
//! MB. The proposal has them in single precision. A deviation stays at or above the smallest normal
//! `f32`, so that no gene's noise vanishes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Fitness, Recommendation, Start, expect_squares, expect_sum};
use crate::error::{Error, Result};
use crate::population::{Gaussian, Moments, NoiseKey, Proposal, Scale};

/// The least deviation; below it, single precision has no normal numbers.
const LEAST_SIGMA: f64 = f32::MIN_POSITIVE as f64;

/// Where individuals come from, and how many.
#[derive(Serialize, Deserialize)]
pub(super) struct Cloud {
    centre: Vec<f64>,
    sigma: Vec<f64>,
    noise: NoiseKey,
    population: usize,
    mirrored: bool,
}

impl Cloud {
    /// A round cloud around the first guess.
    pub(super) fn begin(start: Start, sigma: f64, mirrored: bool) -> Self {
        Self {
            sigma: vec![sigma; start.genes],
            noise: start.noise(),
            population: start.population,
            centre: start.centre.into_iter().map(f64::from).collect(),
            mirrored,
        }
    }

    /// `f64[genes]`.
    pub(super) fn centre(&self) -> &[f64] {
        &self.centre
    }

    /// `f64[genes]`: standard deviations.
    pub(super) fn sigma(&self) -> &[f64] {
        &self.sigma
    }

    /// Individuals.
    pub(super) fn population(&self) -> usize {
        self.population
    }

    /// The recipe of this generation.
    pub(super) fn proposal(&self) -> Proposal {
        Proposal::Gaussian(Gaussian {
            centre: single(&self.centre),
            scale: Scale::PerGene(single(&self.sigma)),
            noise: self.noise,
            individuals: self.population,
            mirrored: self.mirrored,
        })
    }

    /// The weighted sums of noise and of its square, each `f64[genes]`.
    ///
    /// # Errors
    /// The fitness of another population, or moments that are missing or too short.
    pub(super) fn expect<'a>(
        &self,
        fitness: &Fitness,
        moments: Option<&'a Moments>,
    ) -> Result<[&'a [f64]; 2]> {
        fitness.expect_population(self.population)?;
        let genes = self.centre.len();
        Ok([expect_sum(moments, genes)?, expect_squares(moments, genes)?])
    }

    /// Takes another place and shape, where single precision can express them.
    ///
    /// # Errors
    /// Genes or deviations that are not finite; the cloud then stays as it was.
    pub(super) fn change(&mut self, centre: Vec<f64>, sigma: Vec<f64>) -> Result<()> {
        let lost = centre.iter().chain(&sigma).find(|&&value| !(value as f32).is_finite());
        if let Some(lost) = lost {
            let expected = "genes and deviations that are finite in single precision";
            return Err(Error::invalid("the distribution of a strategy", expected, lost)
                .advise("choose a smaller sigma or learning rate"));
        }
        self.centre = centre;
        self.sigma = sigma;
        self.sigma.iter_mut().for_each(|sigma| *sigma = sigma.max(LEAST_SIGMA));
        Ok(())
    }

    /// Ends the generation: the next noise is new.
    pub(super) fn advance(&mut self) {
        self.noise.generation += 1;
    }

    /// The centre, as a genome.
    pub(super) fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre.iter().map(|&gene| gene as f32).collect())
    }

    /// The mean deviation of a gene.
    pub(super) fn spread(&self) -> f64 {
        self.sigma.iter().sum::<f64>() / self.sigma.len() as f64
    }

    /// The deviation of the gene that strays furthest.
    pub(super) fn widest(&self) -> f64 {
        self.sigma.iter().copied().fold(0.0, f64::max)
    }
}

fn single(values: &[f64]) -> Arc<[f32]> {
    values.iter().map(|&value| value as f32).collect()
}
