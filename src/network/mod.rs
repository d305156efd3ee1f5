//! Networks: their shape, and the order of their parameters in a genome.
//!
//! # Shapes
//!
//! A network is a chain of dense layers. Its genome is `f32[parameters]`, layer after layer; each
//! layer holds its weights, input-major, then its biases:
//!
//! ```text
//! genome │ layer 0                                   │ layer 1 ...
//!        │ w[0][0] w[0][1] .. w[1][0] .. │ b[0] b[1] │
//!          w[input][output]
//! ```
//!
//! The weights that one input has stand side by side, one an output, so that outputs fill vectors.
//! A layer without biases has its weights alone. A recurrent layer is made of such dense parts, one
//! after another: one of `elman`, three of `gru`, whose rows of weights are those of the inputs
//! and then those of what the layer remembers.
//!
//! The last layer is linear; a task says what its outputs mean.
//!
//! # Example
//!
//! ```
//! use deme::network::{Activation, Network};
//! let network = Network::parse("16-16:relu", 4, 2, Activation::Tanh)?;
//! assert_eq!(network.parameters(), 386);
//! assert_eq!(network.to_string(), "16-16:relu");
//! # Ok::<(), deme::error::Error>(())
//! ```

mod activation;
mod batch;
mod elman;
mod graph;
mod gru;
mod initial;
mod mlp;
mod normalisation;
mod precision;
mod recurrent;
mod spec;
mod substrate;
mod tensors;

pub use activation::Activation;
pub use batch::{Samples, Sink, Workspace};
pub use graph::{
    Aggregation, Connection, Crew, Edge, Graph, GraphPasses, MOST_PALETTE_WORDS, Naive, Node,
    OWN_RESPONSE, Phenotype, Ports, Topology, Unit, most_words_of, pack,
};
pub use initial::Initial;
pub use mlp::{Genome, Scratch, Shared};
pub use normalisation::{CLIP, DEVIATION_FLOOR, Normalisation, Normaliser, Seen, Statistics};
pub use precision::Precision;
pub use recurrent::{Cell, Matrix, Part};
pub use spec::LARGEST_WIDTH;
pub use substrate::{PLACE, Substrate};
pub use tensors::Tensor;

use crate::error::Result;
use spec::Written;

/// One layer. A dense one: `outputs[o] = activation(bias[o] + sum over i of weight[i][o] *
/// inputs[i])`, where it has no biases without them. A recurrent one is made of
/// [parts](Layer::part) that are dense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// What it computes with.
    pub cell: Cell,
    /// Numbers that go in.
    pub inputs: usize,
    /// Numbers that come out.
    pub outputs: usize,
    /// What is done with each sum.
    pub activation: Activation,
    /// Whether it has biases.
    pub biased: bool,
    /// The gene of `weight[0][0]`.
    pub first_gene: usize,
    /// Where what it remembers begins among the numbers that the network does.
    pub first_state: usize,
}

impl Layer {
    /// Of a dense layer: the gene of `bias[0]`, behind the weights; without biases, its end.
    pub fn first_bias(&self) -> usize {
        self.first_gene + self.inputs * self.outputs
    }

    /// Weights and biases.
    pub fn parameters(&self) -> usize {
        let of =
            |part: Part| (part.dense.inputs + usize::from(part.dense.biased)) * part.dense.outputs;
        self.parts().map(of).sum()
    }
}

/// A network's shape; its parameters are a genome, kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    layers: Vec<Layer>,
    precision: Precision,
}

impl Network {
    /// The network of a spec: hidden layers such as `16-16:relu`, or nothing for none.
    ///
    /// `nobias` behind a layer leaves its biases out, `-out:nobias` at the end those of the
    /// outputs: `8:nobias-out:nobias` has weights alone. `3:elman` and `16:gru` are recurrent
    /// layers.
    ///
    /// # Errors
    /// A width that is zero or above [`LARGEST_WIDTH`], or an unknown activation.
    pub fn parse(
        spec: &str,
        inputs: usize,
        outputs: usize,
        activation: Activation,
    ) -> Result<Self> {
        Ok(Self::chain(inputs, &spec::hidden(spec, outputs, activation)?))
    }

    /// The network whose spec names every layer, inputs first and outputs last: `64-128-10`.
    ///
    /// # Errors
    /// As [`Network::parse`], and fewer than two layers.
    pub fn parse_whole(spec: &str, activation: Activation) -> Result<Self> {
        let (inputs, layers) = spec::whole(spec, activation)?;
        Ok(Self::chain(inputs, &layers))
    }

    /// The smallest network that has exactly so many parameters: one output, no hidden layer.
    pub fn of_parameters(parameters: usize) -> Self {
        Self::chain(parameters.max(1) - 1, &[Written::outputs(1)])
    }

    fn chain(inputs: usize, layers: &[Written]) -> Self {
        let (mut inputs, mut first_gene, mut first_state) = (inputs, 0, 0);
        let layers = layers.iter().map(|&Written { cell, width, activation, biased }| {
            let outputs = width;
            let layer =
                Layer { cell, inputs, outputs, activation, biased, first_gene, first_state };
            inputs = width;
            first_gene += layer.parameters();
            first_state += layer.memory();
            layer
        });
        Self { layers: layers.collect(), precision: Precision::default() }
    }

    /// The same, whose genes are kept in these numbers.
    #[must_use]
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// What its genes are kept in.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The layers, first to last; there is at least one.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Numbers that go in.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// Numbers that come out.
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs
    }

    /// Weights and biases: the length of a genome.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }

    /// The most numbers that stand between two layers.
    pub fn widest(&self) -> usize {
        self.layers.iter().map(|layer| layer.inputs.max(layer.outputs)).max().unwrap_or(0)
    }
}
