//! Forward passes with sixteen samples in the lanes of a vector.
//!
//! A tile of consecutive outputs for one or two groups of samples stays in registers while inputs
//! are added. The weights of a tile for one input are adjacent in the genome. Inputs are processed
//! in blocks that stay in the L1 cache.

// The compiler keeps indexed loops over a tile in registers.
#![allow(clippy::needless_range_loop)]

use std::ops::Range;

use super::samples::{Samples, Sink};
use super::workspace::{Prefetcher, Workspace, grown};
use crate::math::{Instructions, LANES, Lanes, Real, SimdWork};
use crate::network::{Layer, Network};

/// The inputs of a block: two groups of samples then take about a third of the L1 cache.
const INPUT_BLOCK: usize = 128;

/// The multiply-adds of whole vectors for all samples.
pub(super) fn vectors(network: &Network, samples: &Samples) -> usize {
    let weights: usize = network.layers().iter().map(|layer| layer.inputs * layer.outputs).sum();
    weights * samples.count.div_ceil(LANES)
}

/// The forward passes of one individual on all samples.
pub(super) struct SampleLanes<'a, S> {
    pub network: &'a Network,
    pub genome: &'a [f32],
    pub prefetcher: Prefetcher<'a>,
    pub samples: &'a Samples,
    pub workspace: &'a mut Workspace,
    pub sink: &'a mut S,
}

impl<S: Sink> SimdWork for SampleLanes<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { network, genome, mut prefetcher, samples, workspace, sink } = self;
        let width = network.max_width();
        let source = grown(&mut workspace.source, 2 * width);
        let target = grown(&mut workspace.target, 2 * width);
        let layers = Layers { network, genome, samples };
        let groups = samples.count.div_ceil(LANES);
        let mut group = 0;
        // A tile for two groups would be too narrow if registers are few.
        while I::ACCUMULATORS >= 16 && group + 2 <= groups {
            layers.pass::<I, S, 2>(group, &mut prefetcher, source, target, sink);
            group += 2;
        }
        while group < groups {
            layers.pass::<I, S, 1>(group, &mut prefetcher, source, target, sink);
            group += 1;
        }
    }
}

/// The network of all groups of samples.
struct Layers<'a> {
    network: &'a Network,
    genome: &'a [f32],
    samples: &'a Samples,
}

impl Layers<'_> {
    /// Computes all layers for `G` groups of samples.
    #[inline(always)]
    fn pass<'r, I: Instructions, S: Sink, const G: usize>(
        &self,
        group: usize,
        prefetcher: &mut Prefetcher<'_>,
        mut source: &'r mut [Lanes],
        mut target: &'r mut [Lanes],
        sink: &mut S,
    ) {
        for (index, layer) in self.network.layers().iter().enumerate() {
            let mut numbers = [&[][..]; G];
            for g in 0..G {
                numbers[g] = match index {
                    0 => self.samples.group(group + g),
                    _ => &source[g * layer.inputs..][..layer.inputs],
                };
            }
            let genes = &self.genome[layer.first_gene..][..layer.parameters()];
            dense::<I, G>(layer, genes, prefetcher, &numbers, target);
            let sums = &mut target[..G * layer.outputs];
            layer.activation.apply_out_of_line::<I>(bytemuck::cast_slice_mut(sums));
            (source, target) = (target, source);
        }
        let outputs = self.network.outputs();
        for g in 0..G {
            let first = (group + g) * LANES;
            let count = LANES.min(self.samples.count - first);
            sink.take::<I>(first, count, bytemuck::cast_slice(&source[g * outputs..][..outputs]));
        }
    }
}

/// Computes a layer's weighted sums, `target[group * outputs + output]`.
#[inline(always)]
fn dense<I: Instructions, const G: usize>(
    layer: &Layer,
    genes: &[f32],
    prefetcher: &mut Prefetcher<'_>,
    source: &[&[Lanes]; G],
    target: &mut [Lanes],
) {
    let widest = (I::ACCUMULATORS / G).min(WIDEST_TILE);
    let tiles = layer.outputs.div_ceil(widest);
    let mut first = 0;
    loop {
        let inputs = first..(first + INPUT_BLOCK).min(layer.inputs);
        let mut output = 0;
        for index in 0..tiles {
            // All tiles are about as wide, since a narrow one has too few sums to keep the
            // processor busy.
            let width = (layer.outputs - output).div_ceil(tiles - index);
            prefetcher.prefetch::<I>(inputs.len() * width);
            tile_of::<I, G>(width, layer, genes, inputs.clone(), source, target, output);
            output += width;
        }
        first = inputs.end;
        if first >= layer.inputs {
            break;
        }
    }
}

/// The outputs of the widest tile.
const WIDEST_TILE: usize = 8;

/// Calls [`tile`] with a width that is known only at run time.
#[inline(always)]
fn tile_of<I: Instructions, const G: usize>(
    width: usize,
    layer: &Layer,
    genes: &[f32],
    inputs: Range<usize>,
    source: &[&[Lanes]; G],
    target: &mut [Lanes],
    output: usize,
) {
    macro_rules! tile_of {
        ($($T:literal)*) => {
            match width {
                $($T => tile::<I, G, $T>(layer, genes, inputs, source, target, output),)*
                _ => unreachable!("a tile of {width} outputs"),
            }
        };
    }
    tile_of!(1 2 3 4 5 6 7 8)
}

/// Adds a block of inputs to `T` outputs from `output` on.
#[inline(always)]
fn tile<I: Instructions, const G: usize, const T: usize>(
    layer: &Layer,
    genes: &[f32],
    inputs: Range<usize>,
    source: &[&[Lanes]; G],
    target: &mut [Lanes],
    output: usize,
) {
    let (weights, biases) = genes.split_at(layer.inputs * layer.outputs);
    let mut sums = [[Lanes::<I>::from_f64(0.0); T]; G];
    for g in 0..G {
        for t in 0..T {
            sums[g][t] = match inputs.start {
                0 if !layer.biased => Lanes::from_f64(0.0),
                0 => Lanes::splat(biases[output + t]),
                _ => target[g * layer.outputs + output + t].cast(),
            };
        }
    }
    assert!(inputs.end <= layer.inputs && output + T <= layer.outputs, "a tile of the layer");
    for g in 0..G {
        assert!(source[g].len() == layer.inputs, "a number for every input");
    }
    for input in inputs {
        let first = input * layer.outputs + output;
        // SAFETY: the assertions above ensure the bounds; there is a weight for each input and
        // output.
        let row = unsafe { weights.get_unchecked(first..first + T) };
        let mut numbers = [Lanes::<I>::from_f64(0.0); G];
        for g in 0..G {
            numbers[g] = unsafe { source[g].get_unchecked(input) }.cast();
        }
        for t in 0..T {
            let weight = Lanes::splat(row[t]);
            for g in 0..G {
                sums[g][t] = weight.mul_add(numbers[g], sums[g][t]);
            }
        }
    }
    for g in 0..G {
        for t in 0..T {
            target[g * layer.outputs + output + t] = sums[g][t].cast();
        }
    }
}
