//! Genomes: the minimal graph, the check for cycles, and the distance between two genomes.

use super::Hyperparameters;
use crate::network::{Activation, Aggregation, Connection, Graph, Node, Ports};

/// Returns the minimal graph, which connects every input and the bias to every output. The weights
/// are in the order of a layer: those of the first input, of the next, and so on, then the bias.
///
/// # Panics
/// Panics if there is not one weight for each connection.
pub fn minimal_genome(hyperparameters: &Hyperparameters, ports: Ports, weights: &[f32]) -> Graph {
    let (inputs, outputs) = (ports.inputs as u32, ports.outputs as u32);
    assert_eq!(weights.len(), (ports.inputs + 1) * ports.outputs, "one weight per connection");
    let node = |output: u32| Node {
        id: inputs + 1 + output,
        activation: Activation::Linear,
        aggregation: Aggregation::Sum,
        response: hyperparameters.output_response,
    };
    let connection = |(innovation, &weight): (usize, &f32)| Connection {
        innovation: innovation as u32,
        source: innovation as u32 / outputs,
        target: inputs + 1 + innovation as u32 % outputs,
        weight,
        enabled: true,
        recurrent: false,
    };
    Graph {
        inputs,
        outputs,
        nodes: (0..outputs).map(node).collect(),
        connections: weights.iter().enumerate().map(connection).collect(),
    }
}

/// True if feed-forward connections, enabled or not, lead from one node to another, or the two are
/// the same node.
pub fn has_path(connections: &[Connection], from: u32, to: u32) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(&node) = reached.get(next) {
        if node == to {
            return true;
        }
        next += 1;
        for connection in connections {
            let leaves = connection.source == node && !connection.recurrent;
            if leaves && !reached.contains(&connection.target) {
                reached.push(connection.target);
            }
        }
    }
    false
}

/// Returns the compatibility distance between two genomes: equation 1 of the paper.
pub fn compatibility_distance(hyperparameters: &Hyperparameters, a: &Graph, b: &Graph) -> f64 {
    let (a, b) = (&a.connections[..], &b.connections[..]);
    let (mut i, mut j) = (0, 0);
    let (mut matching, mut difference, mut disjoint) = (0u32, 0.0, 0u32);
    while i < a.len() && j < b.len() {
        let (left, right) = (a[i].innovation, b[j].innovation);
        if left == right {
            matching += 1;
            difference += f64::from((a[i].weight - b[j].weight).abs());
        } else {
            disjoint += 1;
        }
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    let excess = (a.len() - i + b.len() - j) as f64;
    let longer = a.len().max(b.len());
    let genes = if longer < hyperparameters.small { 1.0 } else { longer as f64 };
    let mean = difference / f64::from(matching.max(1));
    let unmatched =
        hyperparameters.excess * excess + hyperparameters.disjoint * f64::from(disjoint);
    unmatched / genes + hyperparameters.weights * mean
}
