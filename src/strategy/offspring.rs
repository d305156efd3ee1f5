//! Offspring: the part that the genetic algorithms share, from the first generation to the parents
//! of a child.
//!
//! Genomes stay with the backend. A genetic algorithm only names the parents of each child. The
//! first generation has no parents, and is Gaussian noise around the first guess.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::state_limits::{StateLimits, are_positive};
use super::{Domain, Fitness, Recommendation, Setting, Settings, Start};
use crate::error::{Error, Result};
use crate::population::{Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale};

/// The width of the first generation.
pub(super) const INITIAL_SIGMA: Setting = Setting {
    key: "initial-sigma",
    meaning: "standard deviation of every gene in the first generation, around the first guess",
    default: "1",
    domain: Domain::Positive,
};

/// A generation of a genetic algorithm, by the parents of its individuals.
#[derive(Serialize, Deserialize)]
pub(super) struct BredPopulation {
    centre: Arc<[f32]>,
    initial_sigma: f32,
    population: usize,
    noise: NoiseKey,
    /// The parents of each child; `None` in the first generation.
    parents: Option<Arc<[Parents]>>,
    /// The best individual of the last generation.
    best: Option<usize>,
}

/// The variation operators: crossover and mutation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variation {
    pub(super) crossover: Crossover,
    pub(super) sigma: f64,
    pub(super) mutation_rate: f64,
}

impl BredPopulation {
    /// The population of the first generation.
    pub(super) fn new(settings: &Settings, start: Start) -> Self {
        Self {
            initial_sigma: settings.number(INITIAL_SIGMA.key) as f32,
            population: start.population,
            noise: start.noise(),
            centre: start.centre.into(),
            parents: None,
            best: None,
        }
    }

    /// The number of individuals in a generation.
    pub(super) fn population(&self) -> usize {
        self.population
    }

    /// True if a search of these sizes can have this generation.
    pub(super) fn is_valid(&self, limits: &StateLimits) -> bool {
        let population = self.population;
        let exists = |index: usize| index < population;
        let exist = |parents: &Parents| exists(parents.first.max(parents.second) as usize);
        limits.allow(population, self.noise)
            && self.centre.len() == limits.genes
            && self.centre.iter().all(|gene| gene.is_finite())
            && are_positive(&[f64::from(self.initial_sigma)])
            && self.parents.as_ref().is_none_or(|all| all.len() == population)
            && self.parents.iter().flat_map(|all| all.iter()).all(exist)
            && self.best.is_none_or(exists)
    }

    /// Returns the recipe of this generation.
    pub(super) fn proposal(&self, variation: Variation) -> Proposal {
        match &self.parents {
            None => Proposal::Gaussian(Gaussian {
                centre: self.centre.clone(),
                scale: Scale::Uniform(self.initial_sigma),
                noise: self.noise,
                individuals: self.population,
                mirrored: false,
            }),
            Some(parents) => Proposal::Offspring(Offspring {
                parents: parents.clone(),
                crossover: variation.crossover,
                mutation: variation.sigma as f32,
                mutation_rate: variation.mutation_rate as f32,
                noise: self.noise,
            }),
        }
    }

    /// Ends the generation. The best `elites` are copied, and `select` names the two parents of
    /// every other child, given the key of its random draws and its index.
    ///
    /// # Errors
    /// Returns an error if there is not one fitness for each individual.
    pub(super) fn breed(
        &mut self,
        fitness: &Fitness,
        elites: usize,
        select: impl Fn(NoiseKey, usize) -> [usize; 2],
    ) -> Result<()> {
        fitness.expect_population(self.population)?;
        self.noise.generation += 1;
        let copies = fitness.order()[..elites].iter().map(|&best| parents_of([best, best], false));
        let children = (elites..self.population).map(|i| parents_of(select(self.noise, i), true));
        self.parents = Some(copies.chain(children).collect());
        self.best = fitness.order().first().copied();
        Ok(())
    }

    /// Returns the best individual of the last generation; before the first, the first guess.
    pub(super) fn recommend(&self) -> Recommendation {
        match self.best {
            Some(best) => Recommendation::Individual(best),
            None => Recommendation::Genome(self.centre.to_vec()),
        }
    }
}

/// Reads the setting `elites`.
///
/// # Errors
/// Returns an error unless there are fewer elites than individuals, since nothing new would be
/// bred.
pub(super) fn elites(settings: &Settings, start: &Start) -> Result<usize> {
    let elites = settings.count("elites");
    if elites < start.population {
        return Ok(elites);
    }
    let expected = format!("fewer than the population, which is {}", start.population);
    Err(Error::invalid("--set elites", expected, elites))
}

fn parents_of([first, second]: [usize; 2], mutates: bool) -> Parents {
    Parents { first: first as u32, second: second as u32, mutates: u32::from(mutates) }
}
