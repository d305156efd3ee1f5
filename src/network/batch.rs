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
mod samples;
mod workspace;

pub use samples::{Samples, Sink};
pub use workspace::Workspace;

use super::Network;
use crate::math::{Instructions, Lanes, SimdWork, run_simd};
use workspace::Prefetcher;

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
