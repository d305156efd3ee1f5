//! Crossover: the offspring of two genomes that are aligned by their innovations.
//!
//! A matching gene comes from either parent with probability 1/2. An excess or disjoint gene comes
//! from the fitter parent. Of parents of equal fitness, [`TieRule`] decides: the smaller one counts
//! as fitter, or each such gene of either parent is inherited with probability 1/2. A gene that is
//! disabled in a parent is disabled in the offspring with probability `disabled`, else enabled.
//!
//! Offspring with genes of the fitter parent alone have its topology. Genes of both parents may
//! close a cycle without a recurrent connection, or hold one connection under two innovations; then
//! the later gene is left out.

use rand::{Rng, RngExt};

use super::genome::has_path;
use super::{Hyperparameters, TieRule};
use crate::network::{Connection, Graph, Node};

/// Crosses two genomes. The first is the fitter one, unless `equal` says that both are equally fit.
pub fn cross(
    hyperparameters: &Hyperparameters,
    first: &Graph,
    second: &Graph,
    equal: bool,
    rng: &mut impl Rng,
) -> Graph {
    let by_size = equal && hyperparameters.ties == TieRule::Smaller;
    let swapped = by_size && second.connections.len() < first.connections.len();
    let (first, second) = if swapped { (second, first) } else { (first, second) };
    let mixes = equal && hyperparameters.ties == TieRule::Random;
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
        gene.enabled = !(disabled && rng.random_bool(hyperparameters.disabled));
        if !mixes || can_add(&child.connections, &gene) {
            child.connections.push(gene);
        }
    }
    child.nodes = inherited_nodes(first, second, &child.connections);
    child
}

/// True if a gene adds a new connection and closes no cycle without a recurrent one.
fn can_add(connections: &[Connection], gene: &Connection) -> bool {
    let ends = |c: &Connection| (c.source, c.target, c.recurrent);
    connections.iter().all(|other| ends(other) != ends(gene))
        && (gene.recurrent || !has_path(connections, gene.target, gene.source))
}

/// Returns the outputs and the hidden nodes that the connections use. A node that both parents have
/// is the first parent's.
fn inherited_nodes(first: &Graph, second: &Graph, connections: &[Connection]) -> Vec<Node> {
    let mut nodes: Vec<Node> = first.nodes[..first.outputs as usize].to_vec();
    let mut hidden: Vec<u32> = connections
        .iter()
        .flat_map(|connection| [connection.source, connection.target])
        .filter(|&id| id >= first.first_hidden())
        .collect();
    hidden.sort_unstable();
    hidden.dedup();
    let gene = |id: u32| {
        let of = |graph: &Graph| graph.position(id).map(|position| graph.nodes[position]);
        of(first).or_else(|| of(second)).expect("a parent has the nodes of its connections")
    };
    nodes.extend(hidden.into_iter().map(gene));
    nodes
}
