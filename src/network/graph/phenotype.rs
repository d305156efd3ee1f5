//! Phenotypes: graphs compiled into flat lists that backends run.
//!
//! # Shapes
//!
//! A phenotype has only the nodes that reach an output through enabled connections. They are in
//! topological order: sorted by depth, the length of the longest path from a source, so that every
//! value is computed before it is read. The edges are in rows, one for each node, each in the order
//! of innovations.
//!
//! An edge names its source by a *slot*. Slots from 0 on are the inputs, the bias, and the nodes in
//! their order. Slots -1, -2, .. are the numbers of the hidden state: values of the step before,
//! for recurrent edges. After a step, each number of the state is copied from the slot that is its
//! source.
//!
//! ```text
//! slots     .. -2 -1 │ 0 .. inputs-1 │ inputs │ inputs+1 ..
//!       hidden state │    inputs     │  bias  │ nodes
//! ```

use super::{Aggregation, Graph};
use crate::error::{Error, Result};
use crate::network::Activation;

/// A compiled node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhenotypeNode {
    /// The end of its row of edges, where the next row begins.
    pub end: u32,
    /// The activation function.
    pub activation: Activation,
    /// The aggregation of the incoming terms.
    pub aggregation: Aggregation,
    /// The factor between aggregation and activation.
    pub response: f32,
}

/// A compiled connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The slot of its source.
    pub source: i32,
    /// The weight.
    pub weight: f32,
}

/// A compiled graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phenotype {
    /// The number of inputs.
    pub inputs: usize,
    /// The nodes in the order of computation.
    pub nodes: Vec<PhenotypeNode>,
    /// The edges, row by row.
    pub edges: Vec<Edge>,
    /// The slot of each output.
    pub outputs: Vec<i32>,
    /// The slot that each number of the hidden state is copied from.
    pub state_sources: Vec<i32>,
    /// The node, by its number in the graph, whose value each number of the hidden state holds.
    pub state_nodes: Vec<u32>,
    /// A digest of everything except the weights.
    pub topology: Topology,
}

/// A digest of a phenotype without its weights. Phenotypes with one topology have equal digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topology {
    /// The cost of a pass, in multiply-adds.
    pub cost: u32,
    digest: u64,
}

/// The rank or depth of a node that has none yet, or that no output needs.
const UNKNOWN: u32 = u32::MAX;

impl Phenotype {
    /// Compiles a checked graph.
    ///
    /// # Errors
    /// Returns an error if there is a cycle of enabled connections without a recurrent one.
    pub fn compile(graph: &Graph) -> Result<Self> {
        let enabled = EnabledConnections::new(graph);
        let order = enabled.order(graph)?;
        let mut rank = vec![UNKNOWN; graph.nodes.len()];
        for (position, &node) in order.iter().enumerate() {
            rank[node as usize] = position as u32;
        }
        let first_node = graph.inputs as i32 + 1;
        let mut state_slots = vec![None; graph.nodes.len()];
        let mut phenotype = Self {
            inputs: graph.inputs as usize,
            nodes: Vec::with_capacity(order.len()),
            edges: Vec::with_capacity(enabled.links.len()),
            ..Self::default()
        };
        for &node in &order {
            for link in enabled.row(node) {
                let source = match link.source {
                    LinkSource::Input(input) => input as i32,
                    LinkSource::Node(node) => first_node + rank[node as usize] as i32,
                    LinkSource::PreviousNode(node) => {
                        let node = node as usize;
                        *state_slots[node].get_or_insert_with(|| {
                            let slot = first_node + rank[node] as i32;
                            phenotype.add_state_slot(slot, graph.nodes[node].id)
                        })
                    }
                };
                phenotype.edges.push(Edge { source, weight: link.weight });
            }
            let gene = &graph.nodes[node as usize];
            phenotype.nodes.push(PhenotypeNode {
                end: phenotype.edges.len() as u32,
                activation: gene.activation,
                aggregation: gene.aggregation,
                response: gene.response,
            });
        }
        let outputs = (0..graph.outputs).map(|output| first_node + rank[output as usize] as i32);
        phenotype.outputs = outputs.collect();
        phenotype.topology = phenotype.digest();
        Ok(phenotype)
    }

    /// Adds the value of a node to the hidden state. Returns its slot there.
    fn add_state_slot(&mut self, slot: i32, id: u32) -> i32 {
        self.state_sources.push(slot);
        self.state_nodes.push(id);
        -(self.state_sources.len() as i32)
    }

    /// The number of slots outside the hidden state.
    pub fn slots(&self) -> usize {
        self.inputs + 1 + self.nodes.len()
    }

    /// True if another phenotype differs in its weights alone.
    pub fn has_topology_of(&self, other: &Self) -> bool {
        let sources = |phenotype: &'_ Self, edge: usize| phenotype.edges[edge].source;
        std::ptr::eq(self, other)
            || self.topology == other.topology
                && self.nodes == other.nodes
                && self.edges.len() == other.edges.len()
                && (0..self.edges.len()).all(|edge| sources(self, edge) == sources(other, edge))
                && self.outputs == other.outputs
                && self.state_sources == other.state_sources
    }

    fn digest(&self) -> Topology {
        // FNV-1a, over words.
        let mut digest = 0xCBF2_9CE4_8422_2325u64;
        let mut add = |word: u32| {
            digest = (digest ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01B3);
        };
        for node in &self.nodes {
            add(node.end);
            add((node.activation as u32) << 8 | node.aggregation as u32);
            add(node.response.to_bits());
        }
        self.edges.iter().for_each(|edge| add(edge.source as u32));
        self.outputs.iter().chain(&self.state_sources).for_each(|&slot| add(slot as u32));
        Topology { cost: (self.edges.len() + self.nodes.len()) as u32, digest }
    }
}

impl Graph {
    /// The indices in `nodes` of the nodes that an output needs, in the order of a [`Phenotype`].
    ///
    /// # Errors
    /// Returns an error if there is a cycle of enabled connections without a recurrent one.
    pub fn required_nodes(&self) -> Result<Vec<usize>> {
        let order = EnabledConnections::new(self).order(self)?;
        Ok(order.into_iter().map(|index| index as usize).collect())
    }
}

/// The source of an enabled connection.
#[derive(Clone, Copy)]
enum LinkSource {
    Input(u32),
    Node(u32),
    PreviousNode(u32),
}

/// An enabled connection to the node of its row.
#[derive(Clone, Copy)]
struct Link {
    source: LinkSource,
    weight: f32,
}

/// The enabled connections of a graph, in rows by target.
struct EnabledConnections {
    /// The start of each node's row, and the end of the last.
    first: Vec<u32>,
    links: Vec<Link>,
}

impl EnabledConnections {
    fn new(graph: &Graph) -> Self {
        let index = |id| graph.position(id).expect("a checked graph") as u32;
        let mut first = vec![0u32; graph.nodes.len() + 1];
        for connection in graph.enabled() {
            first[index(connection.target) as usize + 1] += 1;
        }
        for node in 0..graph.nodes.len() {
            first[node + 1] += first[node];
        }
        let none = Link { source: LinkSource::Input(0), weight: 0.0 };
        let mut links = vec![none; first[graph.nodes.len()] as usize];
        let mut next = first.clone();
        for connection in graph.enabled() {
            let source = match connection.source {
                input if input <= graph.bias() => LinkSource::Input(input),
                id if connection.recurrent => LinkSource::PreviousNode(index(id)),
                id => LinkSource::Node(index(id)),
            };
            let at = &mut next[index(connection.target) as usize];
            links[*at as usize] = Link { source, weight: connection.weight };
            *at += 1;
        }
        Self { first, links }
    }

    fn row(&self, node: u32) -> &[Link] {
        let node = node as usize;
        &self.links[self.first[node] as usize..self.first[node + 1] as usize]
    }

    /// The nodes that an output needs, each after its sources in the same step: sorted by depth,
    /// and in the order of the genes within a depth.
    fn order(&self, graph: &Graph) -> Result<Vec<u32>> {
        let mut needed: Vec<u32> = (0..graph.outputs).collect();
        let mut is_needed = vec![false; graph.nodes.len()];
        is_needed[..graph.outputs as usize].fill(true);
        let mut next = 0;
        while let Some(&node) = needed.get(next) {
            next += 1;
            for link in self.row(node) {
                if let LinkSource::Node(source) | LinkSource::PreviousNode(source) = link.source
                    && !std::mem::replace(&mut is_needed[source as usize], true)
                {
                    needed.push(source);
                }
            }
        }
        let mut depths = vec![UNKNOWN; graph.nodes.len()];
        let mut begun = vec![false; graph.nodes.len()];
        for &node in &needed {
            self.find_depth(node, &mut depths, &mut begun)?;
        }
        needed.sort_unstable_by_key(|&node| (depths[node as usize], node));
        Ok(needed)
    }

    /// Finds the depth of a node and of its sources in the same step.
    fn find_depth(&self, node: u32, depths: &mut [u32], begun: &mut [bool]) -> Result<()> {
        let mut stack = vec![node];
        while let Some(&node) = stack.last() {
            if depths[node as usize] != UNKNOWN {
                stack.pop();
                continue;
            }
            let sources = self.row(node).iter().filter_map(|link| match link.source {
                LinkSource::Node(source) => Some(source),
                LinkSource::Input(_) | LinkSource::PreviousNode(_) => None,
            });
            let (mut depth, above) = (1, stack.len());
            for source in sources {
                match depths[source as usize] {
                    UNKNOWN => stack.push(source),
                    other => depth = depth.max(other + 1),
                }
            }
            if stack.len() == above {
                depths[node as usize] = depth;
                stack.pop();
            } else if std::mem::replace(&mut begun[node as usize], true) {
                // Its sources have been visited since, and one of them still waits for the node.
                let expected = "a recurrent connection in every cycle";
                return Err(Error::invalid("a graph", expected, "a cycle that has none"));
            }
        }
        Ok(())
    }
}
