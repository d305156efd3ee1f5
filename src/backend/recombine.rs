//! The weighted sum of a population's noise, on the CPU.
//!
//! The noise is generated again from its key, a chunk of 128 genes at a time, and never stored. The
//! work is divided into tasks, by chunks of genes and by ranges of individuals. The size of a task
//! does not depend on the number of threads, and the sums of tasks are added in order, so the
//! result has the same bits for any number of threads. Sums are in single precision within a run of
//! [`RUN`] individuals, and in double precision across runs.

// The compiler vectorises indexed loops over lanes.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::spawn::noise_of;
use crate::error::{Error, Result};
use crate::math::{Instructions, SimdWork, run_simd};
use crate::population::{ExplicitGenomes, Gaussian, Moments, Proposal, Utilities};
use crate::random::{self, NORMALS_PER_CHUNK, Stream};

/// Individuals whose noise is summed in single precision.
const RUN: usize = 256;
/// Individuals, or mirrored pairs, that one task sums.
const TASK_SOURCES: usize = 64 * RUN;

/// Sums the noise of a Gaussian population, or the genomes of an explicit one, weighted by
/// utilities.
///
/// # Errors
/// Returns an error if there is not exactly one utility for each individual. Returns an error for
/// offspring, graphs and CPPNs, whose genomes are not the sum of a centre and noise.
pub fn recombine_on_cpu(proposal: &Proposal, utilities: &Utilities) -> Result<Moments> {
    check(proposal, utilities)?;
    Ok(match proposal {
        Proposal::Gaussian(gaussian) => moments_of_noise(gaussian, utilities),
        Proposal::Explicit(explicit) => moments_of_genomes(explicit, utilities),
        Proposal::Offspring(_) | Proposal::Graphs(_) | Proposal::Cppn(_) => {
            unreachable!("checked above")
        }
    })
}

/// Checks that a population can be recombined with these utilities.
pub(super) fn check(proposal: &Proposal, utilities: &Utilities) -> Result<()> {
    let refused = match proposal {
        Proposal::Offspring(_) => Some("children"),
        Proposal::Graphs(_) => Some("graphs"),
        Proposal::Cppn(_) => Some("genomes decoded from CPPNs"),
        Proposal::Gaussian(_) | Proposal::Explicit(_) => None,
    };
    if let Some(refused) = refused {
        let expected = "a Gaussian or Explicit population";
        return Err(Error::invalid("a recombination", expected, refused));
    }
    let individuals = proposal.individuals();
    let lengths = [Some(utilities.first.len()), utilities.second.as_ref().map(Vec::len)];
    match lengths.into_iter().flatten().find(|&length| length != individuals) {
        None => Ok(()),
        Some(length) => {
            let expected = format!("{individuals} utilities, one for each individual");
            Err(Error::invalid("a recombination", expected, length))
        }
    }
}

fn moments_of_noise(gaussian: &Gaussian, utilities: &Utilities) -> Moments {
    let first = utilities_by_source(gaussian, &utilities.first, true);
    let second =
        utilities.second.as_ref().map(|utilities| utilities_by_source(gaussian, utilities, false));
    let second = second.as_deref();
    let genes = gaussian.centre.len();
    let chunks = genes.div_ceil(NORMALS_PER_CHUNK);
    let tasks: Vec<SumTask> = first
        .chunks(TASK_SOURCES)
        .enumerate()
        .flat_map(|(task, first)| {
            let from = task * TASK_SOURCES;
            let second = second.map(|second| &second[from..from + first.len()]);
            (0..chunks).map(move |chunk| SumTask { gaussian, from, first, second, chunk })
        })
        .collect();
    let sums: Vec<MomentSums> = tasks.into_par_iter().map(run_simd).collect();
    let mut moments = [vec![0.0; genes], vec![0.0; if second.is_some() { genes } else { 0 }]];
    for (at, sums) in sums.iter().enumerate() {
        let gene = at % chunks * NORMALS_PER_CHUNK;
        for (moment, sums) in moments.iter_mut().zip(sums) {
            for (total, sum) in moment.iter_mut().skip(gene).zip(sums) {
                *total += sum;
            }
        }
    }
    let [first, squares] = moments;
    Moments { first, second: second.is_some().then_some(squares) }
}

/// Returns a utility for each source of noise. The two individuals of a mirrored pair share a
/// source; if `signed`, the utility of the negated one is subtracted.
pub(super) fn utilities_by_source(
    gaussian: &Gaussian,
    utilities: &[f32],
    signed: bool,
) -> Vec<f32> {
    if !gaussian.mirrored {
        return utilities.to_vec();
    }
    let mut sums = vec![0.0; utilities.len().div_ceil(2)];
    for (individual, &utility) in utilities.iter().enumerate() {
        let (source, sign) = noise_of(gaussian, individual);
        sums[source] += if signed { sign * utility } else { utility };
    }
    sums
}

/// Sums for both moments of the genes of a chunk.
type MomentSums = [[f64; NORMALS_PER_CHUNK]; 2];

/// A task: the sums of one chunk of genes over the sources of noise that start at `from`.
struct SumTask<'a> {
    gaussian: &'a Gaussian,
    from: usize,
    first: &'a [f32],
    second: Option<&'a [f32]>,
    chunk: usize,
}

impl SimdWork for SumTask<'_> {
    type Output = MomentSums;

    #[inline(always)]
    fn run<I: Instructions>(self) -> MomentSums {
        let table = random::normal_table();
        let mut totals = [[0.0; NORMALS_PER_CHUNK]; 2];
        for run in (0..self.first.len()).step_by(RUN) {
            let mut sums = [[0.0f32; NORMALS_PER_CHUNK]; 2];
            for n in run..(run + RUN).min(self.first.len()) {
                let counter = self.gaussian.noise.counter(Stream::Noise, self.from + n);
                let noise = counter.chunk_normals(table, self.chunk as u32);
                let utility = self.first[n];
                for g in 0..NORMALS_PER_CHUNK {
                    sums[0][g] = I::mul_add(utility, noise[g], sums[0][g]);
                }
                if let Some(utilities) = self.second {
                    let utility = utilities[n];
                    for g in 0..NORMALS_PER_CHUNK {
                        sums[1][g] = I::mul_add(utility * noise[g], noise[g], sums[1][g]);
                    }
                }
            }
            for g in 0..NORMALS_PER_CHUNK {
                totals[0][g] += f64::from(sums[0][g]);
                totals[1][g] += f64::from(sums[1][g]);
            }
        }
        totals
    }
}

fn moments_of_genomes(explicit: &ExplicitGenomes, utilities: &Utilities) -> Moments {
    let genes = explicit.genes;
    let sum = |utilities: &[f32], power: i32| -> Vec<f64> {
        let mut sums = vec![0.0; genes];
        sums.par_chunks_mut(NORMALS_PER_CHUNK).enumerate().for_each(|(chunk, sums)| {
            let rows = explicit.genomes.chunks_exact(genes).zip(utilities);
            for (row, &utility) in rows {
                let row = &row[chunk * NORMALS_PER_CHUNK..][..sums.len()];
                for (sum, &gene) in sums.iter_mut().zip(row) {
                    *sum += f64::from(utility) * f64::from(gene).powi(power);
                }
            }
        });
        sums
    };
    Moments {
        first: sum(&utilities.first, 1),
        second: utilities.second.as_ref().map(|utilities| sum(utilities, 2)),
    }
}
