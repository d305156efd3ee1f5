//! Fitness: one number an individual, higher is better, and what is made of its order.
//!
//! # Ties, and numbers that are none
//!
//! A fitness that is NaN or infinite has failed: it ranks below every finite one, and is counted.
//! Individuals of equal fitness, the failed ones among themselves, share alike: each gets the mean
//! of the utilities of the places they fill together. Utilities therefore always sum to the same,
//! and a generation in which all are equal teaches nothing.

use crate::error::{Error, Result};

/// The fitness of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitness {
    values: Vec<f32>,
    /// Indices from best to worst; equals in order of index.
    order: Vec<usize>,
    failed: usize,
}

impl Fitness {
    /// Ranks the values; one an individual.
    pub fn new(values: Vec<f32>) -> Self {
        // Adding zero makes one zero of the two.
        let rank =
            |i: usize| if values[i].is_finite() { values[i] + 0.0 } else { f32::NEG_INFINITY };
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| rank(b).total_cmp(&rank(a)).then(a.cmp(&b)));
        let failed = values.iter().filter(|value| !value.is_finite()).count();
        Self { values, order, failed }
    }

    /// One value an individual, as they came.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Individuals.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Indices from best to worst; equals in order of index.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Individuals whose fitness is NaN or infinite.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// The best fitness; `None` where all have failed.
    pub fn best(&self) -> Option<f32> {
        self.order.first().map(|&i| self.values[i]).filter(|value| value.is_finite())
    }

    /// The mean of those that have not failed; `None` where all have.
    pub fn mean(&self) -> Option<f64> {
        let finite = self.values.iter().filter(|value| value.is_finite());
        let sum: f64 = finite.copied().map(f64::from).sum();
        let count = self.len() - self.failed;
        (count > 0).then(|| sum / count as f64)
    }

    /// A utility for each individual, from a utility for each place (0 is the best).
    pub fn utilities(&self, of_place: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut utilities = vec![0.0; self.len()];
        let mut first = 0;
        while first < self.len() {
            let equal = |&&i: &&usize| self.alike(i, self.order[first]);
            let count = self.order[first..].iter().take_while(equal).count();
            let shared = (first..first + count).map(&of_place).sum::<f64>() / count as f64;
            for &i in &self.order[first..first + count] {
                utilities[i] = shared;
            }
            first += count;
        }
        utilities
    }

    /// Utilities that fall evenly from 0.5 for the best to -0.5 for the worst (Salimans 2017);
    /// 0 for one alone.
    pub fn centred_ranks(&self) -> Vec<f64> {
        let last = self.len().saturating_sub(1) as f64;
        // Whole numbers first: they sum exactly, so that equals come out at exactly zero.
        let doubled = self.utilities(|place| last - 2.0 * place as f64);
        doubled.into_iter().map(|utility| utility / (2.0 * last).max(1.0)).collect()
    }

    /// Whether no individual is better than another, so that there is nothing to learn.
    pub fn is_flat(&self) -> bool {
        match (self.order.first(), self.order.last()) {
            (Some(&best), Some(&worst)) => self.alike(best, worst),
            _ => true,
        }
    }

    /// Refuses the fitness of another population.
    pub(super) fn expect_population(&self, individuals: usize) -> Result<()> {
        if self.len() == individuals {
            return Ok(());
        }
        let expected = format!("{individuals} numbers, one an individual");
        Err(Error::invalid("the fitness of a generation", expected, self.len()))
    }

    fn alike(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.values[a], self.values[b]);
        a == b || (!a.is_finite() && !b.is_finite())
    }
}
