//! Genomes from proposals, computed plainly and in double precision, for the reference.
//!
//! Each gene is computed in `f64` and rounded to `f32` once, so the bits depend on the proposal
//! alone. The fast CPU path computes the same in vectors, in `backend/cpu/spawn.rs`. The WGSL twins
//! are `shaders/kernel/perturb.wgsl`, `shaders/kernel/breed.wgsl` and `shaders/kernel/decode.wgsl`.

use crate::network::{COORDINATES_PER_GENE, ReferenceGraph};
use crate::population::{
    CppnGenomes, Crossover, ExplicitGenomes, Gaussian, Offspring, Proposal, Scale,
};
use crate::random::{NORMALS_PER_BLOCK, Stream, WORDS_PER_BLOCK};

/// Writes the genome of one individual, `f32[genes]`. The function `previous(index, gene)` reads
/// the previous population.
pub(super) fn genome(
    proposal: &Proposal,
    individual: usize,
    previous: impl Fn(usize, usize) -> f32,
    genome: &mut [f32],
) {
    match proposal {
        Proposal::Gaussian(gaussian) => perturb(gaussian, individual, genome),
        Proposal::Offspring(offspring) => breed(offspring, individual, previous, genome),
        Proposal::Explicit(ExplicitGenomes { genomes, genes }) => {
            genome.copy_from_slice(&genomes[individual * genes..][..*genes]);
        }
        Proposal::Graphs(_) => unreachable!("graphs have no genomes of one length"),
        Proposal::Cppn(cppns) => decode(cppns, individual, genome),
    }
}

fn decode(cppns: &CppnGenomes, individual: usize, genome: &mut [f32]) {
    let mut cppn = ReferenceGraph::new(&*cppns.graphs.individuals[individual]);
    let substrate = &cppns.substrate;
    let coordinates = substrate.coordinates().chunks(COORDINATES_PER_GENE);
    for (gene, coordinates) in genome.iter_mut().zip(coordinates) {
        let coordinates: Vec<f64> = coordinates.iter().copied().map(f64::from).collect();
        *gene = substrate.weight(cppn.step(&coordinates)[0]) as f32;
    }
}

fn perturb(gaussian: &Gaussian, individual: usize, genome: &mut [f32]) {
    let (source, sign) = noise_of(gaussian, individual);
    let counter = gaussian.noise.counter(Stream::Noise, source);
    for (block, genes) in genome.chunks_mut(NORMALS_PER_BLOCK).enumerate() {
        let normals = counter.normals(block as u32);
        for (n, value) in genes.iter_mut().enumerate() {
            let gene = block * NORMALS_PER_BLOCK + n;
            let scale = match &gaussian.scale {
                Scale::Uniform(scale) => *scale,
                Scale::PerGene(scale) => scale[gene],
            };
            *value = fused(scale, sign * normals[n], gaussian.centre[gene]);
        }
    }
}

/// The source of an individual's noise, and the sign of the noise.
pub(super) fn noise_of(gaussian: &Gaussian, individual: usize) -> (usize, f32) {
    match (gaussian.mirrored, individual % 2) {
        (false, _) => (individual, 1.0),
        (true, 0) => (individual / 2, 1.0),
        (true, _) => (individual / 2, -1.0),
    }
}

fn breed(
    offspring: &Offspring,
    child: usize,
    previous: impl Fn(usize, usize) -> f32,
    genome: &mut [f32],
) {
    let parents = offspring.parents[child];
    let (first, second) = (parents.first as usize, parents.second as usize);
    let crossover_counter = offspring.noise.counter(Stream::Crossover, child);
    for (gene, value) in genome.iter_mut().enumerate() {
        let a = previous(first, gene);
        *value = a;
        if first == second || offspring.crossover == Crossover::None {
            continue;
        }
        let b = previous(second, gene);
        let uniform =
            crossover_counter.uniforms((gene / WORDS_PER_BLOCK) as u32)[gene % WORDS_PER_BLOCK];
        *value = match offspring.crossover {
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
    if parents.mutates == 1 {
        mutate(offspring, child, genome);
    }
}

fn mutate(offspring: &Offspring, child: usize, genome: &mut [f32]) {
    let mask = offspring.noise.counter(Stream::MutationMask, child);
    let noise = offspring.noise.counter(Stream::Noise, child);
    for (block, genes) in genome.chunks_mut(NORMALS_PER_BLOCK).enumerate() {
        let normals = noise.normals(block as u32);
        for (n, value) in genes.iter_mut().enumerate() {
            let gene = block * NORMALS_PER_BLOCK + n;
            let uniform = mask.uniforms((gene / WORDS_PER_BLOCK) as u32)[gene % WORDS_PER_BLOCK];
            if uniform < offspring.mutation_rate {
                *value = fused(offspring.mutation, normals[n], *value);
            }
        }
    }
}

/// Computes `scale * noise + centre`, rounded to `f32` once.
fn fused(scale: f32, noise: f32, centre: f32) -> f32 {
    (f64::from(scale) * f64::from(noise) + f64::from(centre)) as f32
}
