//! The compiler from nodes to a register program.
//!
//! Nodes that no output needs are left out, products are fused with sums, and every value gets a
//! register for as long as it is needed.

mod allocation;
mod fusion;
mod liveness;

use super::arithmetic::Arithmetic;
use super::builder::{Builder, Value};
use super::program::{Home, Program};
use allocation::Allocation;
use fusion::fuse;
use liveness::used_nodes;

/// Compiles the nodes that the outputs need.
pub(super) fn compile(
    mut builder: Builder,
    inputs: usize,
    outputs: &[(Value, Home)],
    arithmetic: Arithmetic,
) -> Program {
    let live = used_nodes(&builder, outputs);
    let live = match arithmetic {
        Arithmetic::Single => fuse(&mut builder.nodes, live, outputs),
        Arithmetic::Double => live,
    };
    let mut allocation = Allocation::new(&builder, &live, inputs, outputs);
    for (position, &node) in live.iter().enumerate() {
        allocation.place(node, position);
    }
    allocation.finish(outputs)
}
