//! Scoring on a device: rollouts of control tasks, and passes over data sets.

use super::super::plan::{RolloutPlan, WORKGROUP, fold};
use super::super::{Episodes, Forward, Scores, no_samples};
use super::Gpu;
use super::kernels::{Kernels, check_width, measure_id};
use crate::error::{Error, Result};
use crate::gpu::layout::{
    Averaging, Behaving, Evaluating, Forward as ForwardPass, Judging, Rolling, Tallying,
};
use crate::gpu::{Binding, Buffer, Device, Dispatch, Readback};
use crate::network::Seen;
use crate::random;
use crate::task::{DataSet, Function, Kind, Part, Simulation, Span};

/// Words that a rollout keeps beside the state and what the network remembers: reward, steps, age,
/// episode.
const FIELDS_BESIDE_STATE: usize = 4;

/// A data set on a device.
pub struct Samples {
    features: Buffer,
    targets: Buffer,
}

impl Samples {
    /// Copies a data set to a device.
    ///
    /// # Errors
    /// A device that is out of memory.
    pub fn upload(device: &Device, data: &DataSet) -> Result<Self> {
        Ok(Self {
            features: device.upload("features", &data.features)?,
            targets: device.upload("targets", &data.targets)?,
        })
    }
}

/// What a scoring writes: a value an individual, steps a workgroup, where observations are
/// normalised, what an individual has seen, and where it is asked for, what it did.
struct Results {
    values: Buffer,
    taken: Buffer,
    seen: Option<Buffer>,
    behaviours: Option<Buffer>,
}

impl Gpu {
    pub(super) fn roll(&self, simulation: &dyn Simulation, episodes: &Episodes) -> Result<Scores> {
        check_width(&self.network)?;
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let kernels = self.kernels(packed.plan.layout.lanes);
        let results = self.results(individuals, episodes)?;
        let mut first_group = 0;
        for shard in 0..packed.plan.shards.len() {
            self.roll_shard(simulation, episodes, &kernels, &results, shard, first_group)?;
            first_group += packed.plan.shards[shard].individuals.div_ceil(WORKGROUP);
        }
        self.read_scores(&results, individuals, first_group, episodes)
    }

    fn roll_shard(
        &self,
        simulation: &dyn Simulation,
        episodes: &Episodes,
        kernels: &Kernels,
        results: &Results,
        shard: usize,
        first_group: usize,
    ) -> Result<()> {
        let packed = self.packed()?;
        let individuals = packed.plan.shards[shard].individuals;
        let shape = simulation.shape();
        let (count, limit, restarts) = match episodes.span(shape.step_limit) {
            Span::Episode(limit) => (limit, limit, false),
            Span::Steps { count, limit } => (count, limit, true),
        };
        let seen = if self.normalisation.is_some() { 2 * shape.observations } else { 0 };
        let fields = shape.state + FIELDS_BESIDE_STATE + self.memory() + seen;
        let plan =
            RolloutPlan::new(individuals, episodes.count, count, self.cost(), fields, &self.limits);
        let invocations = plan.rows * plan.episodes as usize;
        let progress = self.device.storage("progress", 4 * (invocations * fields) as u64)?;
        let (rollout, average) = (kernels.rollout(), kernels.average());
        let (share, light) =
            (plan.share(self.cost(), &self.limits), self.limits.light_share(invocations));
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
                let mut bindings = vec![packed.shard(shard), Binding::whole(&progress)];
                bindings.extend(self.normalisation.as_ref().map(Binding::whole));
                self.device.run_share(
                    share,
                    &[Dispatch {
                        source: &rollout,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings,
                        workgroups: fold(invocations / WORKGROUP, &self.limits)?,
                    }],
                )?;
            }
            let parameters = Averaging {
                first_individual: packed.plan.shards[shard].first as u32,
                first_group: first_group as u32,
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
            self.device.run_share(
                light,
                &[Dispatch {
                    source: &average,
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings: bindings.map(Binding::whole).into(),
                    workgroups: fold(plan.rows / WORKGROUP, &self.limits)?,
                }],
            )?;
            if let Some(behaviours) = &results.behaviours {
                let parameters = Behaving {
                    first_individual: packed.plan.shards[shard].first as u32,
                    individuals: individuals as u32,
                    rows: plan.rows as u32,
                    invocations: invocations as u32,
                    episodes: side_by_side,
                    all_episodes: episodes.count,
                    begins: u32::from(first_episode == 0),
                    ends: u32::from(first_episode + side_by_side == episodes.count),
                };
                self.device.run_share(
                    light,
                    &[Dispatch {
                        source: &kernels.behaviour(),
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings: [&progress, behaviours].map(Binding::whole).into(),
                        workgroups: fold(plan.rows * shape.behaviour / WORKGROUP, &self.limits)?,
                    }],
                )?;
            }
            let Some(tallies) = &results.seen else { continue };
            let parameters = Tallying {
                first_individual: packed.plan.shards[shard].first as u32,
                individuals: individuals as u32,
                rows: plan.rows as u32,
                invocations: invocations as u32,
                episodes: side_by_side,
                begins: u32::from(first_episode == 0),
                ..Default::default()
            };
            self.device.run_share(
                light,
                &[Dispatch {
                    source: &kernels.tally(),
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings: [&progress, tallies].map(Binding::whole).into(),
                    workgroups: fold(plan.rows * (1 + seen) / WORKGROUP, &self.limits)?,
                }],
            )?;
        }
        Ok(())
    }

    pub(super) fn judge(&self, data: &DataSet, episodes: &Episodes) -> Result<Scores> {
        check_width(&self.network)?;
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let source = self.kernels(packed.plan.layout.lanes).judge();
        let results = self.results(individuals, episodes)?;
        let samples = self.samples.as_ref().expect("a data set was uploaded when it was opened");
        let part = data.part(episodes.part());
        let work = part.len() as u64 * self.cost() as u64;
        let at_once = (self.limits.work_a_dispatch / work.max(1)).max(1) as usize;
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            for first in (0..shard.individuals).step_by(at_once) {
                let count = at_once.min(shard.individuals - first);
                let parameters = Judging {
                    first_individual: shard.first as u32,
                    first_in_shard: first as u32,
                    individuals: count as u32,
                    first_sample: part.start as u32,
                    samples: part.len() as u32,
                    wanted: measure_id(episodes.measure),
                    variance: data.variance(episodes.part()) as f32,
                    ..Default::default()
                };
                let share = self.limits.share(work * count as u64);
                self.device.run_share(
                    share,
                    &[Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings: vec![
                            packed.shard(index),
                            Binding::whole(&samples.features),
                            Binding::whole(&samples.targets),
                            Binding::whole(&results.values),
                        ],
                        workgroups: fold(count, &self.limits)?,
                    }],
                )?;
            }
        }
        self.read_scores(&results, individuals, 0, episodes)
    }

    pub(super) fn evaluate(&self, function: &Function, episodes: &Episodes) -> Result<Scores> {
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let source = self.kernels(packed.plan.layout.lanes).function();
        let results = self.results(individuals, episodes)?;
        let frame =
            self.frame.as_ref().expect("a function's frame was uploaded when it was opened");
        let work = function.frame_numbers() as u64;
        let at_once = (self.limits.work_a_dispatch / work.max(1)).max(1) as usize;
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            for first in (0..shard.individuals).step_by(at_once) {
                let count = at_once.min(shard.individuals - first);
                let parameters = Evaluating {
                    first_individual: shard.first as u32,
                    first_in_shard: first as u32,
                    individuals: count as u32,
                    ..Default::default()
                };
                let population = packed.shard(index);
                let share = self.limits.share(work * count as u64);
                self.device.run_share(
                    share,
                    &[Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings: vec![
                            population,
                            Binding::whole(frame),
                            Binding::whole(&results.values),
                        ],
                        workgroups: fold(count.div_ceil(WORKGROUP), &self.limits)?,
                    }],
                )?;
            }
        }
        self.read_scores(&results, individuals, 0, episodes)
    }

    /// Computes every output for every sample of the training part; they stay on the device, in
    /// one buffer a shard.
    ///
    /// # Errors
    /// No population, a control task, outputs that do not fit a binding, or a device that fails.
    pub fn forward_on_device(&self) -> Result<Vec<(Buffer, u64)>> {
        let Kind::Data(data) = self.task.kind() else { return Err(no_samples()) };
        self.task.check_network(&self.network)?;
        check_width(&self.network)?;
        let samples = self.samples.as_ref().expect("a data set was uploaded when it was opened");
        let packed = self.packed()?;
        let source = self.kernels(packed.plan.layout.lanes).forward();
        let count = data.part(Part::Training).len();
        let individual_bytes = 4 * (count * self.network.outputs()) as u64;
        let mut all = Vec::new();
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            let fitting = (self.limits.binding_bytes / individual_bytes.max(1)).max(1) as usize;
            let work = (count * self.cost()) as u64;
            let at_once = fitting.min((self.limits.work_a_dispatch / work.max(1)).max(1) as usize);
            for first in (0..shard.individuals).step_by(at_once) {
                let individuals = at_once.min(shard.individuals - first);
                let bytes = individual_bytes * individuals as u64;
                let outputs = self.device.storage("outputs", bytes)?;
                let parameters = ForwardPass {
                    individuals: individuals as u32,
                    samples: count as u32,
                    first_individual: first as u32,
                    ..Default::default()
                };
                let share = self.limits.share(work * individuals as u64);
                self.device.run_share(
                    share,
                    &[Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings: vec![
                            packed.shard(index),
                            Binding::whole(&samples.features),
                            Binding::whole(&outputs),
                        ],
                        workgroups: fold((individuals * count).div_ceil(WORKGROUP), &self.limits)?,
                    }],
                )?;
                all.push((outputs, bytes));
            }
        }
        Ok(all)
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

    fn results(&self, individuals: usize, episodes: &Episodes) -> Result<Results> {
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
        let shards = self.packed()?.plan.shards.len();
        let groups = individuals.div_ceil(WORKGROUP) + shards;
        Ok(Results {
            values: self.device.storage("values", bytes)?,
            taken: self.device.storage("steps taken", 4 * groups as u64)?,
            seen,
            behaviours,
        })
    }

    fn read_scores(
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

impl Forward for Gpu {
    fn forward(&mut self) -> Result<Vec<f32>> {
        let mut outputs = Vec::new();
        for (buffer, bytes) in self.forward_on_device()? {
            let words = self.device.read(&[Readback { buffer: &buffer, bytes }])?;
            outputs.extend(words[0].iter().map(|&word| f32::from_bits(word)));
        }
        if let Some(graphs) = &self.graphs {
            let individuals = graphs.compiled.phenotypes.len();
            return Ok(graphs.compiled.put_back(&outputs, outputs.len() / individuals.max(1)));
        }
        Ok(outputs)
    }
}
