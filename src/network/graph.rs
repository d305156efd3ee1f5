//! Graphs: networks of any topology, written down node by node and connection by connection.
//!
//! # Shapes
//!
//! Nodes have numbers. Those of the inputs are 0, 1, ..; the next is that of the *bias*, which is
//! always 1; then come the outputs, and behind them, in any order of birth, the hidden nodes:
//!
//! ```text
//! 0 .. inputs-1 │ inputs │ inputs+1 .. inputs+outputs │ hidden ...
//!     inputs    │  bias  │         outputs            │
//! ```
//!
//! A node joins what comes in, each number times the weight of its connection, by its
//! [`Aggregation`]; multiplies that by its response; and applies its activation. A connection that
//! is *recurrent* brings what its source gave a step before, zero at an episode's first; all others
//! bring what it gives in the same step, and form no cycle. A connection that is not enabled brings
//! nothing; a node that nothing comes in to joins zero.
//!
//! Genes are [`Graph`]s. What backends run is the [`Phenotype`], compiled from them; the reference
//! is [`Naive`], which never sees it. Twin: `shaders/network/graph.wgsl`.
//!
//! # Example
//!
//! ```
//! use deme::network::{Activation, Aggregation, Connection, Graph, Naive, Node};
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
//! let mut naive = Naive::of(&graph);
//! assert_eq!((naive.step(&[1.0])[0], naive.step(&[1.0])[0]), (0.5, 0.75));
//! # Ok::<(), deme::error::Error>(())
//! ```

mod aggregation;
mod crew;
mod naive;
mod phenotype;
mod words;

pub use aggregation::Aggregation;
pub use crew::{Crew, GraphPasses};
pub use naive::Naive;
pub use phenotype::{Edge, Phenotype, Topology, Unit};
pub use words::{MOST_PALETTE_WORDS, OWN_RESPONSE, most_words_of, pack};

use serde::{Deserialize, Serialize};

use super::Activation;
use crate::error::{Error, Result};

/// What a graph is connected to: numbers in and out, and whether steps follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// Numbers that go in.
    pub inputs: usize,
    /// Numbers that come out.
    pub outputs: usize,
    /// Whether there is an order of steps, in which something can be remembered.
    pub ordered: bool,
}

/// A node that computes: an output, or a hidden one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its number.
    pub id: u32,
    /// What is done with what was joined.
    pub activation: Activation,
    /// How what comes in is joined.
    pub aggregation: Aggregation,
    /// What that is multiplied by before the activation.
    pub response: f32,
}

/// A connection between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// Its historical marking: equal in two graphs of a run where they have it from one mutation.
    pub innovation: u32,
    /// The node that it comes from.
    pub source: u32,
    /// The node that it goes to.
    pub target: u32,
    /// What it multiplies by.
    pub weight: f32,
    /// Whether it is expressed.
    pub enabled: bool,
    /// Whether it brings what its source gave a step before.
    pub recurrent: bool,
}

/// The genes of a network of any topology.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Numbers that go in.
    pub inputs: u32,
    /// Numbers that come out.
    pub outputs: u32,
    /// The outputs, then the hidden nodes, in the order of their numbers.
    pub nodes: Vec<Node>,
    /// The connections, in the order of their innovations.
    pub connections: Vec<Connection>,
}

impl Graph {
    /// The number of the node that is always 1.
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

    /// Hidden nodes.
    pub fn hidden(&self) -> usize {
        self.nodes.len().saturating_sub(self.outputs as usize)
    }

    /// The connections that are expressed.
    pub fn enabled(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter().filter(|connection| connection.enabled)
    }

    /// The weights of the connections that are expressed: the parameters of the network.
    pub fn weights(&self) -> Vec<f32> {
        self.enabled().map(|connection| connection.weight).collect()
    }

    /// Where a node that computes stands in `nodes`.
    pub fn place(&self, id: u32) -> Option<usize> {
        let (first, outputs) = (self.first_output(), self.outputs);
        if id < first + outputs {
            return id.checked_sub(first).map(|place| place as usize);
        }
        let hidden = self.nodes.get(outputs as usize..)?;
        let place = hidden.binary_search_by_key(&id, |node| node.id).ok()?;
        Some(place + outputs as usize)
    }

    /// Checks everything but that no cycle is without a step, which [`Phenotype::of`] finds.
    ///
    /// # Errors
    /// Nodes or connections out of order, connections of nodes that do not exist, into an input, or
    /// recurrent ones from an input, and numbers that are not finite.
    pub fn check(&self) -> Result<()> {
        let outputs = (0..self.outputs).map(|output| self.first_output() + output);
        let first_nodes = self.nodes.iter().map(|node| node.id).take(self.outputs as usize);
        if !first_nodes.eq(outputs) {
            return Err(Error::invalid("a graph's nodes", "the outputs first, in order", "others"));
        }
        let risen = |pair: &[Node]| pair[0].id < pair[1].id && pair[1].id >= self.first_output();
        if let Some(pair) = self.nodes.windows(2).find(|pair| !risen(pair)) {
            let got = format!("{} behind {}", pair[1].id, pair[0].id);
            return Err(Error::invalid("a graph's nodes", "numbers in ascending order", got));
        }
        if let Some(node) = self.nodes.iter().find(|node| !node.response.is_finite()) {
            let got = format!("{} at node {}", node.response, node.id);
            return Err(Error::invalid("a graph's responses", "finite numbers", got));
        }
        let risen = |pair: &[Connection]| pair[0].innovation < pair[1].innovation;
        if let Some(pair) = self.connections.windows(2).find(|pair| !risen(pair)) {
            let got = format!("{} behind {}", pair[1].innovation, pair[0].innovation);
            let expected = "innovations in ascending order";
            return Err(Error::invalid("a graph's connections", expected, got));
        }
        match self.connections.iter().find(|connection| !self.takes(connection)) {
            None => Ok(()),
            Some(wrong) => {
                let expected = "finite weights, from nodes that exist to nodes that compute, and \
                                recurrent ones from nodes that compute";
                Err(Error::invalid("a graph's connection", expected, format!("{wrong:?}")))
            }
        }
    }

    fn takes(&self, connection: &Connection) -> bool {
        let sends = connection.source <= self.bias() && !connection.recurrent;
        connection.weight.is_finite()
            && (sends || self.place(connection.source).is_some())
            && self.place(connection.target).is_some()
    }

    /// A graph that stands in JSON, checked: also that it fits its ports and has no cycle of
    /// connections that are not recurrent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of_json(text: &str, ports: Ports) -> std::result::Result<Self, String> {
        let graph: Self =
            serde_json::from_str(text).map_err(|problem| format!("graph: {problem}"))?;
        // Sizes first: a text may claim a graph that no memory holds.
        let claimed = graph.inputs.max(graph.outputs) as usize;
        if claimed > text.len() {
            let most = text.len();
            return Err(format!(
                "graph: expected {most} inputs and outputs at most, got {claimed}"
            ));
        }
        let checked = graph.check().and_then(|()| graph.check_ports(ports));
        checked.and_then(|()| Phenotype::of(&graph)).map_err(|error| error.to_string())?;
        Ok(graph)
    }

    /// Checks that it fits a task.
    ///
    /// # Errors
    /// Other inputs or outputs, or a memory where there is no order to remember.
    pub fn check_ports(&self, ports: Ports) -> Result<()> {
        let (inputs, outputs) = (self.inputs as usize, self.outputs as usize);
        if (inputs, outputs) != (ports.inputs, ports.outputs) {
            let expected = format!("{} inputs and {} outputs", ports.inputs, ports.outputs);
            return Err(Error::invalid("a graph", expected, format!("{inputs} and {outputs}")));
        }
        if !ports.ordered && self.enabled().any(|connection| connection.recurrent) {
            let expected = "no recurrent connections on a data set, whose samples have no order \
                            to remember";
            return Err(Error::invalid("a graph", expected, "one"));
        }
        Ok(())
    }
}

/// Such as `graph of 2 hidden nodes and 7 connections`.
impl std::fmt::Display for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        let (hidden, connections) = (self.hidden(), self.enabled().count());
        write!(f, "graph of {hidden} hidden node{}", s(hidden))?;
        write!(f, " and {connections} connection{}", s(connections))
    }
}
