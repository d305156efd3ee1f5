//! Fusion: two nodes that one operation computes.

use std::collections::HashMap;

use super::liveness::each_source;
use crate::wgsl::builder::{Node, Value};
use crate::wgsl::operation::Operation::{self, *};
use crate::wgsl::program::Home;

/// Fuses products with sums, and returns the nodes that are left. A product is fused if only the
/// sum uses it and no variable changes between the two.
pub fn fuse(nodes: &mut [Node], live: Vec<u32>, outputs: &[(Value, Home)]) -> Vec<u32> {
    let mut uses = vec![0u32; nodes.len()];
    let mut count = |value: Value| {
        if let Value::Node(node) = value {
            uses[node as usize] += 1;
        }
    };
    outputs.iter().for_each(|&(value, _)| count(value));
    for &at in &live {
        // The values of tables count twice, so that they are never fused.
        match &nodes[at as usize] {
            Node::Gather { index, .. } => count(*index),
            node => each_source(node, &[], &mut count),
        }
    }
    let mut epochs = vec![0u32; nodes.len()];
    let mut epoch = 0;
    let mut is_fused = vec![false; nodes.len()];
    for &at in &live {
        let at = at as usize;
        epochs[at] = epoch;
        let product = |value: Value| match value {
            Value::Node(node) if uses[node as usize] == 1 && epochs[node as usize] == epoch => {
                match nodes[node as usize] {
                    Node::Compute(Multiply, [a, b, _]) => Some((node as usize, a, b)),
                    _ => None,
                }
            }
            _ => None,
        };
        match nodes[at] {
            Node::Compute(operation @ (Add | Subtract), [a, b, _]) => {
                let (left, right) = (product(a), product(b));
                let (fused, operation, sources) = match (operation, left, right) {
                    (Add, _, Some((node, x, y))) => (node, MultiplyAdd, [x, y, a]),
                    (Add, Some((node, x, y)), None) => (node, MultiplyAdd, [x, y, b]),
                    (Subtract, Some((node, x, y)), _) => (node, MultiplySubtract, [x, y, b]),
                    (Subtract, None, Some((node, x, y))) => (node, NegateMultiplyAdd, [x, y, a]),
                    _ => continue,
                };
                nodes[at] = Node::Compute(operation, sources);
                is_fused[fused] = true;
            }
            Node::Assign { .. } | Node::AssignWhere { .. } | Node::Loop | Node::Repeat { .. } => {
                epoch += 1;
            }
            _ => {}
        }
    }
    live.into_iter().filter(|&at| !is_fused[at as usize]).collect()
}

/// Pairs the sine and the cosine of the same angle, if no variable changes between the two.
pub fn sine_partners(nodes: &[Node], live: &[u32]) -> Vec<Option<u32>> {
    let mut partners = vec![None; nodes.len()];
    let mut seen: HashMap<(Operation, Value), u32> = HashMap::new();
    for &at in live {
        match nodes[at as usize] {
            Node::Compute(operation @ (Sine | Cosine), [angle, ..]) => {
                let other = if operation == Sine { Cosine } else { Sine };
                if let Some(&other) = seen.get(&(other, angle)) {
                    partners[at as usize] = Some(other);
                    partners[other as usize] = Some(at);
                }
                seen.entry((operation, angle)).or_insert(at);
            }
            Node::Assign { .. } | Node::AssignWhere { .. } | Node::Loop | Node::Repeat { .. } => {
                seen.clear();
            }
            _ => {}
        }
    }
    partners
}
