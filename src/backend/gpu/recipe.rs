//! The recipe of a Gaussian population on a device, from which kernels generate its genomes.

use std::ops::Range;

use super::super::plan::{Limits, WORKGROUP};
use crate::error::Result;
use crate::gpu::layout::GaussianParameters;
use crate::gpu::{Binding, Buffer, Device};
use crate::population::{Gaussian, Scale};
use crate::random;

/// The recipe of a Gaussian population, uploaded to a device.
pub struct GaussianRecipe {
    /// The recipe.
    pub gaussian: Gaussian,
    /// The number of its first individual in the whole population.
    pub first: usize,
    centre: Buffer,
    scales: Buffer,
}

impl GaussianRecipe {
    /// Uploads the centre and the scales.
    ///
    /// # Errors
    /// Returns an error if the device is out of memory.
    pub fn upload(device: &Device, gaussian: &Gaussian, first: usize) -> Result<Self> {
        Ok(Self {
            gaussian: gaussian.clone(),
            first,
            centre: device.upload("centre", &gaussian.centre)?,
            scales: match &gaussian.scale {
                Scale::PerGene(scales) => device.upload("scales", scales)?,
                Scale::Uniform(_) => device.storage("no scales", 4)?,
            },
        })
    }

    /// Returns the kernel parameters for a range of individuals.
    pub fn parameters(&self, range: Range<usize>) -> GaussianParameters {
        let Gaussian { noise, scale, mirrored, .. } = &self.gaussian;
        let (per_gene, scale) = match scale {
            Scale::Uniform(scale) => (0, *scale),
            Scale::PerGene(_) => (1, 0.0),
        };
        GaussianParameters {
            seed: random::key(noise.seed),
            generation: noise.generation,
            first_individual: (self.first + range.start) as u32,
            individuals: range.len() as u32,
            mirrored: u32::from(*mirrored),
            per_gene,
            scale,
        }
    }

    /// Returns the bindings of the centre and of the scales.
    pub fn bindings(&self) -> [Binding; 2] {
        [&self.centre, &self.scales].map(Binding::whole)
    }

    /// Divides the individuals into shards whose states, of `words` words each, fit one binding.
    pub fn shards(&self, words: usize, limits: &Limits) -> Vec<Range<usize>> {
        let fitting = (limits.binding_bytes / (4 * words.max(1)) as u64) as usize;
        let at_once = (fitting / WORKGROUP * WORKGROUP).max(WORKGROUP);
        let individuals = self.gaussian.individuals;
        let shard = |first: usize| first..individuals.min(first + at_once);
        (0..individuals).step_by(at_once).map(shard).collect()
    }
}
