//! `simple-ga`: the best few become parents, and every child is one parent with Gaussian noise.
//!
//! Truncation selection: the best `parents` of a generation, chosen evenly at random, have the
//! children of the next; every gene of a child mutates. The best `elites` are copied unchanged.
//! There is no crossover.
//!
//! # Settings
//!
//! `parents` is a share of the population, so that a default suits every size. The paper has 20
//! parents of 1000 and a constant sigma of 0.002, for networks of four million parameters; the
//! defaults here are for small networks, which bear large mutations, and narrow them slowly. The
//! first generation is a cloud of `initial-sigma` around the first guess, where the paper draws
//! every individual's own Glorot weights.
//!
//! # When fitness fails
//!
//! Equals rank in order of index, so where all have failed the first ones breed: the search goes
//! on, as it would from any other parents. Which elite deserves to be the champion is for the run
//! to say, which validates it on other episodes; the paper does so for its ten best.
//!
//! # Source
//!
//! Such, Madhavan, Conti, Lehman, Stanley and Clune, "Deep neuroevolution: genetic algorithms are
//! a competitive alternative for training deep neural networks for reinforcement learning",
//! arXiv:1712.06567, 2017: Algorithm 1, section 3.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::breeding::{self, INITIAL_SIGMA, Lineage, Variation};
use super::schedule::Schedule;
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, save};
use crate::error::Result;
use crate::population::{Crossover, Moments, Proposal, Weights};
use crate::random::Stream;

pub(super) const ENTRY: Entry = Entry {
    name: "simple-ga",
    summary: "mutates the best few, without crossover (deep neuroevolution)",
    source: "Such et al. 2017, arXiv:1712.06567",
    settings: SETTINGS,
    breeds: true,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<SimpleGa>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "parents",
        meaning: "share of the population that has children, above 0",
        default: "0.2",
        domain: Domain::Share,
    },
    Setting {
        key: "elites",
        meaning: "best individuals that are copied unchanged",
        default: "1",
        domain: Domain::Count(0),
    },
    Setting {
        key: "sigma",
        meaning: "standard deviation of a mutation, the same for every gene",
        default: "0.5",
        domain: Domain::Positive,
    },
    Setting {
        key: "sigma-decay",
        meaning: "factor on sigma after each generation",
        default: "0.995",
        domain: Domain::Share,
    },
    Setting {
        key: "sigma-limit",
        meaning: "least sigma that the decay leads to",
        default: "0.05",
        domain: Domain::Positive,
    },
    INITIAL_SIGMA,
];

#[derive(Serialize, Deserialize)]
struct SimpleGa {
    lineage: Lineage,
    parents: usize,
    elites: usize,
    sigma: Schedule,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    Ok(Box::new(SimpleGa {
        parents: settings.part("parents", start.population)?,
        elites: breeding::elites(settings, &start)?,
        sigma: Schedule::of(settings, "sigma")?,
        lineage: Lineage::begin(settings, start),
    }))
}

impl Strategy for SimpleGa {
    fn ask(&self) -> Proposal {
        self.lineage.proposal(Variation {
            crossover: Crossover::None,
            sigma: self.sigma.value(),
            mutation_rate: 1.0,
        })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        self.lineage.breed(fitness, self.elites, |noise, child| {
            let mut generator = noise.place(Stream::Selection, child).generator();
            let parent = fitness.order()[generator.random_range(0..self.parents)];
            [parent, parent]
        })?;
        self.sigma.advance();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        self.lineage.recommend()
    }

    fn spread(&self) -> f64 {
        self.sigma.value()
    }
}
