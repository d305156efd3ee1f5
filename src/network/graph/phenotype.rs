//! Phenotypes: graphs compiled into flat lists, for backends to run.
//!
//! # Shapes
//!
//! Only nodes that reach an output through enabled connections are left. They stand in the order of
//! their depth, the longest way from what has no source, and so every number is there before it is
//! asked for. The edges stand in rows, one a node, each in the order of innovations.
//!
//! What an edge brings is named by a *slot*. Slots from 0 on are the inputs, the bias, and the
//! nodes in their order; -1 is the first memory, -2 the second, and so on. After a step, each
//! memory takes over the slot that it is the memory of.
//!
//! ```text
//! slots  .. -2 -1 │ 0 .. inputs-1 │ inputs │ inputs+1 ..
//!        memories │    inputs     │  bias  │ nodes
//! ```

use super::{Aggregation, Graph};
use crate::error::{Error, Result};
use crate::network::Activation;

/// A node, compiled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Where the row of its edges ends, and the next one's begins.
    pub end: u32,
    /// What is done with what was joined.
    pub activation: Activation,
    /// How what comes in is joined.
    pub aggregation: Aggregation,
    /// What that is multiplied by before the activation.
    pub response: f32,
}

/// A connection, compiled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// The slot that it comes from.
    pub source: i32,
    /// What it multiplies by.
    pub weight: f32,
}

/// A graph, compiled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phenotype {
    /// Numbers that go in.
    pub inputs: usize,
    /// The nodes, in the order they are computed.
    pub units: Vec<Unit>,
    /// The edges, row after row.
    pub edges: Vec<Edge>,
    /// The slot of each output.
    pub outputs: Vec<i32>,
    /// The slot that each memory takes over.
    pub memories: Vec<i32>,
    /// The numbers of the nodes that are remembered, memory by memory.
    pub remembered: Vec<u32>,
    /// A digest of all but the weights.
    pub topology: Topology,
}

/// A digest of a phenotype without its weights. Phenotypes of one topology have the same digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topology {
    /// Multiply-adds of a pass: what it costs.
    pub cost: u32,
    digest: u64,
}

/// A node that was not met yet, or that no output needs.
const UNKNOWN: u32 = u32::MAX;

impl Phenotype {
    /// Compiles a graph that was checked.
    ///
    /// # Errors
    /// A cycle of enabled connections none of which is recurrent.
    pub fn of(graph: &Graph) -> Result<Self> {
        let wiring = Wiring::of(graph);
        let order = wiring.order(graph)?;
        let mut rank = vec![UNKNOWN; graph.nodes.len()];
        for (place, &node) in order.iter().enumerate() {
            rank[node as usize] = place as u32;
        }
        let first_unit = graph.inputs as i32 + 1;
        let mut phenotype = Self {
            inputs: graph.inputs as usize,
            units: Vec::with_capacity(order.len()),
            edges: Vec::with_capacity(wiring.links.len()),
            ..Self::default()
        };
        for &node in &order {
            for link in wiring.row(node) {
                let source = match link.source {
                    Source::Input(input) => input as i32,
                    Source::Node(node) => first_unit + rank[node as usize] as i32,
                    Source::Memory(node) => {
                        let slot = first_unit + rank[node as usize] as i32;
                        phenotype.memory(slot, graph.nodes[node as usize].id)
                    }
                };
                phenotype.edges.push(Edge { source, weight: link.weight });
            }
            let gene = &graph.nodes[node as usize];
            phenotype.units.push(Unit {
                end: phenotype.edges.len() as u32,
                activation: gene.activation,
                aggregation: gene.aggregation,
                response: gene.response,
            });
        }
        let outputs = (0..graph.outputs).map(|output| first_unit + rank[output as usize] as i32);
        phenotype.outputs = outputs.collect();
        phenotype.topology = phenotype.digest();
        Ok(phenotype)
    }

    /// The memory of a node, which it has from now on.
    fn memory(&mut self, slot: i32, id: u32) -> i32 {
        let known = self.memories.iter().position(|&memory| memory == slot);
        let place = known.unwrap_or_else(|| {
            self.memories.push(slot);
            self.remembered.push(id);
            self.memories.len() - 1
        });
        -1 - place as i32
    }

    /// Slots that are no memories.
    pub fn slots(&self) -> usize {
        self.inputs + 1 + self.units.len()
    }

    /// Whether another differs in nothing but its weights.
    pub fn has_topology_of(&self, other: &Self) -> bool {
        let sources = |phenotype: &'_ Self, edge: usize| phenotype.edges[edge].source;
        std::ptr::eq(self, other)
            || self.topology == other.topology
                && self.units == other.units
                && self.edges.len() == other.edges.len()
                && (0..self.edges.len()).all(|edge| sources(self, edge) == sources(other, edge))
                && self.outputs == other.outputs
                && self.memories == other.memories
    }

    fn digest(&self) -> Topology {
        // FNV-1a, over words.
        let mut digest = 0xCBF2_9CE4_8422_2325u64;
        let mut take = |word: u32| {
            digest = (digest ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01B3);
        };
        for unit in &self.units {
            take(unit.end);
            take((unit.activation as u32) << 8 | unit.aggregation as u32);
            take(unit.response.to_bits());
        }
        self.edges.iter().for_each(|edge| take(edge.source as u32));
        self.outputs.iter().chain(&self.memories).for_each(|&slot| take(slot as u32));
        Topology { cost: (self.edges.len() + self.units.len()) as u32, digest }
    }
}

impl Graph {
    /// The nodes that an output needs, by their places in `nodes`, in the order in which a
    /// [`Phenotype`] has them.
    ///
    /// # Errors
    /// As [`Phenotype::of`].
    pub fn needed(&self) -> Result<Vec<usize>> {
        let order = Wiring::of(self).order(self)?;
        Ok(order.into_iter().map(|place| place as usize).collect())
    }
}

/// Where an enabled connection comes from.
#[derive(Clone, Copy)]
enum Source {
    Input(u32),
    Node(u32),
    Memory(u32),
}

/// An enabled connection into the node of its row.
#[derive(Clone, Copy)]
struct Link {
    source: Source,
    weight: f32,
}

/// The enabled connections of a graph, in rows by where they go.
struct Wiring {
    /// Where each node's row begins, and the end of the last.
    first: Vec<u32>,
    links: Vec<Link>,
}

impl Wiring {
    fn of(graph: &Graph) -> Self {
        let place = |id| graph.place(id).expect("a checked graph") as u32;
        let mut first = vec![0u32; graph.nodes.len() + 1];
        for connection in graph.enabled() {
            first[place(connection.target) as usize + 1] += 1;
        }
        for node in 0..graph.nodes.len() {
            first[node + 1] += first[node];
        }
        let none = Link { source: Source::Input(0), weight: 0.0 };
        let mut links = vec![none; first[graph.nodes.len()] as usize];
        let mut next = first.clone();
        for connection in graph.enabled() {
            let source = match connection.source {
                input if input <= graph.bias() => Source::Input(input),
                id if connection.recurrent => Source::Memory(place(id)),
                id => Source::Node(place(id)),
            };
            let at = &mut next[place(connection.target) as usize];
            links[*at as usize] = Link { source, weight: connection.weight };
            *at += 1;
        }
        Self { first, links }
    }

    fn row(&self, node: u32) -> &[Link] {
        let node = node as usize;
        &self.links[self.first[node] as usize..self.first[node + 1] as usize]
    }

    /// The nodes that an output needs, each behind those that it needs in the same step: by depth,
    /// and where that is equal as the genes stand.
    fn order(&self, graph: &Graph) -> Result<Vec<u32>> {
        let mut needed: Vec<u32> = (0..graph.outputs).collect();
        let mut is_needed = vec![false; graph.nodes.len()];
        is_needed[..graph.outputs as usize].fill(true);
        let mut next = 0;
        while let Some(&node) = needed.get(next) {
            next += 1;
            for link in self.row(node) {
                if let Source::Node(source) | Source::Memory(source) = link.source
                    && !std::mem::replace(&mut is_needed[source as usize], true)
                {
                    needed.push(source);
                }
            }
        }
        let mut depths = vec![UNKNOWN; graph.nodes.len()];
        let mut begun = vec![false; graph.nodes.len()];
        for &node in &needed {
            self.dive(node, &mut depths, &mut begun)?;
        }
        needed.sort_unstable_by_key(|&node| (depths[node as usize], node));
        Ok(needed)
    }

    /// Finds the depth of a node, and of all that it needs in the same step.
    fn dive(&self, node: u32, depths: &mut [u32], begun: &mut [bool]) -> Result<()> {
        let mut stack = vec![node];
        while let Some(&node) = stack.last() {
            if depths[node as usize] != UNKNOWN {
                stack.pop();
                continue;
            }
            let sources = self.row(node).iter().filter_map(|link| match link.source {
                Source::Node(source) => Some(source),
                Source::Input(_) | Source::Memory(_) => None,
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
                // All it needs was looked at since, and something still waits for it.
                let expected = "a recurrent connection in every cycle";
                return Err(Error::invalid("a graph", expected, "a cycle that has none"));
            }
        }
        Ok(())
    }
}
