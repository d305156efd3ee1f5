//! A genome as tensors, by the names and in the shapes that other libraries have.
//!
//! # Shapes
//!
//! A dense layer L is `layerL.weight`, `f32[outputs][inputs]`, and `layerL.bias`, `f32[outputs]`:
//! what PyTorch's `Linear` has. A recurrent one is what its `RNNCell` or `GRUCell` has:
//!
//! - `layerL.weight_ih`, `f32[gates * outputs][inputs]`,
//! - `layerL.weight_hh`, `f32[gates * outputs][outputs]`,
//! - `layerL.bias_ih` and `layerL.bias_hh`, `f32[gates * outputs]`, the second zero where one bias
//!   stands for both.
//!
//! Gates are reset, update, candidate. A layer without biases has no tensor of them.

use super::{Cell, Layer, Matrix, Network};

/// Numbers with a name and a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its sizes, row-major.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Vec<f32>,
}

impl Network {
    /// The tensors of a genome.
    pub fn tensors(&self, genome: &[f32]) -> Vec<Tensor> {
        let mut tensors = Vec::new();
        for (index, layer) in self.layers().iter().enumerate() {
            let sides = if layer.cell == Cell::Dense { ["", ""] } else { ["_ih", "_hh"] };
            for (side, matrices) in sides.into_iter().zip(layer.matrices()) {
                let Some(first) = matrices.first() else { continue };
                tensors.push(Tensor {
                    name: format!("layer{index}.weight{side}"),
                    shape: vec![matrices.len() * layer.outputs, first.inputs],
                    values: matrices.iter().flat_map(|matrix| transposed(matrix, genome)).collect(),
                });
            }
            let biases = if layer.biased { layer.gate_biases() } else { Default::default() };
            for (side, biases) in sides.into_iter().zip(biases) {
                if biases.is_empty() {
                    continue;
                }
                tensors.push(Tensor {
                    name: format!("layer{index}.bias{side}"),
                    shape: vec![biases.len() * layer.outputs],
                    values: biases.iter().flat_map(|&first| bias(layer, first, genome)).collect(),
                });
            }
        }
        tensors
    }
}

/// A matrix as tensors have it: `[outputs][inputs]`.
fn transposed(matrix: &Matrix, genome: &[f32]) -> Vec<f32> {
    let weights = &genome[matrix.first_gene..];
    let row = |o: usize| weights[o..].iter().step_by(matrix.stride).take(matrix.inputs).copied();
    (0..matrix.outputs).flat_map(row).collect()
}

fn bias(layer: &Layer, first: Option<usize>, genome: &[f32]) -> Vec<f32> {
    first.map_or(vec![0.0; layer.outputs], |first| genome[first..][..layer.outputs].to_vec())
}
