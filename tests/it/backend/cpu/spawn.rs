//! Genomes of the fast CPU path: those of the reference within a rounding, and the same bits for
//! `individual` and for scores, whether generated alone or in pairs.

use std::sync::Arc;

use deme::backend::{Backend, Cpu, Episodes, ForwardBackend, Metric, Purpose, Reference};
use deme::math::InstructionSet;
use deme::network::Network;
use deme::population::{
    Crossover, ExplicitGenomes, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale,
};
use deme::random::{LARGEST_NORMAL, Stream};
use deme::task::{self, DataSet, Task};

use super::super::{UNIT, bits, explicit, gaussian, task_by_name};

/// Genes around those of blocks and stretches, none but a bias, and a usual network's.
pub const GENES: [usize; 8] = [1, 7, 8, 9, 127, 128, 129, 386];

/// An even number of individuals that is not a multiple of the lanes.
const INDIVIDUALS: usize = 42;

/// A data set, and a network with a given number of genes.
pub fn with_genes(genes: usize) -> (Arc<dyn Task>, Network) {
    const SAMPLES: usize = 5;
    let inputs = genes - 1;
    let features = (0..SAMPLES * inputs).map(|n| (n as f32 * 0.917).sin()).collect();
    let targets = (0..SAMPLES).map(|sample| (sample % 2) as f32).collect();
    let data = DataSet { inputs, features, targets, training: SAMPLES, ..task::xor() };
    (Arc::new(data), Network::with_parameters(genes))
}

/// Gaussian populations: mirrored or not, with one scale or many.
fn gaussians(genes: usize) -> Vec<Gaussian> {
    let mut all = Vec::new();
    let per_gene = (0..genes).map(|gene| 0.01 * (gene % 50) as f32).collect();
    for scale in [Scale::Uniform(0.3), Scale::PerGene(per_gene), Scale::Uniform(0.0)] {
        for mirrored in [false, true] {
            let scale = scale.clone();
            all.push(Gaussian { scale, mirrored, ..gaussian(genes, INDIVIDUALS) });
        }
    }
    all
}

/// The largest difference between a product and sum in `f32` and in double precision rounded once:
/// a final rounding on both sides, and the rounding of the product if the set does not fuse.
fn rounding(product: f64, value: f64) -> f64 {
    let product =
        if InstructionSet::current() == InstructionSet::Plain { product.abs() } else { 0.0 };
    1.001 * UNIT * (product + 2.0 * value.abs())
}

fn all(backend: &mut dyn Backend, individuals: usize) -> Vec<Vec<f32>> {
    (0..individuals).map(|i| backend.individual(i).expect("an individual")).collect()
}

#[test]
fn gaussian_genomes_are_those_of_the_reference_within_a_rounding() {
    for genes in GENES {
        let (task, network) = with_genes(genes);
        let mut cpu = Cpu::new(Arc::clone(&task), network.clone());
        let mut reference = Reference::new(task, network);
        for gaussian in gaussians(genes) {
            cpu.spawn(&Proposal::Gaussian(gaussian.clone())).expect("a valid proposal");
            reference.spawn(&Proposal::Gaussian(gaussian.clone())).expect("a valid proposal");
            let found = all(&mut cpu, INDIVIDUALS);
            for (i, expected) in all(&mut reference, INDIVIDUALS).into_iter().enumerate() {
                let source = if gaussian.mirrored { i / 2 } else { i };
                let counter = gaussian.noise.counter(Stream::Noise, source);
                for (gene, &expected) in expected.iter().enumerate() {
                    let noise = counter.normals((gene / 8) as u32)[gene % 8];
                    let scale = match &gaussian.scale {
                        Scale::Uniform(scale) => *scale,
                        Scale::PerGene(scales) => scales[gene],
                    };
                    let product = f64::from(scale) * f64::from(noise);
                    let (found, expected) = (f64::from(found[i][gene]), f64::from(expected));
                    let difference = (found - expected).abs();
                    let what = format!("{i}, gene {gene} of {genes}: {found}, not {expected}");
                    assert!(difference <= rounding(product, expected), "{what}");
                }
            }
        }
    }
}

/// Offspring of explicit genomes. Some mutate, and some have the same parent twice.
fn children(crossover: Crossover, mutation_rate: f32) -> Offspring {
    let parents = (0..INDIVIDUALS).map(|child| Parents {
        first: (child * 31 % INDIVIDUALS) as u32,
        second: (child * if child % 4 == 0 { 31 } else { 57 } % INDIVIDUALS) as u32,
        mutates: u32::from(child % 3 != 0),
    });
    Offspring {
        parents: parents.collect(),
        crossover,
        mutation: 0.2,
        mutation_rate,
        noise: NoiseKey { seed: 12, generation: 3 },
    }
}

#[test]
fn offspring_are_those_of_the_reference_within_a_rounding() {
    let crossovers = [Crossover::None, Crossover::Uniform(0.3), Crossover::Blend(0.2)];
    for genes in GENES {
        let (task, network) = with_genes(genes);
        let mut cpu = Cpu::new(Arc::clone(&task), network.clone());
        let mut reference = Reference::new(task, network);
        for crossover in crossovers {
            for rate in [0.0, 0.6, 1.0] {
                let proposal = children(crossover, rate);
                for backend in [&mut cpu as &mut dyn Backend, &mut reference] {
                    let parents = Proposal::Explicit(explicit(genes, INDIVIDUALS));
                    backend.spawn(&parents).expect("genomes");
                    backend.spawn(&Proposal::Offspring(proposal.clone())).expect("children");
                }
                let (found, expected) =
                    (all(&mut cpu, INDIVIDUALS), all(&mut reference, INDIVIDUALS));
                for (child, (found, expected)) in found.iter().zip(&expected).enumerate() {
                    let what = format!("{crossover:?}, rate {rate}, child {child} of {genes}");
                    if proposal.parents[child].mutates == 0 || rate == 0.0 {
                        // Crossover has the same operations on both sides.
                        assert_eq!(bits(found), bits(expected), "{what}");
                    }
                    let product = f64::from(proposal.mutation * LARGEST_NORMAL);
                    for (&found, &expected) in found.iter().zip(expected) {
                        let (found, expected) = (f64::from(found), f64::from(expected));
                        let fits = (found - expected).abs() <= rounding(product, expected);
                        assert!(fits, "{what}: {found}, not {expected}");
                    }
                }
            }
        }
    }
}

/// All scores of a population, as bits.
fn scores(backend: &mut dyn Backend) -> Vec<Vec<u32>> {
    let mut scored = Vec::new();
    for metric in [Metric::Fitness, Metric::Score] {
        let episodes = Episodes { metric, ..Episodes::new(1, Purpose::Training, 0, 1) };
        scored.push(bits(&backend.score(&episodes).expect("a score").values));
    }
    scored
}

#[test]
fn returned_genomes_are_the_scored_genomes() {
    for genes in GENES {
        let (task, network) = with_genes(genes);
        let mut cpu = Cpu::new(Arc::clone(&task), network.clone());
        let mut written = Cpu::new(task, network);
        let gaussians =
            gaussians(genes).into_iter().map(|gaussian| vec![Proposal::Gaussian(gaussian)]);
        let bred = [Crossover::Uniform(0.3), Crossover::Blend(0.2)].map(|crossover| {
            let parents = Proposal::Gaussian(gaussian(genes, INDIVIDUALS));
            vec![parents, Proposal::Offspring(children(crossover, 0.6))]
        });
        for proposals in gaussians.chain(bred) {
            proposals.iter().for_each(|proposal| cpu.spawn(proposal).expect("a valid proposal"));
            let first = scores(&mut cpu);
            let genomes = all(&mut cpu, INDIVIDUALS).concat().into();
            written
                .spawn(&Proposal::Explicit(ExplicitGenomes { genomes, genes }))
                .expect("genomes");
            assert_eq!(first, scores(&mut written), "{genes} genes, {proposals:?}");
            // The outputs store the population as rows, which must not change its scores.
            let (said, expected) = (cpu.forward(), written.forward());
            assert_eq!(bits(&said.expect("outputs")), bits(&expected.expect("outputs")));
            assert_eq!(first, scores(&mut cpu), "{genes} genes, {proposals:?}");
        }
    }
}

#[test]
fn outputs_are_those_of_the_last_population_for_any_buffer() {
    let (task, network) = with_genes(129);
    let mut cpu = Cpu::new(Arc::clone(&task), network.clone());
    let mut buffer = vec![f32::NAN; 7];
    for individuals in [3, 40, 2] {
        let proposal = Proposal::Gaussian(gaussian(129, individuals));
        let mut fresh = Cpu::new(Arc::clone(&task), network.clone());
        for backend in [&mut cpu, &mut fresh] {
            backend.spawn(&proposal).expect("a valid proposal");
        }
        cpu.forward_into(&mut buffer).expect("outputs");
        assert_eq!(bits(&buffer), bits(&fresh.forward().expect("outputs")));
    }
}

#[test]
fn offspring_are_bred_from_the_returned_genomes() {
    let (task, network) = with_genes(129);
    let mut cpu = Cpu::new(Arc::clone(&task), network.clone());
    let mut written = Cpu::new(task, network);
    let proposal = Proposal::Offspring(children(Crossover::Uniform(0.5), 0.5));
    for mirrored in [false, true] {
        let parents = Gaussian { mirrored, ..gaussian(129, INDIVIDUALS) };
        cpu.spawn(&Proposal::Gaussian(parents)).expect("a valid proposal");
        let genomes = all(&mut cpu, INDIVIDUALS).concat().into();
        written
            .spawn(&Proposal::Explicit(ExplicitGenomes { genomes, genes: 129 }))
            .expect("genomes");
        for _ in 0..2 {
            cpu.spawn(&proposal).expect("children");
            written.spawn(&proposal).expect("children");
            assert_eq!(all(&mut cpu, INDIVIDUALS), all(&mut written, INDIVIDUALS));
        }
    }
}

#[test]
fn an_empty_population_has_no_scores() {
    let mut cpu = Cpu::new(task_by_name("cartpole"), Network::with_parameters(9));
    cpu.spawn(&Proposal::Gaussian(gaussian(9, 0))).expect("an empty population");
    let episodes = Episodes::new(1, Purpose::Training, 0, 3);
    let scores = cpu.score(&episodes).expect("no scores");
    assert_eq!((scores.values.len(), scores.steps), (0, 0));
}
