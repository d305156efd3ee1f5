//! Forward passes with sixteen outputs of a layer in the lanes of a vector, for few samples.
//!
//! The weights of one input are read directly from the genome. If the outputs of a layer do not
//! fill the last vector, the results of its other lanes are discarded.

// The compiler keeps indexed loops over a tile in registers.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::samples::Samples;
use super::workspace::{Prefetcher, Workspace, grown};
use crate::math::{Instructions, LANES, Lanes, Real};
use crate::network::{Layer, Network};

/// The multiply-adds of whole vectors for all samples.
pub(super) fn vectors(network: &Network, samples: &Samples) -> usize {
    let layers = network.layers().iter();
    samples.count * layers.map(|layer| layer.inputs * layer.outputs.div_ceil(LANES)).sum::<usize>()
}

/// Computes the outputs of one individual for all samples, a few samples at a time.
#[inline(always)]
pub(super) fn passes<I: Instructions>(
    network: &Network,
    genome: &[f32],
    prefetcher: &mut Prefetcher<'_>,
    samples: &Samples,
    workspace: &mut Workspace,
    outputs: &mut [f32],
) {
    let passes = samples.count.div_ceil(WIDEST_PASS.min(I::ACCUMULATORS));
    let mut first = 0;
    for index in 0..passes {
        // All passes have about as many samples, since few sums do not keep the processor busy.
        let width = (samples.count - first).div_ceil(passes - index);
        macro_rules! pass_of {
            ($($S:literal)*) => {
                match width {
                    $($S => pass::<I, $S>(
                        network, genome, prefetcher, samples, first, workspace, outputs,
                    ),)*
                    _ => unreachable!("a pass of {width} samples"),
                }
            };
        }
        pass_of!(1 2 3 4 5 6);
        first += width;
    }
}

/// The samples of the widest pass.
const WIDEST_PASS: usize = 6;

/// Computes all layers for `S` samples.
#[inline(always)]
fn pass<I: Instructions, const S: usize>(
    network: &Network,
    genome: &[f32],
    prefetcher: &mut Prefetcher<'_>,
    samples: &Samples,
    first: usize,
    workspace: &mut Workspace,
    outputs: &mut [f32],
) {
    let widest = network.max_width().div_ceil(LANES);
    let mut source = grown(&mut workspace.source, S * widest);
    let mut target = grown(&mut workspace.target, S * widest);
    for (index, layer) in network.layers().iter().enumerate() {
        let vectors = layer.outputs.div_ceil(LANES);
        let mut numbers = [&[][..]; S];
        for s in 0..S {
            numbers[s] = match index {
                0 => &samples.rows[(first + s) * layer.inputs..][..layer.inputs],
                _ => {
                    let stride = layer.inputs.div_ceil(LANES);
                    &bytemuck::cast_slice(&source[s * stride..][..stride])[..layer.inputs]
                }
            };
        }
        let genes = &genome[layer.first_gene..][..layer.parameters()];
        dense::<I, S>(layer, genes, prefetcher, &numbers, target);
        layer
            .activation
            .apply_out_of_line::<I>(bytemuck::cast_slice_mut(&mut target[..S * vectors]));
        (source, target) = (target, source);
    }
    let (width, stride) = (network.outputs(), network.outputs().div_ceil(LANES));
    for s in 0..S {
        let row: &[f32] = bytemuck::cast_slice(&source[s * stride..][..stride]);
        let outputs = &mut outputs[(first + s) * width..][..width];
        for output in 0..width {
            outputs[output] = row[output];
        }
    }
}

/// Computes a layer's weighted sums, `target[sample * vectors + vector]`.
#[inline(always)]
fn dense<I: Instructions, const S: usize>(
    layer: &Layer,
    genes: &[f32],
    prefetcher: &mut Prefetcher<'_>,
    source: &[&[f32]; S],
    target: &mut [Lanes],
) {
    let vectors = layer.outputs.div_ceil(LANES);
    let left =
        |vector: usize, width: usize| I::ACCUMULATORS >= S * width && vector + width <= vectors;
    let mut vector = 0;
    while left(vector, 8) {
        prefetcher.prefetch::<I>(layer.inputs * 8 * LANES);
        vector = tile::<I, S, 8>(layer, genes, source, target, vector);
    }
    while left(vector, 4) {
        prefetcher.prefetch::<I>(layer.inputs * 4 * LANES);
        vector = tile::<I, S, 4>(layer, genes, source, target, vector);
    }
    while left(vector, 2) {
        prefetcher.prefetch::<I>(layer.inputs * 2 * LANES);
        vector = tile::<I, S, 2>(layer, genes, source, target, vector);
    }
    while vector < vectors {
        prefetcher.prefetch::<I>(layer.inputs * LANES);
        vector = tile::<I, S, 1>(layer, genes, source, target, vector);
    }
}

/// Computes `V` vectors of outputs from `vector` on, and returns the index of the next one.
#[inline(always)]
fn tile<I: Instructions, const S: usize, const V: usize>(
    layer: &Layer,
    genes: &[f32],
    source: &[&[f32]; S],
    target: &mut [Lanes],
    vector: usize,
) -> usize {
    let (inputs, outputs) = (layer.inputs, layer.outputs);
    let (first, stride) = (vector * LANES, outputs.div_ceil(LANES));
    let mut sums = [[Lanes::<I>::from_f64(0.0); V]; S];
    if layer.biased {
        for s in 0..S {
            for v in 0..V {
                sums[s][v] = load_partial(genes, inputs * outputs + first + v * LANES);
            }
        }
    }
    for s in 0..S {
        assert!(source[s].len() == inputs, "a number for every input");
    }
    // A vector that extends beyond its row reads the genes after it, and the result is discarded.
    // Only the last rows can extend beyond the layer.
    let whole = match genes.len().checked_sub(first + V * LANES) {
        Some(free) => inputs.min(free / outputs + 1),
        None => 0,
    };
    for input in 0..whole {
        for v in 0..V {
            let from = input * outputs + first + v * LANES;
            // SAFETY: these rows end within the genes, and the assertion ensures that the input
            // exists.
            let row = unsafe { genes.get_unchecked(from..from + LANES) };
            let weight = Lanes::<I>::new(*row.first_chunk().expect("a whole vector"));
            for s in 0..S {
                let number = unsafe { *source[s].get_unchecked(input) };
                sums[s][v] = weight.mul_add(Lanes::splat(number), sums[s][v]);
            }
        }
    }
    for input in whole..inputs {
        for v in 0..V {
            let weight = load_partial::<I>(genes, input * outputs + first + v * LANES);
            for s in 0..S {
                let number = Lanes::splat(source[s][input]);
                sums[s][v] = weight.mul_add(number, sums[s][v]);
            }
        }
    }
    for s in 0..S {
        for v in 0..V {
            target[s * stride + v + vector] = sums[s][v].cast();
        }
    }
    vector + V
}

/// Reads sixteen genes, or fewer at the end of the genome.
#[inline(always)]
fn load_partial<I: Instructions>(genes: &[f32], from: usize) -> Lanes<I> {
    let genes = &genes[from..];
    let mut numbers = [0.0; LANES];
    for n in 0..LANES.min(genes.len()) {
        numbers[n] = genes[n];
    }
    Lanes::new(numbers)
}
