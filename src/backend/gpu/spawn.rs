//! The packed population on a device, and the kernels that spawn it from a proposal.

use half::f16;

use super::super::graphs::CompiledGraphs;
use super::super::plan::{Limits, ShardPlan, WORKGROUP, fold};
use super::Gpu;
use super::graphs::DeviceGraphs;
use super::kernels::{Kernels, crossover_id};
use super::recipe::GaussianRecipe;
use crate::error::{Error, Result};
use crate::gpu::layout::{BreedParameters, DecodeParameters};
use crate::gpu::{Binding, Buffer, Device, Dispatch};
use crate::network::{Precision, Substrate};
use crate::population::{CppnGenomes, ExplicitGenomes, Layout, Offspring};
use crate::random::{self, NORMALS_PER_BLOCK};

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

    /// Returns true if this is room for exactly so many individuals and genes.
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

impl Gpu {
    /// Spawns a Gaussian population.
    pub(super) fn perturb(&self, recipe: &GaussianRecipe, next: &PackedPopulation) -> Result<()> {
        let source = self.kernels(next.plan.layout.lanes).perturb();
        for (index, shard) in next.plan.shards.iter().enumerate() {
            let parameters = recipe.parameters(shard.first..shard.first + shard.individuals);
            let groups = spawn_groups(next, shard.individuals);
            let mut bindings = vec![Binding::whole(&self.normal_table)];
            bindings.extend(recipe.bindings());
            bindings.push(next.shard(index));
            self.device.at_share(self.limits.light_share(groups * WORKGROUP)).run(&[Dispatch {
                source: &source,
                parameters: bytemuck::bytes_of(&parameters),
                bindings,
                workgroups: fold(groups, &self.limits)?,
            }])?;
        }
        Ok(())
    }

    /// Decodes genomes from CPPNs. Each dispatch binds one shard of genomes and one of graphs.
    pub(super) fn decode(&self, genomes: &CppnGenomes, next: &PackedPopulation) -> Result<()> {
        let compiled = CompiledGraphs::compile(&genomes.graphs, Substrate::ports())?;
        let graphs = DeviceGraphs::from_compiled(compiled)?;
        let packed = graphs.upload(&self.device, 1, &self.limits)?;
        let Layout { genes, lanes, .. } = next.plan.layout;
        let source =
            Kernels::for_decoding(next.plan.layout, graphs.capacity, &self.limits, &self.edits)
                .decode();
        let places = self.device.upload("places", genomes.substrate.coordinates())?;
        let order = self.device.upload("order", &graphs.compiled.positions())?;
        let (threshold, range) = genomes.substrate.scale();
        let block = (lanes * genes * graphs.cost) as u64;
        let at_once = lanes * (self.limits.work_per_dispatch / block.max(1)).max(1) as usize;
        for (index, shard) in next.plan.shards.iter().enumerate() {
            for (of, source_shard) in packed.plan.shards.iter().enumerate() {
                for first in (0..shard.individuals).step_by(at_once) {
                    let end = (first + at_once).min(shard.individuals);
                    let parameters = DecodeParameters {
                        first_individual: shard.first as u32,
                        first_in_shard: first as u32,
                        individuals: end as u32,
                        first_graph: source_shard.first as u32,
                        graphs: source_shard.individuals as u32,
                        threshold,
                        range,
                        ..Default::default()
                    };
                    let invocations = (end - first).next_multiple_of(lanes) * genes;
                    let share = self.limits.share((invocations * graphs.cost) as u64);
                    self.device.at_share(share).run(&[Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings: vec![
                            packed.shard(of),
                            Binding::whole(&places),
                            Binding::whole(&order),
                            next.shard(index),
                        ],
                        workgroups: fold(invocations.div_ceil(WORKGROUP), &self.limits)?,
                    }])?;
                }
            }
        }
        Ok(())
    }

    /// Breeds the children of the current population, whose numbers begin with `first`. Each
    /// dispatch binds one shard of children and the shards of both parents. Combinations of shards
    /// that no child needs are skipped.
    pub(super) fn breed(
        &self,
        offspring: &Offspring,
        first: usize,
        next: &PackedPopulation,
    ) -> Result<()> {
        let last = self.packed()?;
        let source = self.kernels(next.plan.layout.lanes).breed();
        let parents = self.device.upload("parents", &offspring.parents)?;
        let (crossover, crossover_amount) = crossover_id(offspring.crossover);
        for (index, shard) in next.plan.shards.iter().enumerate() {
            let children = &offspring.parents[shard.first..][..shard.individuals];
            let mut pairs: Vec<(usize, usize)> = children
                .iter()
                .map(|pair| (pair.first as usize, pair.second as usize))
                .map(|(a, b)| (last.plan.shard_of(a), last.plan.shard_of(b)))
                .collect();
            pairs.sort_unstable();
            pairs.dedup();
            for (a, b) in pairs {
                let (of_a, of_b) = (&last.plan.shards[a], &last.plan.shards[b]);
                let parameters = BreedParameters {
                    seed: random::key(offspring.noise.seed),
                    generation: offspring.noise.generation,
                    first_child: (first + shard.first) as u32,
                    first_pair: shard.first as u32,
                    children: shard.individuals as u32,
                    first_parent: of_a.first as u32,
                    first_parents: of_a.individuals as u32,
                    second_parent: of_b.first as u32,
                    second_parents: of_b.individuals as u32,
                    crossover,
                    crossover_amount,
                    mutation: offspring.mutation,
                    mutation_rate: offspring.mutation_rate,
                    ..Default::default()
                };
                let groups = spawn_groups(next, shard.individuals);
                self.device.at_share(self.limits.light_share(groups * WORKGROUP)).run(&[
                    Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings: vec![
                            Binding::whole(&self.normal_table),
                            Binding::whole(&parents),
                            last.shard(a),
                            last.shard(b),
                            next.shard(index),
                        ],
                        workgroups: fold(groups, &self.limits)?,
                    },
                ])?;
            }
        }
        Ok(())
    }
}

/// Returns the number of workgroups that spawn a shard. An invocation generates eight genes.
fn spawn_groups(packed: &PackedPopulation, individuals: usize) -> usize {
    let layout = packed.plan.layout;
    let rows = individuals.next_multiple_of(layout.lanes);
    (rows * layout.genes.div_ceil(NORMALS_PER_BLOCK)).div_ceil(WORKGROUP)
}
