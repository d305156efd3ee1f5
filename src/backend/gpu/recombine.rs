//! Recombination on a device: utility-weighted sums of the noise of a Gaussian population.

use super::super::plan::{RecombinePlan, WORK_PER_NORMAL, WORKGROUP, fold};
use super::super::recombine::{self, utilities_by_source};
use super::super::recombine_on_cpu;
use super::Gpu;
use crate::error::Result;
use crate::gpu::layout::{RecombineParameters, ReductionParameters};
use crate::gpu::{Binding, Dispatch, Readback};
use crate::population::{Gaussian, Moments, Proposal, Utilities};
use crate::random;

impl Gpu {
    /// Sums the noise of a proposal. Its population need not be spawned, because the noise follows
    /// from the key.
    ///
    /// # Errors
    /// Returns an error as [`Backend::recombine`] does.
    pub(in crate::backend) fn recombine_proposal(
        &self,
        proposal: &Proposal,
        utilities: &Utilities,
    ) -> Result<Moments> {
        recombine::check(proposal, utilities)?;
        let Proposal::Gaussian(gaussian) = proposal else {
            return recombine_on_cpu(proposal, utilities);
        };
        let first = utilities_by_source(gaussian, &utilities.first, true);
        let second =
            utilities.second.as_ref().map(|weights| utilities_by_source(gaussian, weights, false));
        self.recombine_noise(gaussian, &first, second.as_deref())
    }

    /// Sums the noise on the device, with one utility per source of noise.
    fn recombine_noise(
        &self,
        gaussian: &Gaussian,
        first: &[f32],
        second: Option<&[f32]>,
    ) -> Result<Moments> {
        let genes = self.network.parameters();
        let plan = RecombinePlan::new(first.len(), genes, &self.limits);
        let all: Vec<f32> = first.iter().chain(second.unwrap_or_default()).copied().collect();
        let weights = self.device.upload("weights", &all)?;
        let partial = self.device.storage("partial sums", 8 * (plan.chunks * genes) as u64)?;
        let moments = self.device.storage("moments", 8 * genes as u64)?;
        let kernels = self.kernels(1);
        let (sums, total) = (kernels.recombine(), kernels.recombine_reduction());
        let blocks = genes.div_ceil(random::NORMALS_PER_BLOCK);
        for first_chunk in (0..plan.chunks).step_by(plan.chunks_per_dispatch) {
            let end = (first_chunk + plan.chunks_per_dispatch).min(plan.chunks);
            let parameters = RecombineParameters {
                seed: random::key(gaussian.noise.seed),
                generation: gaussian.noise.generation,
                sources: first.len() as u32,
                chunk: plan.chunk as u32,
                first_chunk: first_chunk as u32,
                chunks: end as u32,
                squares: u32::from(second.is_some()),
            };
            let groups = ((end - first_chunk) * blocks).div_ceil(WORKGROUP);
            let normals = ((end - first_chunk) * plan.chunk * genes) as u64;
            self.device.at_share(self.limits.share(WORK_PER_NORMAL * normals)).run(&[
                Dispatch {
                    source: &sums,
                    parameters: bytemuck::bytes_of(&parameters),
                    bindings: [&self.normal_table, &weights, &partial].map(Binding::whole).into(),
                    workgroups: fold(groups, &self.limits)?,
                },
            ])?;
        }
        let parameters = ReductionParameters { chunks: plan.chunks as u32, ..Default::default() };
        let light = self.limits.light_share(plan.chunks * genes);
        self.device.at_share(light).run(&[Dispatch {
            source: &total,
            parameters: bytemuck::bytes_of(&parameters),
            bindings: [&partial, &moments].map(Binding::whole).into(),
            workgroups: fold((2 * genes).div_ceil(WORKGROUP), &self.limits)?,
        }])?;
        let words = self.device.read(&[Readback { buffer: &moments, bytes: 8 * genes as u64 }])?;
        let sums: Vec<f64> = words[0].iter().map(|&word| f64::from(f32::from_bits(word))).collect();
        let (first, squares) = sums.split_at(genes);
        Ok(Moments { first: first.to_vec(), second: second.map(|_| squares.to_vec()) })
    }
}
