//! The forward pass of a multilayer perceptron, in any [`Real`].
//!
//! Its twin is `shaders/network/mlp.wgsl`.

// Indexed loops over a tile are what the compiler keeps in registers.
#![allow(clippy::needless_range_loop)]

use super::{Layer, Network};
use crate::math::Real;

/// Where a forward pass reads its weights.
pub trait Genome<R> {
    /// The gene, for every lane.
    fn gene(&self, index: usize) -> R;
}

/// Each lane has an individual of its own: `f64` genomes, or blocks of sixteen.
impl<R: Real> Genome<R> for [R] {
    #[inline(always)]
    fn gene(&self, index: usize) -> R {
        self[index]
    }
}

/// One individual for all lanes, each of which sees another sample.
pub struct Shared<'a>(pub &'a [f32]);

impl<R: Real> Genome<R> for Shared<'_> {
    #[inline(always)]
    fn gene(&self, index: usize) -> R {
        R::of(f64::from(self.0[index]))
    }
}

/// Room for the numbers between layers; made once, used for every pass.
pub struct Scratch<R> {
    source: Vec<R>,
    target: Vec<R>,
}

impl<R: Real> Scratch<R> {
    /// Room enough for the network.
    pub fn of(network: &Network) -> Self {
        let room = vec![R::default(); network.widest()];
        Self { source: room.clone(), target: room }
    }
}

impl Network {
    /// The outputs for an observation: `[inputs]` in, `[outputs]` out.
    #[inline(always)]
    pub fn forward<'s, R: Real, G: Genome<R> + ?Sized>(
        &self,
        genome: &G,
        observation: &[R],
        scratch: &'s mut Scratch<R>,
    ) -> &'s [R] {
        scratch.source[..observation.len()].copy_from_slice(observation);
        for layer in self.layers() {
            dense(layer, genome, &scratch.source, &mut scratch.target);
            std::mem::swap(&mut scratch.source, &mut scratch.target);
        }
        &scratch.source[..self.outputs()]
    }
}

/// Outputs that are summed side by side: enough to hide the latency of an addition.
const TILE: usize = 4;

#[inline(always)]
fn dense<R: Real, G: Genome<R> + ?Sized>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
) {
    let whole = layer.outputs / TILE * TILE;
    for output in (0..whole).step_by(TILE) {
        tile::<R, G, TILE>(layer, genome, source, target, output);
    }
    for output in whole..layer.outputs {
        tile::<R, G, 1>(layer, genome, source, target, output);
    }
}

/// `T` neighbouring outputs; each is summed in the order of the inputs, whatever `T`.
#[inline(always)]
fn tile<R: Real, G: Genome<R> + ?Sized, const T: usize>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
    output: usize,
) {
    let mut sums = [R::default(); T];
    for t in 0..T {
        sums[t] = genome.gene(layer.first_bias() + output + t);
    }
    let first_weight = layer.first_gene + output * layer.inputs;
    for (input, &number) in source[..layer.inputs].iter().enumerate() {
        for t in 0..T {
            sums[t] = sums[t] + genome.gene(first_weight + t * layer.inputs + input) * number;
        }
    }
    for t in 0..T {
        target[output + t] = layer.activation.apply(sums[t]);
    }
}
