//! A genome as tensors, by the names and in the shapes that other libraries have, and back.
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

/// Where a tensor's numbers stand in a genome; a number that is always zero stands nowhere.
struct Places {
    name: String,
    shape: Vec<usize>,
    genes: Vec<Option<usize>>,
}

impl Network {
    /// The tensors of a genome.
    pub fn tensors(&self, genome: &[f32]) -> Vec<Tensor> {
        let number = |gene: Option<usize>| gene.map_or(0.0, |gene| genome[gene]);
        let tensor = |Places { name, shape, genes }| {
            let values = genes.into_iter().map(number).collect();
            Tensor { name, shape, values }
        };
        self.places().into_iter().map(tensor).collect()
    }

    /// The genome whose tensors these are; `read` finds one by its name.
    ///
    /// # Errors
    /// What `read` refuses, and a tensor of another length.
    pub fn genome(
        &self,
        mut read: impl FnMut(&str) -> Result<Vec<f32>, String>,
    ) -> Result<Vec<f32>, String> {
        let mut genome = vec![0.0; self.parameters()];
        for Places { name, shape, genes } in self.places() {
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

    fn places(&self) -> Vec<Places> {
        let mut found = Vec::new();
        for (index, layer) in self.layers().iter().enumerate() {
            let sides = if layer.cell == Cell::Dense { ["", ""] } else { ["_ih", "_hh"] };
            for (side, matrices) in sides.into_iter().zip(layer.matrices()) {
                let Some(first) = matrices.first() else { continue };
                found.push(Places {
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
                found.push(Places {
                    name: format!("layer{index}.bias{side}"),
                    shape: vec![biases.len() * layer.outputs],
                    genes: biases.iter().flat_map(|&first| bias(layer, first)).collect(),
                });
            }
        }
        found
    }
}

/// The genes of a matrix as tensors have it: `[outputs][inputs]`.
fn transposed(matrix: &Matrix) -> Vec<usize> {
    let gene = |input: usize, output: usize| matrix.first_gene + input * matrix.stride + output;
    let row = |output| (0..matrix.inputs).map(move |input| gene(input, output));
    (0..matrix.outputs).flat_map(row).collect()
}

fn bias(layer: &Layer, first: Option<usize>) -> Vec<Option<usize>> {
    (0..layer.outputs).map(|output| first.map(|first| first + output)).collect()
}
