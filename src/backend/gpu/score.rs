//! Scoring on a device: rollouts of control tasks, and how results come back.

use std::ops::Range;

use super::super::plan::{Effort, RolloutPlan, Rollouts, Shard, WORKGROUP, fold};
use super::super::{Episodes, Scores};
use super::Gpu;
use super::kernels::{Kernels, ROUNDS_BESIDE, check_width};
use crate::error::{Error, Result};
use crate::gpu::layout::{Averaging, Behaving, Rolling, Tallying};
use crate::gpu::{Binding, Buffer, Dispatch, Readback};
use crate::network::Seen;
use crate::random;
use crate::task::{Shape, Simulation, Span};

/// Words that a rollout keeps beside the state and what the network remembers: reward, steps, age,
/// episode.
const FIELDS_BESIDE_STATE: usize = 4;

/// What a scoring writes: a value an individual, steps a workgroup, where observations are
/// normalised, what an individual has seen, and where it is asked for, what it did.
pub(super) struct Results {
    pub(super) values: Buffer,
    taken: Buffer,
    seen: Option<Buffer>,
    behaviours: Option<Buffer>,
}

/// Some individuals that are rolled out together.
struct Rolled {
    individuals: Range<usize>,
    genomes: Genomes,
    /// The first of their workgroups among those that say how many steps were taken.
    first_group: usize,
}

/// What genomes are read from, or made from.
struct Genomes {
    /// What is bound at the place of the population.
    source: Binding,
    /// What is bound behind all else.
    beside: Vec<Binding>,
}

impl Gpu {
    /// Refuses a network that the kernels, or the device, do not take.
    pub(super) fn check_network(&self) -> Result<()> {
        check_width(&self.network)?;
        let (needed, most) = (self.rounds() + ROUNDS_BESIDE, self.limits.loop_rounds);
        if needed <= most {
            return Ok(());
        }
        Err(Error::TooLarge {
            what: format!("a pass of this network on {}", self.device.name()),
            needed: format!("up to {needed} rounds of loops"),
            available: format!("that adapter ends the loops of a dispatch after {most}"),
            largest: "a smaller network; the CPU backend takes this one".into(),
        })
    }

    pub(super) fn roll(&self, simulation: &dyn Simulation, episodes: &Episodes) -> Result<Scores> {
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
                (lanes, recipe.shards(self.fields(simulation), &self.limits))
            }
        };
        let kernels = self.kernels(lanes);
        let individuals = shards.last().map_or(0, |last| last.end);
        let results = self.results(individuals, shards.len(), episodes)?;
        let mut first_group = 0;
        for (index, shard) in shards.into_iter().enumerate() {
            let groups = shard.len().div_ceil(WORKGROUP);
            let genomes = self.source_of(index, &shard)?;
            let shard = Rolled { individuals: shard, genomes, first_group };
            self.roll_shard(simulation, episodes, &kernels, &results, &shard)?;
            first_group += groups;
        }
        self.read_scores(&results, individuals, first_group, episodes)
    }

    /// What a shard's genomes are read from, or made from: what is bound at the place of the
    /// population, and behind all else.
    fn source_of(&self, index: usize, shard: &Range<usize>) -> Result<Genomes> {
        let Some(recipe) = &self.recipe else {
            return Ok(Genomes { source: self.packed()?.shard(index), beside: Vec::new() });
        };
        let straying = self.device.upload("recipe", &[recipe.straying(shard.clone())])?;
        let table = Binding::whole(&self.normal_table);
        let beside = std::iter::once(table).chain(recipe.numbers()).collect();
        Ok(Genomes { source: Binding::whole(&straying), beside })
    }

    /// Words that a rollout keeps of an individual in an episode.
    fn fields(&self, simulation: &dyn Simulation) -> usize {
        let shape = simulation.shape();
        shape.state + FIELDS_BESIDE_STATE + self.memory() + self.seen(&shape)
    }

    /// Of those, what sums up observations.
    fn seen(&self, shape: &Shape) -> usize {
        if self.normalisation.is_some() { 2 * shape.observations } else { 0 }
    }

    /// Rollouts of so many individuals, as they are planned.
    fn rollouts(
        &self,
        simulation: &dyn Simulation,
        individuals: usize,
        episodes: u32,
        steps: u32,
    ) -> Result<Rollouts> {
        let beginning = self.players(episodes)?.beginning(&self.network);
        let step = Effort { work: self.cost() as u64, rounds: self.rounds() + ROUNDS_BESIDE };
        let fields = self.fields(simulation);
        Ok(Rollouts { individuals, episodes, steps, fields, beginning, step })
    }

    /// Steps that a dispatch takes of episodes of so many.
    pub(super) fn steps_a_dispatch(
        &self,
        simulation: &dyn Simulation,
        individuals: usize,
        episodes: u32,
        steps: u32,
    ) -> Result<u32> {
        let rollouts = self.rollouts(simulation, individuals, episodes, steps)?;
        Ok(RolloutPlan::new(&rollouts, &self.limits).steps)
    }

    fn roll_shard(
        &self,
        simulation: &dyn Simulation,
        episodes: &Episodes,
        kernels: &Kernels,
        results: &Results,
        shard: &Rolled,
    ) -> Result<()> {
        let (individuals, first_individual) =
            (shard.individuals.len(), shard.individuals.start as u32);
        let shape = simulation.shape();
        let (count, limit, restarts) = match episodes.span(shape.step_limit) {
            Span::Episode(limit) => (limit, limit, false),
            Span::Steps { count, limit } => (count, limit, true),
        };
        let (seen, fields) = (self.seen(&shape), self.fields(simulation));
        let rollouts = self.rollouts(simulation, individuals, episodes.count, count)?;
        let plan = RolloutPlan::new(&rollouts, &self.limits);
        let invocations = plan.rows * plan.episodes as usize;
        let progress = self.device.storage("progress", 4 * (invocations * fields) as u64)?;
        let players = self.players(plan.episodes)?;
        let (rollout, average) = (players.source(kernels, &self.network), kernels.average());
        let (share, light) =
            (plan.share(&rollouts, &self.limits), self.limits.light_share(invocations));
        let first = episodes.first();
        for first_episode in (0..episodes.count).step_by(plan.episodes as usize) {
            let side_by_side = plan.episodes.min(episodes.count - first_episode);
            let invocations = plan.rows * side_by_side as usize;
            for first_step in (0..count).step_by(plan.steps as usize) {
                let parameters = Rolling {
                    seed: random::key(first.seed),
                    stream: first.stream as u32,
                    generation: first.generation,
                    first_episode: first.individual + first_episode,
                    individuals: individuals as u32,
                    rows: plan.rows as u32,
                    invocations: invocations as u32,
                    begins: u32::from(first_step == 0),
                    steps: plan.steps.min(count - first_step),
                    count,
                    limit,
                    restarts: u32::from(restarts),
                    ..Default::default()
                };
                let mut bindings = vec![shard.genomes.source.clone(), Binding::whole(&progress)];
                bindings.extend(self.normalisation.as_ref().map(Binding::whole));
                bindings.extend(shard.genomes.beside.iter().cloned());
                self.device.at_share(share).run(&[Dispatch {
                    source: &rollout,
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings,
                    workgroups: fold(players.groups(plan.rows, side_by_side), &self.limits)?,
                }])?;
            }
            let parameters = Averaging {
                first_individual,
                first_group: shard.first_group as u32,
                individuals: individuals as u32,
                rows: plan.rows as u32,
                invocations: invocations as u32,
                episodes: side_by_side,
                all_episodes: episodes.count,
                begins: u32::from(first_episode == 0),
                ends: u32::from(first_episode + side_by_side == episodes.count),
                ..Default::default()
            };
            let bindings = [&progress, &results.values, &results.taken];
            self.device.at_share(light).run(&[Dispatch {
                source: &average,
                parameters: bytemuck::bytes_of(&parameters),
                bindings: bindings.map(Binding::whole).into(),
                workgroups: fold(plan.rows / WORKGROUP, &self.limits)?,
            }])?;
            if let Some(behaviours) = &results.behaviours {
                let parameters = Behaving {
                    first_individual,
                    individuals: individuals as u32,
                    rows: plan.rows as u32,
                    invocations: invocations as u32,
                    episodes: side_by_side,
                    all_episodes: episodes.count,
                    begins: u32::from(first_episode == 0),
                    ends: u32::from(first_episode + side_by_side == episodes.count),
                };
                self.device.at_share(light).run(&[Dispatch {
                    source: &kernels.behaviour(),
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings: [&progress, behaviours].map(Binding::whole).into(),
                    workgroups: fold(plan.rows * shape.behaviour / WORKGROUP, &self.limits)?,
                }])?;
            }
            let Some(tallies) = &results.seen else { continue };
            let parameters = Tallying {
                first_individual,
                individuals: individuals as u32,
                rows: plan.rows as u32,
                invocations: invocations as u32,
                episodes: side_by_side,
                begins: u32::from(first_episode == 0),
                ..Default::default()
            };
            self.device.at_share(light).run(&[Dispatch {
                source: &kernels.tally(),
                parameters: bytemuck::bytes_of(&parameters),
                bindings: [&progress, tallies].map(Binding::whole).into(),
                workgroups: fold(plan.rows * (1 + seen) / WORKGROUP, &self.limits)?,
            }])?;
        }
        Ok(())
    }

    /// Bytes of so many a word for each individual, if a binding holds them.
    fn fitting(&self, what: &str, individuals: usize, words: usize) -> Result<u64> {
        let each = 4 * words as u64;
        let bytes = each * individuals as u64;
        if bytes <= self.limits.binding_bytes {
            return Ok(bytes);
        }
        Err(Error::TooLarge {
            what: format!("the {what} of {individuals} individuals"),
            needed: format!("{each} bytes x {individuals} = {bytes} bytes"),
            available: format!("one binding holds {} bytes", self.limits.binding_bytes),
            largest: format!("{} individuals", self.limits.binding_bytes / each),
        })
    }

    /// Numbers that say what an individual did, where they are asked for.
    fn behaviour(&self, episodes: &Episodes) -> usize {
        if episodes.behaviour { self.task.behaviour() } else { 0 }
    }

    pub(super) fn results(
        &self,
        individuals: usize,
        shards: usize,
        episodes: &Episodes,
    ) -> Result<Results> {
        let bytes = self.fitting("fitness", individuals, 1)?;
        let seen = match &self.normalisation {
            None => None,
            Some(_) => {
                let words = Seen::words(self.network.inputs());
                let bytes = self.fitting("observations", individuals, words)?;
                Some(self.device.storage("tallies", bytes)?)
            }
        };
        let behaviours = match self.behaviour(episodes) {
            0 => None,
            numbers => {
                let bytes = self.fitting("behaviours", individuals, numbers)?;
                Some(self.device.storage("behaviours", bytes)?)
            }
        };
        // Every shard may have one workgroup that is partly empty.
        let groups = individuals.div_ceil(WORKGROUP) + shards;
        Ok(Results {
            values: self.device.storage("values", bytes)?,
            taken: self.device.storage("steps taken", 4 * groups as u64)?,
            seen,
            behaviours,
        })
    }

    pub(super) fn read_scores(
        &self,
        results: &Results,
        individuals: usize,
        groups: usize,
        episodes: &Episodes,
    ) -> Result<Scores> {
        let (inputs, numbers) = (self.network.inputs(), self.behaviour(episodes));
        let mut readbacks = vec![
            Readback { buffer: &results.values, bytes: 4 * individuals as u64 },
            Readback { buffer: &results.taken, bytes: 4 * groups as u64 },
        ];
        let more = [(&results.seen, Seen::words(inputs)), (&results.behaviours, numbers)];
        for (buffer, words) in more {
            let bytes = 4 * (individuals * words) as u64;
            readbacks.extend(buffer.as_ref().map(|buffer| Readback { buffer, bytes }));
        }
        let mut words = self.device.read(&readbacks)?.into_iter();
        let mut next = |there: bool| if there { words.next() } else { None };
        let singles = |words: Vec<u32>, each: usize| {
            let values: Vec<f32> = words.into_iter().map(f32::from_bits).collect();
            match &self.graphs {
                Some(graphs) => graphs.compiled.put_back(&values, each),
                None => values,
            }
        };
        let values = singles(next(true).unwrap_or_default(), 1);
        let steps = next(true).unwrap_or_default().into_iter().map(u64::from).sum();
        let seen = next(results.seen.is_some());
        let did = next(results.behaviours.is_some()).unwrap_or_default();
        Ok(Scores {
            values,
            steps,
            seen: seen.map(|words| Seen::new(inputs, tallied(&words, inputs))),
            behaviours: episodes.behaviour.then(|| singles(did, numbers)),
        })
    }
}

/// Rows as a kernel tallies them, steps as whole numbers, as rows of doubles.
fn tallied(words: &[u32], inputs: usize) -> Vec<f64> {
    let row = |row: &[u32]| {
        let sums = row[1..].iter().map(|&word| f64::from(f32::from_bits(word)));
        std::iter::once(f64::from(row[0])).chain(sums).collect::<Vec<_>>()
    };
    words.chunks(Seen::words(inputs)).flat_map(row).collect()
}
