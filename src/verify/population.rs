//! Rung 4, `population`: genomes made from proposals, and sums of their noise.
//!
//! The expected values are computed here from the definitions, gene by gene. They share only the
//! random generator with the backends.

use std::sync::Arc;

use super::{Comparison, Implementation, Rung};
use crate::backend::{Episodes, ForwardBackend, Purpose};
use crate::error::Result;
use crate::network::{Activation, Network, Precision};
use crate::population::{
    Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale, Utilities,
};
use crate::random::Stream;
use crate::task;

const UNIT: f64 = 1.0 / 16_777_216.0;
/// A unit in the last place of 1 in half precision.
const HALF_UNIT: f64 = 1.0 / 1024.0;
/// The allowed error of a gene: a product and a sum, each rounded, or fused.
const GENE_UNITS: f64 = 3.0;
/// The allowed error of a sum of many terms, in units of the sum of their magnitudes.
const SUM_UNITS: f64 = 4.0;
/// Individuals: not a multiple of a block, even for mirroring, and enough for several chunks of a
/// sum.
const INDIVIDUALS: usize = 3002;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    // Populations are packed in blocks of 64 for control tasks, and one by one for data sets.
    for name in ["cartpole", "xor"] {
        let task = Arc::from(task::by_name(name)?);
        let network = network(&task)?;
        let mut backend = implementation.backend(Arc::clone(&task), network.clone(), None)?;
        let check = GeneCheck { precision: Precision::Single, name };
        for mirrored in [false, true] {
            for per_gene in [false, true] {
                let gaussian = gaussian(network.parameters(), mirrored, per_gene);
                rungs.push(check_gaussian(backend.as_mut(), &check, &gaussian)?);
                rungs.push(check_moments(backend.as_mut(), name, &gaussian)?);
            }
        }
        for crossover in [Crossover::None, Crossover::Uniform(0.3), Crossover::Blend(0.4)] {
            rungs.push(check_children(backend.as_mut(), &check, network.parameters(), crossover)?);
        }
        for &precision in implementation.precisions().iter().filter(|&&p| p != Precision::Single) {
            let network = network.clone().with_precision(precision);
            let (genes, check) = (network.parameters(), GeneCheck { precision, name });
            let mut backend = implementation.backend(Arc::clone(&task), network, None)?;
            rungs.push(check_gaussian(backend.as_mut(), &check, &gaussian(genes, true, true))?);
            rungs.push(check_extremes(backend.as_mut(), &check, genes)?);
            rungs.push(check_children(backend.as_mut(), &check, genes, Crossover::Blend(0.4))?);
        }
    }
    Ok(rungs)
}

/// A check of genes that are stored in one precision, for networks on one task.
struct GeneCheck {
    precision: Precision,
    name: &'static str,
}

impl GeneCheck {
    /// Returns the subject of a rung.
    fn subject(&self, what: &str, how: &str) -> String {
        format!("{what} of {}{how}{}", self.name, self.precision.suffix())
    }

    /// The limit of the differences, in words.
    fn criterion(&self) -> &'static str {
        match self.precision {
            Precision::Single => "3 units in the last place",
            Precision::Half => "half a unit in the last place of f16, and 3 of f32",
        }
    }

    /// Compares a gene with its exact value. `size` is the sum of the magnitudes of its terms.
    fn compare(&self, errors: &mut Comparison, gene: f32, exact: f64, size: f64, at: &str) {
        let smallest = f64::from(self.precision.normal()[0]);
        let rounding = match self.precision {
            Precision::Single => 0.0,
            // Subnormal numbers are stored as zero.
            Precision::Half if exact.abs() < 1.001 * smallest => smallest,
            Precision::Half => HALF_UNIT / 2.0 * exact.abs(),
        };
        errors.check_that(self.precision.round(gene).to_bits() == gene.to_bits(), || at.to_owned());
        let limit = GENE_UNITS * UNIT * size + rounding;
        errors.check(f64::from(gene), exact, limit, || at.to_owned());
    }
}

fn network(task: &Arc<dyn task::Task>) -> Result<Network> {
    Network::parse("5-3", task.inputs(), task.outputs(), Activation::Tanh)
}

fn gaussian(genes: usize, mirrored: bool, per_gene: bool) -> Gaussian {
    let wave = |g: usize, rate: f32| (g as f32 * rate).sin();
    let scale = if per_gene {
        Scale::PerGene((0..genes).map(|g| 0.3 + 0.2 * wave(g, 0.9)).collect())
    } else {
        Scale::Uniform(0.37)
    };
    Gaussian {
        centre: (0..genes).map(|g| wave(g, 0.7)).collect(),
        scale,
        noise: NoiseKey { seed: 0xDEAD_BEEF_1234, generation: 9 },
        individuals: INDIVIDUALS,
        mirrored,
    }
}

/// Individuals whose genomes are read: the first, the last, and some of every block.
fn sampled() -> impl Iterator<Item = usize> {
    (0..INDIVIDUALS).step_by(61).chain([1, 63, 64, INDIVIDUALS - 1])
}

/// The noise of a gene, by definition.
fn noise(gaussian: &Gaussian, individual: usize, gene: usize) -> f64 {
    let source = if gaussian.mirrored { individual / 2 } else { individual };
    let sign = if gaussian.mirrored && individual % 2 == 1 { -1.0 } else { 1.0 };
    let counter = gaussian.noise.counter(Stream::Noise, source);
    sign * f64::from(counter.normals((gene / 8) as u32)[gene % 8])
}

fn check_gaussian(
    backend: &mut dyn ForwardBackend,
    check: &GeneCheck,
    gaussian: &Gaussian,
) -> Result<Rung> {
    backend.spawn(&Proposal::Gaussian(gaussian.clone()))?;
    let per_gene = matches!(gaussian.scale, Scale::PerGene(_));
    let how = format!("{}{}", mirrored_suffix(gaussian), suffix_if(per_gene, ", per gene"));
    let subject = check.subject("gaussian", &how);
    let mut errors = Comparison::new("4 population", subject, check.criterion());
    for individual in sampled() {
        let genome = backend.individual(individual)?;
        for (gene, &found) in genome.iter().enumerate() {
            let scale = match &gaussian.scale {
                Scale::Uniform(scale) => *scale,
                Scale::PerGene(scales) => scales[gene],
            };
            let perturbation = f64::from(scale) * noise(gaussian, individual, gene);
            let centre = f64::from(gaussian.centre[gene]);
            let at = format!("individual {individual}, gene {gene}");
            let size = centre.abs() + perturbation.abs();
            check.compare(&mut errors, found, centre + perturbation, size, &at);
        }
    }
    Ok(errors.into_rung())
}

/// Checks genes at the limits of half precision, and ties. The noise is too small to change them.
fn check_extremes(
    backend: &mut dyn ForwardBackend,
    check: &GeneCheck,
    genes: usize,
) -> Result<Rung> {
    let [smallest, largest] = check.precision.normal();
    let magnitudes = [
        // The largest number, numbers around the middle to the next power of two, and more.
        largest,
        65_519.996,
        65_520.0,
        1e9,
        // The smallest normal number, and numbers that are and are not rounded up to it.
        smallest,
        smallest.next_down(),
        0.9995 * smallest,
        0.5 * smallest,
        // Ties of the last place: one is rounded down, one up.
        1.0 + 1.0 / 2048.0,
        1.0 + 3.0 / 2048.0,
    ];
    let numbers: Vec<f32> = magnitudes.into_iter().flat_map(|number| [number, -number]).collect();
    let centre: Vec<f32> = numbers.iter().copied().cycle().take(genes).collect();
    backend.spawn(&Proposal::Gaussian(Gaussian {
        centre: centre.clone().into(),
        scale: Scale::Uniform(1e-30),
        noise: NoiseKey { seed: 3, generation: 1 },
        individuals: 3,
        mirrored: false,
    }))?;
    let mut errors = Comparison::new("4 population", check.subject("extremes", ""), "equal bits");
    let genome = backend.individual(2)?;
    for (gene, (found, &exact)) in genome.iter().zip(&centre).enumerate() {
        let expected = check.precision.round(exact);
        errors.check_that(found.to_bits() == expected.to_bits(), || {
            format!("gene {gene}, {exact}: got {found}, expected {expected}")
        });
    }
    Ok(errors.into_rung())
}

fn check_moments(
    backend: &mut dyn ForwardBackend,
    name: &str,
    gaussian: &Gaussian,
) -> Result<Rung> {
    backend.spawn(&Proposal::Gaussian(gaussian.clone()))?;
    let utilities = Utilities {
        first: (0..INDIVIDUALS).map(|i| (i as f32 * 0.37).sin()).collect(),
        second: Some((0..INDIVIDUALS).map(|i| (i as f32 * 0.11).cos()).collect()),
    };
    let found = backend.recombine(&utilities)?;
    let subject = format!("moments of {name}{}", mirrored_suffix(gaussian));
    let limit = "4 units in the last place of the sum of magnitudes";
    let mut errors = Comparison::new("4 population", subject, limit);
    let second = utilities.second.as_deref().unwrap_or_default();
    let squares = found.second.as_deref().unwrap_or_default();
    errors.check_that(squares.len() == gaussian.centre.len(), || "no second moments".into());
    for (gene, (&first, &square)) in found.first.iter().zip(squares).enumerate() {
        let (mut sums, mut sizes) = ([0.0; 2], [0.0; 2]);
        for (individual, (&utility, &square_utility)) in
            utilities.first.iter().zip(second).enumerate()
        {
            let z = noise(gaussian, individual, gene);
            let terms = [f64::from(utility) * z, f64::from(square_utility) * z * z];
            for moment in 0..2 {
                sums[moment] += terms[moment];
                sizes[moment] += terms[moment].abs();
            }
        }
        for (moment, found) in [first, square].into_iter().enumerate() {
            let limit = SUM_UNITS * UNIT * sizes[moment];
            errors.check(found, sums[moment], limit, || format!("moment {moment}, gene {gene}"));
        }
    }
    Ok(errors.into_rung())
}

fn check_children(
    backend: &mut dyn ForwardBackend,
    check: &GeneCheck,
    genes: usize,
    crossover: Crossover,
) -> Result<Rung> {
    backend.spawn(&Proposal::Gaussian(gaussian(genes, false, false)))?;
    // Only individuals that were read are parents. Some children have the same parent twice.
    let mut parent_genomes = vec![Vec::new(); INDIVIDUALS];
    for (individual, genome) in parent_genomes.iter_mut().enumerate().step_by(7) {
        *genome = backend.individual(individual)?;
    }
    let parent = |i: usize| (i * 7 % INDIVIDUALS / 7 * 7) as u32;
    let parents: Vec<Parents> = (0..INDIVIDUALS)
        .map(|i| Parents {
            first: parent(i * 13 + 1),
            second: if i % 5 == 0 { parent(i * 13 + 1) } else { parent(i * 29 + 3) },
            mutates: u32::from(i % 3 != 0),
        })
        .collect();
    let offspring = Offspring {
        parents: parents.into(),
        crossover,
        mutation: 0.21,
        mutation_rate: 0.6,
        noise: NoiseKey { seed: 77, generation: 10 },
    };
    backend.spawn(&Proposal::Offspring(offspring.clone()))?;
    let subject = check.subject("children", &format!(", {crossover}"));
    let mut errors = Comparison::new("4 population", subject, check.criterion());
    for child in sampled() {
        let genome = backend.individual(child)?;
        for (gene, &found) in genome.iter().enumerate() {
            let (expected, size) = child_gene(&offspring, &parent_genomes, child, gene);
            let at = format!("child {child}, gene {gene}");
            check.compare(&mut errors, found, expected, size, &at);
        }
    }
    // Children can be scored and have children.
    backend.spawn(&Proposal::Offspring(offspring))?;
    let scores = backend.score(&Episodes::new(1, Purpose::Verification, 0, 1))?;
    errors.check_that(scores.values.len() == INDIVIDUALS, || "grandchildren's scores".into());
    Ok(errors.into_rung())
}

/// The expected gene of a child, and the sum of the magnitudes of its terms.
fn child_gene(
    offspring: &Offspring,
    parent_genomes: &[Vec<f32>],
    child: usize,
    gene: usize,
) -> (f64, f64) {
    let parents = offspring.parents[child];
    let uniform = |stream| {
        let counter = offspring.noise.counter(stream, child);
        counter.uniforms((gene / 4) as u32)[gene % 4]
    };
    let a = f64::from(parent_genomes[parents.first as usize][gene]);
    let b = f64::from(parent_genomes[parents.second as usize][gene]);
    let crossed = match offspring.crossover {
        _ if parents.first == parents.second => a,
        Crossover::None => a,
        Crossover::Uniform(rate) if uniform(Stream::Crossover) < rate => b,
        Crossover::Uniform(_) => a,
        Crossover::Blend(alpha) => {
            let (alpha, uniform) = (f64::from(alpha), f64::from(uniform(Stream::Crossover)));
            let (low, high) = (a - alpha * (b - a), b + alpha * (b - a));
            low + uniform * (high - low)
        }
    };
    let mutates = parents.mutates == 1 && uniform(Stream::MutationMask) < offspring.mutation_rate;
    let z = offspring.noise.counter(Stream::Noise, child).normals((gene / 8) as u32)[gene % 8];
    let mutation = if mutates { f64::from(offspring.mutation) * f64::from(z) } else { 0.0 };
    (crossed + mutation, 2.0 * (a.abs() + b.abs()) + mutation.abs())
}

fn mirrored_suffix(gaussian: &Gaussian) -> &'static str {
    suffix_if(gaussian.mirrored, ", mirrored")
}

fn suffix_if(truth: bool, words: &'static str) -> &'static str {
    if truth { words } else { "" }
}
