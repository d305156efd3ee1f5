//! Layers as data: the kind, the sizes, and the position of the genes.

use super::Activation;

/// A layer of a network. A dense layer computes `outputs[o] = activation(bias[o] + sum over i of
/// weight[i][o] * inputs[i])`, without `bias[o]` if it has no biases. A recurrent layer consists of
/// dense [parts](Layer::part).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The kind of the layer.
    pub cell: Cell,
    /// The number of inputs.
    pub inputs: usize,
    /// The number of outputs.
    pub outputs: usize,
    /// The activation function.
    pub activation: Activation,
    /// True if the layer has biases.
    pub biased: bool,
    /// The gene of `weight[0][0]`.
    pub first_gene: usize,
    /// The index of its first number in the hidden state of the network.
    pub first_state: usize,
}

impl Layer {
    /// The gene of `bias[0]` of a dense layer, after its weights; the layer's end without biases.
    pub fn first_bias(&self) -> usize {
        self.first_gene + self.inputs * self.outputs
    }

    /// The number of weights and biases.
    pub fn parameters(&self) -> usize {
        let count = |part: DensePart| {
            (part.dense.inputs + usize::from(part.dense.biased)) * part.dense.outputs
        };
        self.parts().map(count).sum()
    }
}

/// The kind of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A dense layer, without hidden state.
    Dense,
    /// A simple recurrent layer (Elman).
    Elman,
    /// A layer of gated recurrent units.
    Gru,
}

/// A dense part of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DensePart {
    /// The shape of the part, and the position of its genes.
    pub dense: Layer,
    /// The index of its first input among the layer's inputs and feedback.
    pub first_source: usize,
    /// The index of its first output among the sums of all parts.
    pub first_target: usize,
}

/// A matrix of weights within a genome: `weight[input][output]` is the gene
/// `first_gene + input * stride + output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightMatrix {
    /// The gene of `weight[0][0]`.
    pub first_gene: usize,
    /// The number of rows.
    pub inputs: usize,
    /// The number of columns.
    pub outputs: usize,
    /// The number of genes from one row to the next.
    pub stride: usize,
}

impl Cell {
    /// The kinds of recurrent layers.
    pub const RECURRENT: [Self; 2] = [Self::Elman, Self::Gru];

    /// The name used in a network's spec and in WGSL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Elman => "elman",
            Self::Gru => "gru",
        }
    }
}
