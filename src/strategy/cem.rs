//! `cem`: the cross-entropy method, a Gaussian refitted to the best few of every generation.
//!
//! Every gene has a mean and a variance of its own. The next mean is that of the elites, and the
//! next variance theirs, plus extra noise that keeps it from shrinking too early:
//!
//! ```text
//! centre  = mean over elites of gene
//! sigma^2 = mean over elites of (gene - centre)^2 + extra-noise^2
//! ```
//!
//! Without extra noise this is the plain method.
//!
//! # Settings
//!
//! `sigma`, the first deviation; `elites`, a share of the population; `extra-noise`, with a decay
//! and a limit. The paper has a tenth as elites, a first deviation of 10 and a first extra noise of
//! variance 5 that falls to nothing in 50 generations; the defaults here keep the share and the
//! ratio of the two, at the size of a network's weights, and fall by a factor.
//!
//! # When nothing can be learned
//!
//! Equals share the places of the elites they fill together. A generation of equals, all failed
//! among them, moves nothing, and only the extra noise goes on decaying.
//!
//! # Source
//!
//! Rubinstein, "The cross-entropy method for combinatorial and continuous optimization",
//! Methodology and Computing in Applied Probability 1, 1999; Mannor, Rubinstein and Gat, ICML 2003;
//! Szita and Lőrincz, "Learning Tetris using the noisy cross-entropy method", Neural Computation
//! 18, 2006: equations 2.2, 2.3 and 3.1.

use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::schedule::Schedule;
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Strategy, save};
use crate::error::{Error, Result};
use crate::population::{Moments, Proposal, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "cem",
    summary: "refits a Gaussian to the best few, and widens it a little (cross-entropy method)",
    source: "Rubinstein 1999; Szita and Lőrincz 2006, Neural Computation 18",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<Cem>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene in the first generation, around the first guess",
        default: "1",
        domain: Domain::Positive,
    },
    Setting {
        key: "elites",
        meaning: "share of the population that the Gaussian is refitted to; at least 2 individuals",
        default: "0.1",
        domain: Domain::Share,
    },
    Setting {
        key: "extra-noise",
        meaning: "standard deviation of the noise added to every gene; 0 adds none",
        default: "0.2",
        domain: Domain::NotNegative,
    },
    Setting {
        key: "extra-noise-decay",
        meaning: "factor on the extra noise after each generation",
        default: "0.98",
        domain: Domain::Share,
    },
    Setting {
        key: "extra-noise-limit",
        meaning: "least extra noise that the decay leads to",
        default: "0",
        domain: Domain::NotNegative,
    },
];

#[derive(Serialize, Deserialize)]
struct Cem {
    cloud: Cloud,
    elites: usize,
    extra_noise: Schedule,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    let elites = settings.part("elites", start.population)?;
    if elites < 2 {
        let expected = format!("a share of {} that makes 2 or more", start.population);
        return Err(Error::invalid("--set elites", expected, settings.number("elites")));
    }
    Ok(Box::new(Cem {
        elites,
        extra_noise: Schedule::of(settings, "extra-noise")?,
        cloud: Cloud::begin(start, settings.number("sigma"), false),
    }))
}

impl Strategy for Cem {
    fn ask(&self) -> Proposal {
        self.cloud.proposal()
    }

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        let elite = |place| if place < self.elites { 1.0 } else { 0.0 };
        let weights: Vec<f32> = fitness.utilities(elite).into_iter().map(|w| w as f32).collect();
        Some(Weights { first: weights.clone(), second: Some(weights) })
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        let [first, second] = self.cloud.expect(fitness, moments)?;
        if !fitness.is_flat() {
            self.refit(first, second)?;
        }
        self.extra_noise.advance();
        self.cloud.advance();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        self.cloud.recommend()
    }

    fn spread(&self) -> f64 {
        self.cloud.spread()
    }
}

impl Cem {
    /// Equations 2.2, 2.3 and 3.1, from the elites' sums of noise and of its square.
    fn refit(&mut self, first: &[f64], second: &[f64]) -> Result<()> {
        let elites = self.elites as f64;
        let added = self.extra_noise.value().powi(2);
        let mut moved = self.cloud.centre().to_vec();
        let mut fitted = self.cloud.sigma().to_vec();
        for (gene, sigma) in fitted.iter_mut().enumerate() {
            let mean = first[gene] / elites;
            moved[gene] += *sigma * mean;
            // Rounding may leave a variance of nothing just below it.
            let variance = (second[gene] / elites - mean * mean).max(0.0);
            *sigma = (sigma.powi(2) * variance + added).sqrt();
        }
        self.cloud.change(moved, fitted)
    }
}
