//! Elman's layer: a dense layer that also takes in what it gave a step before.
//!
//! `h' = activation(W x + U h + b)`, with `h` zero at an episode's first step.
//!
//! # Shapes
//!
//! One part: `f32[inputs + outputs][outputs]`, the rows of `W` and then those of `U`; then `b`.
//!
//! # Source
//!
//! Elman 1990, "Finding structure in time", figure 2: the context units are further inputs. It is
//! PyTorch's `RNNCell`, whose two biases are added to one. Twin: `shaders/network/elman.wgsl`.

use super::{Cell, Layer, Matrix, Part};

/// The parts of a layer.
#[inline(always)]
pub(super) fn part(layer: &Layer, index: usize) -> Option<Part> {
    let inputs = layer.inputs + layer.outputs;
    let dense = Layer { cell: Cell::Dense, inputs, ..*layer };
    if index == 0 { Some(Part { dense, first_source: 0, first_target: 0 }) } else { None }
}

/// `W`, and `U`.
pub(super) fn matrices(layer: &Layer) -> [Vec<Matrix>; 2] {
    let (outputs, stride) = (layer.outputs, layer.outputs);
    let matrix = |first_row: usize, inputs: usize| {
        let first_gene = layer.first_gene + first_row * stride;
        vec![Matrix { first_gene, inputs, outputs, stride }]
    };
    [matrix(0, layer.inputs), matrix(layer.inputs, outputs)]
}

/// `b`.
pub(super) fn biases(layer: &Layer) -> [Vec<Option<usize>>; 2] {
    let first_bias = layer.parts().map(|part| part.dense.first_bias()).next();
    [vec![first_bias], vec![None]]
}
