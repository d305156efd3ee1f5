//! `ga`: a generational genetic algorithm with tournaments, crossover, mutation and elites.
//!
//! A parent is the best of `tournament` individuals drawn with replacement, so a tournament may be
//! larger than the population. A child has two parents with probability `crossover-rate`, else one.
//! Then each of its genes mutates with probability `mutation-rate`. The best `elites` are copied
//! unchanged.
//!
//! # Settings
//!
//! `crossover` is `none`, `uniform` (a gene is the second parent's with probability `mixing`) or
//! `blend` (a gene is drawn from the parents' interval, extended by `mixing` of its length on both
//! sides). `sigma` is the standard deviation of a mutation, with a decay and a limit;
//! `initial-sigma` is that of the first generation.
//!
//! # Failed fitness
//!
//! In a tournament of equals the first one drawn wins. If all have failed, or all are equal,
//! parents are thus drawn uniformly, and the population drifts until a difference appears.
//!
//! # Source
//!
//! Eiben and Smith, "Introduction to evolutionary computing", 2nd edition, 2015: tournaments,
//! section 5.2.4; elites, 5.3.2; uniform crossover (Syswerda 1989), 4.2.2; blend crossover
//! (Eshelman and Schaffer 1993), 4.4.3; Gaussian mutation, 4.4.1.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::{Deviations, Value};
use super::entry::PointDefaults;
use super::offspring::{self, BredPopulation, INITIAL_SIGMA, Variation};
use super::schedule::Schedule;
use super::state_limits::{StateLimits, are_shares};
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::Result;
use crate::population::{Crossover, Proposal};
use crate::random::{Generator, Stream};

pub(super) const ENTRY: Entry = Entry {
    name: "ga",
    summary: "genetic algorithm with tournaments, crossover, Gaussian mutation and elites",
    idea: "Each generation selects parents by tournaments: a few individuals are drawn at random \
           and the best of them wins. Crossover mixes the genes of two parents, and mutation adds \
           Gaussian noise to a few genes of the child. The best individuals are copied unchanged. \
           Selection keeps what works, crossover combines it, and mutation supplies new genes.",
    when: "Use it where genes act independently, or where fitness is discontinuous, so that no \
           gradient estimate helps. Avoid it for large networks with many dependent weights, \
           where crossover seldom yields a working network.",
    source: "Eiben and Smith 2015, chapters 4 and 5",
    points: PointDefaults {
        population: Some(64),
        settings: &[
            Deviations("initial-sigma", 1.0),
            Deviations("sigma", 0.3),
            Value("sigma-decay", "0.98"),
            Deviations("sigma-limit", 1e-6),
            Value("mutation-rate", "0.3"),
        ],
    },
    settings: SETTINGS,
    breeds: true,
    // Of two or three, crossover with the elite soon leaves copies of one individual.
    least_population: 4,
    ..Entry::of::<Ga>()
};

/// The largest tournament. It selects the best of any population that it is likely to be used for,
/// and a child takes one random draw for each of its members.
const LARGEST_TOURNAMENT: u32 = 1024;

const SETTINGS: &[Setting] = &[
    Setting {
        key: "tournament",
        meaning: "number of individuals drawn, of which the best becomes a parent; 1 selects at \
                  random",
        default: "5",
        domain: Domain::Count(1, LARGEST_TOURNAMENT),
    },
    Setting {
        key: "elites",
        meaning: "number of best individuals that are copied unchanged",
        default: "1",
        domain: Domain::Count(0, u32::MAX),
    },
    Setting {
        key: "crossover",
        meaning: "way in which the genes of two parents are combined",
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
        meaning: "uniform: probability of the second parent's gene; blend: alpha, the share by \
                  which the parents' interval is extended",
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
struct Ga {
    bred: BredPopulation,
    tournament: usize,
    elites: usize,
    crossover: Crossover,
    crossover_rate: f64,
    mutation_rate: f64,
    sigma: Schedule,
}

impl Begin for Ga {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let mixing = settings.number("mixing") as f32;
        let crossover = match settings.word("crossover") {
            "none" => Crossover::None,
            "uniform" => Crossover::Uniform(mixing),
            "blend" => Crossover::Blend(mixing),
            other => unreachable!("crossover '{other}' has passed the check of its domain"),
        };
        Ok(Self {
            tournament: settings.count("tournament"),
            elites: offspring::elites(settings, &start)?,
            crossover,
            crossover_rate: settings.number("crossover-rate"),
            mutation_rate: settings.number("mutation-rate"),
            sigma: Schedule::from_settings(settings, "sigma")?,
            bred: BredPopulation::new(settings, start),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        let mixing = match self.crossover {
            Crossover::None => 0.0,
            Crossover::Uniform(mixing) | Crossover::Blend(mixing) => f64::from(mixing),
        };
        self.bred.is_valid(limits)
            && (1..=LARGEST_TOURNAMENT as usize).contains(&self.tournament)
            && self.elites < self.bred.population()
            && are_shares(&[mixing, self.crossover_rate, self.mutation_rate])
            && self.sigma.is_valid()
    }
}

impl Strategy for Ga {
    fn ask(&self) -> Proposal {
        self.bred.proposal(Variation {
            crossover: self.crossover,
            sigma: self.sigma.value(),
            mutation_rate: self.mutation_rate,
        })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        // Equals share their ranks, so that no tournament is decided by an index.
        let utilities = fitness.utilities(|rank| -(rank as f64));
        self.bred.breed(fitness, self.elites, |noise, child| {
            let mut generator = noise.counter(Stream::Selection, child).generator();
            let first = winner(&utilities, self.tournament, &mut generator);
            let crosses =
                self.crossover != Crossover::None && generator.random_bool(self.crossover_rate);
            let second =
                if crosses { winner(&utilities, self.tournament, &mut generator) } else { first };
            [first, second]
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

/// Returns the best of `size` individuals drawn with replacement; of equals, the first one drawn.
fn winner(utilities: &[f64], size: usize, generator: &mut Generator) -> usize {
    let mut best = generator.random_range(0..utilities.len());
    for _ in 1..size {
        let rival = generator.random_range(0..utilities.len());
        if utilities[rival] > utilities[best] {
            best = rival;
        }
    }
    best
}
