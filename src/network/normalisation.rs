//! Normalisation of observations by their running mean and standard deviation, with a clip.
//!
//! ```text
//! input = clamp((observation - mean) * scale, -CLIP, CLIP)      scale = 1 / max(deviation, floor)
//! ```
//!
//! A [`Normalisation`] holds the numbers of one generation, in single precision and equal on every
//! backend. It begins as the identity. During episodes, a backend adds up the distance of each
//! input from the current mean, and the square of that distance, over the live steps of every
//! individual: the [`ObservationSums`]. Between generations, the sums are merged into the
//! [`ObservationStatistics`] of the run, in double precision and in the order of individuals. The
//! statistics yield the normalisation of the next generation. Sums of distances from a mean close
//! to the true one do not cancel, however far the observations are from zero.
//!
//! The twin of the arithmetic of a step is `shaders/network/normalisation.wgsl`.
//!
//! # Source
//!
//! Salimans et al. 2017, arXiv:1703.03864, and Mania et al. 2018, arXiv:1803.07055, for its use.
//! The clip is that of the former's program, and the floor that of EvoJAX (Tang et al. 2022). The
//! merge is Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
//! sample variances", 1982.
//!
//! # Example
//!
//! ```
//! use deme::network::{Normalisation, ObservationSums, ObservationStatistics};
//! let (mut statistics, first) = (ObservationStatistics::new(1), Normalisation::identity(1));
//! // One individual observed 4 and 6: two steps, the sum of both, and the sum of their squares.
//! statistics.merge(&first, &ObservationSums::new(1, vec![2.0, 10.0, 52.0]));
//! assert_eq!(statistics.normalisation(), Normalisation { means: vec![5.0], scales: vec![1.0] });
//! ```

// The compiler unrolls indexed loops over a few vectors.
#![allow(clippy::needless_range_loop)]

use serde::{Deserialize, Serialize};

use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::math::{Instructions, Lanes, Real, SimdWork};

/// The smallest deviation that an input is divided by.
pub const DEVIATION_FLOOR: f64 = 1e-3;
/// The clip of a normalised input, in standard deviations.
pub const CLIP: f64 = 5.0;

/// The mean and the scale of each input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalisation {
    /// `f32[inputs]`: the means, which are subtracted.
    pub means: Vec<f32>,
    /// `f32[inputs]`: the factors after that, one over the standard deviations.
    pub scales: Vec<f32>,
}

impl Normalisation {
    /// A normalisation that only clips.
    pub fn identity(inputs: usize) -> Self {
        Self { means: vec![0.0; inputs], scales: vec![1.0; inputs] }
    }

    /// Checks the normalisation for a network with a number of inputs.
    ///
    /// # Errors
    /// Returns an error if the length differs or a number is not finite.
    pub fn check(&self, inputs: usize) -> Result<()> {
        let subject = "a normalisation";
        for numbers in [&self.means, &self.scales] {
            if numbers.len() != inputs {
                let expected = format!("{inputs} means and scales, one for each input");
                return Err(Error::invalid(subject, expected, numbers.len()));
            }
            if let Some(number) = numbers.iter().find(|number| !number.is_finite()) {
                return Err(Error::invalid(subject, "finite means and scales", number));
            }
        }
        Ok(())
    }

    /// Normalises an observation, `[inputs]`, and adds to the sums, `[2 inputs]`: the distance of
    /// each number from its mean, then the squares of the distances.
    #[inline(always)]
    pub fn apply<R: Real>(&self, observation: &mut [R], sums: &mut [R]) {
        let inputs = observation.len();
        assert!(self.means.len() == inputs && self.scales.len() == inputs, "a mean for each input");
        let (first, second) = sums.split_at_mut(inputs);
        assert!(first.len() == inputs && second.len() == inputs, "two sums for each input");
        for k in 0..inputs {
            let distance = observation[k] - R::from_f64(f64::from(self.means[k]));
            first[k] = first[k] + distance;
            second[k] = distance.mul_add(distance, second[k]);
            let scaled = distance * R::from_f64(f64::from(self.scales[k]));
            observation[k] = scaled.clamp(R::from_f64(-CLIP), R::from_f64(CLIP));
        }
    }

    /// Runs [`Normalisation::apply`] in a function that is compiled once for an instruction set.
    #[inline(always)]
    pub fn apply_out_of_line<I: Instructions>(
        &self,
        observation: &mut [Lanes<I>],
        sums: &mut [Lanes<I>],
    ) {
        I::call(NormaliseLanes { normalisation: self, observation, sums });
    }
}

/// The normalisation of one observation in each lane.
struct NormaliseLanes<'a, I: Instructions> {
    normalisation: &'a Normalisation,
    observation: &'a mut [Lanes<I>],
    sums: &'a mut [Lanes<I>],
}

impl<I: Instructions> SimdWork for NormaliseLanes<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run<J: Instructions>(self) {
        self.normalisation.apply(self.observation, self.sums);
    }
}

/// The normalisation of the observations of several work items, and the sums that it collects.
pub struct Normaliser<'a> {
    /// The normalisation of this generation.
    pub normalisation: &'a Normalisation,
    /// A row of [`ObservationSums`] for each work item.
    pub sums: &'a mut [f64],
}

impl Normaliser<'_> {
    /// The row of a work item.
    pub fn row(&mut self, item: usize) -> &mut [f64] {
        let length = ObservationSums::row_length(self.normalisation.means.len());
        &mut self.sums[item * length..][..length]
    }

    /// Adds the sums of one lane over `steps` steps to the row of a work item, and resets them.
    pub fn add_lane<I: Instructions>(
        &mut self,
        item: usize,
        lane: usize,
        steps: u64,
        sums: &mut [Lanes<I>],
    ) {
        let row = self.row(item);
        row[0] += steps as f64;
        for (total, sum) in row[1..].iter_mut().zip(sums) {
            *total += f64::from(std::mem::take(&mut sum.0[lane]));
        }
    }
}

/// Sums over the observations of individuals, a row for each: the number of steps; for each input,
/// the sum of its distances from the mean of the normalisation; then the sums of their squares.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservationSums {
    inputs: usize,
    rows: Vec<f64>,
}

impl ObservationSums {
    /// The length of a row.
    pub const fn row_length(inputs: usize) -> usize {
        1 + 2 * inputs
    }

    /// Takes rows, `f64[individuals][1 + 2 inputs]`.
    ///
    /// # Panics
    /// Panics if the last row is incomplete.
    pub fn new(inputs: usize, rows: Vec<f64>) -> Self {
        assert!(rows.len().is_multiple_of(Self::row_length(inputs)), "the last row is complete");
        Self { inputs, rows }
    }

    /// Adds up the rows of work items, `items` consecutive ones for each individual, in order.
    pub fn from_work_items(by: &Normalisation, rows: &[f64], items: usize) -> Self {
        let inputs = by.means.len();
        let length = Self::row_length(inputs);
        let mut sums = Vec::with_capacity(rows.len() / items.max(1));
        for items in rows.chunks(length * items.max(1)) {
            let sum = |column: usize| items[column..].iter().step_by(length).sum::<f64>();
            sums.extend((0..length).map(sum));
        }
        Self { inputs, rows: sums }
    }

    /// The rows, in the order of individuals.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.chunks(Self::row_length(self.inputs))
    }
}

/// The running statistics of all observations in the training of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservationStatistics {
    /// The number of observations.
    count: u64,
    /// `f64[inputs]`: the means.
    means: Vec<f64>,
    /// `f64[inputs]`: the sums of squared distances from the means.
    squares: Vec<f64>,
}

impl ObservationStatistics {
    /// Makes statistics of no observations.
    pub fn new(inputs: usize) -> Self {
        Self { count: 0, means: vec![0.0; inputs], squares: vec![0.0; inputs] }
    }

    /// The number of observations so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Checks statistics that were read from a file, for a network with a number of inputs that has
    /// made `steps` observations at most.
    ///
    /// # Errors
    /// Returns an error if the lengths differ or a number cannot be one of statistics.
    pub(crate) fn check(&self, inputs: usize, steps: u64) -> std::result::Result<(), String> {
        let Self { count, means, squares } = self;
        if means.len() != inputs || squares.len() != inputs {
            let got = means.len();
            return Err(format!(
                "expected statistics of {}, got {got}",
                counted(inputs as u64, "inputs")
            ));
        }
        if *count > steps {
            return Err(format!(
                "expected statistics of {} at most, got {count}",
                counted(steps, "steps")
            ));
        }
        let wrong_mean = means.iter().find(|mean| !mean.is_finite());
        let wrong_square = squares.iter().find(|&&sum| !(sum >= 0.0 && sum.is_finite()));
        match wrong_mean.or(wrong_square) {
            Some(number) => Err(format!("expected finite statistics of inputs, got {number}")),
            None => Ok(()),
        }
    }

    /// The normalisation for the next generation.
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

    /// Adds the sums that were collected with a normalisation. An individual with a sum that is not
    /// finite is skipped, since it would make every mean useless.
    ///
    /// # Panics
    /// Panics if the numbers of inputs differ.
    pub fn merge(&mut self, by: &Normalisation, sums: &ObservationSums) {
        let inputs = self.means.len();
        assert!(sums.inputs == inputs && by.means.len() == inputs, "statistics of as many inputs");
        let mut total = vec![0.0; ObservationSums::row_length(inputs)];
        for row in sums.rows().filter(|row| row.iter().all(|sum| sum.is_finite())) {
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
            let distance = mean - self.means[k];
            self.means[k] += distance * new / (before + new);
            self.squares[k] += squares + distance * distance * before * new / (before + new);
        }
        self.count += new as u64;
    }
}
