//! `random-search`: independent samples around the first guess, without learning.
//!
//! This is the baseline: a strategy is of use only if it beats random search. Every generation
//! draws new individuals from the same Gaussian, with one standard deviation for all genes.
//!
//! # What it recommends
//!
//! The best individual of the last generation. The best fitness of many generations would belong to
//! the luckiest individual, not to the best network. The run finds the champion: it validates each
//! recommendation on separate episodes and keeps the best.
//!
//! # Settings
//!
//! `sigma`, the standard deviation of every gene.
//!
//! # Source
//!
//! Anderson, "Recent advances in finding best operating conditions", Journal of the American
//! Statistical Association 48, 1953; Rastrigin 1963.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::state_limits::{StateLimits, are_positive};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::Result;
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};

pub(super) const ENTRY: Entry = Entry {
    name: "random-search",
    summary: "draws independent random weights: the baseline for all other strategies",
    idea: "Every generation draws new individuals from one fixed Gaussian around the first guess, \
           and learns nothing from their fitness. The run keeps the best network that it \
           validates. The result shows how hard a task is: a task that random search solves \
           needs no better strategy.",
    when: "Use it as a baseline, to see whether a task needs a search at all. Avoid it for \
           anything else.",
    source: "Anderson 1953",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: SETTINGS,
    ..Entry::of::<RandomSearch>()
};

const SETTINGS: &[Setting] = &[Setting {
    key: "sigma",
    meaning: "standard deviation of every gene around the first guess",
    default: "1",
    domain: Domain::Positive,
}];

#[derive(Serialize, Deserialize)]
struct RandomSearch {
    centre: Arc<[f32]>,
    sigma: f64,
    population: usize,
    noise: NoiseKey,
    /// The best individual of the last generation.
    best: Option<usize>,
}

impl Begin for RandomSearch {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        Ok(Self {
            sigma: settings.number("sigma"),
            population: start.population,
            noise: start.noise(),
            centre: start.centre.into(),
            best: None,
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.allow(self.population, self.noise)
            && self.centre.len() == limits.genes
            && self.centre.iter().all(|gene| gene.is_finite())
            && are_positive(&[self.sigma])
            && self.best.is_none_or(|best| best < self.population)
    }
}

impl Strategy for RandomSearch {
    fn ask(&self) -> Proposal {
        Proposal::Gaussian(Gaussian {
            centre: self.centre.clone(),
            scale: Scale::Uniform(self.sigma as f32),
            noise: self.noise,
            individuals: self.population,
            mirrored: false,
        })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        self.best = fitness.order().first().copied();
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        match self.best {
            Some(best) => Recommendation::Individual(best),
            None => Recommendation::Genome(self.centre.to_vec()),
        }
    }

    fn step_size(&self) -> f64 {
        self.sigma
    }
}
