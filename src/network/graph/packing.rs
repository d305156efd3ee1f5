//! Packing of phenotypes into one buffer of words for a device.
//!
//! # The packed layout
//!
//! ```text
//!  palette        heads                             bodies
//! ┌──────────────┬─────────────────────────────────┬──────────────────────────────┬─ ..
//! │ count        │ i0: first node, counts, first   │ i0: nodes .. │ slots .. │    │ i1: ..
//! │ responses .. │     number; i1: ..              │     numbers ..               │
//! └──────────────┴─────────────────────────────────┴──────────────────────────────┴─ ..
//!   counts    nodes + 65536 * numbers of the hidden state
//!   node      a word: bits 0 to 3 activation, 4 to 7 aggregation, 8 to 15 response, 16 to 31 edges
//!   slots     two in a word, the first in the lower half: the sources of all edges, node by node,
//!             then the outputs, then the sources of the hidden state
//!   numbers   the weights of all edges, node by node; before a node's weights its response, if the
//!             palette does not have it
//! ```
//!
//! The palette holds responses that nodes share. A node's response is an index into the palette, or
//! [`OWN_RESPONSE`] if its response is among the numbers.
//!
//! A graph takes only the words that its own nodes and edges need. No graph is padded to the size
//! of the largest.

use super::{Aggregation, Phenotype};
use crate::error::{Error, Result};
use crate::network::Activation;

/// The words of a head.
const HEAD: usize = 3;
/// The bits of an activation, and of an aggregation, in a node's word.
pub const KIND_BITS: usize = 4;
/// The bits of a response in a node's word.
pub const RESPONSE_BITS: usize = 8;
/// The bits of a count, and of a slot.
const COUNT_BITS: usize = 16;
/// The index of a response outside the palette: the response is among the node's numbers.
pub const OWN_RESPONSE: usize = (1 << RESPONSE_BITS) - 1;
/// The largest count.
const LARGEST_COUNT: usize = (1 << COUNT_BITS) - 1;

// Every value fits its bits, and the bits fill a word.
const _: () = assert!(Activation::ALL.len() <= 1 << KIND_BITS);
const _: () = assert!(Aggregation::ALL.len() <= 1 << KIND_BITS);
const _: () = assert!(2 * KIND_BITS + RESPONSE_BITS + COUNT_BITS == u32::BITS as usize);

/// The most words that a graph takes, with its head but without the palette.
pub fn max_packed_words(graph: &Phenotype) -> usize {
    HEAD + 2 * graph.nodes.len() + graph.edges.len() + slots(graph).count().div_ceil(2)
}

/// The most words that a palette takes.
pub const MAX_PALETTE_WORDS: usize = 1 + OWN_RESPONSE;

/// Packs phenotypes.
///
/// # Errors
/// Returns an error if a graph has more nodes, numbers of hidden state or slots, or a node has more
/// edges, than sixteen bits can count.
pub fn pack_phenotypes(graphs: &[Phenotype]) -> Result<Vec<u32>> {
    let palette = palette(graphs);
    let heads = 1 + palette.len();
    let mut words = vec![palette.len() as u32];
    words.extend(palette.iter().map(|response| response.to_bits()));
    words.resize(heads + HEAD * graphs.len(), 0);
    words.reserve(graphs.iter().map(max_packed_words).sum());
    for (index, graph) in graphs.iter().enumerate() {
        let counts = half("nodes", graph.nodes.len())?
            | half("numbers of hidden state", graph.state_sources.len())? << COUNT_BITS;
        let first_node = words.len() as u32;
        let (mut numbers, mut first) = (Vec::new(), 0);
        for node in &graph.nodes {
            let row = &graph.edges[first..node.end as usize];
            first = node.end as usize;
            let response = palette.iter().position(|&shared| shared == node.response);
            if response.is_none() {
                numbers.push(node.response.to_bits());
            }
            let kinds = node.activation as u32 | (node.aggregation as u32) << KIND_BITS;
            let response = (response.unwrap_or(OWN_RESPONSE) as u32) << (2 * KIND_BITS);
            words.push(kinds | response | half("edges of a node", row.len())? << COUNT_BITS);
            numbers.extend(row.iter().map(|edge| edge.weight.to_bits()));
        }
        let slots: Vec<i32> = slots(graph).collect();
        for pair in slots.chunks(2) {
            let low = slot_half(pair[0])?;
            let high = pair.get(1).map_or(Ok(0), |&slot| slot_half(slot))?;
            words.push(low | high << COUNT_BITS);
        }
        let head = [first_node, counts, words.len() as u32];
        words[heads + HEAD * index..][..HEAD].copy_from_slice(&head);
        words.extend(numbers);
    }
    Ok(words)
}

/// The responses of the nodes in order of appearance, up to the size of a palette.
fn palette(graphs: &[Phenotype]) -> Vec<f32> {
    let mut palette = Vec::new();
    for node in graphs.iter().flat_map(|graph| &graph.nodes) {
        if palette.len() < OWN_RESPONSE && !palette.contains(&node.response) {
            palette.push(node.response);
        }
    }
    palette
}

/// The slots of edges, outputs and hidden state.
fn slots(graph: &Phenotype) -> impl Iterator<Item = i32> {
    let edges = graph.edges.iter().map(|edge| edge.source);
    edges.chain(graph.outputs.iter().chain(&graph.state_sources).copied())
}

/// A count in half a word.
fn half(what: &str, count: usize) -> Result<u32> {
    if count <= LARGEST_COUNT {
        return Ok(count as u32);
    }
    Err(too_many(&format!("a graph of {count} {what}"), LARGEST_COUNT))
}

/// A slot in half a word.
fn slot_half(slot: i32) -> Result<u32> {
    let half = i16::try_from(slot).map_err(|_| {
        too_many(
            &format!("a graph whose nodes or hidden state need slot {slot}"),
            i16::MAX as usize,
        )
    })?;
    Ok(u32::from(half as u16))
}

fn too_many(what: &str, largest: usize) -> Error {
    Error::TooLarge {
        what: format!("{what} on the GPU"),
        needed: "more than sixteen bits, the size of this field in a packed graph".into(),
        available: "only the CPU backend runs such a graph".into(),
        largest: largest.to_string(),
    }
}
