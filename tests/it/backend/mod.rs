//! Tests of the backends, each compared with the reference and with itself.

mod behaviour;
mod conformance;
mod cpu;
mod fused;
mod gpu;
mod graphs;
mod multi_pass;
mod normalisation;
mod plan;
mod recovery;
mod reference;

use std::sync::Arc;

use deme::backend::{Backend, Episodes, Purpose};
use deme::network::{Activation, Network};
use deme::population::{
    Crossover, ExplicitGenomes, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale, Utilities,
};
use deme::random::{Counter, Stream};
use deme::task::{self, Kind, Task, World};

/// Half a unit in the last place of 1, in single precision.
const UNIT: f64 = 1.0 / 16_777_216.0;
/// The largest error of a gene: a product and a sum of magnitudes below 8, each rounded once, or
/// fused.
const GENE_ERROR: f64 = 3.0 * 8.0 * UNIT;
/// The difference below which fitness in double and in single precision agree, as a share of the
/// fitness or of 1.
const AGREEMENT: f64 = 1e-3;
/// A number of steps in which few rounding errors accumulate.
const FEW_STEPS: u32 = 30;
/// The share of individuals that may disagree after so few steps: a policy close to a decision
/// boundary may choose another action.
const DISAGREEMENT: f64 = 0.03;

/// Population sizes around the sizes of blocks.
const POPULATIONS: [usize; 6] = [1, 2, 63, 64, 65, 1000];

pub fn task_by_name(name: &str) -> Arc<dyn Task> {
    task::by_name(name).expect("a task of the registry").into()
}

/// The built-in tasks without the worlds of the collection, whose kernels take minutes to compile
/// on a software adapter.
fn tasks() -> Vec<Arc<dyn Task>> {
    let all = task::all().into_iter().filter(|task| !World::is_world(&**task));
    all.map(Arc::from).collect()
}

/// A network for a task, with a hidden layer of an odd width.
pub fn network(task: &dyn Task) -> Network {
    let hidden = if matches!(task.kind(), Kind::Function(_)) { "none" } else { "7" };
    task.network(hidden, Activation::Tanh).expect("a good spec")
}

/// Episodes that are cut off early.
pub fn few_steps(count: u32) -> Episodes {
    Episodes { step_limit: Some(FEW_STEPS), ..Episodes::new(3, Purpose::Training, 4, count) }
}

pub fn gaussian(genes: usize, individuals: usize) -> Gaussian {
    Gaussian {
        centre: (0..genes).map(|gene| (gene as f32 * 0.7).sin()).collect(),
        scale: Scale::Uniform(0.4),
        noise: NoiseKey { seed: 11, generation: 2 },
        individuals,
        mirrored: false,
    }
}

/// Genomes that do not come from a Gaussian.
fn explicit(genes: usize, individuals: usize) -> ExplicitGenomes {
    let place = Counter { seed: 8, stream: Stream::Verification, generation: 0, individual: 0 };
    let normals = (0..).flat_map(|block| place.normals(block)).map(|z| 0.5 * z);
    ExplicitGenomes { genomes: normals.take(genes * individuals).collect(), genes }
}

/// Offspring of a population of the same size. Some have the same parent twice; some do not mutate.
pub fn offspring(individuals: usize, crossover: Crossover, generation: u32) -> Offspring {
    let parents = (0..individuals).map(|child| Parents {
        first: (child * 31 % individuals) as u32,
        second: (if child % 4 == 0 { child * 31 } else { child * 57 + 1 } % individuals) as u32,
        mutates: u32::from(child % 3 != 0),
    });
    Offspring {
        parents: parents.collect(),
        crossover,
        mutation: 0.2,
        mutation_rate: 0.6,
        noise: NoiseKey { seed: 12, generation },
    }
}

/// Every kind of proposal, by name. Several proposals are spawned one after another.
fn proposals(genes: usize, individuals: usize) -> Vec<(&'static str, Vec<Proposal>)> {
    let gaussian = gaussian(genes, individuals);
    let scale = Scale::PerGene((0..genes).map(|gene| 0.1 + 0.01 * gene as f32).collect());
    let plain = Proposal::Gaussian(gaussian.clone());
    let per_gene = Proposal::Gaussian(Gaussian { scale: scale.clone(), ..gaussian.clone() });
    let written = Proposal::Explicit(explicit(genes, individuals));
    let bred =
        |crossover, generation| Proposal::Offspring(offspring(individuals, crossover, generation));
    let (uniform, blend) = (Crossover::Uniform(0.3), Crossover::Blend(0.2));
    let mut all = vec![
        ("gaussian", vec![plain.clone()]),
        ("per gene", vec![per_gene]),
        ("explicit", vec![written.clone()]),
        ("children of a gaussian", vec![plain.clone(), bred(Crossover::None, 3)]),
        ("children of an explicit", vec![written.clone(), bred(uniform, 3)]),
        ("grandchildren", vec![plain.clone(), bred(blend, 3), bred(uniform, 4)]),
        ("children, gaussian after explicit", vec![written, plain.clone(), bred(blend, 5)]),
        ("gaussian after children", vec![plain.clone(), bred(uniform, 3), plain]),
    ];
    if individuals.is_multiple_of(2) {
        let mirrored = Gaussian { mirrored: true, ..gaussian };
        let per_gene = Gaussian { scale, ..mirrored.clone() };
        all.push(("mirrored", vec![Proposal::Gaussian(mirrored)]));
        all.push(("mirrored, per gene", vec![Proposal::Gaussian(per_gene)]));
    }
    all
}

pub fn utilities(individuals: usize) -> Utilities {
    Utilities {
        first: (0..individuals).map(|i| (i as f32 * 0.37).sin()).collect(),
        second: Some((0..individuals).map(|i| (i as f32 * 0.11).cos()).collect()),
    }
}

fn spawn_all(backend: &mut dyn Backend, proposals: &[Proposal]) {
    for proposal in proposals {
        backend.spawn(proposal).expect("a valid proposal");
    }
}

/// Some of the genomes: all of a small population; the first, the last and a few of a large one.
fn genomes(backend: &mut dyn Backend, individuals: usize) -> Vec<f32> {
    let sampled = (0..individuals).filter(|i| i % 61 == 0 || i % 64 >= 63 || i + 1 == individuals);
    sampled.flat_map(|i| backend.individual(i).expect("an index below the count")).collect()
}

pub fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// Fails if genes differ by more than rounding.
#[track_caller]
fn assert_same_genes(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let difference = (f64::from(found) - f64::from(expected)).abs();
        assert!(difference <= GENE_ERROR, "{what}, word {place}: {found}, not {expected}");
    }
}

/// Fails if too large a share of the values disagrees. One value may always disagree.
#[track_caller]
fn assert_agree(found: &[f32], expected: &[f32], allowed: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let agree = |(&found, &expected): (&f32, &f32)| {
        let (found, expected) = (f64::from(found), f64::from(expected));
        (found - expected).abs() <= AGREEMENT * expected.abs().max(1.0)
    };
    let differing = found.iter().zip(expected).filter(|&pair| !agree(pair)).count();
    let allowed = (allowed * found.len() as f64).ceil();
    assert!(differing as f64 <= allowed, "{what}: {differing} of {} disagree", found.len());
}

/// Fails if sums of noise differ by more than the rounding of their terms.
#[track_caller]
fn assert_same_sums(found: &[f64], expected: &[f64], magnitude: f64, what: &str) {
    /// The largest error in units in the last place of the sum of magnitudes. Sums of chunks are in
    /// single precision, which costs a few units.
    const SUM_UNITS: f64 = 32.0;
    assert_eq!(found.len(), expected.len(), "{what}");
    for (gene, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (found - expected).abs();
        assert!(difference <= SUM_UNITS * UNIT * magnitude, "{what} {gene}: {found}, {expected}");
    }
}
