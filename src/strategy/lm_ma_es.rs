//! `lm-ma-es`: matrix adaptation by a handful of vectors, for very large genomes.
//!
//! An individual is `y + sigma d`, where d is noise z bent along m direction vectors one after the
//! other, `d = (1 - c_d) d + c_d m_i (m_i . d)`. Each vector is a path of the selected noise, with
//! a memory of its own, from short to very long. Time and memory are genes x m, and m = 4 + 3 ln n.
//! The proposal is written out (Explicit).
//!
//! # One generation
//!
//! An individual's d is `own z + sum of share_i m_i`; the shares follow from the products `m_i . z`
//! and `m_i . m_l` alone, so that all genomes are written in one sweep over the vectors. What the
//! update sums over individuals it sums over their noise, which is made again: bending is linear,
//! so that the mean of the selected d is the bent mean of the selected z.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation of every gene. The paper sets it by the problem; a third
//! of the distance to where the optimum may lie is a good guess. `restarts`, which are not the
//! paper's. Everything else follows from the number of genes n and the population lambda, as
//! published: `c_sigma = 2 lambda / n`, `c_d,i = 1 / (1.5^(i-1) n)`,
//! `c_c,i = lambda / (4^(i-1) n)`.
//!
//! # What differs from the paper
//!
//! - The learning rates are shares, but c_sigma and c_c,1 exceed 1 where n is not large beside
//!   lambda (c_sigma below 26 genes, with the default population); there they are 1.
//! - Of a generation of equals nothing is learned. Equals share their weights, and a fitness that
//!   has failed is the worst there is.
//! - A step that would make numbers overflow is not taken, and ends the search.
//!
//! # Source
//!
//! Loshchilov, Glasmachers and Beyer, "Large scale black-box optimization by limited-memory matrix
//! adaptation", IEEE Transactions on Evolutionary Computation 23(2), 2019, arXiv:1705.06693:
//! Algorithm 1. Stop rules: Hansen's tutorial, as in [`Stop`].

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::genewise::{map, range, sum};
use super::noise::{self, Mixture, Noise};
use super::plateau::Plateau;
use super::restarts::{self, RESTARTS, Restart};
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Stop, Strategy};
use crate::error::Result;
use crate::population::{Moments, NoiseKey, Proposal, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "lm-ma-es",
    summary: "adapts a limited memory of direction vectors, for very large genomes",
    source: "Loshchilov, Glasmachers and Beyer 2019, arXiv:1705.06693",
    settings: &[SIGMA, RESTARTS],
    breeds: false,
    written_bytes: 8,
    population: Some(four_and_three_logs),
    preset: &[],
    grows: None,
    paints: None,
    begin: restarts::begin::<LmMaEs>,
    resume: restarts::resume::<LmMaEs>,
};

/// The first standard deviation, a third of the way to where the optimum may lie.
pub(super) const SIGMA: Setting = Setting {
    key: "sigma",
    meaning: "standard deviation of every gene in the first generation, around the first guess",
    default: "0.5",
    domain: Domain::Positive,
};

/// Shares of the first sigma at which steps are tiny, and multiples at which they diverge.
const TINY: f64 = 1e-12;
const HUGE: f64 = 1e4;
/// A step of so many standard deviations should change a gene.
const EFFECT: f64 = 0.2;

#[derive(Serialize, Deserialize)]
struct LmMaEs {
    /// `f64[genes]`: y.
    centre: Vec<f64>,
    sigma: f64,
    /// `f64[genes]`: the path of sigma.
    path: Vec<f64>,
    /// `f64[vectors][genes]`: m_i.
    vectors: Vec<Vec<f64>>,
    /// Generations learned from: so many vectors bend, if there are as many.
    learned: usize,
    noise: NoiseKey,
    population: usize,
    first_sigma: f64,
    plateau: Plateau,
    /// Whether the last step could not be taken.
    overflowed: bool,
}

/// The default population, and the number of vectors: 4 + 3 ln n, rounded down.
fn four_and_three_logs(genes: usize) -> usize {
    4 + (3.0 * libm::log(genes as f64)) as usize
}

impl Restart for LmMaEs {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let (genes, sigma) = (start.genes, settings.number("sigma"));
        Ok(Self {
            plateau: Plateau::begin(&start),
            sigma,
            path: vec![0.0; genes],
            vectors: vec![vec![0.0; genes]; four_and_three_logs(genes)],
            learned: 0,
            noise: start.noise(),
            population: start.population,
            first_sigma: sigma,
            overflowed: false,
            centre: start.centre.into_iter().map(f64::from).collect(),
        })
    }
}

impl Strategy for LmMaEs {
    fn ask(&self) -> Proposal {
        let (vectors, noise) = (self.bending(), self.noise());
        let (own, shares) = self.mixture(&vectors, noise);
        noise.genomes(&Mixture {
            centre: &self.centre,
            scale: &|_| self.sigma,
            vectors: &vectors,
            shares: &shares,
            own,
            mirrored: false,
        })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.population)?;
        if !fitness.is_flat() {
            self.learn(fitness);
        }
        self.plateau.tell(fitness);
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre.iter().map(|&gene| gene as f32).collect())
    }

    fn spread(&self) -> f64 {
        self.sigma
    }

    fn stop(&self) -> Option<Stop> {
        let (sigma, first) = (self.sigma, self.first_sigma);
        let moves = |gene: &f64| (gene + EFFECT * sigma) as f32 != *gene as f32;
        if self.overflowed || sigma > HUGE * first {
            return Some(Stop::Diverging);
        }
        if sigma < TINY * first {
            return Some(Stop::TinySteps);
        }
        let still = || (!self.centre.iter().any(moves)).then_some(Stop::NoEffect);
        self.plateau.stop().or_else(still)
    }
}

/// c_d of a vector, counted from 0.
fn bending_rate(genes: usize, vector: usize) -> f64 {
    1.0 / (libm::pow(1.5, vector as f64) * genes as f64)
}

/// c_c of a vector, counted from 0.
fn memory_rate(genes: usize, population: usize, vector: usize) -> f64 {
    (population as f64 / (libm::pow(4.0, vector as f64) * genes as f64)).min(1.0)
}

/// The weight of a place before weights are normalised: that of the better half is positive.
fn merit(population: usize, place: usize) -> f64 {
    let half = (population / 2) as f64;
    (libm::log(half + 0.5) - libm::log((place + 1) as f64)).max(0.0)
}

impl LmMaEs {
    fn noise(&self) -> Noise {
        Noise { key: self.noise, sources: self.population, genes: self.centre.len() }
    }

    /// The vectors that bend: in its first generations the search has learned fewer.
    fn bending(&self) -> Vec<&[f64]> {
        self.vectors.iter().take(self.learned).map(Vec::as_slice).collect()
    }

    /// Lines 7 to 10: what of its noise, and what of each vector, an individual's d is made of.
    fn mixture(&self, vectors: &[&[f64]], noise: Noise) -> (f64, Vec<f64>) {
        let (genes, count) = (self.centre.len(), vectors.len());
        let (products, gram) = (noise.products(vectors), noise::gram(vectors));
        let mut own = 1.0;
        let mut shares = vec![0.0; self.population * count];
        for i in 0..count {
            let rate = bending_rate(genes, i);
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

    /// Lines 12 to 17.
    fn learn(&mut self, fitness: &Fitness) {
        let (genes, population) = (self.centre.len(), self.population);
        let raw = fitness.utilities(|place| merit(population, place));
        let total: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.into_iter().map(|weight| weight / total).collect();
        let mu_w = mu_effective(population);
        let [selected] = self.noise().sums([&weights]);

        let mut step = selected.clone();
        for (i, vector) in self.bending().into_iter().enumerate() {
            let rate = bending_rate(genes, i);
            let along = rate * sum(genes, |g| vector[g] * step[g]);
            step = map(genes, |g| (1.0 - rate) * step[g] + along * vector[g]);
        }
        let centre = map(genes, |g| self.centre[g] + self.sigma * step[g]);

        let c_sigma = (2.0 * population as f64 / genes as f64).min(1.0);
        let take = (mu_w * c_sigma * (2.0 - c_sigma)).sqrt();
        let path = map(genes, |g| (1.0 - c_sigma) * self.path[g] + take * selected[g]);
        let square = sum(genes, |g| path[g] * path[g]);
        let sigma = self.sigma * libm::exp(0.5 * c_sigma * (square / genes as f64 - 1.0));

        let [least, largest] = range(genes, |g| centre[g]);
        let finite = [least, largest, sigma].iter().all(|&value| (value as f32).is_finite());
        if !(finite && sigma > 0.0) {
            self.overflowed = true;
            return;
        }
        (self.centre, self.path, self.sigma) = (centre, path, sigma);
        self.learned = self.learned.saturating_add(1);
        self.vectors.par_iter_mut().enumerate().for_each(|(i, vector)| {
            let c_c = memory_rate(genes, population, i);
            let take = (mu_w * c_c * (2.0 - c_c)).sqrt();
            for (entry, selected) in vector.iter_mut().zip(&selected) {
                *entry = (1.0 - c_c) * *entry + take * selected;
            }
        });
    }
}

/// The variance-effective number of the selected, of the weights without ties.
fn mu_effective(population: usize) -> f64 {
    let weights = (0..population).map(|place| merit(population, place));
    let [sum, squares] = weights.fold([0.0, 0.0], |[a, b], w| [a + w, b + w * w]);
    sum * sum / squares
}
