//! How a recipe becomes genomes, plainly and in double precision, for the reference.
//!
//! Each gene is computed in `f64` and rounded to `f32` once, so the bits depend on nothing but the
//! recipe. The fast CPU path says the same in vectors, in `backend/cpu/spawn.rs`; the twins in WGSL
//! are `shaders/kernel/stray.wgsl`, `shaders/kernel/breed.wgsl` and `shaders/kernel/paint.wgsl`.

use crate::network::{Naive, PLACE};
use crate::population::{Crossover, Explicit, Gaussian, Offspring, Painted, Proposal, Scale};
use crate::random::{NORMALS_A_BLOCK, Stream, WORDS_A_BLOCK};

/// Writes one individual's genome, `f32[genes]`; `previous(index, gene)` reads the population
/// before it.
pub(super) fn genome(
    proposal: &Proposal,
    individual: usize,
    previous: impl Fn(usize, usize) -> f32,
    genome: &mut [f32],
) {
    match proposal {
        Proposal::Gaussian(gaussian) => stray(gaussian, individual, genome),
        Proposal::Offspring(offspring) => breed(offspring, individual, previous, genome),
        Proposal::Explicit(Explicit { genomes, genes }) => {
            genome.copy_from_slice(&genomes[individual * genes..][..*genes]);
        }
        Proposal::Graphs(_) => unreachable!("graphs have no genomes of one length"),
        Proposal::Painted(painted) => paint(painted, individual, genome),
    }
}

fn paint(painted: &Painted, individual: usize, genome: &mut [f32]) {
    let mut graph = Naive::of(&*painted.graphs.individuals[individual]);
    for (gene, place) in genome.iter_mut().zip(painted.substrate.places().chunks(PLACE)) {
        let place: Vec<f64> = place.iter().copied().map(f64::from).collect();
        *gene = painted.substrate.weight(graph.step(&place)[0]) as f32;
    }
}

fn stray(gaussian: &Gaussian, individual: usize, genome: &mut [f32]) {
    let (source, sign) = noise_of(gaussian, individual);
    let place = gaussian.noise.place(Stream::Noise, source);
    for (block, genes) in genome.chunks_mut(NORMALS_A_BLOCK).enumerate() {
        let normals = place.normals(block as u32);
        for (n, value) in genes.iter_mut().enumerate() {
            let gene = block * NORMALS_A_BLOCK + n;
            let scale = match &gaussian.scale {
                Scale::Uniform(scale) => *scale,
                Scale::PerGene(scale) => scale[gene],
            };
            *value = fused(scale, sign * normals[n], gaussian.centre[gene]);
        }
    }
}

/// Whose noise an individual has, and with which sign.
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
    let crossing = offspring.noise.place(Stream::Crossover, child);
    for (gene, value) in genome.iter_mut().enumerate() {
        let a = previous(first, gene);
        *value = a;
        if first == second || offspring.crossover == Crossover::None {
            continue;
        }
        let b = previous(second, gene);
        let unit = crossing.units((gene / WORDS_A_BLOCK) as u32)[gene % WORDS_A_BLOCK];
        *value = match offspring.crossover {
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
    if parents.mutates == 1 {
        mutate(offspring, child, genome);
    }
}

fn mutate(offspring: &Offspring, child: usize, genome: &mut [f32]) {
    let gate = offspring.noise.place(Stream::Gate, child);
    let noise = offspring.noise.place(Stream::Noise, child);
    for (block, genes) in genome.chunks_mut(NORMALS_A_BLOCK).enumerate() {
        let normals = noise.normals(block as u32);
        for (n, value) in genes.iter_mut().enumerate() {
            let gene = block * NORMALS_A_BLOCK + n;
            let unit = gate.units((gene / WORDS_A_BLOCK) as u32)[gene % WORDS_A_BLOCK];
            if unit < offspring.mutation_rate {
                *value = fused(offspring.mutation, normals[n], *value);
            }
        }
    }
}

/// `scale * noise + centre`, rounded to `f32` at the end.
fn fused(scale: f32, noise: f32, centre: f32) -> f32 {
    (f64::from(scale) * f64::from(noise) + f64::from(centre)) as f32
}
