//! `sep-cma-es`: a normal distribution that learns a standard deviation for each gene.
//!
//! Individuals are `m + sigma D z` with a diagonal D. Time and memory grow with the number of genes
//! and not with its square. A diagonal has fewer parameters than a full covariance, and so its
//! learning rate is (n + 2) / 3 times as high.
//!
//! # Shapes
//!
//! Four vectors `f64[genes]`. Nothing of population x genes is stored: the backend sums the noise.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation; `least-sigma`, a lower bound that keeps the search
//! exploring (see `step_size`); `restarts`; `tol-fun` and `tol-x`. All rates follow from genes and
//! population.
//!
//! # Flat fitness
//!
//! Neither mean nor variances move, and sigma grows unless all have failed; `step_size` explains
//! why. Individuals of equal fitness share their weights.
//!
//! # Source
//!
//! Ros and Hansen, "A simple modification in CMA-ES achieving linear time and space complexity",
//! PPSN X, 2008: figure 1 for the algorithm, and section 2 for its rates.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::recombination::both_moments;
use super::restarts::{RESTARTS, Restarts};
use super::state_limits::{StateLimits, are_non_negative, are_positive, are_shares};
use super::step_size::{LEAST_SIGMA, StepSize, cumulate, default_population, effective_mass};
use super::termination::{Distribution, TOL_FUN, TOL_X, TerminationCriteria};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, StopReason,
    Strategy,
};
use crate::error::Result;
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};

pub(super) const ENTRY: Entry = Entry {
    name: "sep-cma-es",
    summary: "adapts a standard deviation for each gene, for millions of them (separable CMA-ES)",
    idea: "This is CMA-ES with a diagonal covariance matrix. Each generation samples a Gaussian, \
           moves the mean to the weighted average of the better half, and updates the variance of \
           each gene from the steps that succeeded. The step size grows while steps point the \
           same way and shrinks while they cancel. Time and memory grow linearly with the genes, \
           and fewer parameters are learned faster.",
    when: "Use it for networks of thousands to millions of genes that differ in scale. Avoid it \
           where genes depend strongly on each other; cma-es, cr-fm-nes and lm-ma-es learn such \
           directions.",
    source: "Ros and Hansen, PPSN X, 2008",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: SETTINGS,
    default_population: Some(default_population),
    ..Entry::of::<Restarts<SepCmaEs>>()
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene in the first generation, around the first guess",
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
    /// The evolution path of the covariance, `p_c`.
    path: Vec<f64>,
    /// The diagonal of C, the squares of the entries of D.
    variances: Vec<f64>,
    rates: Rates,
    noise: NoiseKey,
    criteria: TerminationCriteria,
    stopped: Option<StopReason>,
}

#[derive(Serialize, Deserialize)]
struct Rates {
    /// The weights, `f64[population]`, by rank: those of the better half sum to 1, the rest are 0.
    weights: Vec<f64>,
    mu_eff: f64,
    c_c: f64,
    c_cov: f64,
}

impl Begin for SepCmaEs {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let (genes, sigma) = (start.genes, settings.number("sigma"));
        let (n, rates) = (genes as f64, Rates::new(genes, start.population));
        let mu_eff = rates.mu_eff;
        Ok(Self {
            step_size: StepSize::new(settings, genes, mu_eff, (mu_eff + 2.0) / (n + mu_eff + 3.0)),
            path: vec![0.0; genes],
            variances: vec![1.0; genes],
            rates,
            noise: start.noise(),
            criteria: TerminationCriteria::new(settings, sigma, genes, start.population),
            stopped: None,
            mean: start.centre.into_iter().map(f64::from).collect(),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let Rates { weights, mu_eff, c_c, c_cov } = &self.rates;
        limits.allow(weights.len(), self.noise)
            && limits.is_genome(&self.mean)
            && limits.is_vector(&self.path)
            && limits.is_vector(&self.variances)
            && self.variances.iter().all(|&variance| variance > 0.0)
            && self.step_size.is_valid(limits)
            && are_non_negative(weights)
            && are_positive(&[*mu_eff])
            && are_shares(&[*c_c, *c_cov])
            && self.criteria.is_valid()
    }
}

impl Rates {
    fn new(genes: usize, population: usize) -> Self {
        let (n, parents) = (genes as f64, population / 2);
        let raw = |rank: usize| ((parents as f64 + 1.0) / rank as f64).ln();
        let sum: f64 = (1..=parents).map(raw).sum();
        let mut weights: Vec<f64> = (1..=parents).map(|rank| raw(rank) / sum).collect();
        let mu_eff = effective_mass(weights.iter().copied());
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

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.rates.weights.len())?;
        let utilities = fitness.utilities(|rank| self.rates.weights[rank]);
        let utilities = utilities.into_iter().map(|u| u as f32).collect();
        let [noise, squares] = both_moments(recombine, utilities, self.mean.len())?;
        if !fitness.is_flat() {
            self.learn(&noise, &squares)?;
        } else if fitness.failed() == 0 && self.stopped.is_none() {
            self.step_size.widen();
        }
        self.noise.generation += 1;
        self.stopped = self.update_criteria(fitness);
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.mean.iter().map(|&gene| gene as f32).collect())
    }

    fn step_size(&self) -> f64 {
        self.step_size.sigma
    }

    fn stop_reason(&self) -> Option<StopReason> {
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
        // While sigma is about to grow, the path only fades.
        let gain = if is_usual { 1.0 } else { 0.0 };
        cumulate(&mut self.path, c_c, mu_eff, step.iter().map(|y| gain * y));
        let (rank_one, rank_mu) = (c_cov / mu_eff, c_cov * (1.0 - 1.0 / mu_eff));
        for ((variance, path), square) in self.variances.iter_mut().zip(&self.path).zip(squares) {
            *variance =
                (1.0 - c_cov) * *variance + rank_one * path * path + rank_mu * *variance * square;
        }
        if let Some(scale) = self.step_size.apply_bound(self.variances.iter().copied()) {
            self.path.iter_mut().for_each(|p| *p *= scale);
            self.variances.iter_mut().for_each(|c| *c *= scale * scale);
        }
        Ok(())
    }

    fn update_criteria(&mut self, fitness: &Fitness) -> Option<StopReason> {
        let lengths = self.variances.iter().map(|c| c.sqrt());
        let now = Distribution {
            mean: &self.mean,
            sigma: self.step_size.sigma,
            variances: &self.variances,
            path: &self.path,
            longest: lengths.clone().fold(0.0, f64::max),
            shortest: lengths.fold(f64::INFINITY, f64::min),
        };
        self.criteria.update(fitness, &now)
    }
}
