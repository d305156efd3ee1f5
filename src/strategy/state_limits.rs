//! State limits: the sizes that a saved state must keep, and checks of the numbers in it.
//!
//! The bytes of a state may have been damaged or forged. Whatever a search indexes, divides by or
//! allocates is checked when they are read, like a setting that is typed.

use std::ops::RangeInclusive;

use super::Setting;
use crate::population::NoiseKey;

/// The sizes of a search, known from its configuration.
#[derive(Clone, Debug)]
pub(super) struct StateLimits {
    /// The number of genes of an individual.
    pub(super) genes: usize,
    /// The number of individuals in a generation.
    pub(super) population: RangeInclusive<usize>,
    /// The settings of the strategy.
    pub(super) settings: &'static [Setting],
}

impl StateLimits {
    /// True if a population has a permitted size, and another generation can follow.
    pub(super) fn allow(&self, population: usize, noise: NoiseKey) -> bool {
        self.population.contains(&population) && noise.generation < u32::MAX
    }

    /// True for a finite number for each gene.
    pub(super) fn is_vector(&self, numbers: &[f64]) -> bool {
        numbers.len() == self.genes && numbers.iter().all(|number| number.is_finite())
    }

    /// True for genes that are finite in single precision.
    pub(super) fn is_genome(&self, genes: &[f64]) -> bool {
        genes.len() == self.genes && genes.iter().all(|&gene| (gene as f32).is_finite())
    }
}

/// True if all numbers are above 0 and finite in single precision.
pub(super) fn are_positive(numbers: &[f64]) -> bool {
    numbers.iter().all(|&number| number > 0.0 && (number as f32).is_finite())
}

/// True if all numbers are 0 or above, and finite in single precision.
pub(super) fn are_non_negative(numbers: &[f64]) -> bool {
    numbers.iter().all(|&number| number >= 0.0 && (number as f32).is_finite())
}

/// True if all numbers are from 0 to 1.
pub(super) fn are_shares(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| (0.0..=1.0).contains(number))
}

/// True if all numbers are finite in single precision.
pub(super) fn are_finite(numbers: &[f64]) -> bool {
    numbers.iter().all(|&number| (number as f32).is_finite())
}
