//! Gaussian populations that are not written to a device: what there is of one is its recipe.

use std::ops::Range;

use super::super::plan::{Limits, WORKGROUP};
use super::Gpu;
use super::spawn::Packed;
use crate::error::{Error, Result};
use crate::gpu::layout::Straying;
use crate::gpu::{Binding, Buffer, Device};
use crate::population::{Gaussian, Proposal, Scale};
use crate::random;

/// The recipe of a Gaussian population on a device.
pub struct Recipe {
    /// The recipe itself.
    pub gaussian: Gaussian,
    /// What its individuals are counted from: they may be a part of a larger population.
    first: usize,
    centre: Buffer,
    scales: Buffer,
}

impl Recipe {
    /// Writes what it takes of a recipe to a device.
    ///
    /// # Errors
    /// A device that is out of memory.
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

    /// That of some of its individuals, as kernels take it.
    pub fn straying(&self, some: Range<usize>) -> Straying {
        let Gaussian { noise, scale, mirrored, .. } = &self.gaussian;
        let (per_gene, scale) = match scale {
            Scale::Uniform(scale) => (0, *scale),
            Scale::PerGene(_) => (1, 0.0),
        };
        Straying {
            seed: random::key(noise.seed),
            generation: noise.generation,
            first_individual: (self.first + some.start) as u32,
            individuals: some.len() as u32,
            mirrored: u32::from(*mirrored),
            per_gene,
            scale,
        }
    }

    /// The centre and the scales.
    pub fn numbers(&self) -> [Binding; 2] {
        [&self.centre, &self.scales].map(Binding::whole)
    }

    /// Individuals that play together, of each of whom so many words are kept in one binding.
    pub fn shards(&self, words: usize, limits: &Limits) -> Vec<Range<usize>> {
        let fitting = (limits.binding_bytes / (4 * words.max(1)) as u64) as usize;
        let at_once = (fitting / WORKGROUP * WORKGROUP).max(WORKGROUP);
        let individuals = self.gaussian.individuals;
        let shard = |first: usize| first..individuals.min(first + at_once);
        (0..individuals).step_by(at_once).map(shard).collect()
    }
}

impl Gpu {
    /// So many individuals of a recipe, packed.
    pub(super) fn made(&self, recipe: &Recipe, first: usize, count: usize) -> Result<Packed> {
        let individuals = Gaussian { individuals: count, ..recipe.gaussian.clone() };
        let layout = self.layout(&Proposal::Gaussian(individuals.clone()));
        let packed = Packed::allocate(&self.device, layout, &self.limits)?;
        let some = Recipe::upload(&self.device, &individuals, recipe.first + first)?;
        self.stray(&some, &packed)?;
        Ok(packed)
    }

    /// The first so many genomes of a recipe, `f32[count][genes]`, some at a time, and fewer where
    /// memory is scarce.
    pub(super) fn genomes_of(&self, recipe: &Recipe, count: usize) -> Result<Vec<f32>> {
        const PACKED_BYTES: usize = 64 << 20;
        let mut at_once = (PACKED_BYTES / (4 * self.genes()).max(1)).max(1);
        let mut genomes = Vec::with_capacity(count * self.genes());
        let mut first = 0;
        while first < count {
            let some = at_once.min(count - first);
            let made = self.made(recipe, first, some);
            match made.and_then(|packed| packed.genomes(&self.device, some)) {
                Err(Error::OutOfMemory { .. }) if some > 1 => at_once = some / 2,
                made => {
                    genomes.extend(made?);
                    first += some;
                }
            }
        }
        Ok(genomes)
    }
}
