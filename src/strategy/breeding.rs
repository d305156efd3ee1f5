//! Breeding: what the genetic algorithms share, from the first generation to a child's parents.
//!
//! Genomes stay with the backend; a genetic algorithm only says whose children come next. The first
//! generation, which has no parents, is a cloud around the first guess.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Domain, Fitness, Recommendation, Setting, Settings, Start};
use crate::error::{Error, Result};
use crate::population::{Crossover, Gaussian, NoiseKey, Offspring, Parents, Proposal, Scale};

/// How wide the first generation is.
pub(super) const INITIAL_SIGMA: Setting = Setting {
    key: "initial-sigma",
    meaning: "standard deviation of every gene in the first generation, around the first guess",
    default: "1",
    domain: Domain::Positive,
};

/// A lineage: the generation at hand, and how it came about.
#[derive(Serialize, Deserialize)]
pub(super) struct Lineage {
    centre: Arc<[f32]>,
    initial_sigma: f32,
    population: usize,
    noise: NoiseKey,
    /// One entry a child; none in the first generation.
    parents: Option<Arc<[Parents]>>,
    /// The best of the generation that was told last.
    best: Option<usize>,
}

/// How children come to differ from their parents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variation {
    pub(super) crossover: Crossover,
    pub(super) sigma: f64,
    pub(super) mutation_rate: f64,
}

impl Lineage {
    /// The lineage before its first generation.
    pub(super) fn begin(settings: &Settings, start: Start) -> Self {
        Self {
            initial_sigma: settings.number(INITIAL_SIGMA.key) as f32,
            population: start.population,
            noise: start.noise(),
            centre: start.centre.into(),
            parents: None,
            best: None,
        }
    }

    /// The recipe of this generation.
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

    /// Ends the generation: the best `elites` are copied, and `choose` names the two parents of
    /// every other child, given where the child's draws come from and its index.
    ///
    /// # Errors
    /// A number of fitnesses that is not the population's.
    pub(super) fn breed(
        &mut self,
        fitness: &Fitness,
        elites: usize,
        choose: impl Fn(NoiseKey, usize) -> [usize; 2],
    ) -> Result<()> {
        fitness.expect_population(self.population)?;
        self.noise.generation += 1;
        let copies = fitness.order()[..elites].iter().map(|&best| family([best, best], false));
        let children = (elites..self.population).map(|i| family(choose(self.noise, i), true));
        self.parents = Some(copies.chain(children).collect());
        self.best = fitness.order().first().copied();
        Ok(())
    }

    /// The best of the last generation; before there was one, the first guess.
    pub(super) fn recommend(&self) -> Recommendation {
        match self.best {
            Some(best) => Recommendation::Individual(best),
            None => Recommendation::Genome(self.centre.to_vec()),
        }
    }
}

/// The setting `elites`, checked.
///
/// # Errors
/// As many elites as individuals, or more: nothing new would ever be born.
pub(super) fn elites(settings: &Settings, start: &Start) -> Result<usize> {
    let elites = settings.count("elites");
    if elites < start.population {
        return Ok(elites);
    }
    let expected = format!("fewer than the population, which is {}", start.population);
    Err(Error::invalid("--set elites", expected, elites))
}

fn family([first, second]: [usize; 2], mutates: bool) -> Parents {
    Parents { first: first as u32, second: second as u32, mutates: u32::from(mutates) }
}
