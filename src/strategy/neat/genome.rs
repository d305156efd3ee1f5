//! Genomes: the smallest graph, where a connection may lead, and how far apart two genomes are.

use super::Rules;
use crate::network::{Activation, Aggregation, Connection, Graph, Node, Ports};

/// The smallest graph: every input and the bias connected to every output, with the weights of a
/// layer: those of the first input, of the next, and so on, and those of the bias.
///
/// # Panics
/// If there is not a weight for each connection.
pub fn first_genome(rules: &Rules, ports: Ports, weights: &[f32]) -> Graph {
    let (inputs, outputs) = (ports.inputs as u32, ports.outputs as u32);
    assert_eq!(weights.len(), (ports.inputs + 1) * ports.outputs, "a weight for each connection");
    let node = |output: u32| Node {
        id: inputs + 1 + output,
        activation: Activation::Linear,
        aggregation: Aggregation::Sum,
        response: rules.output_response,
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

/// Whether connections that are not recurrent, enabled or not, lead from one node to another, or
/// the two are one.
pub fn has_path(connections: &[Connection], from: u32, to: u32) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(&node) = reached.get(next) {
        if node == to {
            return true;
        }
        next += 1;
        for connection in connections {
            let leads = connection.source == node && !connection.recurrent;
            if leads && !reached.contains(&connection.target) {
                reached.push(connection.target);
            }
        }
    }
    false
}

/// How far apart two genomes are: equation 1 of the paper.
pub fn distance(rules: &Rules, a: &Graph, b: &Graph) -> f64 {
    let (a, b) = (&a.connections[..], &b.connections[..]);
    let (mut i, mut j) = (0, 0);
    let (mut shared, mut difference, mut disjoint) = (0u32, 0.0, 0u32);
    while i < a.len() && j < b.len() {
        let (left, right) = (a[i].innovation, b[j].innovation);
        if left == right {
            shared += 1;
            difference += f64::from((a[i].weight - b[j].weight).abs());
        } else {
            disjoint += 1;
        }
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    let excess = (a.len() - i + b.len() - j) as f64;
    let most = a.len().max(b.len());
    let genes = if most < rules.small { 1.0 } else { most as f64 };
    let mean = difference / f64::from(shared.max(1));
    (rules.excess * excess + rules.disjoint * f64::from(disjoint)) / genes + rules.weights * mean
}
