//! Neural networks: their shapes, and the layout of their parameters in a genome.
//!
//! # Shapes
//!
//! A network is a sequence of layers. Its genome is `f32[parameters]`, layer after layer. A dense
//! layer has its weights, input-major, and then its biases:
//!
//! ```text
//! genome │ layer 0                                   │ layer 1 ...
//!        │ w[0][0] w[0][1] .. w[1][0] .. │ b[0] b[1] │
//!          w[input][output]
//! ```
//!
//! The weights of one input are adjacent, one for each output, so that outputs fill vectors. A
//! layer without biases has only weights. A recurrent layer consists of dense parts in sequence:
//! one for `elman`, three for `gru`. Their rows of weights are those of the inputs, and then those
//! of the feedback from the hidden state.
//!
//! The last layer is linear. The task defines the meaning of its outputs.
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
mod dense;
mod elman;
mod graph;
mod gru;
mod initialisation;
mod layer;
mod mlp;
mod normalisation;
mod precision;
mod recurrent;
mod spec;
mod substrate;
mod tensors;

pub use activation::Activation;
pub use batch::{Samples, Sink, Workspace};
pub use dense::{SharedGenome, WeightSource};
pub use graph::{
    Aggregation, Connection, Edge, Graph, GraphLanes, GraphPasses, KIND_BITS, MAX_PALETTE_WORDS,
    Node, OWN_RESPONSE, Phenotype, PhenotypeNode, Ports, RESPONSE_BITS, ReferenceGraph, Topology,
    max_packed_words, pack_phenotypes,
};
pub use initialisation::Initialisation;
pub use layer::{Cell, DensePart, Layer, WeightMatrix};
pub use mlp::Scratch;
pub use normalisation::{
    CLIP, DEVIATION_FLOOR, Normalisation, Normaliser, ObservationStatistics, ObservationSums,
};
pub use precision::Precision;
pub use spec::LARGEST_WIDTH;
pub use substrate::{COORDINATES_PER_GENE, Substrate};
pub use tensors::NamedTensor;

use std::fmt;

use crate::error::Result;
use spec::LayerSpec;

/// The shape of a network. Its parameters are a genome, which is stored separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    layers: Vec<Layer>,
    precision: Precision,
}

impl Network {
    /// Parses a spec of the hidden layers, such as `16-16:relu`. An empty spec has none.
    ///
    /// A layer with `nobias` has no biases, and a spec that ends in `-out:nobias` has none for the
    /// outputs: `8:nobias-out:nobias` has only weights. `3:elman` and `16:gru` are recurrent
    /// layers.
    ///
    /// # Errors
    /// Returns an error if a width is zero or above [`LARGEST_WIDTH`], or if an activation is
    /// unknown.
    pub fn parse(
        spec: &str,
        inputs: usize,
        outputs: usize,
        activation: Activation,
    ) -> Result<Self> {
        Ok(Self::from_layers(inputs, &spec::parse_hidden(spec, outputs, activation)?))
    }

    /// Parses a spec of the whole network, inputs first and outputs last, such as `64-128-10`.
    ///
    /// # Errors
    /// Returns the errors of [`Network::parse`], and an error if there are fewer than two layers.
    pub fn parse_whole(spec: &str, activation: Activation) -> Result<Self> {
        let (inputs, layers) = spec::parse_whole(spec, activation)?;
        Ok(Self::from_layers(inputs, &layers))
    }

    /// Makes the network with one output, no hidden layer and a given number of parameters.
    pub fn with_parameters(parameters: usize) -> Self {
        Self::from_layers(parameters.max(1) - 1, &[LayerSpec::for_outputs(1)])
    }

    fn from_layers(inputs: usize, layers: &[LayerSpec]) -> Self {
        let (mut inputs, mut first_gene, mut first_state) = (inputs, 0, 0);
        let layers = layers.iter().map(|&LayerSpec { cell, width, activation, biased }| {
            let outputs = width;
            let layer =
                Layer { cell, inputs, outputs, activation, biased, first_gene, first_state };
            inputs = width;
            first_gene += layer.parameters();
            first_state += layer.state_size();
            layer
        });
        Self { layers: layers.collect(), precision: Precision::default() }
    }

    /// Sets the precision in which genes are stored.
    #[must_use]
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// Returns the network of the same hidden layers with another number of outputs.
    #[must_use]
    pub fn with_outputs(&self, outputs: usize) -> Self {
        let spec = |layer: &Layer| {
            let Layer { cell, outputs: width, activation, biased, .. } = *layer;
            LayerSpec { cell, width, activation, biased }
        };
        let mut layers: Vec<LayerSpec> = self.layers.iter().map(spec).collect();
        let last = layers.len() - 1;
        layers[last].width = outputs;
        Self { precision: self.precision, ..Self::from_layers(self.inputs(), &layers) }
    }

    /// The precision in which genes are stored.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// The layers, first to last. There is at least one.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// The number of outputs.
    pub fn outputs(&self) -> usize {
        self.layers[self.layers.len() - 1].outputs
    }

    /// The number of weights and biases: the length of a genome.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }

    /// The largest number of inputs or outputs of a layer.
    pub fn max_width(&self) -> usize {
        self.layers.iter().map(|layer| layer.inputs.max(layer.outputs)).max().unwrap_or(0)
    }
}

/// Writes the hidden layers as a spec. The activation tanh and outputs with biases are omitted.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&spec::write_hidden(&self.layers))
    }
}
