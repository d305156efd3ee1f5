//! Noise that is drawn again in spans and tiles, against plain loops over whole vectors.

use approx::assert_relative_eq;
use deme::population::NoiseKey;
use deme::random::{NORMALS_PER_BLOCK, Stream};
use deme::strategy::{Fitness, Start};

use super::witness::explicit_genomes;
use super::{begin, no_recombination};

/// Several spans, and a last chunk that is incomplete.
const GENES: usize = 20_011;
const POPULATION: usize = 12;
const SEED: u64 = 21;

fn begin_search(name: &str) -> Box<dyn deme::strategy::Strategy> {
    let centre = (0..GENES).map(|g| (g % 7) as f32).collect();
    begin(name, &[], Start { genes: GENES, centre, population: POPULATION, seed: SEED }).unwrap()
}

fn normals(stream: Stream, generation: u32, individual: usize) -> Vec<f64> {
    let counter = NoiseKey { seed: SEED, generation }.counter(stream, individual);
    let blocks = 0..GENES.div_ceil(NORMALS_PER_BLOCK) as u32;
    blocks.flat_map(|block| counter.normals(block)).take(GENES).map(f64::from).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[track_caller]
fn assert_close(found: &[f32], expected: impl Fn(usize) -> f64) {
    for (g, &found) in found.iter().enumerate() {
        assert_relative_eq!(f64::from(found), expected(g), max_relative = 1e-6, epsilon = 1e-6);
    }
}

#[test]
fn pairs_deviate_along_the_axis_with_opposite_signs() {
    let axis: Vec<f64> = normals(Stream::Selection, 0, 0);
    let axis: Vec<f64> = axis.iter().map(|v| v / (GENES as f64).sqrt()).collect();
    let square = dot(&axis, &axis);
    let genomes = explicit_genomes(&*begin_search("cr-fm-nes"));
    assert_eq!(genomes.len(), POPULATION);
    for (individual, genome) in genomes.iter().enumerate() {
        let z = normals(Stream::Noise, 0, individual / 2);
        let along = ((1.0 + square).sqrt() - 1.0) * dot(&axis, &z) / square;
        let sign = if individual % 2 == 0 { 0.5 } else { -0.5 };
        assert_close(genome, |g| (g % 7) as f64 + sign * (z[g] + along * axis[g]));
    }
}

/// Runs some generations of the algorithm over whole vectors.
#[test]
fn genomes_are_transformed_by_every_vector_in_memory() {
    let mut strategy = begin_search("lm-ma-es");
    let (n, lambda) = (GENES as f64, POPULATION as f64);
    let raw: Vec<f64> = (1..=6).map(|i| 6.5f64.ln() - f64::from(i).ln()).collect();
    let weights: Vec<f64> = raw.iter().map(|w| w / raw.iter().sum::<f64>()).collect();
    let mu_w = 1.0 / dot(&weights, &weights);
    let mut centre: Vec<f64> = (0..GENES).map(|g| (g % 7) as f64).collect();
    let mut vectors = vec![vec![0.0; GENES]; 33];
    for generation in 0..4 {
        let z: Vec<_> = (0..POPULATION).map(|i| normals(Stream::Noise, generation, i)).collect();
        let transform = |z: &Vec<f64>| {
            let mut d = z.clone();
            for (i, m) in vectors.iter().enumerate().take(generation as usize) {
                let rate = 1.0 / (1.5f64.powi(i as i32) * n);
                let along = rate * dot(m, &d);
                d = d.iter().zip(m).map(|(d, m)| (1.0 - rate) * d + along * m).collect();
            }
            d
        };
        let d: Vec<_> = z.iter().map(transform).collect();
        let sigma = strategy.step_size();
        for (genome, d) in explicit_genomes(&*strategy).iter().zip(&d) {
            assert_close(genome, |g| centre[g] + sigma * d[g]);
        }
        // Individual i has rank i.
        let values = (0..POPULATION).map(|i| -(i as f32)).collect();
        strategy.tell(&Fitness::new(values), &mut no_recombination).unwrap();
        let mean =
            |rows: &[Vec<f64>], g: usize| -> f64 { (0..6).map(|i| weights[i] * rows[i][g]).sum() };
        for g in 0..GENES {
            centre[g] += sigma * mean(&d, g);
            let selected = mean(&z, g);
            for (i, m) in vectors.iter_mut().enumerate() {
                let c = lambda / (4f64.powi(i as i32) * n);
                m[g] = (1.0 - c) * m[g] + (mu_w * c * (2.0 - c)).sqrt() * selected;
            }
        }
    }
}
