//! Conversion of a genome to tensors with the names and shapes of other libraries, and back.
//!
//! # Shapes
//!
//! A dense layer L is `layerL.weight`, `f32[outputs][inputs]`, and `layerL.bias`, `f32[outputs]`,
//! as in PyTorch's `Linear`. A recurrent layer is as in its `RNNCell` or `GRUCell`:
//!
//! - `layerL.weight_ih`, `f32[gates * outputs][inputs]`,
//! - `layerL.weight_hh`, `f32[gates * outputs][outputs]`,
//! - `layerL.bias_ih` and `layerL.bias_hh`, `f32[gates * outputs]`. The second is zero if the layer
//!   has one bias for both.
//!
//! The gates are reset, update, candidate. A layer without biases has no bias tensors.

use super::{Cell, Layer, Network, WeightMatrix};

/// A tensor with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedTensor {
    /// The name.
    pub name: String,
    /// The sizes, row-major.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Vec<f32>,
}

/// The genes of a tensor's numbers; `None` for a number that is always zero.
struct TensorGenes {
    name: String,
    shape: Vec<usize>,
    genes: Vec<Option<usize>>,
}

impl Network {
    /// Converts a genome to tensors.
    pub fn tensors(&self, genome: &[f32]) -> Vec<NamedTensor> {
        let number = |gene: Option<usize>| gene.map_or(0.0, |gene| genome[gene]);
        let tensor = |TensorGenes { name, shape, genes }| {
            let values = genes.into_iter().map(number).collect();
            NamedTensor { name, shape, values }
        };
        self.tensor_genes().into_iter().map(tensor).collect()
    }

    /// Converts tensors to a genome. `read` returns the numbers of a tensor by name.
    ///
    /// # Errors
    /// Returns the errors of `read`, and an error if a tensor has another length.
    pub fn genome(
        &self,
        mut read: impl FnMut(&str) -> Result<Vec<f32>, String>,
    ) -> Result<Vec<f32>, String> {
        let mut genome = vec![0.0; self.parameters()];
        for TensorGenes { name, shape, genes } in self.tensor_genes() {
            let values = read(&name)?;
            if values.len() != genes.len() {
                return Err(format!("expected '{name}' as {shape:?}, got {}", values.len()));
            }
            for (gene, value) in genes.into_iter().zip(values) {
                if let Some(gene) = gene {
                    genome[gene] = value;
                }
            }
        }
        Ok(genome)
    }

    fn tensor_genes(&self) -> Vec<TensorGenes> {
        let mut found = Vec::new();
        for (index, layer) in self.layers().iter().enumerate() {
            let sides = if layer.cell == Cell::Dense { ["", ""] } else { ["_ih", "_hh"] };
            for (side, matrices) in sides.into_iter().zip(layer.matrices()) {
                let Some(first) = matrices.first() else { continue };
                found.push(TensorGenes {
                    name: format!("layer{index}.weight{side}"),
                    shape: vec![matrices.len() * layer.outputs, first.inputs],
                    genes: matrices.iter().flat_map(transposed).map(Some).collect(),
                });
            }
            let biases = if layer.biased { layer.gate_biases() } else { Default::default() };
            for (side, biases) in sides.into_iter().zip(biases) {
                if biases.is_empty() {
                    continue;
                }
                found.push(TensorGenes {
                    name: format!("layer{index}.bias{side}"),
                    shape: vec![biases.len() * layer.outputs],
                    genes: biases.iter().flat_map(|&first| bias(layer, first)).collect(),
                });
            }
        }
        found
    }
}

/// The genes of a matrix in the order of a tensor: `[outputs][inputs]`.
fn transposed(matrix: &WeightMatrix) -> Vec<usize> {
    let gene = |input: usize, output: usize| matrix.first_gene + input * matrix.stride + output;
    let row = |output| (0..matrix.inputs).map(move |input| gene(input, output));
    (0..matrix.outputs).flat_map(row).collect()
}

/// The genes of a bias vector.
fn bias(layer: &Layer, first: Option<usize>) -> Vec<Option<usize>> {
    (0..layer.outputs).map(|output| first.map(|first| first + output)).collect()
}
