//! Scoring of functions on a device: each genome is a point, whose terms are summed gene by gene.

use super::super::plan::{SumPlan, SumWork, WORKGROUP, fold};
use super::super::{Episodes, Scores};
use super::Gpu;
use crate::error::Result;
use crate::gpu::layout::FunctionParameters;
use crate::gpu::{Binding, Dispatch};
use crate::task::Function;

impl Gpu {
    /// Scores the population on a function.
    pub(super) fn score_function(
        &self,
        function: &Function,
        episodes: &Episodes,
    ) -> Result<Scores> {
        let packed = self.packed()?;
        let individuals = packed.plan.layout.individuals;
        let source = self.kernels(packed.plan.layout.lanes).function();
        let results = self.allocate_results(individuals, packed.plan.shards.len(), episodes)?;
        let frame = self.frame.as_ref().expect("the frame is uploaded by the constructor");
        let genes = packed.plan.layout.genes;
        let work = (function.frame_numbers() / genes.max(1)) as u64;
        let sum = SumWork { terms: genes, strip: 1, work, rounds: 1 + work, kept_bytes: 12 };
        let plan = SumPlan::new(individuals, &sum, &self.limits);
        let partial = self.device.storage("partial sums", plan.kept_bytes)?;
        for (index, shard) in packed.plan.shards.iter().enumerate() {
            for first in (0..shard.individuals).step_by(plan.individuals) {
                let count = plan.individuals.min(shard.individuals - first);
                for first_gene in (0..genes).step_by(plan.terms) {
                    let parameters = FunctionParameters {
                        first_individual: shard.first as u32,
                        first_in_shard: first as u32,
                        individuals: count as u32,
                        first_gene: first_gene as u32,
                        end_gene: (first_gene + plan.terms).min(genes) as u32,
                        ..Default::default()
                    };
                    let share = self.limits.share(work * (plan.terms * count) as u64);
                    let mut bindings = vec![packed.shard(index)];
                    bindings.extend([frame, &results.values, &partial].map(Binding::whole));
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
}
