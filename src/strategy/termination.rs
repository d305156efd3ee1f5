//! Termination criteria: the conditions under which the search of a CMA strategy has ended.
//!
//! After each generation [`TerminationCriteria::update`] receives the fitness and the distribution,
//! and returns the first reason to stop that applies.
//!
//! # Settings
//!
//! `tol-fun` and `tol-x`, as in the tutorial. All other thresholds are the tutorial's own.
//!
//! # Additions
//!
//! - Genomes have single precision. If one standard deviation changes none of the centre's genes in
//!   that precision, all individuals are equal, and a step has no effect.
//! - A generation in which all individuals failed counts as one of the lowest possible fitness.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016, section B.3.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::state_limits::{are_non_negative, are_positive};
use super::{Domain, Fitness, Setting, Settings, StopReason};

/// The range of fitness that is negligible.
pub(super) const TOL_FUN: Setting = Setting {
    key: "tol-fun",
    meaning: "range of fitness over many generations below which the search ends, in the unit of \
              the fitness",
    default: "1e-12",
    domain: Domain::NonNegative,
};

/// The step that is negligible.
pub(super) const TOL_X: Setting = Setting {
    key: "tol-x",
    meaning: "standard deviation of every gene below which the search ends, as a share of the \
              first sigma",
    default: "1e-12",
    domain: Domain::NonNegative,
};

/// The largest condition number of a covariance matrix.
const MAX_CONDITION: f64 = 1e14;
/// The largest growth of the longest axis.
const MAX_GROWTH: f64 = 1e4;
/// The fewest generations before stagnation is considered.
const LEAST_PATIENCE: usize = 120;
/// The longest history of fitness, in generations.
const MAX_HISTORY: usize = 20_000;

/// The criteria, with the history of fitness that some of them need.
#[derive(Serialize, Deserialize)]
pub(super) struct TerminationCriteria {
    tol_fun: f64,
    /// The negligible step, in units of genes.
    tol_x: f64,
    first_sigma: f64,
    /// The number of generations over which the best fitness must differ.
    window: usize,
    /// The number of generations before stagnation is considered.
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
    /// The evolution path of the rank-one update.
    pub(super) path: &'a [f64],
    /// The square roots of the largest and the smallest eigenvalue of C.
    pub(super) longest: f64,
    pub(super) shortest: f64,
}

impl TerminationCriteria {
    /// The criteria for a search that begins with this sigma.
    pub(super) fn new(settings: &Settings, sigma: f64, genes: usize, population: usize) -> Self {
        let ratio = 30.0 * genes as f64 / population as f64;
        Self {
            tol_fun: settings.number(TOL_FUN.key),
            tol_x: settings.number(TOL_X.key) * sigma,
            first_sigma: sigma,
            window: (10 + ratio.ceil() as usize).min(MAX_HISTORY),
            patience: (LEAST_PATIENCE + ratio as usize).min(MAX_HISTORY),
            generations: 0,
            best: VecDeque::new(),
            median: VecDeque::new(),
        }
    }

    /// True if a search can have these criteria.
    pub(super) fn is_valid(&self) -> bool {
        let histories = [&self.best, &self.median];
        let in_history = 1..=MAX_HISTORY;
        are_non_negative(&[self.tol_fun, self.tol_x])
            && are_positive(&[self.first_sigma])
            && in_history.contains(&self.window)
            && (LEAST_PATIENCE..=MAX_HISTORY).contains(&self.patience)
            && self.generations < u32::MAX as usize
            && self.best.len() == self.median.len()
            && histories.iter().all(|history| history.len() <= MAX_HISTORY)
            && histories.iter().all(|history| history.iter().all(|value| !value.is_nan()))
    }

    /// Records a generation, and returns the reason to stop, if there is one.
    pub(super) fn update(
        &mut self,
        fitness: &Fitness,
        now: &Distribution<'_>,
    ) -> Option<StopReason> {
        self.record(fitness);
        let has_grown = now.longest * now.sigma > MAX_GROWTH * self.first_sigma;
        let criteria = [
            (has_grown && self.is_on_plateau(), StopReason::Plateau),
            (has_grown, StopReason::Diverging),
            ((now.longest / now.shortest).powi(2) > MAX_CONDITION, StopReason::IllConditioned),
            (self.is_tiny(now), StopReason::TinySteps),
            (now.has_no_effect(), StopReason::NoEffect),
            (self.is_flat(fitness), StopReason::FlatFitness),
            (self.is_stagnant(), StopReason::Stagnation),
        ];
        criteria.into_iter().find(|(applies, _)| *applies).map(|(_, reason)| reason)
    }

    fn record(&mut self, fitness: &Fitness) {
        let order = fitness.order();
        for (history, rank) in [(&mut self.best, 0), (&mut self.median, order.len() / 2)] {
            if history.len() == MAX_HISTORY {
                history.pop_front();
            }
            history.push_back(fitness_at(fitness, rank));
        }
        self.generations += 1;
    }

    /// True under TolX.
    fn is_tiny(&self, now: &Distribution<'_>) -> bool {
        let small = |length: f64| length < self.tol_x;
        now.variances.iter().all(|variance| small(now.sigma * variance.sqrt()))
            && now.path.iter().all(|step| small(now.sigma * step.abs()))
    }

    /// True under EqualFunValues or TolFun.
    fn is_flat(&self, fitness: &Fitness) -> bool {
        if self.best.len() < self.window {
            return false;
        }
        let recent = self.best.iter().rev().take(self.window).copied();
        let (min, max) = range(recent);
        if min == max {
            return true;
        }
        let (worst, best) = range((0..fitness.len()).map(|rank| fitness_at(fitness, rank)));
        max.max(best) - min.min(worst) < self.tol_fun
    }

    /// True if the median fitness was the same in most of the last generations.
    fn is_on_plateau(&self) -> bool {
        let recent = self.median.iter().rev().take(self.window);
        let generations = recent.len();
        let equal = |value: &f64| recent.clone().filter(|other| *other == value).count();
        recent.clone().any(|value| equal(value) * 2 > generations)
    }

    /// True under Stagnation: in the last fifth of all generations, neither the best nor the median
    /// fitness is higher in the last 30 % than in the first 30 %.
    fn is_stagnant(&self) -> bool {
        let length = (self.generations / 5).clamp(self.patience, MAX_HISTORY);
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
    /// True under NoEffectCoord, or its counterpart in single precision.
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

/// Returns the fitness at a rank; that of a failed individual is minus infinity.
fn fitness_at(fitness: &Fitness, rank: usize) -> f64 {
    let value = f64::from(fitness.values()[fitness.order()[rank]]);
    if value.is_finite() { value } else { f64::NEG_INFINITY }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), value| {
        (min.min(value), max.max(value))
    })
}

fn median<'a>(values: impl Iterator<Item = &'a f64>) -> f64 {
    let mut values: Vec<f64> = values.copied().collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
