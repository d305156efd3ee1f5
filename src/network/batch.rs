//! Forward passes of one individual on many samples: a sequence of small matrix products.
//!
//! There are two methods. [`sample_lanes`] puts sixteen samples into the lanes of a vector, and
//! [`output_lanes`] sixteen outputs of a layer. The first wastes lanes if samples are few, the
//! second if layers are narrow. The cheaper one is taken. Both give the same bits, because each sum
//! takes the inputs in order. The layers must be dense.
//!
//! # Shapes
//!
//! Features are `f32[samples][inputs]` and outputs are `f32[samples][outputs]`, both row-major.

mod output_lanes;
mod sample_lanes;

use super::Network;
use crate::math::{Instructions, LANES, Lanes, Real, SimdWork, run_simd};

/// Features of samples that all individuals share, in the orders that both methods read.
#[derive(Clone, Debug)]
pub struct Samples {
    count: usize,
    inputs: usize,
    /// `[samples][inputs]`.
    rows: Vec<f32>,
    /// `[groups of sixteen samples][inputs]`. The last group repeats the last sample.
    columns: Vec<Lanes>,
}

/// A receiver of outputs, sixteen samples at a time.
pub trait Sink {
    /// Takes `outputs[output]` of the samples from `first` on, one in each of the first `count`
    /// lanes.
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]);
}

/// Prefetches the next genome step by step while the current one is in use.
pub(super) struct Prefetcher<'a>(std::slice::Chunks<'a, f32>);

impl<'a> Prefetcher<'a> {
    /// The numbers of a cache line.
    const LINE: usize = 16;

    fn new(genome: &'a [f32]) -> Self {
        Self(genome.chunks(Self::LINE))
    }

    /// Prefetches a number of further genes.
    #[inline(always)]
    fn prefetch<I: Instructions>(&mut self, numbers: usize) {
        for line in self.0.by_ref().take(numbers.div_ceil(Self::LINE)) {
            I::prefetch(&line[0]);
        }
    }
}

/// The buffers between layers, reused for every individual.
#[derive(Default)]
pub struct Workspace {
    source: Vec<Lanes>,
    target: Vec<Lanes>,
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
    pub(super) fn group(&self, group: usize) -> &[Lanes] {
        &self.columns[group * self.inputs..][..self.inputs]
    }
}

impl Network {
    /// Computes one individual's outputs for every sample, `f32[samples][outputs]`. `next` is the
    /// genome of the next call, which is prefetched; it may be empty.
    pub fn forward_batch(
        &self,
        genome: &[f32],
        next: &[f32],
        samples: &Samples,
        workspace: &mut Workspace,
        outputs: &mut [f32],
    ) {
        let prefetcher = Prefetcher::new(next);
        run_simd(Batch { network: self, genome, prefetcher, samples, workspace, outputs });
    }

    /// Computes one individual's outputs for every sample, and passes them to a sink.
    pub fn forward_into(
        &self,
        genome: &[f32],
        samples: &Samples,
        workspace: &mut Workspace,
        sink: &mut impl Sink,
    ) {
        let prefetcher = Prefetcher::new(&[]);
        run_simd(sample_lanes::SampleLanes {
            network: self,
            genome,
            prefetcher,
            samples,
            workspace,
            sink,
        });
    }
}

struct Batch<'a> {
    network: &'a Network,
    genome: &'a [f32],
    prefetcher: Prefetcher<'a>,
    samples: &'a Samples,
    workspace: &'a mut Workspace,
    outputs: &'a mut [f32],
}

impl SimdWork for Batch<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { network, genome, mut prefetcher, samples, workspace, outputs } = self;
        if output_lanes::vectors(network, samples) < sample_lanes::vectors(network, samples) {
            output_lanes::passes::<I>(
                network,
                genome,
                &mut prefetcher,
                samples,
                workspace,
                outputs,
            );
        } else {
            let sink = &mut Rows { width: network.outputs(), outputs };
            sample_lanes::SampleLanes { network, genome, prefetcher, samples, workspace, sink }
                .run::<I>();
        }
    }
}

/// A sink that writes rows of outputs.
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

/// Returns the first `length` elements of a buffer, which grows if necessary.
fn grown<T: Copy + Default>(store: &mut Vec<T>, length: usize) -> &mut [T] {
    if store.len() < length {
        store.resize(length, T::default());
    }
    &mut store[..length]
}
