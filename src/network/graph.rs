//! Graphs: networks of any topology, given as nodes and connections.
//!
//! # Shapes
//!
//! Nodes have numbers: first the inputs, then the *bias*, which is always 1, then the outputs, and
//! then the hidden nodes in the order in which they appeared:
//!
//! ```text
//! 0 .. inputs-1 │ inputs │ inputs+1 .. inputs+outputs │ hidden ...
//!     inputs    │  bias  │         outputs            │
//! ```
//!
//! A node multiplies the value of each source by the weight of the connection, aggregates these
//! terms by its [`Aggregation`], multiplies the result by its response, and applies its activation.
//! A *recurrent* connection reads the value that its source had in the step before, or zero at the
//! first step of an episode. All other connections read values of the same step, and form no cycle.
//! A connection that is not enabled has no effect. A node without incoming connections aggregates
//! to zero.
//!
//! A [`Graph`] holds the genes. Backends run the [`Phenotype`] that is compiled from it. The
//! reference, [`ReferenceGraph`], runs the genes themselves. Twin: `shaders/network/graph.wgsl`.
//!
//! # Example
//!
//! ```
//! use deme::network::{Activation, Aggregation, Connection, Graph, ReferenceGraph, Node};
//! let output = Node {
//!     id: 2,
//!     activation: Activation::Linear,
//!     aggregation: Aggregation::Sum,
//!     response: 1.0,
//! };
//! let connection = |innovation, source, recurrent| Connection {
//!     innovation, source, target: 2, weight: 0.5, enabled: true, recurrent,
//! };
//! let graph = Graph {
//!     inputs: 1,
//!     outputs: 1,
//!     nodes: vec![output],
//!     connections: vec![connection(0, 0, false), connection(1, 2, true)],
//! };
//! graph.check()?;
//! let mut reference = ReferenceGraph::new(&graph);
//! assert_eq!((reference.step(&[1.0])[0], reference.step(&[1.0])[0]), (0.5, 0.75));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod aggregation;
mod lanes;
mod packing;
mod phenotype;
mod reference;

pub use aggregation::Aggregation;
pub use lanes::{GraphLanes, GraphPasses};
pub use packing::{
    KIND_BITS, MAX_PALETTE_WORDS, OWN_RESPONSE, RESPONSE_BITS, max_packed_words, pack_phenotypes,
};
pub use phenotype::{Edge, Phenotype, PhenotypeNode, Topology};
pub use reference::ReferenceGraph;

use serde::{Deserialize, Serialize};

use super::Activation;
use crate::draw::number::counted;
use crate::error::{Error, Result};

/// The interface of a network with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// The number of inputs.
    pub inputs: usize,
    /// The number of outputs.
    pub outputs: usize,
    /// True if steps follow one another, so that a hidden state makes sense.
    pub ordered: bool,
}

/// A node that computes: an output or a hidden node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The number of the node.
    pub id: u32,
    /// The activation function.
    pub activation: Activation,
    /// The aggregation of the incoming terms.
    pub aggregation: Aggregation,
    /// The factor between aggregation and activation.
    pub response: f32,
}

/// A connection between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// The historical marking, equal in two graphs of a run if the connection has one origin.
    pub innovation: u32,
    /// The node that it comes from.
    pub source: u32,
    /// The node that it goes to.
    pub target: u32,
    /// The weight.
    pub weight: f32,
    /// True if the connection is expressed.
    pub enabled: bool,
    /// True if it reads the value of its source from the step before.
    pub recurrent: bool,
}

/// The genes of a network of any topology.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// The number of inputs.
    pub inputs: u32,
    /// The number of outputs.
    pub outputs: u32,
    /// The outputs, then the hidden nodes, in the order of their numbers.
    pub nodes: Vec<Node>,
    /// The connections, in the order of their innovations.
    pub connections: Vec<Connection>,
}

impl Graph {
    /// The number of the bias node.
    pub fn bias(&self) -> u32 {
        self.inputs
    }

    /// The number of the first output.
    pub fn first_output(&self) -> u32 {
        self.inputs + 1
    }

    /// The number of the first hidden node.
    pub fn first_hidden(&self) -> u32 {
        self.inputs + 1 + self.outputs
    }

    /// The count of hidden nodes.
    pub fn hidden(&self) -> usize {
        self.nodes.len().saturating_sub(self.outputs as usize)
    }

    /// The enabled connections.
    pub fn enabled(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter().filter(|connection| connection.enabled)
    }

    /// The weights of the enabled connections: the parameters of the network.
    pub fn weights(&self) -> Vec<f32> {
        self.enabled().map(|connection| connection.weight).collect()
    }

    /// The index in `nodes` of the node with a number.
    pub fn position(&self, id: u32) -> Option<usize> {
        let (first, outputs) = (self.first_output(), self.outputs);
        if id < first + outputs {
            return id.checked_sub(first).map(|index| index as usize);
        }
        let hidden = self.nodes.get(outputs as usize..)?;
        let index = hidden.binary_search_by_key(&id, |node| node.id).ok()?;
        Some(index + outputs as usize)
    }

    /// Checks the graph, except for cycles within a step, which [`Phenotype::compile`] finds.
    ///
    /// # Errors
    /// Returns an error if nodes or connections are out of order, if a connection has a node that
    /// does not exist, leads into an input, or is recurrent from an input, or if a number is not
    /// finite.
    pub fn check(&self) -> Result<()> {
        let numbers = self.inputs.checked_add(self.outputs).and_then(|sum| sum.checked_add(1));
        if numbers.is_none() {
            let got = format!("{} and {}", self.inputs, self.outputs);
            return Err(Error::invalid("a graph's inputs and outputs", "fewer than 2^32", got));
        }
        let outputs = (0..self.outputs).map(|output| self.first_output() + output);
        let first_nodes = self.nodes.iter().map(|node| node.id).take(self.outputs as usize);
        if !first_nodes.eq(outputs) {
            return Err(Error::invalid("a graph's nodes", "the outputs first, in order", "others"));
        }
        let ascends = |pair: &[Node]| pair[0].id < pair[1].id && pair[1].id >= self.first_output();
        if let Some(pair) = self.nodes.windows(2).find(|pair| !ascends(pair)) {
            let got = format!("{} after {}", pair[1].id, pair[0].id);
            return Err(Error::invalid("a graph's nodes", "numbers in ascending order", got));
        }
        if let Some(node) = self.nodes.iter().find(|node| !node.response.is_finite()) {
            let got = format!("{} at node {}", node.response, node.id);
            return Err(Error::invalid("a graph's responses", "finite numbers", got));
        }
        let ascends = |pair: &[Connection]| pair[0].innovation < pair[1].innovation;
        if let Some(pair) = self.connections.windows(2).find(|pair| !ascends(pair)) {
            let got = format!("{} after {}", pair[1].innovation, pair[0].innovation);
            let expected = "innovations in ascending order";
            return Err(Error::invalid("a graph's connections", expected, got));
        }
        match self.connections.iter().find(|connection| !self.is_valid(connection)) {
            None => Ok(()),
            Some(wrong) => {
                let expected = "finite weights, from nodes that exist to nodes that compute, and \
                                recurrent ones from nodes that compute";
                Err(Error::invalid("a graph's connection", expected, format!("{wrong:?}")))
            }
        }
    }

    fn is_valid(&self, connection: &Connection) -> bool {
        let is_from_input = connection.source <= self.bias() && !connection.recurrent;
        connection.weight.is_finite()
            && (is_from_input || self.position(connection.source).is_some())
            && self.position(connection.target).is_some()
    }

    /// Reads a graph from JSON and checks it: its genes, its ports, and that no cycle is without a
    /// recurrent connection.
    ///
    /// # Errors
    /// Returns a description of the first problem.
    pub fn from_json(text: &str, ports: Ports) -> std::result::Result<Self, String> {
        let graph: Self =
            serde_json::from_str(text).map_err(|problem| format!("graph: {problem}"))?;
        // Sizes come first: a text may claim a graph that is larger than memory.
        let claimed = graph.inputs.max(graph.outputs) as usize;
        if claimed > text.len() {
            let most = text.len();
            return Err(format!(
                "graph: expected {most} inputs and outputs at most, got {claimed}"
            ));
        }
        let checked = graph.check().and_then(|()| graph.check_ports(ports));
        checked.and_then(|()| Phenotype::compile(&graph)).map_err(|error| error.to_string())?;
        Ok(graph)
    }

    /// Checks that the graph fits the ports of a task.
    ///
    /// # Errors
    /// Returns an error if the inputs or outputs differ, or if a connection is recurrent on a task
    /// without an order of steps.
    pub fn check_ports(&self, ports: Ports) -> Result<()> {
        let (inputs, outputs) = (self.inputs as usize, self.outputs as usize);
        if (inputs, outputs) != (ports.inputs, ports.outputs) {
            let expected =
                [counted(ports.inputs as u64, "inputs"), counted(ports.outputs as u64, "outputs")]
                    .join(" and ");
            return Err(Error::invalid("a graph", expected, format!("{inputs} and {outputs}")));
        }
        if !ports.ordered && self.enabled().any(|connection| connection.recurrent) {
            let expected = "no recurrent connections on a data set, whose samples have no order";
            return Err(Error::invalid("a graph", expected, "one"));
        }
        Ok(())
    }
}

/// Writes a summary, such as `graph of 2 hidden nodes and 7 connections`.
impl std::fmt::Display for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let (hidden, connections) = (self.hidden(), self.enabled().count());
        write!(f, "graph of {hidden} hidden node{}", s(hidden))?;
        write!(f, " and {connections} connection{}", s(connections))
    }
}
