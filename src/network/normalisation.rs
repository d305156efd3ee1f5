//! Normalisation: what a network is shown of an observation, each input less its running mean and
//! in running standard deviations, clipped.
//!
//! ```text
//! shown = clamp((observation - mean) * scale, -CLIP, CLIP)      scale = 1 / max(deviation, floor)
//! ```
//!
//! [`Normalisation`] holds the numbers of one generation, the same single-precision ones on every
//! backend; before anything is known they are 0 and 1. While networks play, a backend adds up how
//! far each input is from the mean at hand, and the squares of that, over the live steps of every
//! individual ([`Seen`]). Between generations these sums are merged, in the order of individuals
//! and in double precision, into the [`Statistics`] of the run, from which the next generation's
//! normalisation follows. Sums that are about a mean close to the true one do not cancel, however
//! far from zero the observations lie.
//!
//! The twin of what happens at a step is `shaders/network/normalisation.wgsl`.
//!
//! # Source
//!
//! Salimans et al. 2017, arXiv:1703.03864, and Mania et al. 2018, arXiv:1803.07055, for the use of
//! it; the clip is that of the former's program, the floor that of EvoJAX (Tang et al. 2022). The
//! merge is Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
//! sample variances", 1982.
//!
//! # Example
//!
//! ```
//! use deme::network::{Normalisation, Seen, Statistics};
//! let (mut statistics, first) = (Statistics::of(1), Normalisation::identity(1));
//! // One individual saw 4 and 6: two steps, their sum, the sum of their squares.
//! statistics.merge(&first, &Seen::new(1, vec![2.0, 10.0, 52.0]));
//! assert_eq!(statistics.normalisation(), Normalisation { means: vec![5.0], scales: vec![1.0] });
//! ```

// Indexed loops over a handful of vectors are what the compiler unrolls.
#![allow(clippy::needless_range_loop)]

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::math::{Instructions, Lanes, Real, Vectorised};

/// The least deviation that an input is divided by.
pub const DEVIATION_FLOOR: f64 = 1e-3;
/// Deviations beyond which an input is clipped.
pub const CLIP: f64 = 5.0;

/// What observations are normalised by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalisation {
    /// `f32[inputs]`, subtracted.
    pub means: Vec<f32>,
    /// `f32[inputs]`, multiplied by after that: one over the deviations.
    pub scales: Vec<f32>,
}

impl Normalisation {
    /// Leaves observations as they are, but for the clip.
    pub fn identity(inputs: usize) -> Self {
        Self { means: vec![0.0; inputs], scales: vec![1.0; inputs] }
    }

    /// Refuses numbers that are not for a network of so many inputs.
    ///
    /// # Errors
    /// Another number of them, or one that is not finite.
    pub fn check(&self, inputs: usize) -> Result<()> {
        let subject = "a normalisation";
        for numbers in [&self.means, &self.scales] {
            if numbers.len() != inputs {
                let expected = format!("{inputs} means and scales, one an input");
                return Err(Error::invalid(subject, expected, numbers.len()));
            }
            if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
                return Err(Error::invalid(subject, "finite means and scales", number));
            }
        }
        Ok(())
    }

    /// Normalises an observation, `[inputs]`, and adds it to the sums, `[2 inputs]`: how far each
    /// number is from the mean, then the squares of that.
    #[inline(always)]
    pub fn apply<R: Real>(&self, observation: &mut [R], sums: &mut [R]) {
        let inputs = observation.len();
        assert!(self.means.len() == inputs && self.scales.len() == inputs, "a mean for each input");
        let (first, second) = sums.split_at_mut(inputs);
        assert!(first.len() == inputs && second.len() == inputs, "two sums for each input");
        for k in 0..inputs {
            let apart = observation[k] - R::of(f64::from(self.means[k]));
            first[k] = first[k] + apart;
            second[k] = apart.mul_add(apart, second[k]);
            let scaled = apart * R::of(f64::from(self.scales[k]));
            observation[k] = scaled.clamp(R::of(-CLIP), R::of(CLIP));
        }
    }

    /// As [`Normalisation::apply`], compiled once for an instruction set.
    #[inline(always)]
    pub fn apply_apart<I: Instructions>(
        &self,
        observation: &mut [Lanes<I>],
        sums: &mut [Lanes<I>],
    ) {
        I::call(Glance { by: self, observation, sums });
    }
}

/// One observation of lanes.
struct Glance<'a, I: Instructions> {
    by: &'a Normalisation,
    observation: &'a mut [Lanes<I>],
    sums: &'a mut [Lanes<I>],
}

impl<I: Instructions> Vectorised for Glance<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run<J: Instructions>(self) {
        self.by.apply(self.observation, self.sums);
    }
}

/// What normalises the observations of several turns, with room for what is seen in them.
pub struct Normaliser<'a> {
    /// The numbers of this generation.
    pub by: &'a Normalisation,
    /// Rows as those of [`Seen`], one a turn.
    pub seen: &'a mut [f64],
}

impl Normaliser<'_> {
    /// The row of a turn.
    pub fn row(&mut self, turn: usize) -> &mut [f64] {
        let words = Seen::words(self.by.means.len());
        &mut self.seen[turn * words..][..words]
    }

    /// Books what one lane has seen in so many steps, and begins its sums anew.
    pub fn book<I: Instructions>(
        &mut self,
        turn: usize,
        lane: usize,
        steps: u64,
        sums: &mut [Lanes<I>],
    ) {
        let row = self.row(turn);
        row[0] += steps as f64;
        for (booked, sum) in row[1..].iter_mut().zip(sums) {
            *booked += f64::from(std::mem::take(&mut sum.0[lane]));
        }
    }
}

/// What individuals saw: a row each, of the steps they took; for each input the sum of its
/// distances from the mean of the normalisation in use; and the sums of their squares.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    inputs: usize,
    rows: Vec<f64>,
}

impl Seen {
    /// Numbers in a row.
    pub const fn words(inputs: usize) -> usize {
        1 + 2 * inputs
    }

    /// `f64[individuals][1 + 2 inputs]`.
    ///
    /// # Panics
    /// If rows are not whole.
    pub fn new(inputs: usize, rows: Vec<f64>) -> Self {
        assert!(rows.len().is_multiple_of(Self::words(inputs)), "rows are whole");
        Self { inputs, rows }
    }

    /// Rows of turns, `turns` neighbouring ones of each individual, added up in their order.
    pub fn of_turns(by: &Normalisation, rows: &[f64], turns: usize) -> Self {
        let inputs = by.means.len();
        let words = Self::words(inputs);
        let mut sums = Vec::with_capacity(rows.len() / turns.max(1));
        for turns in rows.chunks(words * turns.max(1)) {
            let word = |word: usize| turns[word..].iter().step_by(words).sum::<f64>();
            sums.extend((0..words).map(word));
        }
        Self { inputs, rows: sums }
    }

    /// The rows, in the order of individuals.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.chunks(Self::words(self.inputs))
    }
}

/// The running statistics of everything that a run's networks saw in training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Observations.
    count: u64,
    /// `f64[inputs]`.
    means: Vec<f64>,
    /// `f64[inputs]`: sums of squared distances from the mean.
    squares: Vec<f64>,
}

impl Statistics {
    /// Nothing has been seen yet.
    pub fn of(inputs: usize) -> Self {
        Self { count: 0, means: vec![0.0; inputs], squares: vec![0.0; inputs] }
    }

    /// Observations so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// What to normalise by from now on.
    pub fn normalisation(&self) -> Normalisation {
        if self.count == 0 {
            return Normalisation::identity(self.means.len());
        }
        let scale = |squares: &f64| {
            let deviation = (squares / self.count as f64).sqrt();
            (1.0 / deviation.max(DEVIATION_FLOOR)) as f32
        };
        Normalisation {
            means: self.means.iter().map(|&mean| mean as f32).collect(),
            scales: self.squares.iter().map(scale).collect(),
        }
    }

    /// Adds what was seen under a normalisation. An individual that saw a number that is not
    /// finite is left out: it would leave no mean to anybody.
    ///
    /// # Panics
    /// If the numbers of inputs differ.
    pub fn merge(&mut self, by: &Normalisation, seen: &Seen) {
        let inputs = self.means.len();
        assert!(seen.inputs == inputs && by.means.len() == inputs, "statistics of as many inputs");
        let mut total = vec![0.0; Seen::words(inputs)];
        for row in seen.rows().filter(|row| row.iter().all(|sum| sum.is_finite())) {
            for (total, sum) in total.iter_mut().zip(row) {
                *total += sum;
            }
        }
        let (before, new) = (self.count as f64, total[0]);
        if new == 0.0 {
            return;
        }
        let (first, second) = total[1..].split_at(inputs);
        for k in 0..inputs {
            let mean = f64::from(by.means[k]) + first[k] / new;
            let squares = (second[k] - first[k] * first[k] / new).max(0.0);
            let apart = mean - self.means[k];
            self.means[k] += apart * new / (before + new);
            self.squares[k] += squares + apart * apart * before * new / (before + new);
        }
        self.count += new as u64;
    }
}
