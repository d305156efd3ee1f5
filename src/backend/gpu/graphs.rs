//! Populations of graphs on a device: packed words, in shards that fit one binding each.

use super::super::graphs::CompiledGraphs;
use super::super::plan::{Limits, Shard, ShardPlan};
use super::kernels::GraphCapacity;
use super::packed_population::PackedPopulation;
use crate::error::{Error, Result};
use crate::gpu::Device;
use crate::network::{MAX_PALETTE_WORDS, Precision, max_packed_words, pack_phenotypes};
use crate::population::Layout;

/// The largest number of slots, and of hidden states, that the kernels support. If workgroup memory
/// is too small, they are kept in an invocation's private memory.
pub const LARGEST_GPU_GRAPH: usize = 2048;

/// Compiled graphs, and the capacity that their kernels need.
pub struct DeviceGraphs {
    /// The graphs.
    pub compiled: CompiledGraphs,
    /// The capacity of the kernels.
    pub capacity: GraphCapacity,
    /// The number of multiply-adds in a forward pass of the costliest graph.
    pub cost: usize,
}

impl DeviceGraphs {
    /// Determines the capacity that compiled graphs need.
    ///
    /// # Errors
    /// Returns an error if a graph is larger than [`LARGEST_GPU_GRAPH`].
    pub fn from_compiled(compiled: CompiledGraphs) -> Result<Self> {
        for (place, graph) in compiled.phenotypes.iter().enumerate() {
            let most = graph.slots().max(graph.state_sources.len());
            if most > LARGEST_GPU_GRAPH {
                return Err(Error::TooLarge {
                    what: format!(
                        "the graph of individual {} on the GPU",
                        compiled.individual_at(place)
                    ),
                    needed: format!("{most} numbers in the memory of one invocation"),
                    available: "the GPU kernels support smaller graphs; lower --set \
                                hidden-nodes, or use --backend cpu"
                        .into(),
                    largest: LARGEST_GPU_GRAPH.to_string(),
                });
            }
        }
        let graphs = || compiled.phenotypes.iter();
        let slots = graphs().map(|graph| graph.slots()).max().unwrap_or(1);
        let memories = graphs().map(|graph| graph.state_sources.len()).max().unwrap_or(0);
        let cost = graphs().map(|graph| graph.topology.cost as usize).max().unwrap_or(1);
        let capacity = GraphCapacity::at_least(slots, memories);
        Ok(Self { compiled, capacity, cost })
    }

    /// Packs the graphs and uploads them.
    ///
    /// # Errors
    /// Returns an error if a graph is larger than a binding, or if the device is out of memory.
    pub fn upload(
        &self,
        device: &Device,
        lanes: usize,
        limits: &Limits,
    ) -> Result<PackedPopulation> {
        let graphs = &self.compiled.phenotypes;
        let mut shards = Vec::new();
        let mut buffers = Vec::new();
        let mut first = 0;
        while first < graphs.len() {
            let mut bytes = 4 * MAX_PALETTE_WORDS as u64;
            let fits = |graph: &&crate::network::Phenotype| {
                bytes += 4 * max_packed_words(graph) as u64;
                bytes <= limits.binding_bytes
            };
            let individuals = graphs[first..].iter().take_while(fits).count();
            if individuals == 0 {
                let words = MAX_PALETTE_WORDS + max_packed_words(&graphs[first]);
                let bytes = 4 * words as u64;
                let individual = self.compiled.individual_at(first);
                return Err(Error::TooLarge {
                    what: format!("the graph of individual {individual} on this GPU"),
                    needed: format!("{bytes} bytes"),
                    available: format!("one binding holds {} bytes", limits.binding_bytes),
                    largest: format!("{} bytes", limits.binding_bytes),
                });
            }
            let words = pack_phenotypes(&graphs[first..first + individuals])?;
            buffers.push(device.upload("graphs", &words)?);
            let (buffer, bytes) = (buffers.len() - 1, 4 * words.len() as u64);
            shards.push(Shard { buffer, offset: 0, bytes, first, individuals });
            first += individuals;
        }
        let precision = Precision::Single;
        let layout = Layout { individuals: graphs.len(), genes: 0, lanes, precision };
        let sizes = shards.iter().map(|shard| shard.bytes).collect();
        Ok(PackedPopulation::from_buffers(ShardPlan { layout, shards, buffers: sizes }, buffers))
    }
}
