//! Criteria: when a search by a normal distribution has come to its end.
//!
//! After each generation [`Criteria::judge`] is told the fitness and the distribution, and names
//! the first reason that it finds.
//!
//! # Settings
//!
//! `tol-fun` and `tol-x`, as the tutorial has them; the other thresholds are its own.
//!
//! # What is ours
//!
//! - Genomes are single precision. Where one standard deviation changes none of the centre's genes
//!   in that precision, all individuals are the same, and a step has no effect.
//! - A generation in which all have failed counts as one of the worst possible fitness.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016, section B.3.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Domain, Fitness, Setting, Settings, Stop};

/// A fitness range too small to matter.
pub(super) const TOL_FUN: Setting = Setting {
    key: "tol-fun",
    meaning: "range of fitness, over many generations, below which a search ends",
    default: "1e-12",
    domain: Domain::NotNegative,
};

/// A step too small to matter.
pub(super) const TOL_X: Setting = Setting {
    key: "tol-x",
    meaning: "standard deviation of every gene, as a share of the first sigma, below which a \
              search ends",
    default: "1e-12",
    domain: Domain::NotNegative,
};

/// The largest condition number of a covariance matrix.
const LARGEST_CONDITION: f64 = 1e14;
/// How much the longest axis may grow.
const LARGEST_GROWTH: f64 = 1e4;
/// The longest history that stagnation looks at, in generations.
const LONGEST_HISTORY: usize = 20_000;

/// The rules, and the history of fitness that some of them need.
#[derive(Serialize, Deserialize)]
pub(super) struct Criteria {
    tol_fun: f64,
    /// In units of genes.
    tol_x: f64,
    first_sigma: f64,
    /// Generations over which the best fitness must differ.
    window: usize,
    /// Generations below which nothing is called stagnation.
    patience: usize,
    generations: usize,
    best: VecDeque<f64>,
    median: VecDeque<f64>,
}

/// A normal distribution: `mean + sigma * N(0, C)`.
pub(super) struct Distribution<'a> {
    pub(super) mean: &'a [f64],
    pub(super) sigma: f64,
    /// The diagonal of C.
    pub(super) variances: &'a [f64],
    /// The path of the rank-one update.
    pub(super) path: &'a [f64],
    /// The square roots of the largest and the smallest eigenvalue of C.
    pub(super) longest: f64,
    pub(super) shortest: f64,
}

impl Criteria {
    /// The rules for a search that begins with this sigma.
    pub(super) fn new(settings: &Settings, sigma: f64, genes: usize, population: usize) -> Self {
        let ratio = 30.0 * genes as f64 / population as f64;
        Self {
            tol_fun: settings.number(TOL_FUN.key),
            tol_x: settings.number(TOL_X.key) * sigma,
            first_sigma: sigma,
            window: (10 + ratio.ceil() as usize).min(LONGEST_HISTORY),
            patience: (120 + ratio as usize).min(LONGEST_HISTORY),
            generations: 0,
            best: VecDeque::new(),
            median: VecDeque::new(),
        }
    }

    /// Records a generation, and says why it should have been the last.
    pub(super) fn judge(&mut self, fitness: &Fitness, now: &Distribution<'_>) -> Option<Stop> {
        self.record(fitness);
        let rules = [
            (now.longest * now.sigma > LARGEST_GROWTH * self.first_sigma, Stop::Diverging),
            ((now.longest / now.shortest).powi(2) > LARGEST_CONDITION, Stop::IllConditioned),
            (self.is_tiny(now), Stop::TinySteps),
            (now.has_no_effect(), Stop::NoEffect),
            (self.is_flat(fitness), Stop::FlatFitness),
            (self.stagnates(), Stop::Stagnation),
        ];
        rules.into_iter().find(|(holds, _)| *holds).map(|(_, reason)| reason)
    }

    fn record(&mut self, fitness: &Fitness) {
        let order = fitness.order();
        for (history, place) in [(&mut self.best, 0), (&mut self.median, order.len() / 2)] {
            if history.len() == LONGEST_HISTORY {
                history.pop_front();
            }
            history.push_back(value_at(fitness, place));
        }
        self.generations += 1;
    }

    /// TolX.
    fn is_tiny(&self, now: &Distribution<'_>) -> bool {
        let small = |length: f64| length < self.tol_x;
        now.variances.iter().all(|variance| small(now.sigma * variance.sqrt()))
            && now.path.iter().all(|step| small(now.sigma * step.abs()))
    }

    /// EqualFunValues and TolFun.
    fn is_flat(&self, fitness: &Fitness) -> bool {
        if self.best.len() < self.window {
            return false;
        }
        let recent = self.best.iter().rev().take(self.window).copied();
        let (least, most) = range(recent);
        if least == most {
            return true;
        }
        let (worst, best) = range((0..fitness.len()).map(|place| value_at(fitness, place)));
        most.max(best) - least.min(worst) < self.tol_fun
    }

    /// Stagnation: over the last fifth of all generations, neither the best nor the median of a
    /// generation is better in the last 30 % than it was in the first 30 %.
    fn stagnates(&self) -> bool {
        let length = (self.generations / 5).clamp(self.patience, LONGEST_HISTORY);
        if self.best.len() < length {
            return false;
        }
        let share = length * 3 / 10;
        [&self.best, &self.median].into_iter().all(|history| {
            let early = history.len() - length;
            let late = history.len() - share;
            median(history.range(late..)) <= median(history.range(early..early + share))
        })
    }
}

impl Distribution<'_> {
    /// NoEffectCoord, and its counterpart in single precision.
    fn has_no_effect(&self) -> bool {
        let genes = || self.mean.iter().zip(self.variances);
        let step = |variance: &f64| self.sigma * variance.sqrt();
        genes().any(|(mean, variance)| mean + 0.2 * step(variance) == *mean)
            || genes().all(|(mean, variance)| {
                let [below, above] = [-1.0, 1.0].map(|side| (mean + side * step(variance)) as f32);
                below == above
            })
    }
}

/// The fitness at a place of the order; what has failed is as bad as can be.
fn value_at(fitness: &Fitness, place: usize) -> f64 {
    let value = f64::from(fitness.values()[fitness.order()[place]]);
    if value.is_finite() { value } else { f64::NEG_INFINITY }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
        (least.min(value), most.max(value))
    })
}

fn median<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    let mut values: Vec<f64> = values.copied().collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
