//! The arrays that an invocation keeps numbers in while a network runs, and where they stand.
//!
//! An array is read by `NAME_at(i)` and written by `NAME_put(i, x)`. It stands in the memory of the
//! workgroup where there is room, number by number beside those of the other invocations, and
//! otherwise in the invocation's own. An own array that is indexed by what is not a constant is
//! spilled by some compilers, and by others written out, a branch for each of its numbers.

use std::fmt::Write as _;

use super::BESIDE;
use crate::backend::plan::WORKGROUP;

/// Arrays by their names, with their lengths.
pub(super) struct Arrays(Vec<(String, usize)>);

impl Arrays {
    /// What every network has: its outputs, and what it remembers.
    pub fn of_ports(outputs: usize, memory: usize) -> Self {
        let mut arrays = Self(Vec::new());
        arrays.push("network_outputs", outputs);
        // An array has at least one element.
        arrays.push("network_memory", memory.max(1));
        arrays
    }

    /// One array more; or as much room in the one of this name, where there is one.
    pub fn push(&mut self, name: &str, length: usize) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, room)) => *room = length.max(*room),
            None => self.0.push((name.to_owned(), length)),
        }
    }

    /// Declares them all where a workgroup has so many bytes, the smallest of them first to have
    /// their share.
    pub fn within(mut self, workgroup_bytes: usize) -> String {
        self.0.sort_by_key(|&(_, length)| length);
        let mut left = workgroup_bytes.saturating_sub(BESIDE);
        let mut text = "var<private> network_lane: u32;\n\n\
                        fn network_join(local: u32) {\n    network_lane = local;\n}\n"
            .to_owned();
        for (name, length) in self.0 {
            let bytes = 4 * length * WORKGROUP;
            // A number alone has no index.
            let is_shared = length > 1 && bytes <= left;
            let (space, numbers, place) = if is_shared {
                left -= bytes;
                ("workgroup", length * WORKGROUP, "i * WORKGROUP + network_lane")
            } else {
                ("private", length, "i")
            };
            write!(
                text,
                "\nvar<{space}> {name}: array<f32, {numbers}>;\n\
                 fn {name}_at(i: u32) -> f32 {{\n    return {name}[{place}];\n}}\n\
                 fn {name}_put(i: u32, x: f32) {{\n    {name}[{place}] = x;\n}}\n"
            )
            .expect("a String takes any text");
        }
        text
    }
}
