//! Rung 4, `population`: genomes that recipes make, and sums of their noise.
//!
//! What is expected is written out here from the definitions, gene by gene, and shares nothing with
//! the backends but the generator.

use std::sync::Arc;

use super::{Comparison, Rung, Subject};
use crate::backend::{Episodes, Forward, Purpose};
use crate::error::Result;
use crate::network::{Activation, Network, Precision};
use crate::population::{
    Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale, Weights,
};
use crate::random::Stream;
use crate::task;

const UNIT: f64 = 1.0 / 16_777_216.0;
/// A unit in the last place of 1 in half precision.
const HALF_UNIT: f64 = 1.0 / 1024.0;
/// A gene is a product and a sum, each rounded, or fused.
const GENE_UNITS: f64 = 3.0;
/// Sums of many terms, in units of the sum of their magnitudes.
const SUM_UNITS: f64 = 4.0;
/// Not a multiple of a block; even, for mirroring; and enough for several chunks of a sum.
const INDIVIDUALS: usize = 3002;

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    // Control tasks pack in blocks of 64, data sets one by one.
    for name in ["cartpole", "xor"] {
        let task = Arc::from(task::named(name)?);
        let network = network(&task)?;
        let mut backend = subject.backend(Arc::clone(&task), network.clone(), None)?;
        let kept = Kept { precision: Precision::Single, name };
        for mirrored in [false, true] {
            for per_gene in [false, true] {
                let gaussian = gaussian(network.parameters(), mirrored, per_gene);
                rungs.push(gaussians(backend.as_mut(), &kept, &gaussian)?);
                rungs.push(moments(backend.as_mut(), name, &gaussian)?);
            }
        }
        for crossover in [Crossover::None, Crossover::Uniform(0.3), Crossover::Blend(0.4)] {
            rungs.push(children(backend.as_mut(), &kept, network.parameters(), crossover)?);
        }
        for &precision in subject.precisions().iter().filter(|&&p| p != Precision::Single) {
            let network = network.clone().with_precision(precision);
            let (genes, kept) = (network.parameters(), Kept { precision, name });
            let mut backend = subject.backend(Arc::clone(&task), network, None)?;
            rungs.push(gaussians(backend.as_mut(), &kept, &gaussian(genes, true, true))?);
            rungs.push(extremes(backend.as_mut(), &kept, genes)?);
            rungs.push(children(backend.as_mut(), &kept, genes, Crossover::Blend(0.4))?);
        }
    }
    Ok(rungs)
}

/// What genes are kept in, and the task of their networks.
struct Kept {
    precision: Precision,
    name: &'static str,
}

impl Kept {
    /// The subject of a rung.
    fn subject(&self, what: &str, how: &str) -> String {
        format!("{what} of {}{how}{}", self.name, self.precision.suffix())
    }

    /// What differences are held to, in words.
    fn held_to(&self) -> &'static str {
        match self.precision {
            Precision::Single => "3 units in the last place",
            Precision::Half => "half a unit in the last place of f16, and 3 of f32",
        }
    }

    /// Holds a gene against the number that is meant, made of numbers of such a size.
    fn check(&self, errors: &mut Comparison, gene: f32, meant: f64, size: f64, at: &str) {
        let smallest = f64::from(self.precision.normal()[0]);
        let rounding = match self.precision {
            Precision::Single => 0.0,
            // What is smaller than any normal number is kept as zero.
            Precision::Half if meant.abs() < 1.001 * smallest => smallest,
            Precision::Half => HALF_UNIT / 2.0 * meant.abs(),
        };
        errors.holds(self.precision.kept(gene).to_bits() == gene.to_bits(), || at.to_owned());
        let limit = GENE_UNITS * UNIT * size + rounding;
        errors.check(f64::from(gene), meant, limit, || at.to_owned());
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

/// Individuals whose genomes are read: the ends, and some of every block.
fn sampled() -> impl Iterator<Item = usize> {
    (0..INDIVIDUALS).step_by(61).chain([1, 63, 64, INDIVIDUALS - 1])
}

/// The noise of a gene: written out from the definition.
fn noise(gaussian: &Gaussian, individual: usize, gene: usize) -> f64 {
    let source = if gaussian.mirrored { individual / 2 } else { individual };
    let sign = if gaussian.mirrored && individual % 2 == 1 { -1.0 } else { 1.0 };
    let place = gaussian.noise.place(Stream::Noise, source);
    sign * f64::from(place.normals((gene / 8) as u32)[gene % 8])
}

fn gaussians(backend: &mut dyn Forward, kept: &Kept, gaussian: &Gaussian) -> Result<Rung> {
    backend.spawn(&Proposal::Gaussian(gaussian.clone()))?;
    let per_gene = matches!(gaussian.scale, Scale::PerGene(_));
    let how = format!("{}{}", mirrored(gaussian), flag(per_gene, ", per gene"));
    let subject = kept.subject("gaussian", &how);
    let mut errors = Comparison::new("4 population", subject, kept.held_to());
    for individual in sampled() {
        let genome = backend.individual(individual)?;
        for (gene, &found) in genome.iter().enumerate() {
            let scale = match &gaussian.scale {
                Scale::Uniform(scale) => *scale,
                Scale::PerGene(scales) => scales[gene],
            };
            let stray = f64::from(scale) * noise(gaussian, individual, gene);
            let centre = f64::from(gaussian.centre[gene]);
            let at = format!("individual {individual}, gene {gene}");
            let size = centre.abs() + stray.abs();
            kept.check(&mut errors, found, centre + stray, size, &at);
        }
    }
    Ok(errors.rung())
}

/// Genes at the ends of half precision, and ties, which no noise moves.
fn extremes(backend: &mut dyn Forward, kept: &Kept, genes: usize) -> Result<Rung> {
    let [smallest, largest] = kept.precision.normal();
    let magnitudes = [
        // A hair below the middle between the largest number and the next, that middle, and more.
        largest,
        65_519.996,
        65_520.0,
        1e9,
        // The smallest one; what is rounded up to it, and what is not.
        smallest,
        smallest.next_down(),
        0.9995 * smallest,
        0.5 * smallest,
        // Ties of the last place, to either side.
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
    let mut errors = Comparison::new("4 population", kept.subject("extremes", ""), "equal bits");
    let genome = backend.individual(2)?;
    for (gene, (found, &meant)) in genome.iter().zip(&centre).enumerate() {
        let expected = kept.precision.kept(meant);
        errors.holds(found.to_bits() == expected.to_bits(), || {
            format!("gene {gene}, {meant}: got {found}, expected {expected}")
        });
    }
    Ok(errors.rung())
}

fn moments(backend: &mut dyn Forward, name: &str, gaussian: &Gaussian) -> Result<Rung> {
    backend.spawn(&Proposal::Gaussian(gaussian.clone()))?;
    let weights = Weights {
        first: (0..INDIVIDUALS).map(|i| (i as f32 * 0.37).sin()).collect(),
        second: Some((0..INDIVIDUALS).map(|i| (i as f32 * 0.11).cos()).collect()),
    };
    let found = backend.recombine(&weights)?;
    let subject = format!("moments of {name}{}", mirrored(gaussian));
    let limit = "4 units in the last place of the sum of magnitudes";
    let mut errors = Comparison::new("4 population", subject, limit);
    let second = weights.second.as_deref().unwrap_or_default();
    let squares = found.second.as_deref().unwrap_or_default();
    errors.holds(squares.len() == gaussian.centre.len(), || "no second moments".into());
    for (gene, (&first, &square)) in found.first.iter().zip(squares).enumerate() {
        let (mut sums, mut sizes) = ([0.0; 2], [0.0; 2]);
        for (individual, (&weight, &square_weight)) in weights.first.iter().zip(second).enumerate()
        {
            let z = noise(gaussian, individual, gene);
            let terms = [f64::from(weight) * z, f64::from(square_weight) * z * z];
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
    Ok(errors.rung())
}

fn children(
    backend: &mut dyn Forward,
    kept: &Kept,
    genes: usize,
    crossover: Crossover,
) -> Result<Rung> {
    backend.spawn(&Proposal::Gaussian(gaussian(genes, false, false)))?;
    // Only adults that are read are parents; some children have one parent twice.
    let mut adults = vec![Vec::new(); INDIVIDUALS];
    for (individual, adult) in adults.iter_mut().enumerate().step_by(7) {
        *adult = backend.individual(individual)?;
    }
    let pick = |i: usize| (i * 7 % INDIVIDUALS / 7 * 7) as u32;
    let parents: Vec<Parents> = (0..INDIVIDUALS)
        .map(|i| Parents {
            first: pick(i * 13 + 1),
            second: if i % 5 == 0 { pick(i * 13 + 1) } else { pick(i * 29 + 3) },
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
    let subject = kept.subject("children", &format!(", {crossover:?}"));
    let mut errors = Comparison::new("4 population", subject, kept.held_to());
    for child in sampled() {
        let genome = backend.individual(child)?;
        for (gene, &found) in genome.iter().enumerate() {
            let (expected, size) = child_gene(&offspring, &adults, child, gene);
            let at = format!("child {child}, gene {gene}");
            kept.check(&mut errors, found, expected, size, &at);
        }
    }
    // Children can be scored and bred again.
    backend.spawn(&Proposal::Offspring(offspring))?;
    let scores = backend.score(&Episodes::new(1, Purpose::Verification, 0, 1))?;
    errors.holds(scores.values.len() == INDIVIDUALS, || "grandchildren's scores".into());
    Ok(errors.rung())
}

/// A child's gene, and the sum of the magnitudes it is made of.
fn child_gene(offspring: &Offspring, adults: &[Vec<f32>], child: usize, gene: usize) -> (f64, f64) {
    let parents = offspring.parents[child];
    let unit = |stream| {
        let place = offspring.noise.place(stream, child);
        place.units((gene / 4) as u32)[gene % 4]
    };
    let a = f64::from(adults[parents.first as usize][gene]);
    let b = f64::from(adults[parents.second as usize][gene]);
    let crossed = match offspring.crossover {
        _ if parents.first == parents.second => a,
        Crossover::None => a,
        Crossover::Uniform(rate) if unit(Stream::Crossover) < rate => b,
        Crossover::Uniform(_) => a,
        Crossover::Blend(alpha) => {
            let (alpha, unit) = (f64::from(alpha), f64::from(unit(Stream::Crossover)));
            let (low, high) = (a - alpha * (b - a), b + alpha * (b - a));
            low + unit * (high - low)
        }
    };
    let mutates = parents.mutates == 1 && unit(Stream::Gate) < offspring.mutation_rate;
    let z = offspring.noise.place(Stream::Noise, child).normals((gene / 8) as u32)[gene % 8];
    let mutation = if mutates { f64::from(offspring.mutation) * f64::from(z) } else { 0.0 };
    (crossed + mutation, 2.0 * (a.abs() + b.abs()) + mutation.abs())
}

fn mirrored(gaussian: &Gaussian) -> &'static str {
    flag(gaussian.mirrored, ", mirrored")
}

fn flag(truth: bool, words: &'static str) -> &'static str {
    if truth { words } else { "" }
}
