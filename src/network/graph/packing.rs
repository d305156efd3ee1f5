//! Words: phenotypes packed for a device, behind one another in one buffer.
//!
//! # The packed layout
//!
//! ```text
//!  palette        heads                              bodies
//! ┌──────────────┬──────────────────────────────────┬─────────────────────────────────┬─ ..
//! │ count        │ i0: nodes at, counts, numbers at │ i0: nodes .. │ slots .. │       │ i1: ..
//! │ responses .. │ i1: ..                           │     numbers ..                  │
//! └──────────────┴──────────────────────────────────┴─────────────────────────────────┴─ ..
//!   counts    nodes + 65536 memories
//!   node      what it computes, and how many edges it has, in one word
//!   slots     two a word, the first in the lower half: those of all edges, node after node, then
//!             those of the outputs, and those that memories take over
//!   numbers   the weights of all edges, node after node; in front of a node's, its response, where
//!             the palette has none
//! ```
//!
//! A node's word has its activation in bits 0 to 3, its aggregation in bits 4 to 7, the place of
//! its response in the palette in bits 8 to 15, and its edges in bits 16 to 31. The palette holds
//! responses that several nodes may share; 255 means that a node's own stands among the numbers.
//!
//! A graph takes as many words as it has nodes and edges, and none for what it has not: nothing is
//! padded to the largest.

use super::Phenotype;
use crate::error::{Error, Result};

/// Words of a head.
const HEAD: usize = 3;
/// The place that no palette has: the response stands among the numbers.
pub const OWN_RESPONSE: usize = 255;
/// What sixteen bits count.
const LARGEST_COUNT: usize = 0xFFFF;

/// The words that a graph takes at most, its head included, and beside it those of a palette.
pub fn max_packed_words(graph: &Phenotype) -> usize {
    HEAD + 2 * graph.nodes.len() + graph.edges.len() + slots_of(graph).count().div_ceil(2)
}

/// The words that a palette takes at most.
pub const MAX_PALETTE_WORDS: usize = 1 + OWN_RESPONSE;

/// Packs graphs.
///
/// # Errors
/// A graph with more nodes, memories, slots or edges of one node than sixteen bits count.
pub fn pack_phenotypes(graphs: &[Phenotype]) -> Result<Vec<u32>> {
    let palette = palette(graphs);
    let heads = 1 + palette.len();
    let mut words = vec![palette.len() as u32];
    words.extend(palette.iter().map(|response| response.to_bits()));
    words.resize(heads + HEAD * graphs.len(), 0);
    words.reserve(graphs.iter().map(max_packed_words).sum());
    for (place, graph) in graphs.iter().enumerate() {
        let counts =
            half("nodes", graph.nodes.len())? | half("memories", graph.state_sources.len())? << 16;
        let nodes_at = words.len() as u32;
        let (mut numbers, mut first) = (Vec::new(), 0);
        for unit in &graph.nodes {
            let row = &graph.edges[first..unit.end as usize];
            first = unit.end as usize;
            let response = palette.iter().position(|&shared| shared == unit.response);
            if response.is_none() {
                numbers.push(unit.response.to_bits());
            }
            let kind = unit.activation as u32 | (unit.aggregation as u32) << 4;
            let response = response.unwrap_or(OWN_RESPONSE) as u32;
            words.push(kind | response << 8 | half("edges of a node", row.len())? << 16);
            numbers.extend(row.iter().map(|edge| edge.weight.to_bits()));
        }
        let slots: Vec<i32> = slots_of(graph).collect();
        for pair in slots.chunks(2) {
            let low = slot_half(pair[0])?;
            let high = pair.get(1).map_or(Ok(0), |&slot| slot_half(slot))?;
            words.push(low | high << 16);
        }
        let head = [nodes_at, counts, words.len() as u32];
        words[heads + HEAD * place..][..HEAD].copy_from_slice(&head);
        words.extend(numbers);
    }
    Ok(words)
}

/// Responses in the order in which they are met, as many as a palette has room for.
fn palette(graphs: &[Phenotype]) -> Vec<f32> {
    let mut palette = Vec::new();
    for unit in graphs.iter().flat_map(|graph| &graph.nodes) {
        if palette.len() < OWN_RESPONSE && !palette.contains(&unit.response) {
            palette.push(unit.response);
        }
    }
    palette
}

/// The slots of edges, outputs and memories.
fn slots_of(graph: &Phenotype) -> impl Iterator<Item = i32> {
    let edges = graph.edges.iter().map(|edge| edge.source);
    edges.chain(graph.outputs.iter().chain(&graph.state_sources).copied())
}

fn half(what: &str, count: usize) -> Result<u32> {
    if count <= LARGEST_COUNT {
        return Ok(count as u32);
    }
    Err(too_many(&format!("a graph of {count} {what}"), LARGEST_COUNT))
}

fn slot_half(slot: i32) -> Result<u32> {
    let half = i16::try_from(slot).map_err(|_| {
        too_many(&format!("a graph whose nodes or memories need slot {slot}"), i16::MAX as usize)
    })?;
    Ok(u32::from(half as u16))
}

fn too_many(what: &str, largest: usize) -> Error {
    Error::TooLarge {
        what: format!("{what} on the GPU"),
        needed: "more than the sixteen bits that a packed graph has for it".into(),
        available: "the CPU backend takes this one".into(),
        largest: largest.to_string(),
    }
}
