//! `simple-ga`: a genetic algorithm with truncation selection and Gaussian mutation, without
//! crossover.
//!
//! The best `parents` of a generation have the children of the next. Each child has one parent,
//! drawn uniformly, and each of its genes mutates. The best `elites` are copied unchanged.
//!
//! # Settings
//!
//! `parents` is a share of the population, so that the default suits every size. The paper has 20
//! parents of 1000 and a constant sigma of 0.002, for networks of four million parameters. The
//! defaults here are for small networks, which tolerate large mutations, and sigma decays slowly.
//! The first generation is Gaussian noise of `initial-sigma` around the first guess, whereas the
//! paper draws Glorot weights for each individual.
//!
//! # Failed fitness
//!
//! Individuals of equal fitness rank in order of index. If all have failed, the first ones breed,
//! as any other parents would, and the search goes on. The run selects the champion among the
//! recommendations by validation on other episodes; the paper does so for its ten best.
//!
//! # Source
//!
//! Such, Madhavan, Conti, Lehman, Stanley and Clune, "Deep neuroevolution: genetic algorithms are
//! a competitive alternative for training deep neural networks for reinforcement learning",
//! arXiv:1712.06567, 2017: Algorithm 1, section 3.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::{Deviations, Value};
use super::entry::PointDefaults;
use super::offspring::{self, BredPopulation, INITIAL_SIGMA, Variation};
use super::schedule::Schedule;
use super::state_limits::StateLimits;
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::Result;
use crate::population::{Crossover, Proposal};
use crate::random::Stream;

pub(super) const ENTRY: Entry = Entry {
    name: "simple-ga",
    summary: "mutates the best few, without crossover (deep neuroevolution)",
    idea: "Each generation keeps the best individuals as parents. Every child is a copy of one of \
           them, drawn at random, with Gaussian noise added to each gene; the very best is kept \
           unchanged. Selection alone drives the search, so it needs no gradient estimate and can \
           jump out of regions where the fitness is flat.",
    when: "Use it where rewards are sparse or deceptive, and as a simple baseline for large \
           populations. Avoid it where a smooth fitness lets a strategy with a gradient estimate \
           progress faster.",
    source: "Such et al. 2017, arXiv:1712.06567",
    points: PointDefaults {
        population: Some(64),
        settings: &[
            Deviations("initial-sigma", 1.0),
            Deviations("sigma", 0.3),
            Value("sigma-decay", "0.98"),
            Deviations("sigma-limit", 1e-6),
        ],
    },
    settings: SETTINGS,
    breeds: true,
    ..Entry::of::<SimpleGa>()
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "parents",
        meaning: "share of the population, best first, that has offspring",
        default: "0.2",
        domain: Domain::PositiveShare,
    },
    Setting {
        key: "elites",
        meaning: "number of best individuals that are copied unchanged",
        default: "1",
        domain: Domain::Count(0, u32::MAX),
    },
    Setting {
        key: "sigma",
        meaning: "standard deviation of a mutation, the same for every gene",
        default: "0.5",
        domain: Domain::Positive,
    },
    Setting {
        key: "sigma-decay",
        meaning: "factor by which sigma is multiplied after each generation",
        default: "0.995",
        domain: Domain::Share,
    },
    Setting {
        key: "sigma-limit",
        meaning: "smallest sigma that the decay reaches",
        default: "0.05",
        domain: Domain::Positive,
    },
    INITIAL_SIGMA,
];

#[derive(Serialize, Deserialize)]
struct SimpleGa {
    bred: BredPopulation,
    parents: usize,
    elites: usize,
    sigma: Schedule,
}

impl Begin for SimpleGa {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        Ok(Self {
            parents: settings.share_of("parents", start.population),
            elites: offspring::elites(settings, &start)?,
            sigma: Schedule::from_settings(settings, "sigma")?,
            bred: BredPopulation::new(settings, start),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let population = self.bred.population();
        self.bred.is_valid(limits)
            && (1..=population).contains(&self.parents)
            && self.elites < population
            && self.sigma.is_valid()
    }
}

impl Strategy for SimpleGa {
    fn ask(&self) -> Proposal {
        self.bred.proposal(Variation {
            crossover: Crossover::None,
            sigma: self.sigma.value(),
            mutation_rate: 1.0,
        })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        self.bred.breed(fitness, self.elites, |noise, child| {
            let mut generator = noise.counter(Stream::Selection, child).generator();
            let parent = fitness.order()[generator.random_range(0..self.parents)];
            [parent, parent]
        })?;
        self.sigma.advance();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        self.bred.recommend()
    }

    fn step_size(&self) -> f64 {
        self.sigma.value()
    }
}
