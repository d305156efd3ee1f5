//! `sep-cma-es`: a normal distribution that learns how far each gene should stray.
//!
//! Individuals are `m + sigma D z` with a diagonal D: time and memory grow with the genes, and not
//! with their square. Because there is so much less to learn, it may be learned (n + 2) / 3 times
//! as fast as the full covariance.
//!
//! # Shapes
//!
//! Four vectors `f64[genes]`. Nothing of population x genes is made here: the noise is summed by
//! whoever has the population.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation; `least-sigma`, which keeps a search from converging (see
//! `cumulation`); `restarts`; `tol-fun` and `tol-x`. All rates follow from genes and population.
//!
//! # When nothing can be learned
//!
//! See `cumulation`: neither mean nor variances move, and sigma grows unless all have failed.
//! Individuals of equal fitness share their weights.
//!
//! # Source
//!
//! Ros and Hansen, "A simple modification in CMA-ES achieving linear time and space complexity",
//! PPSN X, 2008: figure 1 for the algorithm, and section 2 for its rates.

use serde::{Deserialize, Serialize};

use super::criteria::{Criteria, Distribution, TOL_FUN, TOL_X};
use super::cumulation::{LEAST_SIGMA, StepSize, cumulate, default_population, effective};
use super::restarts::{self, RESTARTS, Restart};
use super::{
    Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Stop, Strategy, expect_sum,
};
use crate::error::{Error, Result};
use crate::population::{Gaussian, Moments, NoiseKey, Proposal, Scale, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "sep-cma-es",
    summary: "learns a standard deviation for each gene; for millions of them",
    source: "Ros and Hansen, PPSN X, 2008",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: Some(default_population),
    preset: &[],
    grows: None,
    paints: None,
    begin: restarts::begin::<SepCmaEs>,
    resume: restarts::resume::<SepCmaEs>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene in the first generation",
        default: "0.3",
        domain: Domain::Positive,
    },
    LEAST_SIGMA,
    RESTARTS,
    TOL_FUN,
    TOL_X,
];

#[derive(Serialize, Deserialize)]
struct SepCmaEs {
    mean: Vec<f64>,
    step_size: StepSize,
    /// `p_c`.
    path: Vec<f64>,
    /// The diagonal of C, the squares of D's.
    variances: Vec<f64>,
    rates: Rates,
    noise: NoiseKey,
    criteria: Criteria,
    stopped: Option<Stop>,
}

#[derive(Serialize, Deserialize)]
struct Rates {
    /// `f64[population]`, by place: those of the better half, which sum to 1, and zeros.
    weights: Vec<f64>,
    mu_eff: f64,
    c_c: f64,
    c_cov: f64,
}

impl Restart for SepCmaEs {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let (genes, sigma) = (start.genes, settings.number("sigma"));
        let (n, rates) = (genes as f64, Rates::of(genes, start.population));
        let mu_eff = rates.mu_eff;
        Ok(Self {
            step_size: StepSize::new(settings, genes, mu_eff, (mu_eff + 2.0) / (n + mu_eff + 3.0)),
            path: vec![0.0; genes],
            variances: vec![1.0; genes],
            rates,
            noise: start.noise(),
            criteria: Criteria::new(settings, sigma, genes, start.population),
            stopped: None,
            mean: start.centre.into_iter().map(f64::from).collect(),
        })
    }
}

impl Rates {
    fn of(genes: usize, population: usize) -> Self {
        let (n, parents) = (genes as f64, population / 2);
        let raw = |place: usize| ((parents as f64 + 1.0) / place as f64).ln();
        let sum: f64 = (1..=parents).map(raw).sum();
        let mut weights: Vec<f64> = (1..=parents).map(|place| raw(place) / sum).collect();
        let mu_eff = effective(weights.iter().copied());
        weights.resize(population, 0.0);
        let rank_one = 2.0 / (n + 2f64.sqrt()).powi(2);
        let rank_mu = ((2.0 * mu_eff - 1.0) / ((n + 2.0).powi(2) + mu_eff)).min(1.0);
        let full = rank_one / mu_eff + (1.0 - 1.0 / mu_eff) * rank_mu;
        let c_cov = ((n + 2.0) / 3.0 * full).min(1.0);
        Self { weights, mu_eff, c_c: 4.0 / (n + 4.0), c_cov }
    }
}

impl Strategy for SepCmaEs {
    fn ask(&self) -> Proposal {
        let sigma = self.step_size.sigma;
        Proposal::Gaussian(Gaussian {
            centre: self.mean.iter().map(|&gene| gene as f32).collect(),
            scale: Scale::PerGene(
                self.variances.iter().map(|c| (sigma * c.sqrt()) as f32).collect(),
            ),
            noise: self.noise,
            individuals: self.rates.weights.len(),
            mirrored: false,
        })
    }

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        // Of another population; `tell` refuses it.
        let weight = |place: usize| self.rates.weights.get(place).copied().unwrap_or(0.0);
        let weights: Vec<f32> = fitness.utilities(weight).iter().map(|&w| w as f32).collect();
        Some(Weights { first: weights.clone(), second: Some(weights) })
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.rates.weights.len())?;
        let noise = expect_sum(moments, self.mean.len())?;
        let squares = expect_squares(moments, self.mean.len())?;
        if !fitness.is_flat() {
            self.learn(noise, squares)?;
        } else if fitness.failed() == 0 && self.stopped.is_none() {
            self.step_size.widen();
        }
        self.noise.generation += 1;
        self.stopped = self.judge(fitness);
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.mean.iter().map(|&gene| gene as f32).collect())
    }

    fn spread(&self) -> f64 {
        self.step_size.sigma
    }

    fn stop(&self) -> Option<Stop> {
        self.stopped
    }
}

impl SepCmaEs {
    /// Figure 1, from the selection on.
    fn learn(&mut self, noise: &[f64], squares: &[f64]) -> Result<()> {
        let Rates { mu_eff, c_c, c_cov, .. } = self.rates;
        let step: Vec<f64> = self.variances.iter().zip(noise).map(|(c, z)| c.sqrt() * z).collect();
        self.step_size.expect_finite(&self.mean, &step)?;
        for (mean, step) in self.mean.iter_mut().zip(&step) {
            *mean += self.step_size.sigma * step;
        }
        let is_usual = self.step_size.update(noise);
        // While sigma is about to grow the path only fades.
        let gain = if is_usual { 1.0 } else { 0.0 };
        cumulate(&mut self.path, c_c, mu_eff, step.iter().map(|y| gain * y));
        let (rank_one, rank_mu) = (c_cov / mu_eff, c_cov * (1.0 - 1.0 / mu_eff));
        for ((variance, path), square) in self.variances.iter_mut().zip(&self.path).zip(squares) {
            *variance =
                (1.0 - c_cov) * *variance + rank_one * path * path + rank_mu * *variance * square;
        }
        if let Some(scale) = self.step_size.keep_wide(self.variances.iter().copied()) {
            self.path.iter_mut().for_each(|p| *p *= scale);
            self.variances.iter_mut().for_each(|c| *c *= scale * scale);
        }
        Ok(())
    }

    fn judge(&mut self, fitness: &Fitness) -> Option<Stop> {
        let lengths = self.variances.iter().map(|c| c.sqrt());
        let now = Distribution {
            mean: &self.mean,
            sigma: self.step_size.sigma,
            variances: &self.variances,
            path: &self.path,
            longest: lengths.clone().fold(0.0, f64::max),
            shortest: lengths.fold(f64::INFINITY, f64::min),
        };
        self.criteria.judge(fitness, &now)
    }
}

/// The weighted sum of squared noise that a strategy has asked for, `f64[genes]`.
fn expect_squares(moments: Option<&Moments>, genes: usize) -> Result<&[f64]> {
    let subject = "the moments of a generation";
    match moments.and_then(|moments| moments.second.as_deref()) {
        Some(sum) if sum.len() == genes => Ok(sum),
        Some(sum) => {
            Err(Error::invalid(subject, format!("{genes} squares, one a gene"), sum.len()))
        }
        None => Err(Error::invalid(subject, "squares of the noise too", "none")),
    }
}
