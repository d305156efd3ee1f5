//! Restarts: a search that has ended starts over elsewhere, mostly with more individuals.
//!
//! - `none` ends the run with the reason that the search gives.
//! - `ipop` doubles the population with each restart.
//! - `bipop` alternates between two regimes; the one that has used fewer evaluations so far comes
//!   next. In the large regime the population doubles. In the small regime it lies between the
//!   first population and half of the large one, the first sigma is smaller, and the search gets at
//!   most half of the evaluations of the last large search. The first search counts as a small one.
//!
//! A restart begins at the first guess plus sigma times a standard normal. Its seed follows from
//! the seed of the run and the number of the restart.
//!
//! # Additions
//!
//! - The population doubles at most [`MAX_DOUBLINGS`] times; later restarts keep the largest.
//! - If the first population is even, so is every other, for strategies that sample in pairs.
//! - The recommendation is that of the current search; the run keeps the champion.
//!
//! # To add restarts to a strategy
//!
//! Implement [`Begin`] for its type, list [`RESTARTS`] and a setting with the key `sigma` among its
//! settings, and build its entry from [`Restarts`] of the type.
//!
//! # Source
//!
//! - `ipop`: Auger and Hansen, "A restart CMA evolution strategy with increasing population size",
//!   CEC 2005.
//! - `bipop`: Hansen, "Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed",
//!   GECCO 2009, section 2.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::state_limits::StateLimits;
use super::{
    Domain, Fitness, Recombination, Recommendation, Setting, Settings, Start, StopReason, Strategy,
};
use crate::error::Result;
use crate::population::Proposal;
use crate::random::{Counter, NORMALS_PER_BLOCK, Stream, uniform};

/// The policy at the end of a search.
pub(super) const RESTARTS: Setting = Setting {
    key: "restarts",
    meaning: "what follows a search that has ended: none ends the run, ipop doubles the \
              population, bipop alternates between large and small populations",
    default: "none",
    domain: Domain::Word(&["none", "ipop", "bipop"]),
};

/// The first standard deviation of strategies whose source leaves it to the problem.
pub(super) const SIGMA: Setting = Setting {
    key: "sigma",
    meaning: "standard deviation of every gene in the first generation, around the first guess",
    default: "0.5",
    domain: Domain::Positive,
};

/// The largest number of doublings. The experiments of both papers reach 512 times the first
/// population.
const MAX_DOUBLINGS: u32 = 9;

/// A search, with the settings and the start that its restarts derive from.
#[derive(Serialize, Deserialize)]
pub(super) struct Restarts<T> {
    search: T,
    settings: Settings,
    first: Start,
    policy: RestartPolicy,
    restarts: u32,
    doublings: u32,
    /// The evaluations of the current search.
    evaluations: u64,
}

#[derive(Serialize, Deserialize)]
enum RestartPolicy {
    None,
    Ipop,
    Bipop(EvaluationBudgets),
}

/// The evaluations that the two regimes have used.
#[derive(Default, Serialize, Deserialize)]
struct EvaluationBudgets {
    large: u64,
    small: u64,
    /// The evaluations of the last large search, if there was one.
    last_large: Option<u64>,
    /// True if the current search is a large one.
    is_large: bool,
}

impl<T: Begin> Begin for Restarts<T> {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let policy = match settings.word(RESTARTS.key) {
            "none" => RestartPolicy::None,
            "ipop" => RestartPolicy::Ipop,
            "bipop" => RestartPolicy::Bipop(EvaluationBudgets::default()),
            other => unreachable!("restarts '{other}' has passed the check of its domain"),
        };
        Ok(Self {
            search: T::begin(settings, start.clone())?,
            settings: settings.clone(),
            first: start,
            policy,
            restarts: 0,
            doublings: 0,
            evaluations: 0,
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let first = &self.first;
        if self.doublings > MAX_DOUBLINGS || !limits.population.contains(&first.population) {
            return false;
        }
        let population = first.population..=first.population << self.doublings;
        let search = StateLimits { population, ..limits.clone() };
        let complete = self.settings.complete("", limits.settings);
        complete.is_ok_and(|complete| complete == self.settings)
            && first.genes == limits.genes
            && first.check().is_ok()
            && self.restarts < u32::MAX
            && self.evaluations < u64::MAX / 2
            && self.policy.is_valid()
            && self.search.is_valid(&search)
    }
}

impl<T: Begin> Strategy for Restarts<T> {
    fn ask(&self) -> Proposal {
        self.search.ask()
    }

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        self.search.tell(fitness, recombine)?;
        self.evaluations += fitness.len() as u64;
        if self.should_restart() { self.restart() } else { Ok(()) }
    }

    fn recommend(&self) -> Recommendation {
        self.search.recommend()
    }

    fn step_size(&self) -> f64 {
        self.search.step_size()
    }

    fn needs_normalisation(&self) -> bool {
        self.search.needs_normalisation()
    }

    fn species(&self) -> Vec<(u32, u32)> {
        self.search.species()
    }

    fn cost_period(&self) -> usize {
        self.search.cost_period()
    }

    fn stop_reason(&self) -> Option<StopReason> {
        match self.policy {
            RestartPolicy::None => self.search.stop_reason(),
            RestartPolicy::Ipop | RestartPolicy::Bipop(_) => None,
        }
    }
}

impl<T: Begin> Restarts<T> {
    /// True if another search is to follow.
    fn should_restart(&self) -> bool {
        let limit = match &self.policy {
            RestartPolicy::None => return false,
            RestartPolicy::Ipop => None,
            RestartPolicy::Bipop(budgets) => budgets.limit(),
        };
        self.search.stop_reason().is_some() || limit.is_some_and(|limit| self.evaluations >= limit)
    }

    fn restart(&mut self) -> Result<()> {
        self.restarts += 1;
        let mut settings = self.settings.clone();
        let [low, high, for_population, for_sigma] = self.counter(1).words(0);
        let mut population = self.first.population << self.doublings;
        let is_large = match &mut self.policy {
            RestartPolicy::None | RestartPolicy::Ipop => true,
            RestartPolicy::Bipop(budgets) => budgets.close(self.evaluations),
        };
        if is_large {
            self.doublings = (self.doublings + 1).min(MAX_DOUBLINGS);
            population = self.first.population << self.doublings;
        } else {
            population =
                small_population(self.first.population, population, uniform(for_population));
            let sigma =
                settings.number(SIGMA.key) * 10f64.powf(-2.0 * f64::from(uniform(for_sigma)));
            settings.set(SIGMA.key, sigma.to_string());
        }
        let start = Start {
            centre: self.random_centre(),
            population,
            seed: u64::from(low) | u64::from(high) << 32,
            genes: self.first.genes,
        };
        self.search = T::begin(&settings, start)?;
        self.evaluations = 0;
        Ok(())
    }

    /// Returns the first guess plus sigma times a standard normal.
    fn random_centre(&self) -> Vec<f32> {
        let (sigma, counter) = (self.settings.number(SIGMA.key), self.counter(0));
        let mut centre = self.first.centre.clone();
        for (block, genes) in centre.chunks_mut(NORMALS_PER_BLOCK).enumerate() {
            for (gene, normal) in genes.iter_mut().zip(counter.normals(block as u32)) {
                *gene = (f64::from(*gene) + sigma * f64::from(normal)) as f32;
            }
        }
        centre
    }

    /// Returns the random counter of a restart. The first weights of the run use generation 0, so
    /// no restart repeats them.
    fn counter(&self, individual: u32) -> Counter {
        let (seed, stream) = (self.first.seed, Stream::Initial);
        Counter { seed, stream, generation: self.restarts, individual }
    }
}

impl RestartPolicy {
    /// True if sums of evaluations cannot overflow.
    fn is_valid(&self) -> bool {
        let Self::Bipop(budgets) = self else { return true };
        [budgets.large, budgets.small].iter().all(|&evaluations| evaluations < u64::MAX / 2)
    }
}

impl EvaluationBudgets {
    /// Adds the evaluations of a finished search, and returns true if the next one is large.
    fn close(&mut self, evaluations: u64) -> bool {
        if self.is_large {
            self.large += evaluations;
            self.last_large = Some(evaluations);
        } else {
            self.small += evaluations;
        }
        self.is_large = self.large <= self.small;
        self.is_large
    }

    /// Returns the number of evaluations after which the current search ends, if it is limited.
    fn limit(&self) -> Option<u64> {
        self.last_large.filter(|_| !self.is_large).map(|evaluations| evaluations / 2)
    }
}

/// Returns the population of the small regime: `first * (large / (2 * first))^(u^2)`, rounded down.
fn small_population(first: usize, large: usize, u: f32) -> usize {
    let ratio = 0.5 * large as f64 / first as f64;
    let population = (first as f64 * ratio.powf(f64::from(u).powi(2))) as usize;
    // It is at least the first population, which is even if pairs are needed.
    if first.is_multiple_of(2) { population & !1 } else { population }.max(first)
}
