//! Programs: the steps that a champion computes, for the text formats to write down.

use super::activation::export_of;
use super::graph::GraphNodes;
use super::layers::{LayerTensors, layer_tensors};
use crate::champion::{Champion, Readout};
use crate::error::Result;
use crate::network::{Activation, Cell};
use crate::task::ActionPart;

/// A champion as a program.
pub(super) struct Program {
    /// The layers; empty for a graph.
    pub layers: Vec<LayerTensors>,
    /// The graph; `None` for layers.
    pub graph: Option<GraphNodes>,
    /// The size of the hidden state, over all layers.
    pub state_size: usize,
    /// The activations whose functions the program defines, each once.
    pub activations: Vec<Activation>,
    /// True if the program defines the exponential function.
    pub needs_exp: bool,
}

impl Program {
    /// Creates the program of a champion.
    ///
    /// # Errors
    ///
    /// Returns an error if the champion is a graph with a cycle within one step.
    pub fn new(champion: &Champion) -> Result<Self> {
        let (layers, graph) = (layer_tensors(champion), GraphNodes::new(champion)?);
        let nodes = graph.iter().flat_map(|graph| &graph.phenotype.nodes);
        let mut used: Vec<Activation> = layers
            .iter()
            .flat_map(|layer| match layer.cell {
                Cell::Gru => vec![Activation::Sigmoid, Activation::Tanh],
                Cell::Dense | Cell::Elman => vec![layer.activation],
            })
            .chain(nodes.map(|node| node.activation))
            .collect();
        let is_range = |part: &ActionPart| matches!(part, ActionPart::Range { .. });
        let has_ranges = match champion.readout() {
            Readout::Force { .. } => true,
            Readout::Mixed { parts } => parts.iter().any(is_range),
            _ => false,
        };
        if has_ranges {
            used.push(Activation::Tanh);
        }
        let calls = used.iter().filter_map(|&activation| export_of(activation));
        let called: Vec<Activation> = calls.flat_map(|export| export.calls).copied().collect();
        used.extend(called);
        let needed = Activation::ALL.into_iter().filter(|activation| used.contains(activation));
        let needed = needed.filter(|activation| *activation != Activation::Linear);
        let activations: Vec<Activation> = needed.collect();
        let mut exports = activations.iter().filter_map(|&activation| export_of(activation));
        let needs_exp = exports.any(|export| export.calls_exp);
        let state_size = match (&graph, champion.layers()) {
            (Some(graph), _) => graph.phenotype.state_sources.len(),
            (None, Some((network, _))) => network.state_size(),
            (None, None) => 0,
        };
        Ok(Self { layers, graph, state_size, activations, needs_exp })
    }
}
