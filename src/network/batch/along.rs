//! Sixteen outputs of a layer in the lanes of a vector, for few samples.
//!
//! A row of weights, one input's, is read as it stands in the genome. Where a layer's outputs do
//! not fill the last vector, those columns are first copied to rows of their own.

// Indexed loops over a tile are what the compiler keeps in registers.
#![allow(clippy::needless_range_loop)]

use super::{Samples, Upcoming, Workspace, room};
use crate::math::{Instructions, LANES, Lanes, Real};
use crate::network::{Layer, Network};

/// Multiply-adds of whole vectors that passes over the samples take.
pub(super) fn vectors(network: &Network, samples: &Samples) -> usize {
    let layers = network.layers().iter();
    samples.count * layers.map(|layer| layer.inputs * layer.outputs.div_ceil(LANES)).sum::<usize>()
}

/// One individual's passes over all samples, a few at a time.
#[inline(always)]
pub(super) fn passes<I: Instructions>(
    network: &Network,
    genome: &[f32],
    upcoming: &mut Upcoming<'_>,
    samples: &Samples,
    workspace: &mut Workspace,
    outputs: &mut [f32],
) {
    const FEW: usize = 4;
    let mut first = 0;
    while I::SUMS >= FEW && first + FEW <= samples.count {
        pass::<I, FEW>(network, genome, upcoming, samples, first, workspace, outputs);
        first += FEW;
    }
    while first < samples.count {
        pass::<I, 1>(network, genome, upcoming, samples, first, workspace, outputs);
        first += 1;
    }
}

/// All layers for `S` samples.
#[inline(always)]
fn pass<I: Instructions, const S: usize>(
    network: &Network,
    genome: &[f32],
    upcoming: &mut Upcoming<'_>,
    samples: &Samples,
    first: usize,
    workspace: &mut Workspace,
    outputs: &mut [f32],
) {
    let widest = network.widest().div_ceil(LANES);
    let mut source = room(&mut workspace.source, S * widest);
    let mut target = room(&mut workspace.target, S * widest);
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
        upcoming.ask_for::<I>(genes.len());
        sums::<I, S>(layer, genes, &numbers, target, &mut workspace.weights);
        layer
            .activation
            .apply_all::<Lanes<I>>(bytemuck::cast_slice_mut(&mut target[..S * vectors]));
        (source, target) = (target, source);
    }
    let (width, stride) = (network.outputs(), network.outputs().div_ceil(LANES));
    for s in 0..S {
        let row: &[f32] = bytemuck::cast_slice(&source[s * stride..][..stride]);
        outputs[(first + s) * width..][..width].copy_from_slice(&row[..width]);
    }
}

/// A layer's weighted sums: `target[sample * vectors + vector]`.
#[inline(always)]
fn sums<I: Instructions, const S: usize>(
    layer: &Layer,
    genes: &[f32],
    source: &[&[f32]; S],
    target: &mut [Lanes],
    store: &mut Vec<f32>,
) {
    let whole = layer.outputs / LANES;
    let stride = layer.outputs.div_ceil(LANES);
    let mut vector = 0;
    while I::SUMS >= 8 * S && vector + 8 <= whole {
        tile::<I, S, 8>(
            genes,
            layer.outputs,
            vector * LANES,
            source,
            &mut target[vector..],
            stride,
        );
        vector += 8;
    }
    while I::SUMS >= 4 * S && vector + 4 <= whole {
        tile::<I, S, 4>(
            genes,
            layer.outputs,
            vector * LANES,
            source,
            &mut target[vector..],
            stride,
        );
        vector += 4;
    }
    while I::SUMS >= 2 * S && vector + 2 <= whole {
        tile::<I, S, 2>(
            genes,
            layer.outputs,
            vector * LANES,
            source,
            &mut target[vector..],
            stride,
        );
        vector += 2;
    }
    while vector < whole {
        tile::<I, S, 1>(
            genes,
            layer.outputs,
            vector * LANES,
            source,
            &mut target[vector..],
            stride,
        );
        vector += 1;
    }
    if whole < stride {
        let last = room(store, (layer.inputs + 1) * LANES);
        let left = layer.outputs - whole * LANES;
        for row in 0..=layer.inputs {
            let from = &genes[row * layer.outputs + whole * LANES..][..left];
            let mut vector = [0.0; LANES];
            for n in 0..left {
                vector[n] = from[n];
            }
            last[row * LANES..][..LANES].copy_from_slice(&vector);
        }
        tile::<I, S, 1>(last, LANES, 0, source, &mut target[whole..], stride);
    }
}

/// `V` vectors of outputs, from `first` on: rows of weights, one an input, and then the biases.
#[inline(always)]
fn tile<I: Instructions, const S: usize, const V: usize>(
    rows: &[f32],
    outputs: usize,
    first: usize,
    source: &[&[f32]; S],
    target: &mut [Lanes],
    stride: usize,
) {
    let inputs = source[0].len();
    let biases = &rows[inputs * outputs + first..][..V * LANES];
    let mut sums = [[Lanes::<I>::of(0.0); V]; S];
    for s in 0..S {
        for v in 0..V {
            sums[s][v] = load(&biases[v * LANES..][..LANES]);
        }
    }
    assert!(first + V * LANES <= outputs && rows.len() >= inputs * outputs, "a tile fits");
    for s in 0..S {
        assert!(source[s].len() == inputs, "a number for every input");
    }
    for input in 0..inputs {
        for v in 0..V {
            let from = input * outputs + first + v * LANES;
            // SAFETY: by the assertions, the row and the numbers lie within their slices.
            let weight = load::<I>(unsafe { rows.get_unchecked(from..from + LANES) });
            for s in 0..S {
                let number = unsafe { *source[s].get_unchecked(input) };
                sums[s][v] = weight.mul_add(Lanes::new([number; LANES]), sums[s][v]);
            }
        }
    }
    for s in 0..S {
        for v in 0..V {
            target[s * stride + v] = sums[s][v].with();
        }
    }
}

/// One vector of a row.
#[inline(always)]
fn load<I: Instructions>(row: &[f32]) -> Lanes<I> {
    Lanes::new(*row.first_chunk().expect("a whole vector"))
}
