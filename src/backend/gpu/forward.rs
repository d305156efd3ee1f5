//! Networks on the samples of a data set: losses over a split, and batched forward passes.

use super::super::plan::{SumPlan, SumWork, WORKGROUP, fold};
use super::super::{Episodes, ForwardBackend, Scores, no_samples};
use super::Gpu;
use super::kernels::metric_id;
use crate::error::Result;
use crate::gpu::layout::{ForwardParameters, LossParameters};
use crate::gpu::{Binding, Buffer, Dispatch, Readback};
use crate::task::{DataSet, Kind, Split};

impl Gpu {
    /// Scores the population on a split of a data set.
    pub(super) fn score_data(&self, data: &DataSet, episodes: &Episodes) -> Result<Scores> {
        self.check_network()?;
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let kernels = self.kernels(packed.plan.layout.lanes);
        let mapping = self.sample_mapping();
        let source = mapping.loss_source(&kernels, &self.network);
        let results = self.allocate_results(individuals, packed.plan.shards.len(), episodes)?;
        let samples = self.samples.as_ref().expect("the data set is uploaded by the constructor");
        let split = data.indices(episodes.split());
        // A workgroup has 64 partial sums. Sum r adds every 64th sample from r on, so a dispatch
        // takes whole strips of 64 samples.
        let rounds = mapping.rounds(&self.network, self.rounds());
        let sum = SumWork {
            terms: split.len(),
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
                for sample in (0..split.len()).step_by(plan.terms) {
                    let taken = plan.terms.min(split.len() - sample);
                    let parameters = LossParameters {
                        first_individual: shard.first as u32,
                        first_in_shard: first as u32,
                        individuals: count as u32,
                        first_sample: (split.start + sample) as u32,
                        samples: taken as u32,
                        all_samples: split.len() as u32,
                        begins: u32::from(sample == 0),
                        ends: u32::from(sample + taken == split.len()),
                        metric: metric_id(episodes.metric),
                        first_weight: samples.first_weight(data, episodes.split()),
                        ..Default::default()
                    };
                    let share = self.limits.share(sum.work * (taken * count) as u64);
                    let features = mapping.features(samples);
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

    /// Computes every output of every individual for every training sample. The outputs stay on the
    /// device, in one or more buffers per shard, each with its size in bytes.
    ///
    /// # Errors
    /// Returns an error if there is no population, if the task has no samples, if the outputs of
    /// one individual do not fit a binding, or if the device fails.
    pub fn forward_on_device(&self) -> Result<Vec<(Buffer, u64)>> {
        let Kind::Data(data) = self.task.kind() else { return Err(no_samples()) };
        self.task.check_network(&self.network)?;
        self.check_network()?;
        let samples = self.samples.as_ref().expect("the data set is uploaded by the constructor");
        let packed = self.packed()?;
        let kernels = self.kernels(packed.plan.layout.lanes);
        let mapping = self.sample_mapping();
        let source = mapping.forward_source(&kernels, &self.network);
        let count = data.indices(Split::Training).len();
        let individual_bytes = 4 * (count * self.network.outputs()) as u64;
        let mut all = Vec::new();
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            let fitting = (self.limits.binding_bytes / individual_bytes.max(1)).max(1) as usize;
            let work = (count * self.cost()) as u64;
            let at_once =
                fitting.min((self.limits.work_per_dispatch / work.max(1)).max(1) as usize);
            for first in (0..shard.individuals).step_by(at_once) {
                let individuals = at_once.min(shard.individuals - first);
                let bytes = individual_bytes * individuals as u64;
                let outputs = self.device.storage("outputs", bytes)?;
                let parameters = ForwardParameters {
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
                        Binding::whole(mapping.features(samples)),
                        Binding::whole(&outputs),
                    ],
                    workgroups: fold(mapping.forward_groups(individuals, count), &self.limits)?,
                }])?;
                all.push((outputs, bytes));
            }
        }
        Ok(all)
    }
}

impl ForwardBackend for Gpu {
    fn forward(&mut self) -> Result<Vec<f32>> {
        let mut outputs = Vec::new();
        for (buffer, bytes) in self.forward_on_device()? {
            let words = self.device.read(&[Readback { buffer: &buffer, bytes }])?;
            outputs.extend(words[0].iter().map(|&word| f32::from_bits(word)));
        }
        if let Some(graphs) = &self.graphs {
            let individuals = graphs.compiled.phenotypes.len();
            return Ok(graphs
                .compiled
                .in_population_order(&outputs, outputs.len() / individuals.max(1)));
        }
        Ok(outputs)
    }
}
