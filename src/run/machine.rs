//! The machine of a run: what its results may depend on in their last bits.
//!
//! A run on the CPU gives the same bits on every processor whose instructions fuse products and
//! sums, and other bits, within the same bounds of error, on one whose instructions do not. GPUs
//! differ from each other, and so do the mathematical functions of operating systems. Each
//! checkpoint records its machine, so that resuming on another one is noted, or refused on request.

use serde::{Deserialize, Serialize};

use crate::backend::Backend;
use crate::math::InstructionSet;

/// The machine that a part of a run took place on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MachineRecord {
    /// The name of the backend.
    backend: String,
    /// The GPU; none for other backends.
    adapter: Option<String>,
    /// The name of the instruction set.
    instructions: String,
    /// The operating system and the processor's architecture.
    platform: String,
}

/// A difference between two machines.
#[derive(Debug, PartialEq)]
pub(super) struct MachineDifference {
    /// The difference in words.
    pub words: String,
    /// True if the bits of results are equal all the same.
    pub is_exact: bool,
}

impl MachineRecord {
    /// Returns the record of this process and its backend.
    pub fn current(backend: &dyn Backend) -> Self {
        let (name, adapter) = (backend.name(), backend.adapter());
        Self {
            backend: name.into(),
            adapter: (name == "gpu").then_some(adapter),
            instructions: InstructionSet::current().name().into(),
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }

    /// Returns the differences between the machine of a checkpoint and this one.
    pub fn differences(&self, now: &Self) -> Vec<MachineDifference> {
        let none = || "none".to_owned();
        let adapter = |record: &Self| record.adapter.clone().unwrap_or_else(none);
        let pairs = [
            ("backend", self.backend.clone(), now.backend.clone(), false),
            ("GPU", adapter(self), adapter(now), false),
            (
                "instruction set",
                self.instructions.clone(),
                now.instructions.clone(),
                is_fused(&self.instructions) && is_fused(&now.instructions),
            ),
            ("platform", self.platform.clone(), now.platform.clone(), false),
        ];
        let differing = pairs.into_iter().filter(|(_, before, after, _)| before != after);
        differing
            .map(|(what, before, after, is_exact)| MachineDifference {
                words: format!("the {what} was {before} and is {after}"),
                is_exact,
            })
            .collect()
    }
}

/// True if an instruction set of this name fuses products and sums.
fn is_fused(name: &str) -> bool {
    InstructionSet::ALL.into_iter().any(|set| set.name() == name && set.is_fused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sets_that_fuse_give_the_same_bits() {
        let on = |instructions: &str| MachineRecord {
            backend: "cpu".into(),
            adapter: None,
            instructions: instructions.into(),
            platform: "linux-x86_64".into(),
        };
        assert!(on("avx512").differences(&on("avx512")).is_empty());
        let fused = on("avx512").differences(&on("avx2"));
        assert!(fused[0].is_exact && fused[0].words.contains("was avx512 and is avx2"));
        for (before, now) in [("avx2", "plain"), ("plain", "neon"), ("another", "avx2")] {
            assert!(!on(before).differences(&on(now))[0].is_exact, "{before} {now}");
        }
        let gpu =
            MachineRecord { backend: "gpu".into(), adapter: Some("a card".into()), ..on("avx2") };
        assert_eq!(on("avx2").differences(&gpu).len(), 2);
    }
}
