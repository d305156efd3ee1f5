//! The weighted sum of a population's noise, on the CPU.
//!
//! The noise is made again from its key, a stretch of 128 genes at a time; nothing as large as the
//! population is written. Threads share stretches and shares of the individuals, whose sizes do not
//! depend on the number of threads, and sums are added up in order, so the result has the same bits
//! whatever that number. Sums are single precision within a run of [`RUN`] individuals and double
//! across runs.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::spawn::noise_of;
use crate::error::{Error, Result};
use crate::math::{Instructions, Vectorised, vectorised};
use crate::population::{Explicit, Gaussian, Moments, Proposal, Weights};
use crate::random::{self, NORMALS_A_STRETCH, Stream};

/// Individuals whose noise is summed in single precision.
const RUN: usize = 256;
/// Individuals, or mirrored pairs, that one thread sums at once.
const SHARE: usize = 64 * RUN;

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
        Proposal::Offspring(_) | Proposal::Graphs(_) | Proposal::Painted(_) => {
            unreachable!("checked above")
        }
    })
}

/// Whether a population can be recombined by these weights.
pub(super) fn check(proposal: &Proposal, weights: &Weights) -> Result<()> {
    let refused = match proposal {
        Proposal::Offspring(_) => Some("children"),
        Proposal::Graphs(_) => Some("graphs"),
        Proposal::Painted(_) => Some("genomes that graphs painted"),
        Proposal::Gaussian(_) | Proposal::Explicit(_) => None,
    };
    if let Some(refused) = refused {
        let expected = "a Gaussian or Explicit population";
        return Err(Error::invalid("a recombination", expected, refused));
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
    let first = by_source(gaussian, &weights.first, true);
    let second = weights.second.as_ref().map(|weights| by_source(gaussian, weights, false));
    let second = second.as_deref();
    let genes = gaussian.centre.len();
    let stretches = genes.div_ceil(NORMALS_A_STRETCH);
    let shares: Vec<Share> = first
        .chunks(SHARE)
        .enumerate()
        .flat_map(|(share, first)| {
            let from = share * SHARE;
            let second = second.map(|second| &second[from..from + first.len()]);
            (0..stretches).map(move |stretch| Share { gaussian, from, first, second, stretch })
        })
        .collect();
    let sums: Vec<Sums> = shares.into_par_iter().map(vectorised).collect();
    let mut moments = [vec![0.0; genes], vec![0.0; if second.is_some() { genes } else { 0 }]];
    for (at, sums) in sums.iter().enumerate() {
        let gene = at % stretches * NORMALS_A_STRETCH;
        for (moment, sums) in moments.iter_mut().zip(sums) {
            for (total, sum) in moment.iter_mut().skip(gene).zip(sums) {
                *total += sum;
            }
        }
    }
    let [first, squares] = moments;
    Moments { first, second: second.is_some().then_some(squares) }
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

/// The sums of both moments, for the genes of a stretch.
type Sums = [[f64; NORMALS_A_STRETCH]; 2];

/// One stretch of genes, and the sources of noise from one on that have these weights.
struct Share<'a> {
    gaussian: &'a Gaussian,
    from: usize,
    first: &'a [f32],
    second: Option<&'a [f32]>,
    stretch: usize,
}

impl Vectorised for Share<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Sums {
        let table = random::normal_table();
        let mut totals = [[0.0; NORMALS_A_STRETCH]; 2];
        for run in (0..self.first.len()).step_by(RUN) {
            let mut sums = [[0.0f32; NORMALS_A_STRETCH]; 2];
            for n in run..(run + RUN).min(self.first.len()) {
                let place = self.gaussian.noise.place(Stream::Noise, self.from + n);
                let noise = place.stretch_normals(table, self.stretch as u32);
                let weight = self.first[n];
                for g in 0..NORMALS_A_STRETCH {
                    sums[0][g] = I::mul_add(weight, noise[g], sums[0][g]);
                }
                if let Some(weights) = self.second {
                    let weight = weights[n];
                    for g in 0..NORMALS_A_STRETCH {
                        sums[1][g] = I::mul_add(weight * noise[g], noise[g], sums[1][g]);
                    }
                }
            }
            for g in 0..NORMALS_A_STRETCH {
                totals[0][g] += f64::from(sums[0][g]);
                totals[1][g] += f64::from(sums[1][g]);
            }
        }
        totals
    }
}

fn of_genomes(explicit: &Explicit, weights: &Weights) -> Moments {
    let genes = explicit.genes;
    let sum = |weights: &[f32], power: i32| -> Vec<f64> {
        let mut sums = vec![0.0; genes];
        sums.par_chunks_mut(NORMALS_A_STRETCH).enumerate().for_each(|(stretch, sums)| {
            let rows = explicit.genomes.chunks_exact(genes).zip(weights);
            for (row, &weight) in rows {
                let row = &row[stretch * NORMALS_A_STRETCH..][..sums.len()];
                for (sum, &gene) in sums.iter_mut().zip(row) {
                    *sum += f64::from(weight) * f64::from(gene).powi(power);
                }
            }
        });
        sums
    };
    Moments {
        first: sum(&weights.first, 1),
        second: weights.second.as_ref().map(|weights| sum(weights, 2)),
    }
}
