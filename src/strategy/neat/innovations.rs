//! Innovations: the numbers of new genes. Equal mutations of one generation get the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mutation::Growth;
use crate::network::{Connection, Graph, Node};

/// The next numbers, and what this generation has given out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Innovations {
    next_innovation: u32,
    next_node: u32,
    /// Of new connections, by source, target and whether they are recurrent.
    connections: BTreeMap<(u32, u32, bool), u32>,
    /// Of new nodes, by the innovation of the connection that they split: the node, and the
    /// innovation of the first of its two connections.
    nodes: BTreeMap<u32, (u32, u32)>,
}

impl Innovations {
    /// The numbers behind those of a genome.
    pub fn behind(genome: &Graph) -> Self {
        let last = genome.connections.last().map_or(0, |connection| connection.innovation + 1);
        let last_node = genome.nodes.last().map_or(genome.first_hidden(), |node| node.id + 1);
        Self {
            next_innovation: last,
            next_node: last_node.max(genome.first_hidden()),
            connections: BTreeMap::new(),
            nodes: BTreeMap::new(),
        }
    }

    /// A generation begins: what was given out is forgotten.
    pub fn begin_generation(&mut self) {
        self.connections.clear();
        self.nodes.clear();
    }

    /// Lets a genome grow, with new numbers, or those that an equal growth had in this generation.
    pub fn grow(&mut self, genome: &mut Graph, growth: &Growth) {
        match *growth {
            Growth::Connection { source, target, recurrent, weight } => {
                let innovation = self.connection(source, target, recurrent);
                let enabled = true;
                let new = Connection { innovation, source, target, weight, enabled, recurrent };
                insert(&mut genome.connections, new);
            }
            Growth::Node { splits, activation, aggregation, response } => {
                let (node, first) = self.node(splits);
                let place = genome.connections.binary_search_by_key(&splits, |c| c.innovation);
                let split = &mut genome.connections[place.expect("a gene of the genome")];
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
                let place = genome.nodes.partition_point(|other| other.id < node);
                genome.nodes.insert(place, new);
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

/// Puts a connection where its innovation belongs: nearly always at the end.
fn insert(connections: &mut Vec<Connection>, new: Connection) {
    let place = connections.partition_point(|other| other.innovation < new.innovation);
    connections.insert(place, new);
}
