//! `random-search`: independent samples around the first guess, and nothing learned.
//!
//! The yardstick: a strategy that does not beat it has not searched. Every generation draws new
//! individuals from the same round Gaussian.
//!
//! # What it recommends
//!
//! The best individual of the last generation. A strategy keeps no genomes, and the best fitness
//! of many generations is the luckiest one, not the best network; the run, which validates what is
//! recommended on episodes of their own and keeps the best, finds the champion.
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

use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, save};
use crate::error::Result;
use crate::population::{Gaussian, Moments, NoiseKey, Proposal, Scale, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "random-search",
    summary: "independent random weights: the yardstick for the others",
    source: "Anderson 1953",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<RandomSearch>,
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
    /// The best of the generation that was told last.
    best: Option<usize>,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    Ok(Box::new(RandomSearch {
        sigma: settings.number("sigma"),
        population: start.population,
        noise: start.noise(),
        centre: start.centre.into(),
        best: None,
    }))
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

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
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

    fn spread(&self) -> f64 {
        self.sigma
    }
}
