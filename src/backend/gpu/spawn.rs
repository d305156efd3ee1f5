//! The packed population on a device, and how recipes are made into it.

use half::f16;

use super::super::graphs::Compiled;
use super::super::plan::{Limits, Plan, WORKGROUP, fold};
use super::Gpu;
use super::graphs::OnDevice;
use super::kernels::{Kernels, crossover_id};
use super::recipe::Recipe;
use crate::error::{Error, Result};
use crate::gpu::layout::{Breeding, Painting};
use crate::gpu::{Binding, Buffer, Device, Dispatch};
use crate::network::{Precision, Substrate};
use crate::population::{Explicit, Layout, Offspring, Painted};
use crate::random::{self, NORMALS_A_BLOCK};

/// A population's buffers, and where everybody stands in them.
pub struct Packed {
    pub plan: Plan,
    buffers: Vec<Buffer>,
}

impl Packed {
    /// Room for a population.
    ///
    /// # Errors
    /// A genome larger than a binding, or a device that is out of memory.
    pub fn allocate(device: &Device, layout: Layout, limits: &Limits) -> Result<Self> {
        let plan = Plan::new(layout, limits)?;
        let room = plan.buffers.iter().map(|&bytes| device.storage("population", bytes));
        let buffers = room.collect::<Result<_>>()?;
        Ok(Self { plan, buffers })
    }

    /// What was written to a device already.
    pub fn of(plan: Plan, buffers: Vec<Buffer>) -> Self {
        Self { plan, buffers }
    }

    /// Whether the room fits so many individuals of so many genes exactly.
    pub fn holds(&self, individuals: usize, genes: usize) -> bool {
        (self.plan.layout.individuals, self.plan.layout.genes) == (individuals, genes)
    }

    /// One shard, to be bound.
    pub fn shard(&self, index: usize) -> Binding {
        let shard = &self.plan.shards[index];
        Binding::slice(&self.buffers[shard.buffer], shard.offset, shard.bytes)
    }

    /// Packs genomes on the CPU and writes them.
    pub fn write(&self, device: &Device, explicit: &Explicit) {
        let layout = self.plan.layout;
        for shard in &self.plan.shards {
            let numbers = shard.bytes as usize / layout.precision.bytes();
            let mut packed = vec![0.0f32; numbers];
            for local in 0..shard.individuals {
                let genome = &explicit.genomes[(shard.first + local) * layout.genes..];
                for (gene, &value) in genome[..layout.genes].iter().enumerate() {
                    packed[layout.place(local, gene)] = layout.precision.kept(value);
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

    /// The first so many genomes, `f32[count][genes]`, in copies that are no larger than need be,
    /// and smaller ones where memory is scarce.
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
                        *value = number(self.plan.layout.place(local, gene));
                    }
                }
                first += some;
            }
        }
        Ok(genomes)
    }
}

impl Gpu {
    /// Makes a Gaussian population.
    pub(super) fn stray(&self, recipe: &Recipe, next: &Packed) -> Result<()> {
        let source = self.kernels(next.plan.layout.lanes).stray();
        for (index, shard) in next.plan.shards.iter().enumerate() {
            let parameters = recipe.straying(shard.first..shard.first + shard.individuals);
            let groups = spawn_groups(next, shard.individuals);
            let mut bindings = vec![Binding::whole(&self.normal_table)];
            bindings.extend(recipe.numbers());
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

    /// Paints a population by graphs. Each dispatch binds one shard of genomes and one of graphs.
    pub(super) fn paint(&self, painted: &Painted, next: &Packed) -> Result<()> {
        let compiled = Compiled::of(&painted.graphs, Substrate::ports())?;
        let graphs = OnDevice::of(compiled)?;
        let packed = graphs.upload(&self.device, 1, &self.limits)?;
        let Layout { genes, lanes, .. } = next.plan.layout;
        let source =
            Kernels::for_painting(next.plan.layout, graphs.room, &self.limits, &self.edits).paint();
        let places = self.device.upload("places", painted.substrate.places())?;
        let order = self.device.upload("order", &graphs.compiled.places())?;
        let (threshold, range) = painted.substrate.scale();
        let block = (lanes * genes * graphs.cost) as u64;
        let at_once = lanes * (self.limits.work_a_dispatch / block.max(1)).max(1) as usize;
        for (index, shard) in next.plan.shards.iter().enumerate() {
            for (of, source_shard) in packed.plan.shards.iter().enumerate() {
                for first in (0..shard.individuals).step_by(at_once) {
                    let end = (first + at_once).min(shard.individuals);
                    let parameters = Painting {
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

    /// Makes children of the population there is, which are counted from `first`. Each dispatch
    /// binds one shard of children and the shards of both parents; only combinations that occur
    /// are run.
    pub(super) fn breed(&self, offspring: &Offspring, first: usize, next: &Packed) -> Result<()> {
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
                let parameters = Breeding {
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

/// Workgroups that spawn so many individuals: an invocation makes eight genes of one.
fn spawn_groups(packed: &Packed, individuals: usize) -> usize {
    let layout = packed.plan.layout;
    let rows = individuals.next_multiple_of(layout.lanes);
    (rows * layout.genes.div_ceil(NORMALS_A_BLOCK)).div_ceil(WORKGROUP)
}
