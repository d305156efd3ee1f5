//! The Elman layer: a dense layer that also reads its outputs of the step before.
//!
//! `h' = activation(W x + U h + b)`, with `h` zero at the first step of an episode.
//!
//! # Shapes
//!
//! The one part is `f32[inputs + outputs][outputs]`, the rows of `W` followed by those of `U`;
//! then `b`. The hidden state is `h`, `f32[outputs]`.
//!
//! # Source
//!
//! Elman 1990, "Finding structure in time", figure 2, where the context units are further inputs.
//! The layer is PyTorch's `RNNCell`, whose two biases are added to one. Twin:
//! `shaders/network/elman.wgsl`.

// The compiler turns indexed loops over a layer into vectors without a call.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::{Cell, DensePart, Layer, WeightMatrix};
use crate::math::Real;

/// The dense part with an index.
#[inline(always)]
pub(super) fn part(layer: &Layer, index: usize) -> Option<DensePart> {
    let inputs = layer.inputs + feedback_size(layer);
    let dense = Layer { cell: Cell::Dense, inputs, ..*layer };
    if index == 0 { Some(DensePart { dense, first_source: 0, first_target: 0 }) } else { None }
}

/// The numbers of `h`.
#[inline(always)]
pub(super) fn state_size(layer: &Layer) -> usize {
    layer.outputs
}

/// The numbers of `h`.
#[inline(always)]
pub(super) fn feedback_size(layer: &Layer) -> usize {
    layer.outputs
}

/// Takes the sums, `[outputs]`, as the next state and as the outputs.
#[inline(always)]
pub(super) fn update<R: Real>(sums: &[R], state: &mut [R], outputs: &mut [R]) {
    for o in 0..outputs.len() {
        state[o] = sums[o];
        outputs[o] = sums[o];
    }
}

/// `W`, and `U`.
pub(super) fn matrices(layer: &Layer) -> [Vec<WeightMatrix>; 2] {
    let (outputs, stride) = (layer.outputs, layer.outputs);
    let matrix = |first_row: usize, inputs: usize| {
        let first_gene = layer.first_gene + first_row * stride;
        vec![WeightMatrix { first_gene, inputs, outputs, stride }]
    };
    [matrix(0, layer.inputs), matrix(layer.inputs, feedback_size(layer))]
}

/// `b`.
pub(super) fn biases(layer: &Layer) -> [Vec<Option<usize>>; 2] {
    let first_bias = layer.parts().map(|part| part.dense.first_bias()).next();
    [vec![first_bias], vec![None]]
}
