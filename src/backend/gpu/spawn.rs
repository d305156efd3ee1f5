//! The kernels that spawn a packed population from a proposal.

use super::super::graphs::CompiledGraphs;
use super::super::plan::{WORKGROUP, fold};
use super::Gpu;
use super::graphs::DeviceGraphs;
use super::kernels::{Kernels, crossover_id};
use super::packed_population::PackedPopulation;
use super::recipe::GaussianRecipe;
use crate::error::{Error, Result};
use crate::gpu::layout::{BreedParameters, DecodeParameters};
use crate::gpu::{Binding, Dispatch};
use crate::network::Substrate;
use crate::population::{CppnGenomes, Gaussian, Layout, Offspring, Proposal};
use crate::random::{self, NORMALS_PER_BLOCK};

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
    /// Generates and packs `count` individuals of a recipe, from `first` on.
    pub(super) fn pack_recipe(
        &self,
        recipe: &GaussianRecipe,
        first: usize,
        count: usize,
    ) -> Result<PackedPopulation> {
        let individuals = Gaussian { individuals: count, ..recipe.gaussian.clone() };
        let layout = self.layout(&Proposal::Gaussian(individuals.clone()));
        let packed = PackedPopulation::allocate(&self.device, layout, &self.limits)?;
        let part = GaussianRecipe::upload(&self.device, &individuals, recipe.first + first)?;
        self.perturb(&part, &packed)?;
        Ok(packed)
    }

    /// Reads the first `count` genomes of a recipe, `f32[count][genes]`. They are generated a part
    /// at a time, and smaller parts are tried if memory runs out.
    pub(super) fn recipe_genomes(&self, recipe: &GaussianRecipe, count: usize) -> Result<Vec<f32>> {
        const PACKED_BYTES: usize = 64 << 20;
        let mut at_once = (PACKED_BYTES / (4 * self.genes()).max(1)).max(1);
        let mut genomes = Vec::with_capacity(count * self.genes());
        let mut first = 0;
        while first < count {
            let some = at_once.min(count - first);
            let packed = self.pack_recipe(recipe, first, some);
            match packed.and_then(|packed| packed.genomes(&self.device, some)) {
                Err(Error::OutOfMemory { .. }) if some > 1 => at_once = some / 2,
                part => {
                    genomes.extend(part?);
                    first += some;
                }
            }
        }
        Ok(genomes)
    }
}

/// Returns the number of workgroups that spawn a shard. An invocation generates eight genes.
fn spawn_groups(packed: &PackedPopulation, individuals: usize) -> usize {
    let layout = packed.plan.layout;
    let rows = individuals.next_multiple_of(layout.lanes);
    (rows * layout.genes.div_ceil(NORMALS_PER_BLOCK)).div_ceil(WORKGROUP)
}
