//! The weighted sum of a population's noise, on the CPU.
//!
//! The noise is made again from its key, sixteen blocks of eight genes at a time; nothing as large
//! as the population is written. Threads share the genes, and each gene is summed over individuals
//! in order, so the result has the same bits for any number of threads. Sums are single precision
//! within a run of [`RUN`] individuals and double across runs.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::spawn::noise_of;
use crate::error::{Error, Result};
use crate::math::{LANES, Vectorised, vectorised};
use crate::population::{Explicit, Gaussian, Moments, Proposal, Weights};
use crate::random::{self, NORMAL_SLICES, NORMALS_A_BLOCK, Stream, WORDS_A_BLOCK};

/// Individuals whose noise is summed in single precision.
const RUN: usize = 256;
/// Genes of one stretch: sixteen blocks.
const STRETCH: usize = LANES * NORMALS_A_BLOCK;

/// The moments of a Gaussian or Explicit population.
///
/// # Errors
/// A number of weights that is not the population's, or a population of children, whose genomes
/// are no sum of a centre and noise.
pub fn recombine_on_cpu(proposal: &Proposal, weights: &Weights) -> Result<Moments> {
    check(proposal, weights)?;
    Ok(match proposal {
        Proposal::Gaussian(gaussian) => of_noise(gaussian, weights),
        Proposal::Explicit(explicit) => of_genomes(explicit, weights),
        Proposal::Offspring(_) => unreachable!("checked above"),
    })
}

/// Whether a population can be recombined by these weights.
pub(super) fn check(proposal: &Proposal, weights: &Weights) -> Result<()> {
    if matches!(proposal, Proposal::Offspring(_)) {
        let expected = "a Gaussian or Explicit population";
        return Err(Error::invalid("a recombination", expected, "children"));
    }
    let individuals = proposal.individuals();
    let lengths = [Some(weights.first.len()), weights.second.as_ref().map(Vec::len)];
    match lengths.into_iter().flatten().find(|&length| length != individuals) {
        None => Ok(()),
        Some(length) => {
            let expected = format!("{individuals} weights, one an individual");
            Err(Error::invalid("a recombination", expected, length))
        }
    }
}

fn of_noise(gaussian: &Gaussian, weights: &Weights) -> Moments {
    let genes = gaussian.centre.len();
    let first = by_source(gaussian, &weights.first, true);
    let second = weights.second.as_ref().map(|weights| by_source(gaussian, weights, false));
    let stretches = genes.div_ceil(STRETCH);
    let sums: Vec<[Vec<f64>; 2]> = (0..stretches)
        .into_par_iter()
        .map(|stretch| {
            let second = second.as_deref();
            vectorised(Stretch { gaussian, first: &first, second, stretch })
        })
        .collect();
    let gather = |moment: usize| {
        let mut all: Vec<f64> = sums.iter().flat_map(|sum| sum[moment].iter().copied()).collect();
        all.truncate(genes);
        all
    };
    Moments { first: gather(0), second: second.is_some().then(|| gather(1)) }
}

/// A weight for each noise that was drawn: mirrored pairs share one.
pub(super) fn by_source(gaussian: &Gaussian, weights: &[f32], signed: bool) -> Vec<f32> {
    if !gaussian.mirrored {
        return weights.to_vec();
    }
    let mut sums = vec![0.0; weights.len().div_ceil(2)];
    for (individual, &weight) in weights.iter().enumerate() {
        let (source, sign) = noise_of(gaussian, individual);
        sums[source] += if signed { sign * weight } else { weight };
    }
    sums
}

/// The sums of [`STRETCH`] genes over all individuals.
struct Stretch<'a> {
    gaussian: &'a Gaussian,
    first: &'a [f32],
    second: Option<&'a [f32]>,
    stretch: usize,
}

impl Vectorised for Stretch<'_> {
    type Output = [Vec<f64>; 2];

    #[inline(always)]
    fn run(self) -> [Vec<f64>; 2] {
        let table = random::normal_table();
        let key = random::key(self.gaussian.noise.seed);
        let generation = self.gaussian.noise.generation;
        let first_block = (self.stretch * LANES) as u32;
        let mut blocks = [0; LANES];
        for l in 0..LANES {
            blocks[l] = first_block + l as u32;
        }
        let mut totals = [[0.0f64; STRETCH]; 2];
        for run in (0..self.first.len()).step_by(RUN) {
            let mut sums = [[0.0f32; STRETCH]; 2];
            for source in run..(run + RUN).min(self.first.len()) {
                let words = random::philox(
                    [
                        blocks,
                        [source as u32; LANES],
                        [generation; LANES],
                        [Stream::Noise as u32; LANES],
                    ],
                    key,
                );
                let noise = normals(table, &words);
                let weight = self.first[source];
                for g in 0..STRETCH {
                    sums[0][g] += weight * noise[g];
                }
                if let Some(weights) = self.second {
                    let weight = weights[source];
                    for g in 0..STRETCH {
                        sums[1][g] += weight * noise[g] * noise[g];
                    }
                }
            }
            for g in 0..STRETCH {
                totals[0][g] += f64::from(sums[0][g]);
                totals[1][g] += f64::from(sums[1][g]);
            }
        }
        // Sums lie normal-major, sixteen blocks side by side; genes lie block-major.
        totals.map(|total| {
            let place = |gene: usize| gene % NORMALS_A_BLOCK * LANES + gene / NORMALS_A_BLOCK;
            (0..STRETCH).map(|gene| total[place(gene)]).collect()
        })
    }
}

/// The normals of sixteen blocks: normal n of block l at `n * LANES + l`.
#[inline(always)]
fn normals(table: &[f32; NORMAL_SLICES], words: &[[u32; LANES]; WORDS_A_BLOCK]) -> [f32; STRETCH] {
    let mut noise = [0.0; STRETCH];
    for word in 0..WORDS_A_BLOCK {
        for l in 0..LANES {
            let bits = words[word][l];
            noise[2 * word * LANES + l] = random::normal(table, bits);
            noise[(2 * word + 1) * LANES + l] = random::normal(table, bits >> 16);
        }
    }
    noise
}

fn of_genomes(explicit: &Explicit, weights: &Weights) -> Moments {
    let sum = |weights: &[f32], power: i32| -> Vec<f64> {
        (0..explicit.genes)
            .into_par_iter()
            .map(|gene| {
                let genes = explicit.genomes[gene..].iter().step_by(explicit.genes);
                let terms = genes.zip(weights);
                terms.map(|(&x, &w)| f64::from(w) * f64::from(x).powi(power)).sum()
            })
            .collect()
    };
    Moments {
        first: sum(&weights.first, 1),
        second: weights.second.as_ref().map(|weights| sum(weights, 2)),
    }
}
