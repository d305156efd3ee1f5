//! Sixteen samples in the lanes of a vector, whatever the layers' widths.
//!
//! A layer's weights are packed in tiles of neighbouring outputs, input after input, so that the
//! innermost loop reads them in one stream. A tile of outputs for one or two groups of samples
//! stays in registers while inputs are added; inputs are taken a stretch at a time that stays in
//! the innermost cache.

// Indexed loops over a tile are what the compiler keeps in registers.
#![allow(clippy::needless_range_loop)]

use super::{Samples, Sink, Workspace, room};
use crate::math::{Instructions, LANES, Lanes, Real, Vectorised};
use crate::network::{Layer, Network};

/// Inputs of one stretch: two groups of samples then take a quarter of the innermost cache or so.
const STRETCH: usize = 128;

/// Multiply-adds of whole vectors that passes over the samples take.
pub(super) fn vectors(network: &Network, samples: &Samples) -> usize {
    let weights: usize = network.layers().iter().map(|layer| layer.inputs * layer.outputs).sum();
    weights * samples.count.div_ceil(LANES)
}

/// One individual's passes over all samples.
pub(super) struct Passes<'a, S> {
    pub network: &'a Network,
    pub genome: &'a [f32],
    pub samples: &'a Samples,
    pub workspace: &'a mut Workspace,
    pub sink: &'a mut S,
}

impl<S: Sink> Vectorised for Passes<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        // The most sums that stay in registers beside what is added to them.
        if I::SUMS >= 16 {
            self.tiled::<I, 2, 8>();
        } else if I::SUMS >= 6 {
            self.tiled::<I, 1, 6>();
        } else {
            self.tiled::<I, 1, 2>();
        }
    }
}

impl<S: Sink> Passes<'_, S> {
    /// With tiles of `G` groups of samples and `T` outputs.
    #[inline(always)]
    fn tiled<I: Instructions, const G: usize, const T: usize>(self) {
        let Self { network, genome, samples, workspace, sink } = self;
        let widest = network.widest().next_multiple_of(T);
        let weights = pack::<T>(network, genome, &mut workspace.weights);
        let source = room(&mut workspace.source, G * widest);
        let target = room(&mut workspace.target, G * widest);
        let groups = samples.count.div_ceil(LANES);
        let mut group = 0;
        while group + G <= groups {
            pass::<I, S, G, T>(network, weights, samples, group, source, target, sink);
            group += G;
        }
        while group < groups {
            pass::<I, S, 1, T>(network, weights, samples, group, source, target, sink);
            group += 1;
        }
    }
}

/// Every layer's tiles: `T` biases, then `T` weights an input; outputs past the last are zero.
#[inline(always)]
fn pack<'w, const T: usize>(
    network: &Network,
    genome: &[f32],
    store: &'w mut Vec<f32>,
) -> &'w [f32] {
    let words: usize = network.layers().iter().map(packed_words::<T>).sum();
    let packed = room(store, words);
    let mut tiles = packed.chunks_exact_mut(T);
    for layer in network.layers() {
        let (weights, biases) = genome[layer.first_gene..][..layer.parameters()]
            .split_at(layer.first_bias() - layer.first_gene);
        for first in (0..layer.outputs).step_by(T) {
            let rows = std::iter::once(biases).chain(weights.chunks_exact(layer.outputs));
            for (row, tile) in rows.zip(&mut tiles) {
                let row = &row[first..];
                if row.len() >= T {
                    tile.copy_from_slice(&row[..T]);
                } else {
                    tile[..row.len()].copy_from_slice(row);
                    tile[row.len()..].fill(0.0);
                }
            }
        }
    }
    packed
}

fn packed_words<const T: usize>(layer: &Layer) -> usize {
    (layer.inputs + 1) * layer.outputs.next_multiple_of(T)
}

/// All layers for `G` groups of samples.
#[inline(always)]
fn pass<'r, I: Instructions, S: Sink, const G: usize, const T: usize>(
    network: &Network,
    mut weights: &[f32],
    samples: &Samples,
    group: usize,
    mut source: &'r mut [Lanes],
    mut target: &'r mut [Lanes],
    sink: &mut S,
) {
    let mut stride = 0;
    for (index, layer) in network.layers().iter().enumerate() {
        let (tiles, rest) = weights.split_at(packed_words::<T>(layer));
        weights = rest;
        let width = layer.outputs.next_multiple_of(T);
        let mut numbers = [&[][..]; G];
        for g in 0..G {
            numbers[g] = match index {
                0 => samples.group(group + g),
                _ => &source[g * stride..][..layer.inputs],
            };
        }
        sums::<I, G, T>(layer.inputs, tiles, &numbers, target, width);
        layer.activation.apply_all::<Lanes<I>>(bytemuck::cast_slice_mut(&mut target[..G * width]));
        stride = width;
        (source, target) = (target, source);
    }
    for g in 0..G {
        let first = (group + g) * LANES;
        let outputs = &source[g * stride..][..network.outputs()];
        sink.take::<I>(first, LANES.min(samples.count - first), bytemuck::cast_slice(outputs));
    }
}

/// A layer's weighted sums: `target[group * width + output]`.
#[inline(always)]
fn sums<I: Instructions, const G: usize, const T: usize>(
    inputs: usize,
    tiles: &[f32],
    source: &[&[Lanes]; G],
    target: &mut [Lanes],
    width: usize,
) {
    for g in 0..G {
        assert!(source[g].len() == inputs, "a number for every input");
    }
    let mut first = 0;
    loop {
        let last = (first + STRETCH).min(inputs);
        for (tile, weights) in tiles.chunks_exact((inputs + 1) * T).enumerate() {
            let mut sums = [[Lanes::<I>::of(0.0); T]; G];
            for g in 0..G {
                for t in 0..T {
                    sums[g][t] = match first {
                        0 => Lanes::new([weights[t]; LANES]),
                        _ => target[g * width + tile * T + t].with(),
                    };
                }
            }
            for input in first..last {
                // SAFETY: a tile has a row for the biases and one for every input, and every source
                // a number for every input.
                let row = unsafe { weights.get_unchecked((input + 1) * T..(input + 2) * T) };
                let mut numbers = [Lanes::<I>::of(0.0); G];
                for g in 0..G {
                    numbers[g] = unsafe { source[g].get_unchecked(input) }.with();
                }
                for t in 0..T {
                    let weight = Lanes::new([row[t]; LANES]);
                    for g in 0..G {
                        sums[g][t] = weight.mul_add(numbers[g], sums[g][t]);
                    }
                }
            }
            for g in 0..G {
                for t in 0..T {
                    target[g * width + tile * T + t] = sums[g][t].with();
                }
            }
        }
        first = last;
        if first >= inputs {
            break;
        }
    }
}
