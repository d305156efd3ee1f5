//! The arrays of an invocation while a network runs, and the memory that they occupy.
//!
//! An array is read by `NAME_at(i)` and written by `NAME_put(i, x)`. If workgroup memory has room,
//! the array is there, and its numbers alternate with those of the other invocations. Otherwise it
//! is in the invocation's private memory. Private arrays with variable indices are slow: some
//! compilers spill them, and others replace each access by a branch per number.

use std::fmt::Write as _;

use super::capacity::OVERHEAD_BYTES;
use crate::backend::plan::WORKGROUP;

/// The names of arrays, with their lengths.
pub(super) struct Arrays(Vec<(String, usize)>);

impl Arrays {
    /// Creates the arrays of every network: its outputs and its hidden state.
    pub fn for_ports(outputs: usize, memory: usize) -> Self {
        let mut arrays = Self(Vec::new());
        arrays.push("network_outputs", outputs);
        // An array has at least one element.
        arrays.push("network_state", memory.max(1));
        arrays
    }

    /// Adds an array, or lengthens the array of this name.
    pub fn push(&mut self, name: &str, length: usize) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, room)) => *room = length.max(*room),
            None => self.0.push((name.to_owned(), length)),
        }
    }

    /// Declares all arrays in WGSL. The smallest arrays are the first to get workgroup memory.
    pub fn declare(mut self, workgroup_bytes: usize) -> String {
        self.0.sort_by_key(|&(_, length)| length);
        let mut left = workgroup_bytes.saturating_sub(OVERHEAD_BYTES);
        let mut text = "var<private> network_lane: u32;\n\n\
                        fn network_setup(local: u32) {\n    network_lane = local;\n}\n"
            .to_owned();
        for (name, length) in self.0 {
            let bytes = 4 * length * WORKGROUP;
            // A single number needs no index.
            let is_shared = length > 1 && bytes <= left;
            let (space, numbers, index) = if is_shared {
                left -= bytes;
                ("workgroup", length * WORKGROUP, "i * WORKGROUP + network_lane")
            } else {
                ("private", length, "i")
            };
            write!(
                text,
                "\nvar<{space}> {name}: array<f32, {numbers}>;\n\
                 fn {name}_at(i: u32) -> f32 {{\n    return {name}[{index}];\n}}\n\
                 fn {name}_put(i: u32, x: f32) {{\n    {name}[{index}] = x;\n}}\n"
            )
            .expect("a String takes any text");
        }
        text
    }
}
