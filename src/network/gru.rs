//! The gated recurrent unit: two gates control how much of the hidden state is used and kept.
//!
//! ```text
//! r  = sigmoid(W_r x + U_r h + b_r)            reset
//! z  = sigmoid(W_z x + U_z h + b_z)            update
//! n  = tanh(W_n x + b_n + r * (U_n h + c_n))   candidate
//! h' = (1 - z) * n + z * h
//! ```
//!
//! with `h` zero at the first step of an episode, and `*` elementwise.
//!
//! # Shapes
//!
//! The three parts follow one another, each its weights and then its biases: both gates,
//! `f32[inputs + outputs][2 outputs]`, reset before update in each row, the rows of `W` before
//! those of `U`; then `W_n`, `f32[inputs][outputs]`, and `b_n`; then `U_n`,
//! `f32[outputs][outputs]`, and `c_n`. The hidden state is `h`, `f32[outputs]`.
//!
//! # Source
//!
//! Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", section 2.3. As in
//! PyTorch's `GRUCell` and in cuDNN, the reset gate applies after the product with `U_n`, not
//! before it, so that no product with the state waits for a gate. In both, `z` is the share of the
//! old state. PyTorch's two biases of a gate are added to one. Twin: `shaders/network/gru.wgsl`.

// The compiler turns indexed loops over a layer into vectors without a call.
#![allow(clippy::needless_range_loop)]

use super::{Activation, Cell, DensePart, Layer, WeightMatrix};
use crate::math::Real;

/// The dense part with an index: gates, input side of the candidate, state side of the candidate.
#[inline(always)]
pub(super) fn part(layer: &Layer, index: usize) -> Option<DensePart> {
    let (inputs, outputs, biases) = (layer.inputs, layer.outputs, usize::from(layer.biased));
    let gates = Layer {
        cell: Cell::Dense,
        inputs: inputs + outputs,
        outputs: 2 * outputs,
        activation: Activation::Sigmoid,
        ..*layer
    };
    let first_gene = layer.first_gene + (inputs + outputs + biases) * 2 * outputs;
    let candidate = Layer { inputs, outputs, activation: Activation::Linear, first_gene, ..gates };
    let first_gene = first_gene + (inputs + biases) * outputs;
    let feedback = Layer { inputs: outputs, first_gene, ..candidate };
    match index {
        0 => Some(DensePart { dense: gates, first_source: 0, first_target: 0 }),
        1 => Some(DensePart { dense: candidate, first_source: 0, first_target: 2 * outputs }),
        2 => Some(DensePart { dense: feedback, first_source: inputs, first_target: 3 * outputs }),
        _ => None,
    }
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

/// Computes the next state, which is also the output, from the sums of all parts, `[4 outputs]`.
#[inline(always)]
pub(super) fn update<R: Real>(sums: &[R], state: &mut [R], outputs: &mut [R]) {
    let count = outputs.len();
    let sums = &sums[..4 * count];
    for o in 0..count {
        let (reset, update) = (sums[o], sums[count + o]);
        let candidate = reset.mul_add(sums[3 * count + o], sums[2 * count + o]).tanh();
        state[o] = update.mul_add(state[o] - candidate, candidate);
        outputs[o] = state[o];
    }
}

/// `W` and `U` of reset, update and candidate.
pub(super) fn matrices(layer: &Layer) -> [Vec<WeightMatrix>; 2] {
    let outputs = layer.outputs;
    let [gates, candidate, feedback] = dense_parts(layer);
    let gate = |first_row: usize, gate: usize, inputs: usize| {
        let stride = gates.outputs;
        let first_gene = gates.first_gene + first_row * stride + gate * outputs;
        WeightMatrix { first_gene, inputs, outputs, stride }
    };
    let whole = |part: Layer| WeightMatrix {
        first_gene: part.first_gene,
        inputs: part.inputs,
        outputs,
        stride: outputs,
    };
    let side = |first_row: usize, inputs: usize, last: Layer| {
        vec![gate(first_row, 0, inputs), gate(first_row, 1, inputs), whole(last)]
    };
    [side(0, layer.inputs, candidate), side(layer.inputs, outputs, feedback)]
}

/// `b` of reset, update and candidate, and `c` of the candidate.
pub(super) fn biases(layer: &Layer) -> [Vec<Option<usize>>; 2] {
    let [gates, candidate, feedback] = dense_parts(layer).map(|part| part.first_bias());
    [
        vec![Some(gates), Some(gates + layer.outputs), Some(candidate)],
        vec![None, None, Some(feedback)],
    ]
}

fn dense_parts(layer: &Layer) -> [Layer; 3] {
    [0, 1, 2].map(|index| part(layer, index).expect("a GRU has three parts").dense)
}
