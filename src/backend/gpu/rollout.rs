//! Scoring of control tasks on a device: rollouts in dispatches of a planned size.

use std::ops::Range;

use super::super::plan::{InvocationCost, RolloutPlan, RolloutWork, Shard, WORKGROUP, fold};
use super::super::{Episodes, Scores};
use super::Gpu;
use super::kernels::{Kernels, OVERHEAD_ROUNDS, check_width};
use super::reduction::{EpisodeGroup, EpisodeReduction};
use super::results::Results;
use crate::error::{Error, Result};
use crate::gpu::layout::RolloutParameters;
use crate::gpu::{Binding, Dispatch};
use crate::random;
use crate::task::{ControlShape, Simulation, Span};

/// The number of words that `kernel/episode.wgsl` stores after the state and the hidden state:
/// reward, steps, age and number of the episode.
const EPISODE_WORDS: usize = 4;

/// A range of individuals that is rolled out in the same dispatches.
struct RolloutShard {
    individuals: Range<usize>,
    genomes: GenomeBindings,
    /// The index of its first workgroup in the buffer of steps.
    first_group: usize,
}

/// The bindings of the buffers from which a kernel reads or generates genomes.
struct GenomeBindings {
    /// The packed population, or the recipe.
    source: Binding,
    /// The normal table, centre and scales of a recipe, which follow all other bindings.
    others: Vec<Binding>,
}

impl Gpu {
    /// Checks that the kernels and the device support the network.
    ///
    /// # Errors
    /// Returns an error if a layer is too wide, or if a forward pass has more loop iterations than
    /// the device allows.
    pub(super) fn check_network(&self) -> Result<()> {
        check_width(&self.network)?;
        let (needed, most) = (self.rounds() + OVERHEAD_ROUNDS, self.limits.loop_rounds);
        if needed <= most {
            return Ok(());
        }
        Err(Error::TooLarge {
            what: format!("a forward pass of this network on {}", self.device.name()),
            needed: format!("up to {needed} loop iterations"),
            available: format!("that adapter ends the loops of a dispatch after {most}"),
            largest: "a smaller network; the CPU backend supports this one".into(),
        })
    }

    /// Scores the population on a control task.
    pub(super) fn score_control(
        &self,
        simulation: &dyn Simulation,
        episodes: &Episodes,
    ) -> Result<Scores> {
        self.check_network()?;
        let (lanes, shards) = match &self.recipe {
            None => {
                let packed = self.packed()?;
                let range = |shard: &Shard| shard.first..shard.first + shard.individuals;
                let shards: Vec<_> = packed.plan.shards.iter().map(range).collect();
                (packed.plan.layout.lanes, shards)
            }
            Some(recipe) => {
                let lanes = self.variant.lanes(self.task.kind());
                (lanes, recipe.shards(self.episode_words(simulation), &self.limits))
            }
        };
        let kernels = self.kernels(lanes);
        let individuals = shards.last().map_or(0, |last| last.end);
        let results = self.allocate_results(individuals, shards.len(), episodes)?;
        let mut first_group = 0;
        for (index, shard) in shards.into_iter().enumerate() {
            let groups = shard.len().div_ceil(WORKGROUP);
            let genomes = self.genome_bindings(index, &shard)?;
            let shard = RolloutShard { individuals: shard, genomes, first_group };
            self.roll_out(simulation, episodes, &kernels, &results, &shard)?;
            first_group += groups;
        }
        self.read_scores(&results, individuals, first_group, episodes)
    }

    /// Returns the bindings of the genomes of a shard.
    fn genome_bindings(&self, index: usize, shard: &Range<usize>) -> Result<GenomeBindings> {
        let Some(recipe) = &self.recipe else {
            return Ok(GenomeBindings { source: self.packed()?.shard(index), others: Vec::new() });
        };
        let parameters = self.device.upload("recipe", &[recipe.parameters(shard.clone())])?;
        let table = Binding::whole(&self.normal_table);
        let others = std::iter::once(table).chain(recipe.bindings()).collect();
        Ok(GenomeBindings { source: Binding::whole(&parameters), others })
    }

    /// The number of words that store an individual's episode between dispatches.
    fn episode_words(&self, simulation: &dyn Simulation) -> usize {
        let shape = simulation.shape();
        shape.own_state() + EPISODE_WORDS + self.state_size() + self.observation_words(&shape)
    }

    /// The number of those words that hold sums over observations.
    pub(super) fn observation_words(&self, shape: &ControlShape) -> usize {
        if self.normalisation.is_some() { 2 * shape.observations } else { 0 }
    }

    /// Returns the work of rolling individuals out, for planning.
    fn rollout_work(
        &self,
        simulation: &dyn Simulation,
        individuals: usize,
        episodes: u32,
        steps: u32,
    ) -> Result<RolloutWork> {
        let beginning = self.rollout_mapping(episodes)?.setup_cost(&self.network);
        let step =
            InvocationCost { work: self.cost() as u64, rounds: self.rounds() + OVERHEAD_ROUNDS };
        let fields = self.episode_words(simulation);
        Ok(RolloutWork { individuals, episodes, steps, fields, beginning, step })
    }

    /// Returns how many of the `steps` steps of an episode one dispatch takes.
    pub(super) fn steps_per_dispatch(
        &self,
        simulation: &dyn Simulation,
        individuals: usize,
        episodes: u32,
        steps: u32,
    ) -> Result<u32> {
        let work = self.rollout_work(simulation, individuals, episodes, steps)?;
        Ok(RolloutPlan::new(&work, &self.limits).steps)
    }

    /// Rolls the individuals of a shard out, and reduces their episodes to results.
    fn roll_out(
        &self,
        simulation: &dyn Simulation,
        episodes: &Episodes,
        kernels: &Kernels,
        results: &Results,
        shard: &RolloutShard,
    ) -> Result<()> {
        let shape = simulation.shape();
        let (count, limit, restarts) = match episodes.rollout_span(shape.step_limit) {
            Span::Episode(limit) => (limit, limit, false),
            Span::Steps { count, limit } => (count, limit, true),
        };
        let individuals = shard.individuals.len();
        let work = self.rollout_work(simulation, individuals, episodes.count, count)?;
        let plan = RolloutPlan::new(&work, &self.limits);
        let invocations = plan.rows * plan.episodes as usize;
        let bytes = 4 * (invocations * self.episode_words(simulation)) as u64;
        let progress = self.device.storage("progress", bytes)?;
        let mapping = self.rollout_mapping(plan.episodes)?;
        let rollout = mapping.source(kernels, &self.network);
        let share = plan.share(&work, &self.limits);
        let reduction = EpisodeReduction {
            gpu: self,
            kernels,
            results,
            individuals: shard.individuals.clone(),
            first_group: shard.first_group,
            shape: &shape,
            plan: &plan,
            episodes: episodes.count,
            progress: &progress,
        };
        let first = episodes.first_counter();
        for first_episode in (0..episodes.count).step_by(plan.episodes as usize) {
            let group = EpisodeGroup::new(first_episode, &plan, episodes.count);
            for first_step in (0..count).step_by(plan.steps as usize) {
                let parameters = RolloutParameters {
                    seed: random::key(first.seed),
                    stream: first.stream as u32,
                    generation: first.generation,
                    first_episode: first.individual + group.first,
                    individuals: individuals as u32,
                    rows: plan.rows as u32,
                    invocations: group.invocations as u32,
                    begins: u32::from(first_step == 0),
                    steps: plan.steps.min(count - first_step),
                    count,
                    limit,
                    restarts: u32::from(restarts),
                    ..Default::default()
                };
                let mut bindings = vec![shard.genomes.source.clone(), Binding::whole(&progress)];
                bindings.extend(self.normalisation.as_ref().map(Binding::whole));
                bindings.extend(shard.genomes.others.iter().cloned());
                self.device.at_share(share).run(&[Dispatch {
                    source: &rollout,
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings,
                    workgroups: fold(mapping.groups(plan.rows, group.count), &self.limits)?,
                }])?;
            }
            reduction.run(&group)?;
        }
        Ok(())
    }
}
