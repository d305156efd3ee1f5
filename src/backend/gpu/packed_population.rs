//! The packed population on a device.

use half::f16;

use super::super::plan::{Limits, ShardPlan};
use crate::error::{Error, Result};
use crate::gpu::{Binding, Buffer, Device};
use crate::network::Precision;
use crate::population::{ExplicitGenomes, Layout};

/// The buffers of a packed population, with the plan of its shards.
pub struct PackedPopulation {
    /// The layout and the shards.
    pub plan: ShardPlan,
    buffers: Vec<Buffer>,
}

impl PackedPopulation {
    /// Allocates the buffers of a population.
    ///
    /// # Errors
    /// Returns an error if a genome is larger than a binding, or if the device is out of memory.
    pub fn allocate(device: &Device, layout: Layout, limits: &Limits) -> Result<Self> {
        let plan = ShardPlan::new(layout, limits)?;
        let buffers = plan.buffers.iter().map(|&bytes| device.storage("population", bytes));
        let buffers = buffers.collect::<Result<_>>()?;
        Ok(Self { plan, buffers })
    }

    /// Wraps buffers that are already written.
    pub fn from_buffers(plan: ShardPlan, buffers: Vec<Buffer>) -> Self {
        Self { plan, buffers }
    }

    /// True if the buffers hold exactly this number of individuals and genes.
    pub fn has_size(&self, individuals: usize, genes: usize) -> bool {
        (self.plan.layout.individuals, self.plan.layout.genes) == (individuals, genes)
    }

    /// Returns the binding of a shard.
    pub fn shard(&self, index: usize) -> Binding {
        let shard = &self.plan.shards[index];
        Binding::slice(&self.buffers[shard.buffer], shard.offset, shard.bytes)
    }

    /// Packs genomes on the CPU and uploads them.
    pub fn write(&self, device: &Device, explicit: &ExplicitGenomes) {
        let layout = self.plan.layout;
        for shard in &self.plan.shards {
            let numbers = shard.bytes as usize / layout.precision.bytes();
            let mut packed = vec![0.0f32; numbers];
            for local in 0..shard.individuals {
                let genome = &explicit.genomes[(shard.first + local) * layout.genes..];
                for (gene, &value) in genome[..layout.genes].iter().enumerate() {
                    packed[layout.index(local, gene)] = layout.precision.round(value);
                }
            }
            let halves: Vec<u16>;
            let bytes: &[u8] = match layout.precision {
                Precision::Single => bytemuck::cast_slice(&packed),
                Precision::Half => {
                    halves = packed.iter().map(|&x| f16::from_f32(x).to_bits()).collect();
                    bytemuck::cast_slice(&halves)
                }
            };
            device.write(&self.buffers[shard.buffer], shard.offset, bytes);
        }
    }

    /// Reads the first `count` genomes, `f32[count][genes]`. They are copied a part at a time, and
    /// smaller parts are tried if memory runs out.
    pub fn genomes(&self, device: &Device, count: usize) -> Result<Vec<f32>> {
        const COPIED_BYTES: usize = 64 << 20;
        let Layout { genes, lanes, precision, .. } = self.plan.layout;
        let block_bytes = self.plan.layout.block_bytes();
        let mut at_once = (COPIED_BYTES / block_bytes.max(1)).max(1);
        let mut genomes = vec![0.0; count * genes];
        for shard in self.plan.shards.iter().take_while(|shard| shard.first < count) {
            let wanted = shard.individuals.min(count - shard.first);
            let mut first = 0;
            while first < wanted {
                let some = (at_once * lanes).min(wanted - first);
                let offset = shard.offset + (first / lanes * block_bytes) as u64;
                let bytes = (some.div_ceil(lanes) * block_bytes) as u64;
                let words = match device.read_part(&self.buffers[shard.buffer], offset, bytes) {
                    Err(Error::OutOfMemory { .. }) if some > lanes => {
                        at_once = some.div_ceil(lanes) / 2;
                        continue;
                    }
                    words => words?,
                };
                let halves: &[u16] = bytemuck::cast_slice(&words);
                let number = |place: usize| match precision {
                    Precision::Single => f32::from_bits(words[place]),
                    Precision::Half => f16::from_bits(halves[place]).to_f32(),
                };
                let target = &mut genomes[(shard.first + first) * genes..][..some * genes];
                for (local, genome) in target.chunks_mut(genes).enumerate() {
                    for (gene, value) in genome.iter_mut().enumerate() {
                        *value = number(self.plan.layout.index(local, gene));
                    }
                }
                first += some;
            }
        }
        Ok(genomes)
    }
}
