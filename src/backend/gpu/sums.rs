//! Sums on a device: over the samples of a data set, and over the genes of a point.

use half::f16;

use super::super::plan::{Sum, SumPlan, WORKGROUP, fold};
use super::super::{Episodes, Forward, Scores, no_samples};
use super::Gpu;
use super::kernels::{ROUNDS_BESIDE, Team, Tensor, measure_id};
use super::variant::Variant;
use crate::error::Result;
use crate::gpu::layout::{Evaluating, Forward as ForwardPass, Judging};
use crate::gpu::{Binding, Buffer, Device, Dispatch, Readback};
use crate::network::Network;
use crate::task::{DataSet, Function, Kind, Part};

/// A data set on a device.
pub struct Samples {
    features: Buffer,
    targets: Buffer,
    /// The features in half precision, filled up for tiles.
    halves: Option<Buffer>,
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
            halves: None,
        })
    }

    /// Copies the features as tiles want them.
    ///
    /// # Errors
    /// A device that is out of memory.
    pub fn upload_halves(
        &mut self,
        device: &Device,
        data: &DataSet,
        tensor: &Tensor,
    ) -> Result<()> {
        let (width, rows) = tensor.padded(data.inputs, data.features.len() / data.inputs.max(1));
        let mut halves = vec![0u16; width * rows];
        let features = data.features.chunks(data.inputs.max(1));
        for (row, features) in halves.chunks_mut(width.max(1)).zip(features) {
            for (half, &feature) in row.iter_mut().zip(features) {
                *half = f16::from_f32(feature).to_bits();
            }
        }
        self.halves = Some(device.upload("features in half precision", &halves)?);
        Ok(())
    }
}

/// Who computes samples.
enum Crew {
    /// Each invocation one of them.
    Alone,
    /// A workgroup of invocations some at a time.
    Team(Team),
    /// A workgroup some at a time, by tiles.
    Tensor(Tensor),
}

impl Crew {
    /// Samples that a workgroup takes at once, where it is one individual's.
    fn columns(&self) -> Option<usize> {
        match self {
            Self::Alone => None,
            Self::Team(team) => Some(team.columns),
            Self::Tensor(tensor) => Some(tensor.columns),
        }
    }

    /// Rounds of loops of an invocation for 64 samples, of a network that takes so many for one.
    fn rounds(&self, network: &Network, rounds: u64) -> u64 {
        let batches = |columns| WORKGROUP.div_ceil(columns) as u64;
        match self {
            Self::Alone => rounds + ROUNDS_BESIDE,
            Self::Team(team) => (rounds + ROUNDS_BESIDE) * batches(team.columns),
            Self::Tensor(tensor) => tensor.rounds_of_64(network),
        }
    }

    /// The features as it wants them.
    fn features<'a>(&self, samples: &'a Samples) -> &'a Buffer {
        match self {
            Self::Alone | Self::Team(_) => &samples.features,
            Self::Tensor(_) => samples.halves.as_ref().expect("they came with the variant"),
        }
    }
}

impl Gpu {
    /// Who computes samples.
    fn crew(&self) -> Crew {
        let crew = match self.variant() {
            Variant::Loop | Variant::Unrolled | Variant::Fused(_) | Variant::Subgroup => None,
            Variant::Team(_) => Team::of_samples(&self.network, &self.limits).map(Crew::Team),
            Variant::Tensor => Tensor::of(&self.network, &self.limits).map(Crew::Tensor),
        };
        crew.unwrap_or(Crew::Alone)
    }

    pub(super) fn judge(&self, data: &DataSet, episodes: &Episodes) -> Result<Scores> {
        self.check_network()?;
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let kernels = self.kernels(packed.plan.layout.lanes);
        let crew = self.crew();
        let source = match &crew {
            Crew::Alone => kernels.judge(),
            Crew::Team(team) => kernels.team_judge(&self.network, team),
            Crew::Tensor(tensor) => kernels.tensor_judge(&self.network, tensor),
        };
        let results = self.results(individuals, packed.plan.shards.len(), episodes)?;
        let samples = self.samples.as_ref().expect("a data set was uploaded when it was opened");
        let part = data.part(episodes.part());
        // A row takes every 64th sample, so that a dispatch has whole strips of 64.
        let rounds = crew.rounds(&self.network, self.rounds());
        let sum = Sum {
            terms: part.len(),
            strip: WORKGROUP,
            work: self.cost() as u64,
            rounds,
            kept_bytes: 8 * WORKGROUP as u64,
        };
        let plan = SumPlan::new(individuals, &sum, &self.limits);
        let rows = self.device.storage("rows", plan.kept_bytes)?;
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            for first in (0..shard.individuals).step_by(plan.individuals) {
                let count = plan.individuals.min(shard.individuals - first);
                for sample in (0..part.len()).step_by(plan.terms) {
                    let taken = plan.terms.min(part.len() - sample);
                    let parameters = Judging {
                        first_individual: shard.first as u32,
                        first_in_shard: first as u32,
                        individuals: count as u32,
                        first_sample: (part.start + sample) as u32,
                        samples: taken as u32,
                        all_samples: part.len() as u32,
                        begins: u32::from(sample == 0),
                        ends: u32::from(sample + taken == part.len()),
                        wanted: measure_id(episodes.measure),
                        variance: data.variance(episodes.part()) as f32,
                        ..Default::default()
                    };
                    let share = self.limits.share(sum.work * (taken * count) as u64);
                    let features = crew.features(samples);
                    let buffers = [features, &samples.targets, &results.values, &rows];
                    let mut bindings = vec![packed.shard(index)];
                    bindings.extend(buffers.map(Binding::whole));
                    self.device.at_share(share).run(&[Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings,
                        workgroups: fold(count, &self.limits)?,
                    }])?;
                }
            }
        }
        self.read_scores(&results, individuals, 0, episodes)
    }

    pub(super) fn evaluate(&self, function: &Function, episodes: &Episodes) -> Result<Scores> {
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let source = self.kernels(packed.plan.layout.lanes).function();
        let results = self.results(individuals, packed.plan.shards.len(), episodes)?;
        let frame =
            self.frame.as_ref().expect("a function's frame was uploaded when it was opened");
        let genes = packed.plan.layout.genes;
        let work = (function.frame_numbers() / genes.max(1)) as u64;
        let sum = Sum { terms: genes, strip: 1, work, rounds: 1 + work, kept_bytes: 12 };
        let plan = SumPlan::new(individuals, &sum, &self.limits);
        let kept = self.device.storage("kept", plan.kept_bytes)?;
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            for first in (0..shard.individuals).step_by(plan.individuals) {
                let count = plan.individuals.min(shard.individuals - first);
                for first_gene in (0..genes).step_by(plan.terms) {
                    let parameters = Evaluating {
                        first_individual: shard.first as u32,
                        first_in_shard: first as u32,
                        individuals: count as u32,
                        first_gene: first_gene as u32,
                        end_gene: (first_gene + plan.terms).min(genes) as u32,
                        ..Default::default()
                    };
                    let share = self.limits.share(work * (plan.terms * count) as u64);
                    let mut bindings = vec![packed.shard(index)];
                    bindings.extend([frame, &results.values, &kept].map(Binding::whole));
                    self.device.at_share(share).run(&[Dispatch {
                        source: &source,
                        parameters: bytemuck::bytes_of(&parameters),
                        bindings,
                        workgroups: fold(count.div_ceil(WORKGROUP), &self.limits)?,
                    }])?;
                }
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
        self.check_network()?;
        let samples = self.samples.as_ref().expect("a data set was uploaded when it was opened");
        let packed = self.packed()?;
        let kernels = self.kernels(packed.plan.layout.lanes);
        let crew = self.crew();
        let source = match &crew {
            Crew::Alone => kernels.forward(),
            Crew::Team(team) => kernels.team_forward(&self.network, team),
            Crew::Tensor(tensor) => kernels.tensor_forward(&self.network, tensor),
        };
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
                self.device.at_share(share).run(&[Dispatch {
                    source: &source,
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings: vec![
                        packed.shard(index),
                        Binding::whole(crew.features(samples)),
                        Binding::whole(&outputs),
                    ],
                    workgroups: fold(
                        match crew.columns() {
                            Some(columns) => individuals * count.div_ceil(columns),
                            None => (individuals * count).div_ceil(WORKGROUP),
                        },
                        &self.limits,
                    )?,
                }])?;
                all.push((outputs, bytes));
            }
        }
        Ok(all)
    }
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
