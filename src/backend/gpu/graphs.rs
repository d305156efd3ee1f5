//! Populations of graphs on a device: packed words, in shards that fit a binding.

use super::super::graphs::Compiled;
use super::super::plan::{Limits, Plan, Shard};
use super::kernels::GraphRoom;
use super::spawn::Packed;
use crate::error::{Error, Result};
use crate::gpu::Device;
use crate::network::{MOST_PALETTE_WORDS, Precision, most_words_of, pack};
use crate::population::Layout;

/// The most slots, and the most memories, that the kernels hold, in an invocation's own memory
/// where no other has room.
pub const LARGEST_GPU_GRAPH: usize = 2048;

/// Graphs, compiled, and what their kernels need room for.
pub struct OnDevice {
    pub compiled: Compiled,
    pub room: GraphRoom,
    /// Multiply-adds of the costliest one's pass.
    pub cost: usize,
}

impl OnDevice {
    /// Looks at what graphs need.
    ///
    /// # Errors
    /// A graph that is larger than the kernels hold.
    pub fn of(compiled: Compiled) -> Result<Self> {
        for (place, graph) in compiled.phenotypes.iter().enumerate() {
            let most = graph.slots().max(graph.memories.len());
            if most > LARGEST_GPU_GRAPH {
                return Err(Error::TooLarge {
                    what: format!(
                        "the graph of individual {} on the GPU",
                        compiled.individual_at(place)
                    ),
                    needed: format!("{most} numbers in the memory of one invocation"),
                    available: "the GPU kernels are written for smaller ones; lower --set \
                                hidden-nodes, or use --backend cpu"
                        .into(),
                    largest: LARGEST_GPU_GRAPH.to_string(),
                });
            }
        }
        let graphs = || compiled.phenotypes.iter();
        let slots = graphs().map(|graph| graph.slots()).max().unwrap_or(1);
        let memories = graphs().map(|graph| graph.memories.len()).max().unwrap_or(0);
        let cost = graphs().map(|graph| graph.topology.cost as usize).max().unwrap_or(1);
        let room = GraphRoom::for_at_least(slots, memories);
        Ok(Self { compiled, room, cost })
    }

    /// Packs them, and writes them to the device.
    ///
    /// # Errors
    /// A graph larger than a binding, or a device that is out of memory.
    pub fn upload(&self, device: &Device, lanes: usize, limits: &Limits) -> Result<Packed> {
        let graphs = &self.compiled.phenotypes;
        let mut shards = Vec::new();
        let mut buffers = Vec::new();
        let mut first = 0;
        while first < graphs.len() {
            let mut bytes = 4 * MOST_PALETTE_WORDS as u64;
            let fits = |graph: &&crate::network::Phenotype| {
                bytes += 4 * most_words_of(graph) as u64;
                bytes <= limits.binding_bytes
            };
            let individuals = graphs[first..].iter().take_while(fits).count();
            if individuals == 0 {
                let words = MOST_PALETTE_WORDS + most_words_of(&graphs[first]);
                let bytes = 4 * words as u64;
                let individual = self.compiled.individual_at(first);
                return Err(Error::TooLarge {
                    what: format!("the graph of individual {individual} on this GPU"),
                    needed: format!("{bytes} bytes"),
                    available: format!("one binding holds {} bytes", limits.binding_bytes),
                    largest: format!("{} bytes", limits.binding_bytes),
                });
            }
            let words = pack(&graphs[first..first + individuals])?;
            buffers.push(device.upload("graphs", &words)?);
            let (buffer, bytes) = (buffers.len() - 1, 4 * words.len() as u64);
            shards.push(Shard { buffer, offset: 0, bytes, first, individuals });
            first += individuals;
        }
        let precision = Precision::Single;
        let layout = Layout { individuals: graphs.len(), genes: 0, lanes, precision };
        let sizes = shards.iter().map(|shard| shard.bytes).collect();
        Ok(Packed::of(Plan { layout, shards, buffers: sizes }, buffers))
    }
}
