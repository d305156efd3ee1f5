//! Fitness: one number for each individual, higher is better, and the utilities that follow from
//! its order.
//!
//! # Ties and failures
//!
//! A fitness that is NaN or infinite has failed. It ranks below every finite one, and is counted.
//! Individuals of equal fitness share their utilities, and so do failed individuals among
//! themselves: each gets the mean of the utilities of the ranks that they occupy. The sum of the
//! utilities is therefore constant, and a generation of equal fitness changes nothing.
//!
//! # Errors
//!
//! Strategies refuse a fitness whose length is not their population.

use crate::draw::number::counted;
use crate::error::{Error, Result};

/// The fitness of a population, with its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitness {
    values: Vec<f32>,
    /// The indices from best to worst; equals in order of index.
    order: Vec<usize>,
    failed: usize,
}

impl Fitness {
    /// Ranks some values, one for each individual.
    pub fn new(values: Vec<f32>) -> Self {
        // Adding 0 turns -0 into 0, so that both rank alike.
        let rank =
            |i: usize| if values[i].is_finite() { values[i] + 0.0 } else { f32::NEG_INFINITY };
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| rank(b).total_cmp(&rank(a)).then(a.cmp(&b)));
        let failed = values.iter().filter(|value| !value.is_finite()).count();
        Self { values, order, failed }
    }

    /// The values, one for each individual, in their original order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The number of individuals.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True if there are no individuals.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The indices from best to worst; equals in order of index.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The number of individuals whose fitness is NaN or infinite.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// The best fitness, or `None` if all have failed.
    pub fn best(&self) -> Option<f32> {
        self.order.first().map(|&i| self.values[i]).filter(|value| value.is_finite())
    }

    /// The mean fitness of the individuals that have not failed, or `None` if all have.
    pub fn mean(&self) -> Option<f64> {
        let finite = self.values.iter().filter(|value| value.is_finite());
        let sum: f64 = finite.copied().map(f64::from).sum();
        let count = self.len() - self.failed;
        (count > 0).then(|| sum / count as f64)
    }

    /// Returns a utility for each individual, given that of each rank (0 is the best).
    pub fn utilities(&self, of_rank: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut utilities = vec![0.0; self.len()];
        let mut first = 0;
        while first < self.len() {
            let equal = |&&i: &&usize| self.is_equal(i, self.order[first]);
            let count = self.order[first..].iter().take_while(equal).count();
            let shared = (first..first + count).map(&of_rank).sum::<f64>() / count as f64;
            for &i in &self.order[first..first + count] {
                utilities[i] = shared;
            }
            first += count;
        }
        utilities
    }

    /// Returns utilities that fall evenly from 0.5 for the best to -0.5 for the worst (Salimans
    /// 2017); a single individual gets 0.
    pub fn centred_ranks(&self) -> Vec<f64> {
        let last = self.len().saturating_sub(1) as f64;
        // Whole numbers sum exactly, so equals get exactly 0.
        let doubled = self.utilities(|rank| last - 2.0 * rank as f64);
        doubled.into_iter().map(|utility| utility / (2.0 * last).max(1.0)).collect()
    }

    /// True if no individual is better than another, so that there is nothing to learn.
    pub fn is_flat(&self) -> bool {
        match (self.order.first(), self.order.last()) {
            (Some(&best), Some(&worst)) => self.is_equal(best, worst),
            _ => true,
        }
    }

    /// Refuses a fitness of another length than the population.
    pub(super) fn expect_population(&self, individuals: usize) -> Result<()> {
        if self.len() == individuals {
            return Ok(());
        }
        let expected =
            format!("{}, one for each individual", counted(individuals as u64, "numbers"));
        Err(Error::invalid("the fitness of a generation", expected, self.len()))
    }

    fn is_equal(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.values[a], self.values[b]);
        a == b || (!a.is_finite() && !b.is_finite())
    }
}
