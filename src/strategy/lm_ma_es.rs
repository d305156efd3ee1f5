//! `lm-ma-es`: matrix adaptation with a limited memory of direction vectors, for very large
//! genomes.
//!
//! An individual is `y + sigma d`. The step d is noise z transformed by m direction vectors in
//! turn, `d = (1 - c_d) d + c_d m_i (m_i . d)`. Each vector is an evolution path of the selected
//! noise with its own memory, from short to very long. Time and memory are genes x m, with m = 4 +
//! 3 ln n. The proposal is written out (Explicit).
//!
//! # One generation
//!
//! The step d of an individual equals `own z + sum of share_i m_i`. The shares follow from the
//! products `m_i . z` and `m_i . m_l` alone, so all genomes are written in one pass over the
//! vectors. The update sums noise that is drawn again: the transformation is linear, so the mean of
//! the selected d is the transformed mean of the selected z.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation of every gene. The paper chooses it by problem; a third of
//! the distance to the expected optimum is a good guess. `restarts` are not in the paper.
//! Everything else follows from the number of genes n and the population lambda, as published:
//! `c_sigma = 2 lambda / n`, `c_d,i = 1 / (1.5^(i-1) n)`, `c_c,i = lambda / (4^(i-1) n)`.
//!
//! # Differences from the paper
//!
//! - The learning rates are shares, but c_sigma and c_c,1 exceed 1 unless n is much larger than
//!   lambda (c_sigma below 26 genes, with the default population). They are limited to 1.
//! - Below [`LEAST_GENES`] genes the rates are those of that many genes. For one gene the published
//!   c_d,1 is 1, so that `d = m_1 (m_1 . z)` keeps nothing of the noise itself, and the limit makes
//!   the paths forget all but the last generation. The length of a step is then a product of
//!   squared normals, and the search diverges: on the sphere with one gene, every time.
//! - A generation of equal fitness changes nothing. Individuals of equal fitness share weights, and
//!   a failed fitness is the lowest.
//! - A step that would overflow is not taken and ends the search.
//!
//! # Source
//!
//! Loshchilov, Glasmachers and Beyer, "Large scale black-box optimization by limited-memory matrix
//! adaptation", IEEE Transactions on Evolutionary Computation 23(2), 2019, arXiv:1705.06693:
//! Algorithm 1. Stop rules: Hansen's tutorial, as in [`StopReason`].

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::noise::{self, Noise, NoiseMixture};
use super::plateau::Plateau;
use super::reduction::{map, range, sum};
use super::restarts::{RESTARTS, Restarts, SIGMA};
use super::state_limits::{StateLimits, are_positive};
use super::{Entry, Fitness, Recombination, Recommendation, Settings, Start, StopReason, Strategy};
use crate::error::Result;
use crate::population::{NoiseKey, Proposal};

pub(super) const ENTRY: Entry = Entry {
    name: "lm-ma-es",
    summary: "adapts a limited memory of direction vectors, for very large genomes (LM-MA-ES)",
    idea: "Instead of a covariance matrix the search keeps a few direction vectors. Each is a \
           fading average of the steps that succeeded, some over few generations and others over \
           many. Each generation stretches Gaussian noise along these vectors, ranks the \
           individuals, and moves the centre to the weighted average of the better half. It thus \
           learns the main directions of a very large problem at a small multiple of the cost of \
           plain noise.",
    when: "Use it for large networks, up to millions of genes, with long runs in which a few \
           directions dominate. Avoid it for short runs, because its vectors take many \
           generations to become useful.",
    source: "Loshchilov, Glasmachers and Beyer 2019, arXiv:1705.06693",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: &[SIGMA, RESTARTS],
    written_bytes: 8,
    default_population: Some(four_and_three_logs),
    ..Entry::of::<Restarts<LmMaEs>>()
};

/// The number of genes below which the rates no longer grow.
const LEAST_GENES: usize = 10;
/// The share of the first sigma below which steps are negligible.
const TINY: f64 = 1e-12;
/// The multiple of the first sigma above which the search diverges.
const HUGE: f64 = 1e4;
/// The step, in standard deviations, that must change at least one gene.
const EFFECT: f64 = 0.2;

#[derive(Serialize, Deserialize)]
struct LmMaEs {
    /// The centre y, `f64[genes]`.
    centre: Vec<f64>,
    sigma: f64,
    /// The evolution path of sigma, `f64[genes]`.
    path: Vec<f64>,
    /// The direction vectors m_i, `f64[vectors][genes]`.
    vectors: Vec<Vec<f64>>,
    /// The number of generations that changed the vectors. At most as many vectors are used.
    updates: usize,
    noise: NoiseKey,
    population: usize,
    first_sigma: f64,
    plateau: Plateau,
    /// True if the last step could not be taken.
    overflowed: bool,
}

/// Returns 4 + 3 ln n, rounded down: the default population, and the number of vectors.
pub(super) fn four_and_three_logs(genes: usize) -> usize {
    4 + (3.0 * libm::log(genes as f64)) as usize
}

impl Begin for LmMaEs {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let (genes, sigma) = (start.genes, settings.number("sigma"));
        Ok(Self {
            plateau: Plateau::new(&start),
            sigma,
            path: vec![0.0; genes],
            vectors: vec![vec![0.0; genes]; four_and_three_logs(genes)],
            updates: 0,
            noise: start.noise(),
            population: start.population,
            first_sigma: sigma,
            overflowed: false,
            centre: start.centre.into_iter().map(f64::from).collect(),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.allow(self.population, self.noise)
            && limits.is_genome(&self.centre)
            && limits.is_vector(&self.path)
            && are_positive(&[self.sigma, self.first_sigma])
            && self.vectors.len() == four_and_three_logs(limits.genes)
            && self.vectors.iter().all(|vector| limits.is_vector(vector))
            && self.plateau.is_valid()
    }
}

impl Strategy for LmMaEs {
    fn ask(&self) -> Proposal {
        let (vectors, noise) = (self.active_vectors(), self.noise());
        let (own, shares) = self.mixture(&vectors, noise);
        noise.genomes(&NoiseMixture {
            centre: &self.centre,
            scale: &|_| self.sigma,
            vectors: &vectors,
            shares: &shares,
            own,
            mirrored: false,
        })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.learn(fitness);
        }
        self.plateau.record(fitness);
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre.iter().map(|&gene| gene as f32).collect())
    }

    fn step_size(&self) -> f64 {
        self.sigma
    }

    fn stop_reason(&self) -> Option<StopReason> {
        let (sigma, first) = (self.sigma, self.first_sigma);
        let moves = |gene: &f64| (gene + EFFECT * sigma) as f32 != *gene as f32;
        if self.overflowed || sigma > HUGE * first {
            return Some(StopReason::Diverging);
        }
        if sigma < TINY * first {
            return Some(StopReason::TinySteps);
        }
        let no_effect = || (!self.centre.iter().any(moves)).then_some(StopReason::NoEffect);
        self.plateau.stop_reason().or_else(no_effect)
    }
}

/// Returns n in the formulas of the rates.
fn rate_genes(genes: usize) -> f64 {
    genes.max(LEAST_GENES) as f64
}

/// Returns c_d of a vector, counted from 0.
fn transformation_rate(genes: usize, vector: usize) -> f64 {
    1.0 / (libm::pow(1.5, vector as f64) * rate_genes(genes))
}

/// Returns c_c of a vector, counted from 0.
fn memory_rate(genes: usize, population: usize, vector: usize) -> f64 {
    (population as f64 / (libm::pow(4.0, vector as f64) * rate_genes(genes))).min(1.0)
}

/// Returns the weight of a rank before normalisation, which is positive for the better half.
fn raw_weight(population: usize, rank: usize) -> f64 {
    let half = (population / 2) as f64;
    (libm::log(half + 0.5) - libm::log((rank + 1) as f64)).max(0.0)
}

impl LmMaEs {
    fn noise(&self) -> Noise {
        Noise { key: self.noise, sources: self.population, genes: self.centre.len() }
    }

    /// Returns the vectors in use. A search begins with none and gains one each generation.
    fn active_vectors(&self) -> Vec<&[f64]> {
        self.vectors.iter().take(self.updates).map(Vec::as_slice).collect()
    }

    /// Lines 7 to 10: returns the factor of the noise, and the share of each vector, in each
    /// individual's step d, `f64[individuals][vectors]`.
    fn mixture(&self, vectors: &[&[f64]], noise: Noise) -> (f64, Vec<f64>) {
        let (genes, count) = (self.centre.len(), vectors.len());
        let (products, gram) = (noise.products(vectors), noise::gram(vectors));
        let mut own = 1.0;
        let mut shares = vec![0.0; self.population * count];
        for i in 0..count {
            let rate = transformation_rate(genes, i);
            for individual in 0..self.population {
                let shares = &mut shares[individual * count..][..count];
                let mut along = own * products[individual * count + i];
                for l in 0..i {
                    along += shares[l] * gram[i * count + l];
                    shares[l] *= 1.0 - rate;
                }
                shares[i] = rate * along;
            }
            own *= 1.0 - rate;
        }
        (own, shares)
    }

    /// Lines 12 to 17: updates centre, sigma, path and vectors.
    fn learn(&mut self, fitness: &Fitness) {
        let (genes, population) = (self.centre.len(), self.population);
        let raw = fitness.utilities(|rank| raw_weight(population, rank));
        let total: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.into_iter().map(|weight| weight / total).collect();
        let mu_w = mu_effective(population);
        let [selected] = self.noise().sums([&weights]);

        let mut step = selected.clone();
        for (i, vector) in self.active_vectors().into_iter().enumerate() {
            let rate = transformation_rate(genes, i);
            let along = rate * sum(genes, |g| vector[g] * step[g]);
            step = map(genes, |g| (1.0 - rate) * step[g] + along * vector[g]);
        }
        let centre = map(genes, |g| self.centre[g] + self.sigma * step[g]);

        let c_sigma = (2.0 * population as f64 / rate_genes(genes)).min(1.0);
        let take = (mu_w * c_sigma * (2.0 - c_sigma)).sqrt();
        let path = map(genes, |g| (1.0 - c_sigma) * self.path[g] + take * selected[g]);
        let square = sum(genes, |g| path[g] * path[g]);
        let sigma = self.sigma * libm::exp(0.5 * c_sigma * (square / genes as f64 - 1.0));

        let [min, max] = range(genes, |g| centre[g]);
        let finite = [min, max, sigma].iter().all(|&value| (value as f32).is_finite());
        if !(finite && sigma > 0.0) {
            self.overflowed = true;
            return;
        }
        (self.centre, self.path, self.sigma) = (centre, path, sigma);
        self.updates = self.updates.saturating_add(1);
        self.vectors.par_iter_mut().enumerate().for_each(|(i, vector)| {
            let c_c = memory_rate(genes, population, i);
            let take = (mu_w * c_c * (2.0 - c_c)).sqrt();
            for (entry, selected) in vector.iter_mut().zip(&selected) {
                *entry = (1.0 - c_c) * *entry + take * selected;
            }
        });
    }
}

/// Returns the variance-effective selection mass of the weights without ties.
fn mu_effective(population: usize) -> f64 {
    let weights = (0..population).map(|rank| raw_weight(population, rank));
    let [sum, squares] = weights.fold([0.0, 0.0], |[a, b], w| [a + w, b + w * w]);
    sum * sum / squares
}
