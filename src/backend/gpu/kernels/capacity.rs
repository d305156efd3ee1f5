//! Capacities: the sizes of networks that the kernels support.

use crate::error::{Error, Result};
use crate::network::Network;

/// The widest layer that the kernels support. If workgroup memory is too small, a layer is kept in
/// an invocation's private memory.
pub const LARGEST_GPU_WIDTH: usize = 2048;

/// The bytes of workgroup memory that are reserved for flags and sums, and not for networks.
pub(super) const OVERHEAD_BYTES: usize = 1024;

/// The largest number of loop iterations of a step or a sample, without those of the network.
pub const OVERHEAD_ROUNDS: u64 = 512;

/// Checks that the kernels support the widths of a network's layers.
///
/// # Errors
/// Returns an error if a layer is wider than [`LARGEST_GPU_WIDTH`].
pub fn check_width(network: &Network) -> Result<()> {
    let widest = network.layers().iter().map(|layer| layer.scratch_size()).max().unwrap_or(0);
    if widest > LARGEST_GPU_WIDTH {
        return Err(Error::TooLarge {
            what: format!("a layer of {widest} numbers on the GPU"),
            needed: "a whole layer in the memory of one invocation".into(),
            available: "the GPU kernels support narrower layers; the CPU backend supports \
                this one"
                .into(),
            largest: LARGEST_GPU_WIDTH.to_string(),
        });
    }
    Ok(())
}

/// The capacity of the kernels of graphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphCapacity {
    /// The number of slots: inputs, bias and nodes.
    pub slots: usize,
    /// The number of memories.
    pub memories: usize,
}

impl GraphCapacity {
    /// Rounds up to powers of two, so that few kernels are compiled while graphs grow.
    pub fn at_least(slots: usize, memories: usize) -> Self {
        const LEAST: usize = 16;
        let memories = if memories == 0 { 0 } else { memories.next_power_of_two() };
        Self { slots: slots.next_power_of_two().max(LEAST), memories }
    }
}
