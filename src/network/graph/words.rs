//! Words: phenotypes packed for a device, behind one another in one buffer.
//!
//! # The packed layout
//!
//! ```text
//!          heads                        bodies
//!         ┌──────────────────────────┬──────────────────────────────────────────────┬─ ..
//!         │ i0: first, nodes, memories │ i0: node │ its edges .. │ node │ its edges ..  │ i1: ..
//!         │ i1: ..                     │     .. │ outputs │ memories                  │
//!         └──────────────────────────┴──────────────────────────────────────────────┴─ ..
//!   first     the word that the body begins with
//!   node      activation + 256 aggregation + 65536 edges, bits of the response
//!   edge      slot, bits of the weight
//!   outputs   the slot of each output; memories: the slot that each takes over
//! ```
//!
//! A graph takes as many words as it has nodes and edges, and none for what it has not: nothing is
//! padded to the largest.

use super::Phenotype;
use crate::error::{Error, Result};

/// Words of a head.
const HEAD: usize = 3;
/// Edges of one node, at most.
const LARGEST_ROW: usize = 0xFFFF;

/// The words that a graph takes, its head included.
pub fn words_of(graph: &Phenotype) -> usize {
    let body = 2 * graph.units.len() + 2 * graph.edges.len();
    HEAD + body + graph.outputs.len() + graph.memories.len()
}

/// Packs graphs.
///
/// # Errors
/// A node with more edges than a kind has room for, by its place in `graphs`.
pub fn pack(graphs: &[Phenotype]) -> Result<Vec<u32>> {
    let mut words = vec![0; HEAD * graphs.len()];
    words.reserve(graphs.iter().map(words_of).sum());
    for (place, graph) in graphs.iter().enumerate() {
        let head = [words.len(), graph.units.len(), graph.memories.len()];
        words[HEAD * place..][..HEAD].copy_from_slice(&head.map(|number| number as u32));
        let mut first = 0;
        for unit in &graph.units {
            let row = &graph.edges[first..unit.end as usize];
            first = unit.end as usize;
            if row.len() > LARGEST_ROW {
                return Err(Error::TooLarge {
                    what: format!("a node of {} edges on the GPU", row.len()),
                    needed: "an edge count of 16 bits".into(),
                    available: "the CPU backend takes this one".into(),
                    largest: LARGEST_ROW.to_string(),
                });
            }
            let kind = unit.activation as u32 | (unit.aggregation as u32) << 8;
            words.extend([kind | (row.len() as u32) << 16, unit.response.to_bits()]);
            words.extend(row.iter().flat_map(|edge| [edge.source as u32, edge.weight.to_bits()]));
        }
        words.extend(graph.outputs.iter().chain(&graph.memories).map(|&slot| slot as u32));
    }
    Ok(words)
}
