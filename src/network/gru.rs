//! The gated recurrent unit: two gates say how much of the memory is used, and how much is kept.
//!
//! ```text
//! r  = sigmoid(W_r x + U_r h + b_r)            reset
//! z  = sigmoid(W_z x + U_z h + b_z)            update
//! n  = tanh(W_n x + b_n + r * (U_n h + c_n))   candidate
//! h' = (1 - z) * n + z * h
//! ```
//!
//! with `h` zero at an episode's first step, and `*` number by number.
//!
//! # Shapes
//!
//! Three parts, one after another, each its weights and then its biases: both gates,
//! `f32[inputs + outputs][2 outputs]`, reset before update in each row, the rows of `W` before
//! those of `U`; then `W_n`, `f32[inputs][outputs]`, and `b_n`; then `U_n`,
//! `f32[outputs][outputs]`, and `c_n`.
//!
//! # Source
//!
//! Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder", section 2.3, with
//! the reset gate behind the product with `U_n`, not before it, as PyTorch's `GRUCell` and cuDNN
//! have it: products with the memory then wait for no gate. `z` keeps what is old, in both.
//! PyTorch's two biases of a gate are added to one. Twin: `shaders/network/gru.wgsl`.

// Indexed loops over a layer are what the compiler turns into vectors without a call.
#![allow(clippy::needless_range_loop)]

use super::{Activation, Cell, Layer, Matrix, Part};
use crate::math::Real;

/// The parts of a layer.
#[inline(always)]
pub(super) fn part(layer: &Layer, index: usize) -> Option<Part> {
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
    let remembered = Layer { inputs: outputs, first_gene, ..candidate };
    match index {
        0 => Some(Part { dense: gates, first_source: 0, first_target: 0 }),
        1 => Some(Part { dense: candidate, first_source: 0, first_target: 2 * outputs }),
        2 => Some(Part { dense: remembered, first_source: inputs, first_target: 3 * outputs }),
        _ => None,
    }
}

/// The next memory from the sums of all parts, `[4 outputs]`.
#[inline(always)]
pub(super) fn blend<R: Real>(sums: &[R], state: &mut [R]) {
    let outputs = state.len();
    for o in 0..outputs {
        let (reset, update) = (sums[o], sums[outputs + o]);
        let candidate = reset.mul_add(sums[3 * outputs + o], sums[2 * outputs + o]).tanh();
        state[o] = update.mul_add(state[o] - candidate, candidate);
    }
}

/// `W` and `U` of reset, update and candidate.
pub(super) fn matrices(layer: &Layer) -> [Vec<Matrix>; 2] {
    let outputs = layer.outputs;
    let [gates, candidate, remembered] = dense_parts(layer);
    let gate = |first_row: usize, gate: usize, inputs: usize| {
        let stride = gates.outputs;
        let first_gene = gates.first_gene + first_row * stride + gate * outputs;
        Matrix { first_gene, inputs, outputs, stride }
    };
    let whole = |part: Layer| Matrix {
        first_gene: part.first_gene,
        inputs: part.inputs,
        outputs,
        stride: outputs,
    };
    let of = |first_row: usize, inputs: usize, last: Layer| {
        vec![gate(first_row, 0, inputs), gate(first_row, 1, inputs), whole(last)]
    };
    [of(0, layer.inputs, candidate), of(layer.inputs, outputs, remembered)]
}

/// `b` of reset, update and candidate, and `c` of the candidate.
pub(super) fn biases(layer: &Layer) -> [Vec<Option<usize>>; 2] {
    let [gates, candidate, remembered] = dense_parts(layer).map(|part| part.first_bias());
    [
        vec![Some(gates), Some(gates + layer.outputs), Some(candidate)],
        vec![None, None, Some(remembered)],
    ]
}

fn dense_parts(layer: &Layer) -> [Layer; 3] {
    [0, 1, 2].map(|index| part(layer, index).expect("there are three parts").dense)
}
