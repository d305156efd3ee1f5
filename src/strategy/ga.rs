//! `ga`: a generational genetic algorithm with tournaments, crossover, mutation and elites.
//!
//! A parent is the best of `tournament` individuals drawn with replacement, so that there may be
//! more of them than the population has. With probability `crossover-rate` a child has two parents,
//! else one; then each of its genes mutates with probability `mutation-rate`. The best `elites` are
//! copied unchanged.
//!
//! # Settings
//!
//! `crossover` is `none`, `uniform` (a gene is the second parent's with probability `mixing`) or
//! `blend` (a gene is drawn from the parents' interval, lengthened by `mixing` of itself on both
//! sides). `sigma` is the mutation's, with a decay and a limit; `initial-sigma` the first
//! generation's.
//!
//! # When fitness fails
//!
//! A tournament of equals is won by the first one drawn. Where all have failed, or all are equal,
//! parents are therefore drawn evenly from everyone, and the population drifts until a difference
//! shows.
//!
//! # Source
//!
//! Eiben and Smith, "Introduction to evolutionary computing", 2nd edition, 2015: tournaments,
//! section 5.2.4; elites, 5.3.2; uniform crossover (Syswerda 1989), 4.2.2; blend crossover
//! (Eshelman and Schaffer 1993), 4.4.3; Gaussian mutation, 4.4.1.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::breeding::{self, INITIAL_SIGMA, Lineage, Variation};
use super::schedule::Schedule;
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, save};
use crate::error::Result;
use crate::population::{Crossover, Moments, Proposal, Weights};
use crate::random::{Generator, Stream};

pub(super) const ENTRY: Entry = Entry {
    name: "ga",
    summary: "a genetic algorithm: tournaments, crossover, Gaussian mutation, elites",
    source: "Eiben and Smith 2015, chapters 4 and 5",
    settings: SETTINGS,
    breeds: true,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<Ga>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "tournament",
        meaning: "individuals that a parent is the best of; 1 selects at random",
        default: "5",
        domain: Domain::Count(1),
    },
    Setting {
        key: "elites",
        meaning: "best individuals that are copied unchanged",
        default: "1",
        domain: Domain::Count(0),
    },
    Setting {
        key: "crossover",
        meaning: "how two parents make a child",
        default: "uniform",
        domain: Domain::Word(&["none", "uniform", "blend"]),
    },
    Setting {
        key: "crossover-rate",
        meaning: "probability that a child has two parents",
        default: "0.9",
        domain: Domain::Share,
    },
    Setting {
        key: "mixing",
        meaning: "uniform: probability of the second parent's gene; blend: alpha",
        default: "0.5",
        domain: Domain::Share,
    },
    Setting {
        key: "mutation-rate",
        meaning: "probability that a gene of a child mutates",
        default: "0.05",
        domain: Domain::Share,
    },
    Setting {
        key: "sigma",
        meaning: "standard deviation of a mutation",
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
struct Ga {
    lineage: Lineage,
    tournament: usize,
    elites: usize,
    crossover: Crossover,
    crossover_rate: f64,
    mutation_rate: f64,
    sigma: Schedule,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    let mixing = settings.number("mixing") as f32;
    let crossover = match settings.word("crossover") {
        "none" => Crossover::None,
        "uniform" => Crossover::Uniform(mixing),
        "blend" => Crossover::Blend(mixing),
        other => unreachable!("crossover '{other}' has passed the check of its domain"),
    };
    Ok(Box::new(Ga {
        tournament: settings.count("tournament"),
        elites: breeding::elites(settings, &start)?,
        crossover,
        crossover_rate: settings.number("crossover-rate"),
        mutation_rate: settings.number("mutation-rate"),
        sigma: Schedule::of(settings, "sigma")?,
        lineage: Lineage::begin(settings, start),
    }))
}

impl Strategy for Ga {
    fn ask(&self) -> Proposal {
        self.lineage.proposal(Variation {
            crossover: self.crossover,
            sigma: self.sigma.value(),
            mutation_rate: self.mutation_rate,
        })
    }

    fn weights(&self, _: &Fitness) -> Option<Weights> {
        None
    }

    fn tell(&mut self, fitness: &Fitness, _: Option<&Moments>) -> Result<()> {
        // Equals share their places, so that no tournament is decided by an index.
        let merits = fitness.utilities(|place| -(place as f64));
        self.lineage.breed(fitness, self.elites, |noise, child| {
            let mut generator = noise.place(Stream::Selection, child).generator();
            let first = winner(&merits, self.tournament, &mut generator);
            let crosses =
                self.crossover != Crossover::None && generator.random_bool(self.crossover_rate);
            let second =
                if crosses { winner(&merits, self.tournament, &mut generator) } else { first };
            [first, second]
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

/// The best of `size` individuals drawn with replacement; of equals, the first one drawn.
fn winner(merits: &[f64], size: usize, generator: &mut Generator) -> usize {
    let mut best = generator.random_range(0..merits.len());
    for _ in 1..size {
        let rival = generator.random_range(0..merits.len());
        if merits[rival] > merits[best] {
            best = rival;
        }
    }
    best
}
