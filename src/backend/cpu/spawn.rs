//! Genomes from proposals, in SIMD vectors, a chunk of 128 genes at a time.
//!
//! The module `backend/spawn.rs` computes the same genomes in plain double precision.

// The compiler vectorises indexed loops over a chunk.
#![allow(clippy::needless_range_loop)]

use crate::backend::spawn::noise_of;
use crate::math::{Instructions, SimdWork, run_simd};
use crate::population::{Crossover, Gaussian, Offspring, Parents, Scale};
use crate::random::{
    Counter, NORMAL_SLICES, NORMALS_PER_CHUNK, Stream, WORDS_PER_CHUNK, normal_table,
};

/// Writes one individual of a Gaussian population, `f32[genes]`.
pub(super) fn perturb(gaussian: &Gaussian, individual: usize, genome: &mut [f32]) {
    let (source, sign) = noise_of(gaussian, individual);
    let genomes = [(sign, genome)];
    run_simd(PerturbedGenomes { gaussian, source, genomes });
}

/// Writes the two individuals 2k and 2k + 1 of a mirrored Gaussian population.
pub(super) fn perturb_pair(gaussian: &Gaussian, k: usize, even: &mut [f32], odd: &mut [f32]) {
    run_simd(PerturbedGenomes { gaussian, source: k, genomes: [(1.0, even), (-1.0, odd)] });
}

/// A task that writes `N` genomes with the same noise, each with its own sign.
struct PerturbedGenomes<'a, const N: usize> {
    gaussian: &'a Gaussian,
    source: usize,
    genomes: [(f32, &'a mut [f32]); N],
}

impl<const N: usize> SimdWork for PerturbedGenomes<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        let table = normal_table();
        let counter = self.gaussian.noise.counter(Stream::Noise, self.source);
        let centre = &self.gaussian.centre;
        for first in (0..centre.len()).step_by(NORMALS_PER_CHUNK) {
            let noise = counter.chunk_normals(table, (first / NORMALS_PER_CHUNK) as u32);
            let genes = first..(first + NORMALS_PER_CHUNK).min(centre.len());
            for (sign, genome) in &mut self.genomes {
                let (target, centre) = (&mut genome[genes.clone()], &centre[genes.clone()]);
                match &self.gaussian.scale {
                    Scale::Uniform(scale) => {
                        let scale = *sign * *scale;
                        fill::<I>(target, &noise, centre, |_| scale);
                    }
                    Scale::PerGene(scales) => {
                        let scales = &scales[genes.clone()];
                        fill::<I>(target, &noise, centre, |g| *sign * scales[g]);
                    }
                }
            }
        }
    }
}

/// Writes `scale * noise + centre` for every gene of a chunk, which may be shorter than 128.
#[inline(always)]
fn fill<I: Instructions>(
    target: &mut [f32],
    noise: &[f32; NORMALS_PER_CHUNK],
    centre: &[f32],
    scale: impl Fn(usize) -> f32,
) {
    for (g, ((gene, &noise), &centre)) in target.iter_mut().zip(noise).zip(centre).enumerate() {
        *gene = I::mul_add(scale(g), noise, centre);
    }
}

/// Writes one child of a population whose genomes are rows, `f32[individuals][genes]`.
pub(super) fn breed(offspring: &Offspring, child: usize, rows: &[f32], genome: &mut [f32]) {
    let parents = offspring.parents[child];
    let row = |parent: u32| &rows[parent as usize * genome.len()..][..genome.len()];
    let (first, second) = (row(parents.first), row(parents.second));
    run_simd(ChildGenome { offspring, child, parents, first, second, genome });
}

/// A task that writes the genome of one child.
struct ChildGenome<'a> {
    offspring: &'a Offspring,
    child: usize,
    parents: Parents,
    first: &'a [f32],
    second: &'a [f32],
    genome: &'a mut [f32],
}

impl SimdWork for ChildGenome<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { offspring, child, parents, first, second, genome } = self;
        let counter = |stream| offspring.noise.counter(stream, child);
        if parents.first == parents.second {
            genome.copy_from_slice(first);
        } else {
            cross(offspring.crossover, counter(Stream::Crossover), first, second, genome);
        }
        if parents.mutates == 1 {
            mutate::<I>(offspring, counter(Stream::MutationMask), counter(Stream::Noise), genome);
        }
    }
}

#[inline(always)]
fn cross(
    crossover: Crossover,
    counter: Counter,
    first: &[f32],
    second: &[f32],
    genome: &mut [f32],
) {
    if crossover == Crossover::None {
        genome.copy_from_slice(first);
        return;
    }
    let parents = first.chunks(WORDS_PER_CHUNK).zip(second.chunks(WORDS_PER_CHUNK));
    let chunks = genome.chunks_mut(WORDS_PER_CHUNK).zip(parents).enumerate();
    for (chunk, (genes, (first, second))) in chunks {
        let uniforms = counter.chunk_uniforms(chunk as u32);
        let parents = first.iter().zip(second);
        for ((gene, (&a, &b)), uniform) in genes.iter_mut().zip(parents).zip(uniforms) {
            *gene = match crossover {
                Crossover::None => a,
                Crossover::Uniform(rate) => {
                    if uniform < rate {
                        b
                    } else {
                        a
                    }
                }
                Crossover::Blend(alpha) => {
                    let (a, b, alpha) = (f64::from(a), f64::from(b), f64::from(alpha));
                    let share = (1.0 + 2.0 * alpha) * f64::from(uniform) - alpha;
                    (a + share * (b - a)) as f32
                }
            };
        }
    }
}

#[inline(always)]
fn mutate<I: Instructions>(
    offspring: &Offspring,
    mask: Counter,
    noise: Counter,
    genome: &mut [f32],
) {
    const MASK_CHUNKS: usize = NORMALS_PER_CHUNK / WORDS_PER_CHUNK;
    let table: &[f32; NORMAL_SLICES] = normal_table();
    for (chunk, genes) in genome.chunks_mut(NORMALS_PER_CHUNK).enumerate() {
        let normals = noise.chunk_normals(table, chunk as u32);
        for (half, genes) in genes.chunks_mut(WORDS_PER_CHUNK).enumerate() {
            let uniforms = mask.chunk_uniforms((chunk * MASK_CHUNKS + half) as u32);
            let normals = &normals[half * WORDS_PER_CHUNK..];
            for ((gene, uniform), &normal) in genes.iter_mut().zip(uniforms).zip(normals) {
                let mutated = I::mul_add(offspring.mutation, normal, *gene);
                *gene = if uniform < offspring.mutation_rate { mutated } else { *gene };
            }
        }
    }
}
