//! The forward pass of a multilayer perceptron on one observation, in any [`Real`].
//!
//! With lanes, each has an individual of its own; [`batch`](super::batch) has one individual for
//! many samples instead. Its twin is `shaders/network/mlp.wgsl`.

// Indexed loops over a tile are what the compiler keeps in registers; a call that it does not
// inline, however small, has the narrow vectors of the build and spills them all.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::recurrent::Memory;
use super::{Cell, Layer, Network};
use crate::math::{Instructions, Lanes, Real, Vectorised};

/// Where a forward pass reads its weights.
pub trait Genome<R> {
    /// What stands for a gene.
    type Gene: Copy;
    /// So many neighbouring genes.
    fn row(&self, first: usize, count: usize) -> &[Self::Gene];
    /// A gene, for every lane.
    fn spread(gene: Self::Gene) -> R;
}

/// Each lane has an individual of its own; one `f64` genome likewise.
impl<R: Real> Genome<R> for [R] {
    type Gene = R;
    #[inline(always)]
    fn row(&self, first: usize, count: usize) -> &[R] {
        &self[first..first + count]
    }
    #[inline(always)]
    fn spread(gene: R) -> R {
        gene
    }
}

/// One individual for all lanes.
pub struct Shared<'a>(pub &'a [f32]);

impl<R: Real> Genome<R> for Shared<'_> {
    type Gene = f32;
    #[inline(always)]
    fn row(&self, first: usize, count: usize) -> &[f32] {
        &self.0[first..first + count]
    }
    #[inline(always)]
    fn spread(gene: f32) -> R {
        R::of(f64::from(gene))
    }
}

/// Room for the numbers between layers, and what recurrent ones remember; made once, used for every
/// pass.
pub struct Scratch<R> {
    source: Vec<R>,
    target: Vec<R>,
    memory: Memory<R>,
}

impl<R: Real> Scratch<R> {
    /// Room enough for the network, which remembers nothing yet.
    pub fn of(network: &Network) -> Self {
        let room = vec![R::default(); network.widest()];
        Self { source: room.clone(), target: room, memory: Memory::of(network) }
    }

    /// Forgets everything: an episode begins.
    pub fn forget(&mut self) {
        self.memory.forget();
    }

    /// What the network remembers, `[memory]`, layer after layer.
    pub fn memory(&mut self) -> &mut [R] {
        &mut self.memory.numbers
    }
}

impl<I: Instructions> Scratch<Lanes<I>> {
    /// Forgets what one lane remembers: an episode begins in it.
    #[inline(always)]
    pub fn forget_lane(&mut self, lane: usize) {
        self.memory.forget_lane(lane);
    }
}

impl Network {
    /// The outputs for an observation: `[parameters]` and `[inputs]` in, `[outputs]` out. What
    /// recurrent layers give, they remember in `scratch` for the next pass.
    #[inline(always)]
    pub fn forward<'s, R: Real, G: Genome<R> + ?Sized>(
        &self,
        genome: &G,
        observation: &[R],
        scratch: &'s mut Scratch<R>,
    ) -> &'s [R] {
        self.pass::<R, G, true>(genome, observation, scratch)
    }

    /// As [`Network::forward`], for the hottest loops, which are compiled for many tasks: dense
    /// layers stand in the loop; recurrent ones, several times the code, are called.
    #[inline(always)]
    pub fn forward_here<'a, I: Instructions, G: Genome<Lanes<I>>>(
        &'a self,
        genome: &'a G,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>] {
        if I::COPIES && scratch.memory.numbers.is_empty() {
            return self.pass::<Lanes<I>, G, false>(genome, observation, scratch);
        }
        self.forward_apart(genome, observation, scratch)
    }

    /// As [`Network::forward`], compiled once for a kind of genome instead of once for each caller.
    #[inline(always)]
    pub fn forward_apart<'a, I: Instructions, G: Genome<Lanes<I>>>(
        &'a self,
        genome: &'a G,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>] {
        I::call(Pass { network: self, genome, observation, scratch })
    }

    /// One layer after another; without recurrent ones unless `RECURRENT`.
    #[inline(always)]
    fn pass<'s, R: Real, G: Genome<R> + ?Sized, const RECURRENT: bool>(
        &self,
        genome: &G,
        observation: &[R],
        scratch: &'s mut Scratch<R>,
    ) -> &'s [R] {
        let (mut source, mut target) = (&mut scratch.source[..], &mut scratch.target[..]);
        for (index, layer) in self.layers().iter().enumerate() {
            let numbers = if index == 0 { observation } else { &source[..layer.inputs] };
            if RECURRENT && layer.cell != Cell::Dense {
                scratch.memory.step(layer, genome, numbers, target);
            } else {
                dense(layer, genome, numbers, &mut target[..layer.outputs]);
            }
            (source, target) = (target, source);
        }
        &source[..self.outputs()]
    }
}

/// One forward pass of lanes.
struct Pass<'a, I: Instructions, G> {
    network: &'a Network,
    genome: &'a G,
    observation: &'a [Lanes<I>],
    scratch: &'a mut Scratch<Lanes<I>>,
}

impl<'a, I: Instructions, G: Genome<Lanes<I>>> Vectorised for Pass<'a, I, G> {
    type Output = &'a [Lanes<I>];

    #[inline(always)]
    fn run<J: Instructions>(self) -> Self::Output {
        self.network.forward(self.genome, self.observation, self.scratch)
    }
}

/// The activations of a layer; each sum is added to in the order of the inputs, the bias first,
/// where there is one.
#[inline(always)]
pub(super) fn dense<R: Real, G: Genome<R> + ?Sized>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
) {
    let left = |output: usize, width: usize| R::SUMS >= width && output + width <= layer.outputs;
    let mut output = 0;
    while left(output, 16) {
        output = tile::<R, G, 16>(layer, genome, source, target, output);
    }
    while left(output, 8) {
        output = tile::<R, G, 8>(layer, genome, source, target, output);
    }
    while left(output, 4) {
        output = tile::<R, G, 4>(layer, genome, source, target, output);
    }
    while left(output, 2) {
        output = tile::<R, G, 2>(layer, genome, source, target, output);
    }
    while left(output, 1) {
        output = tile::<R, G, 1>(layer, genome, source, target, output);
    }
}

/// `T` neighbouring outputs from `output` on; returns the next one.
#[inline(always)]
fn tile<R: Real, G: Genome<R> + ?Sized, const T: usize>(
    layer: &Layer,
    genome: &G,
    source: &[R],
    target: &mut [R],
    output: usize,
) -> usize {
    let target = &mut target[output..output + T];
    let mut sums = [R::default(); T];
    if layer.biased {
        let biases = genome.row(layer.first_bias() + output, T);
        for t in 0..T {
            sums[t] = G::spread(biases[t]);
        }
    }
    let weights = genome.row(layer.first_gene, layer.inputs * layer.outputs);
    assert!(weights.len() == layer.inputs * layer.outputs, "a weight for each input and output");
    assert!(source.len() == layer.inputs && output + T <= layer.outputs, "a tile of the layer");
    for (input, &number) in source.iter().enumerate() {
        // SAFETY: by the assertions.
        let row = unsafe { weights.get_unchecked(input * layer.outputs + output..) };
        for t in 0..T {
            let weight = unsafe { *row.get_unchecked(t) };
            sums[t] = G::spread(weight).mul_add(number, sums[t]);
        }
    }
    for t in 0..T {
        target[t] = sums[t];
    }
    layer.activation.apply_all(target);
    output + T
}
