//! Makes individuals from recipes, a stretch of 128 genes at a time, in vectors.
//!
//! `backend/spawn.rs` says the same in plain double precision.

// Indexed loops over a stretch are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use crate::backend::spawn::noise_of;
use crate::math::{Instructions, Vectorised, vectorised};
use crate::population::{Crossover, Gaussian, Offspring, Parents, Scale};
use crate::random::{
    NORMAL_SLICES, NORMALS_A_STRETCH, Place, Stream, WORDS_A_STRETCH, normal_table,
};

/// Writes one individual of a Gaussian population, `f32[genes]`.
pub(super) fn stray(gaussian: &Gaussian, individual: usize, genome: &mut [f32]) {
    let (source, sign) = noise_of(gaussian, individual);
    let genomes = [(sign, genome)];
    vectorised(Stray { gaussian, source, genomes });
}

/// Writes the two individuals 2k and 2k + 1 of a mirrored Gaussian population.
pub(super) fn stray_pair(gaussian: &Gaussian, k: usize, even: &mut [f32], odd: &mut [f32]) {
    vectorised(Stray { gaussian, source: k, genomes: [(1.0, even), (-1.0, odd)] });
}

/// `N` genomes with the same noise and signs of their own.
struct Stray<'a, const N: usize> {
    gaussian: &'a Gaussian,
    source: usize,
    genomes: [(f32, &'a mut [f32]); N],
}

impl<const N: usize> Vectorised for Stray<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        let table = normal_table();
        let place = self.gaussian.noise.place(Stream::Noise, self.source);
        let centre = &self.gaussian.centre;
        for first in (0..centre.len()).step_by(NORMALS_A_STRETCH) {
            let noise = place.stretch_normals(table, (first / NORMALS_A_STRETCH) as u32);
            let genes = first..(first + NORMALS_A_STRETCH).min(centre.len());
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

/// `scale * noise + centre` for every gene of a stretch, whole or not.
#[inline(always)]
fn fill<I: Instructions>(
    target: &mut [f32],
    noise: &[f32; NORMALS_A_STRETCH],
    centre: &[f32],
    scale: impl Fn(usize) -> f32,
) {
    for (g, ((gene, &noise), &centre)) in target.iter_mut().zip(noise).zip(centre).enumerate() {
        *gene = I::mul_add(scale(g), noise, centre);
    }
}

/// Writes one child of a population that stands in rows, `f32[individuals][genes]`.
pub(super) fn breed(offspring: &Offspring, child: usize, rows: &[f32], genome: &mut [f32]) {
    let parents = offspring.parents[child];
    let row = |parent: u32| &rows[parent as usize * genome.len()..][..genome.len()];
    let (first, second) = (row(parents.first), row(parents.second));
    vectorised(Breed { offspring, child, parents, first, second, genome });
}

struct Breed<'a> {
    offspring: &'a Offspring,
    child: usize,
    parents: Parents,
    first: &'a [f32],
    second: &'a [f32],
    genome: &'a mut [f32],
}

impl Vectorised for Breed<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self { offspring, child, parents, first, second, genome } = self;
        let place = |stream| offspring.noise.place(stream, child);
        if parents.first == parents.second {
            genome.copy_from_slice(first);
        } else {
            cross(offspring.crossover, place(Stream::Crossover), first, second, genome);
        }
        if parents.mutates == 1 {
            mutate::<I>(offspring, place(Stream::Gate), place(Stream::Noise), genome);
        }
    }
}

#[inline(always)]
fn cross(crossover: Crossover, place: Place, first: &[f32], second: &[f32], genome: &mut [f32]) {
    if crossover == Crossover::None {
        genome.copy_from_slice(first);
        return;
    }
    let parents = first.chunks(WORDS_A_STRETCH).zip(second.chunks(WORDS_A_STRETCH));
    let stretches = genome.chunks_mut(WORDS_A_STRETCH).zip(parents).enumerate();
    for (stretch, (genes, (first, second))) in stretches {
        let units = place.stretch_units(stretch as u32);
        let parents = first.iter().zip(second);
        for ((gene, (&a, &b)), unit) in genes.iter_mut().zip(parents).zip(units) {
            *gene = match crossover {
                Crossover::None => a,
                Crossover::Uniform(rate) => {
                    if unit < rate {
                        b
                    } else {
                        a
                    }
                }
                Crossover::Blend(alpha) => {
                    let (a, b, alpha) = (f64::from(a), f64::from(b), f64::from(alpha));
                    let along = (1.0 + 2.0 * alpha) * f64::from(unit) - alpha;
                    (a + along * (b - a)) as f32
                }
            };
        }
    }
}

#[inline(always)]
fn mutate<I: Instructions>(offspring: &Offspring, gate: Place, noise: Place, genome: &mut [f32]) {
    const GATES: usize = NORMALS_A_STRETCH / WORDS_A_STRETCH;
    let table: &[f32; NORMAL_SLICES] = normal_table();
    for (stretch, genes) in genome.chunks_mut(NORMALS_A_STRETCH).enumerate() {
        let normals = noise.stretch_normals(table, stretch as u32);
        for (half, genes) in genes.chunks_mut(WORDS_A_STRETCH).enumerate() {
            let units = gate.stretch_units((stretch * GATES + half) as u32);
            let normals = &normals[half * WORDS_A_STRETCH..];
            for ((gene, unit), &normal) in genes.iter_mut().zip(units).zip(normals) {
                let mutated = I::mul_add(offspring.mutation, normal, *gene);
                *gene = if unit < offspring.mutation_rate { mutated } else { *gene };
            }
        }
    }
}
