//! Crossover: two genomes, aligned by their innovations, make a child.
//!
//! A gene that both have comes from either. One that only one has comes from the fitter one; of
//! equals, by the rule for ties, from the smaller one, or each from whoever has it with even
//! chances. A gene that is disabled in either parent is so in the child with probability
//! `disabled`, and enabled otherwise.
//!
//! A child of the fitter parent's genes alone has its topology. Genes from both may close a cycle
//! without a step, or name one connection twice by two innovations; the later one is left out.

use rand::{Rng, RngExt};

use super::Rules;
use super::genome::has_path;
use super::rules::Ties;
use crate::network::{Connection, Graph, Node};

/// The child of two genomes, of which the first is the fitter one, or both are equal.
pub fn cross(
    rules: &Rules,
    first: &Graph,
    second: &Graph,
    equal: bool,
    rng: &mut impl Rng,
) -> Graph {
    let by_size = equal && rules.ties == Ties::Smaller;
    let swapped = by_size && second.connections.len() < first.connections.len();
    let (first, second) = if swapped { (second, first) } else { (first, second) };
    let mixes = equal && rules.ties == Ties::Random;
    let mut child = Graph {
        inputs: first.inputs,
        outputs: first.outputs,
        nodes: Vec::with_capacity(first.nodes.len()),
        connections: Vec::with_capacity(first.connections.len()),
    };
    let (mut i, mut j) = (0, 0);
    loop {
        let pair = (first.connections.get(i), second.connections.get(j));
        let (mut gene, disabled) = match pair {
            (None, None) => break,
            (Some(a), Some(b)) if a.innovation == b.innovation => {
                (i, j) = (i + 1, j + 1);
                let gene = if rng.random_bool(0.5) { *a } else { *b };
                (gene, !(a.enabled && b.enabled))
            }
            (Some(a), other) if other.is_none_or(|b| a.innovation < b.innovation) => {
                i += 1;
                if mixes && rng.random_bool(0.5) {
                    continue;
                }
                (*a, !a.enabled)
            }
            (_, Some(b)) => {
                j += 1;
                if !mixes || rng.random_bool(0.5) {
                    continue;
                }
                (*b, !b.enabled)
            }
            (Some(_), None) => unreachable!("the arm above takes it"),
        };
        gene.enabled = !(disabled && rng.random_bool(rules.disabled));
        if !mixes || fits(&child.connections, &gene) {
            child.connections.push(gene);
        }
    }
    child.nodes = nodes(first, second, &child.connections);
    child
}

/// Whether a gene adds a connection that is not there, and closes no cycle without a step.
fn fits(connections: &[Connection], gene: &Connection) -> bool {
    let ends = |c: &Connection| (c.source, c.target, c.recurrent);
    connections.iter().all(|other| ends(other) != ends(gene))
        && (gene.recurrent || !has_path(connections, gene.target, gene.source))
}

/// The outputs, and the hidden nodes that connections name; the first parent's where both have one.
fn nodes(first: &Graph, second: &Graph, connections: &[Connection]) -> Vec<Node> {
    let mut nodes: Vec<Node> = first.nodes[..first.outputs as usize].to_vec();
    let mut hidden: Vec<u32> = connections
        .iter()
        .flat_map(|connection| [connection.source, connection.target])
        .filter(|&id| id >= first.first_hidden())
        .collect();
    hidden.sort_unstable();
    hidden.dedup();
    let gene = |id: u32| {
        let of = |graph: &Graph| graph.place(id).map(|place| graph.nodes[place]);
        of(first).or_else(|| of(second)).expect("a connection of a parent names its nodes")
    };
    nodes.extend(hidden.into_iter().map(gene));
    nodes
}
