//! Forward passes of one individual on many samples: small matrix products, back to back.
//!
//! Two ways give the same bits, because each sum is added to in the order of the inputs:
//! [`across`] has sixteen samples in the lanes of a vector, [`along`] sixteen outputs of a layer.
//! The first wastes lanes where samples are few, the second where layers are narrow; the cheaper
//! one is taken.
//!
//! # Shapes
//!
//! Features are `f32[samples][inputs]`, outputs `f32[samples][outputs]`, both row-major.

mod across;
mod along;

use super::Network;
use crate::math::{Instructions, LANES, Lanes, Real, Vectorised, vectorised};

/// Features of samples that every individual shares, kept in the orders both ways read.
#[derive(Clone, Debug)]
pub struct Samples {
    count: usize,
    inputs: usize,
    /// `[samples][inputs]`.
    rows: Vec<f32>,
    /// `[groups of sixteen samples][inputs]`; past the end the last sample is repeated.
    columns: Vec<Lanes>,
}

/// What is done with the outputs of sixteen samples: the first one, how many, and the outputs.
pub trait Sink {
    /// Takes `outputs[output]`, a sample in each of the first `count` lanes.
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]);
}

/// The genome that is wanted after this one, asked for a little at a time while this one is used.
pub(super) struct Upcoming<'a>(std::slice::Chunks<'a, f32>);

impl<'a> Upcoming<'a> {
    /// Numbers of a cache line.
    const LINE: usize = 16;

    fn new(genome: &'a [f32]) -> Self {
        Self(genome.chunks(Self::LINE))
    }

    /// Asks for so many numbers more.
    #[inline(always)]
    fn ask_for<I: Instructions>(&mut self, numbers: usize) {
        for line in self.0.by_ref().take(numbers.div_ceil(Self::LINE)) {
            I::prefetch(&line[0]);
        }
    }
}

/// Room for the numbers between layers; made once, used for every individual.
#[derive(Default)]
pub struct Workspace {
    source: Vec<Lanes>,
    target: Vec<Lanes>,
}

impl Samples {
    /// So many samples, `f32[count][inputs]`.
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

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The inputs of sixteen samples: `[inputs]`.
    pub(super) fn group(&self, group: usize) -> &[Lanes] {
        &self.columns[group * self.inputs..][..self.inputs]
    }
}

impl Network {
    /// One individual's outputs for every sample, `f32[samples][outputs]`; `upcoming` is the genome
    /// that is wanted next, if it is known.
    pub fn forward_batch(
        &self,
        genome: &[f32],
        upcoming: &[f32],
        samples: &Samples,
        workspace: &mut Workspace,
        outputs: &mut [f32],
    ) {
        let upcoming = Upcoming::new(upcoming);
        vectorised(Batch { network: self, genome, upcoming, samples, workspace, outputs });
    }

    /// As [`Network::forward_batch`], sixteen samples at a time into a sink.
    pub fn forward_into(
        &self,
        genome: &[f32],
        samples: &Samples,
        workspace: &mut Workspace,
        sink: &mut impl Sink,
    ) {
        let upcoming = Upcoming::new(&[]);
        vectorised(across::Passes { network: self, genome, upcoming, samples, workspace, sink });
    }
}

struct Batch<'a> {
    network: &'a Network,
    genome: &'a [f32],
    upcoming: Upcoming<'a>,
    samples: &'a Samples,
    workspace: &'a mut Workspace,
    outputs: &'a mut [f32],
}

impl Vectorised for Batch<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { network, genome, mut upcoming, samples, workspace, outputs } = self;
        if along::vectors(network, samples) < across::vectors(network, samples) {
            along::passes::<I>(network, genome, &mut upcoming, samples, workspace, outputs);
        } else {
            let sink = &mut Rows { width: network.outputs(), outputs };
            across::Passes { network, genome, upcoming, samples, workspace, sink }.run::<I>();
        }
    }
}

/// Writes outputs out, sample by sample.
struct Rows<'a> {
    width: usize,
    outputs: &'a mut [f32],
}

impl Sink for Rows<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        let rows = &mut self.outputs[first * self.width..][..count * self.width];
        for (lane, row) in rows.chunks_exact_mut(self.width).enumerate() {
            for (number, output) in row.iter_mut().zip(outputs) {
                *number = output.0[lane];
            }
        }
    }
}

/// Makes room for at least so many, and hands it out.
fn room<T: Copy + Default>(store: &mut Vec<T>, length: usize) -> &mut [T] {
    if store.len() < length {
        store.resize(length, T::default());
    }
    &mut store[..length]
}
