//! Liveness: which nodes an output needs, and how long each value is needed.

use std::collections::HashMap;

use crate::wgsl::builder::{Builder, Node, Value};
use crate::wgsl::program::Home;

/// Returns the nodes that the outputs need, in order. Loops are kept whole if they are kept.
pub fn used_nodes(builder: &Builder, outputs: &[(Value, Home)]) -> Vec<u32> {
    let nodes = &builder.nodes;
    let mut assignments: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        if let Node::Assign { variable, .. } | Node::AssignWhere { variable, .. } = node {
            assignments[*variable as usize].push(at as u32);
        }
    }
    let mut is_used = vec![false; nodes.len()];
    let mut pending: Vec<u32> = Vec::new();
    let mut mark = |value: Value, pending: &mut Vec<u32>| {
        if let Value::Node(node) = value
            && !std::mem::replace(&mut is_used[node as usize], true)
        {
            pending.push(node);
        }
    };
    outputs.iter().for_each(|&(value, _)| mark(value, &mut pending));
    for (at, node) in nodes.iter().enumerate() {
        if matches!(node, Node::Loop | Node::Repeat { .. } | Node::Input { .. }) {
            mark(Value::Node(at as u32), &mut pending);
        }
    }
    while let Some(at) = pending.pop() {
        each_source(&nodes[at as usize], &builder.tables, |value| mark(value, &mut pending));
        for &assignment in &assignments[at as usize] {
            mark(Value::Node(assignment), &mut pending);
        }
    }
    (0..nodes.len() as u32).filter(|&at| is_used[at as usize]).collect()
}

/// Returns the last position that reads each node. A value that a loop reads, but that was there
/// before it, is kept to the end of the loop, because the next round reads it again.
pub fn last_uses(builder: &Builder, live: &[u32], outputs: &[(Value, Home)]) -> Vec<usize> {
    let nodes = &builder.nodes;
    let mut positions = vec![0; nodes.len()];
    // The end of each loop, by the position of its beginning.
    let mut ends = HashMap::new();
    let mut open = Vec::new();
    for (position, &at) in live.iter().enumerate() {
        positions[at as usize] = position;
        match nodes[at as usize] {
            Node::Loop => open.push(position),
            Node::Repeat { .. } => {
                ends.insert(open.pop().expect("a loop has a beginning"), position);
            }
            _ => {}
        }
    }
    let mut last = vec![0; nodes.len()];
    // The loops around a position, from the outside in.
    let mut around: Vec<(usize, usize)> = Vec::new();
    for (position, &at) in live.iter().enumerate() {
        around.pop_if(|&mut (_, end)| end < position);
        each_source(&nodes[at as usize], &builder.tables, |value| {
            if let Value::Node(node) = value {
                let defined = positions[node as usize];
                let outer = around.iter().find(|&&(first, _)| defined < first);
                let end = outer.map_or(position, |&(_, end)| end);
                let use_ = &mut last[node as usize];
                *use_ = end.max(*use_);
            }
        });
        if let Some(&end) = ends.get(&position) {
            around.push((position, end));
        }
    }
    for &(value, _) in outputs {
        if let Value::Node(node) = value {
            last[node as usize] = live.len();
        }
    }
    last
}

/// Calls a function with each value that a node reads.
pub fn each_source(node: &Node, tables: &[Vec<Value>], mut visit: impl FnMut(Value)) {
    match node {
        Node::Input { .. } | Node::Loop => {}
        Node::Compute(_, sources) => sources.iter().for_each(|&source| visit(source)),
        Node::Gather { table, index, .. } => {
            visit(*index);
            tables[*table].iter().for_each(|&value| visit(value));
        }
        Node::Variable { first, .. } => visit(*first),
        Node::Assign { variable, value } => {
            visit(*value);
            visit(Value::Node(*variable));
        }
        Node::AssignWhere { variable, value, mask } => {
            visit(*mask);
            visit(*value);
            visit(Value::Node(*variable));
        }
        Node::Repeat { alive } => visit(*alive),
    }
}
