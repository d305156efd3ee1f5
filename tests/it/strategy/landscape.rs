//! Landscapes: functions to be minimised, and searches on them.
//!
//! Genomes and fitness have single precision, as in a run. Results are the values of the function
//! at the genomes in double precision.

use deme::backend::recombine_on_cpu;
use deme::population::{Proposal, Scale};
use deme::random::{NORMALS_PER_BLOCK, Stream};
use deme::strategy::{Fitness, Start, Strategy};

use super::begin;

pub fn sphere(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}

/// An ellipsoid with condition number 10^6.
pub fn ellipsoid(x: &[f64]) -> f64 {
    let last = (x.len() - 1) as f64;
    x.iter().enumerate().map(|(i, x)| 1e6f64.powf(i as f64 / last) * x * x).sum()
}

pub fn cigar(x: &[f64]) -> f64 {
    x[0] * x[0] + 1e6 * sphere(&x[1..])
}

pub fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2).map(|x| 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2)).sum()
}

pub fn rastrigin(x: &[f64]) -> f64 {
    let wave = |x: &f64| x * x - 10.0 * (std::f64::consts::TAU * x).cos() + 10.0;
    x.iter().map(wave).sum()
}

/// Returns a start with the same value for every gene.
pub fn flat_start(genes: usize, value: f32, population: usize, seed: u64) -> Start {
    Start { genes, centre: vec![value; genes], population, seed }
}

/// Returns the genomes of a proposal that needs no earlier population.
pub fn genomes(proposal: &Proposal) -> Vec<Vec<f32>> {
    match proposal {
        Proposal::Explicit(explicit) => {
            explicit.genomes.chunks(explicit.genes).map(<[f32]>::to_vec).collect()
        }
        Proposal::Gaussian(gaussian) => {
            assert!(!gaussian.mirrored);
            let one = |individual| {
                let counter = gaussian.noise.counter(Stream::Noise, individual);
                let mut noise = (0..).flat_map(|block| counter.normals(block));
                let gene = |(gene, centre): (usize, &f32)| {
                    let scale = match &gaussian.scale {
                        Scale::Uniform(scale) => *scale,
                        Scale::PerGene(scale) => scale[gene],
                    };
                    let noise = noise.next().unwrap();
                    (f64::from(scale) * f64::from(noise) + f64::from(*centre)) as f32
                };
                gaussian.centre.iter().enumerate().map(gene).collect()
            };
            (0..gaussian.individuals).map(one).collect()
        }
        Proposal::Offspring(_) => panic!("children have parents elsewhere"),
        Proposal::Graphs(_) => panic!("graphs have no genomes of one length"),
        Proposal::Cppn(_) => panic!("backends decode these genomes"),
    }
}

/// Returns the noise z of an individual.
pub fn noise(seed: u64, generation: u32, individual: u32, genes: usize) -> Vec<f64> {
    let counter = deme::random::Counter { seed, stream: Stream::Noise, generation, individual };
    let blocks = (0..genes.div_ceil(NORMALS_PER_BLOCK)).flat_map(|b| counter.normals(b as u32));
    blocks.take(genes).map(f64::from).collect()
}

/// Tells a strategy the fitness of its current proposal.
pub fn tell(strategy: &mut dyn Strategy, values: Vec<f32>) {
    let fitness = Fitness::new(values);
    let proposal = strategy.ask();
    strategy.tell(&fitness, &mut |utilities| recombine_on_cpu(&proposal, utilities)).unwrap();
}

/// Runs one generation and returns the values of the function.
pub fn generation(strategy: &mut dyn Strategy, function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let exact = |genome: &Vec<f32>| -> Vec<f64> { genome.iter().copied().map(f64::from).collect() };
    let genomes = genomes(&strategy.ask());
    let values: Vec<f64> = genomes.iter().map(|genome| function(&exact(genome))).collect();
    tell(strategy, values.iter().map(|&value| -value as f32).collect());
    values
}

/// Returns the evaluations after which a search has reached each target; targets are descending. It
/// ends when the strategy reports a stop reason or the evaluations are used up.
pub fn evaluations_to(
    targets: &[f64],
    most: usize,
    strategy: &mut dyn Strategy,
    function: impl Fn(&[f64]) -> f64,
) -> Vec<Option<usize>> {
    let (mut reached, mut evaluations) = (Vec::new(), 0);
    while reached.len() < targets.len() && evaluations < most && strategy.stop_reason().is_none() {
        for value in generation(strategy, &function) {
            evaluations += 1;
            while targets.get(reached.len()).is_some_and(|target| value < *target) {
                reached.push(Some(evaluations));
            }
        }
    }
    reached.resize(targets.len(), None);
    reached
}

/// Returns the evaluations to a target, in whole generations, for each seed.
pub fn budgets(
    name: &str,
    settings: &[(&str, &str)],
    start: impl Fn(u64) -> Start,
    function: fn(&[f64]) -> f64,
    (target, seeds): (f64, u64),
) -> Vec<Option<usize>> {
    let one = |seed| {
        let start = start(seed);
        let population = start.population;
        let mut strategy = begin(name, settings, start).unwrap();
        let reached = evaluations_to(&[target], 1_000_000, &mut *strategy, function);
        reached[0].map(|evaluations| evaluations.next_multiple_of(population))
    };
    (0..seeds).map(one).collect()
}

/// Returns the mean of the known counts, and the number of missing ones.
pub fn mean_and_missing(counts: &[Option<usize>]) -> (f64, usize) {
    let there: Vec<f64> = counts.iter().flatten().map(|&count| count as f64).collect();
    (there.iter().sum::<f64>() / there.len() as f64, counts.len() - there.len())
}
