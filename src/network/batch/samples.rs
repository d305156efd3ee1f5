//! Samples that all individuals share, and receivers of their outputs.

use crate::math::{Instructions, LANES, Lanes, Real};

/// Features of samples that all individuals share, in the orders that both methods read.
#[derive(Clone, Debug)]
pub struct Samples {
    pub(super) count: usize,
    pub(super) inputs: usize,
    /// `[samples][inputs]`.
    pub(super) rows: Vec<f32>,
    /// `[groups of sixteen samples][inputs]`. The last group repeats the last sample.
    columns: Vec<Lanes>,
}

/// A receiver of outputs, sixteen samples at a time.
pub trait Sink {
    /// Takes `outputs[output]` of the samples from `first` on, one in each of the first `count`
    /// lanes.
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]);
}

impl Samples {
    /// Takes the features of `count` samples, `f32[count][inputs]`.
    pub fn new(features: &[f32], count: usize, inputs: usize) -> Self {
        let mut columns = Vec::with_capacity(count.div_ceil(LANES) * inputs);
        for first in (0..count).step_by(LANES) {
            for input in 0..inputs {
                let sample = |lane: usize| (first + lane).min(count - 1);
                columns.push(Lanes::from_lanes(|lane| features[sample(lane) * inputs + input]));
            }
        }
        Self { count, inputs, rows: features.to_vec(), columns }
    }

    /// The number of samples.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The inputs of a group of sixteen samples, `[inputs]`.
    pub(in crate::network) fn group(&self, group: usize) -> &[Lanes] {
        &self.columns[group * self.inputs..][..self.inputs]
    }
}
