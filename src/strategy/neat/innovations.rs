//! Innovations: the historical numbers of new genes. Equal mutations of one generation receive the
//! same number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mutation::StructuralMutation;
use crate::network::{Connection, Graph, Node};

/// The next numbers, and those assigned in this generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Innovations {
    next_innovation: u32,
    next_node: u32,
    /// Innovations of new connections, by source, target and whether they are recurrent.
    connections: BTreeMap<(u32, u32, bool), u32>,
    /// New nodes, by the innovation of the connection that they split: the node's id, and the
    /// innovation of the first of its two connections.
    nodes: BTreeMap<u32, (u32, u32)>,
}

impl Innovations {
    /// Returns the numbers that follow those of a genome.
    pub fn after(genome: &Graph) -> Self {
        let last = genome.connections.last().map_or(0, |connection| connection.innovation + 1);
        let last_node = genome.nodes.last().map_or(genome.first_hidden(), |node| node.id + 1);
        Self {
            next_innovation: last,
            next_node: last_node.max(genome.first_hidden()),
            connections: BTreeMap::new(),
            nodes: BTreeMap::new(),
        }
    }

    /// True if all numbers of a genome have been given, and enough are left.
    pub(super) fn include(&self, genome: &Graph) -> bool {
        let (next, node) = (self.next_innovation, self.next_node);
        next.max(node) < u32::MAX / 2
            && genome.connections.iter().all(|connection| connection.innovation < next)
            && genome.nodes.iter().all(|known| known.id < node)
    }

    /// Begins a generation, in which no number has been assigned yet.
    pub fn begin_generation(&mut self) {
        self.connections.clear();
        self.nodes.clear();
    }

    /// Applies a mutation to a genome. Its genes receive new numbers, or those of an equal mutation
    /// of this generation.
    pub fn apply(&mut self, genome: &mut Graph, mutation: &StructuralMutation) {
        match *mutation {
            StructuralMutation::AddConnection { source, target, recurrent, weight } => {
                let innovation = self.connection(source, target, recurrent);
                let enabled = true;
                let new = Connection { innovation, source, target, weight, enabled, recurrent };
                insert(&mut genome.connections, new);
            }
            StructuralMutation::AddNode { splits, activation, aggregation, response } => {
                let (node, first) = self.node(splits);
                let position = genome.connections.binary_search_by_key(&splits, |c| c.innovation);
                let split = &mut genome.connections[position.expect("a gene of the genome")];
                split.enabled = false;
                let split = *split;
                let into = Connection {
                    innovation: first,
                    target: node,
                    weight: 1.0,
                    enabled: true,
                    ..split
                };
                let out_of = Connection {
                    innovation: first + 1,
                    source: node,
                    enabled: true,
                    recurrent: false,
                    ..split
                };
                insert(&mut genome.connections, into);
                insert(&mut genome.connections, out_of);
                let new = Node { id: node, activation, aggregation, response };
                let position = genome.nodes.partition_point(|other| other.id < node);
                genome.nodes.insert(position, new);
            }
        }
    }

    fn connection(&mut self, source: u32, target: u32, recurrent: bool) -> u32 {
        let next = &mut self.next_innovation;
        *self.connections.entry((source, target, recurrent)).or_insert_with(|| {
            *next += 1;
            *next - 1
        })
    }

    fn node(&mut self, splits: u32) -> (u32, u32) {
        let (innovation, node) = (&mut self.next_innovation, &mut self.next_node);
        *self.nodes.entry(splits).or_insert_with(|| {
            *innovation += 2;
            *node += 1;
            (*node - 1, *innovation - 2)
        })
    }
}

/// Inserts a connection in the order of innovations, which is nearly always at the end.
fn insert(connections: &mut Vec<Connection>, new: Connection) {
    let position = connections.partition_point(|other| other.innovation < new.innovation);
    connections.insert(position, new);
}
