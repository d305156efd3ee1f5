//! `pgpe`: the gradient of the expected fitness with respect to centre and deviation of each gene,
//! from mirrored pairs.
//!
//! A generation is made of pairs `centre + e` and `centre - e`, with `e = sigma * noise`. Fitness
//! counts by rank, from 0.5 for the best to -0.5 for the worst, whose mean, the baseline, is 0.
//! Over the pairs, with utilities u+ and u-,
//!
//! ```text
//! gradient of the centre = mean of (u+ - u-) / 2 * e
//! gradient of sigma      = mean of ((u+ + u-) / 2 - baseline) (e^2 - sigma^2) / sigma
//! ```
//!
//! The optimiser steps along the first; sigma moves by its own learning rate along the second, but
//! never by more than a share of itself.
//!
//! # Settings
//!
//! `sigma`, the first deviation; `learning-rate`, the optimiser's; `sigma-learning-rate` and
//! `sigma-max-change`; `optimiser` (`adam`, `clipup` or `sgd`), its `momentum`, and ClipUp's
//! `max-speed`. The defaults are those of EvoJAX. The population is even.
//!
//! # When nothing can be learned
//!
//! A generation of equals moves nothing; momentum alone is no reason to move.
//!
//! # Source
//!
//! Sehnke, Osendorfer, Rückstieß, Graves, Peters and Schmidhuber, "Parameter-exploring policy
//! gradients", Neural Networks 23, 2010: Algorithm 2 and equations 14 and 15 (symmetric sampling).
//! Ranks, optimiser and the limit on sigma: Ha, "A visual guide to evolution strategies", 2017, and
//! Toklu, Liskowski and Srivastava, "ClipUp", arXiv:2008.02387, 2020. Settings: Tang, Tian and Ha,
//! "EvoJAX", arXiv:2202.05008, 2022.

use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::{
    Domain, Entry, Fitness, Optimiser, Recommendation, Setting, Settings, Start, Strategy, save,
};
use crate::error::{Error, Result};
use crate::population::{Moments, Proposal, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "pgpe",
    summary: "policy gradients in parameter space, from mirrored pairs (adam or clipup)",
    source: "Sehnke et al. 2010, Neural Networks 23; Toklu et al. 2020, arXiv:2008.02387",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<Pgpe>,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene in the first generation, around the first guess",
        default: "0.1",
        domain: Domain::Positive,
    },
    Setting {
        key: "learning-rate",
        meaning: "the optimiser's: adam moves genes about this far, clipup all together",
        default: "0.05",
        domain: Domain::Positive,
    },
    Setting {
        key: "sigma-learning-rate",
        meaning: "length of sigma's step along its gradient",
        default: "0.1",
        domain: Domain::NotNegative,
    },
    Setting {
        key: "sigma-max-change",
        meaning: "share of itself by which sigma changes at most in a generation, below 1",
        default: "0.2",
        domain: Domain::Share,
    },
    Setting {
        key: "optimiser",
        meaning: "what turns the centre's gradient into a step",
        default: "adam",
        domain: Domain::Word(&["adam", "clipup", "sgd"]),
    },
    Setting {
        key: "momentum",
        meaning: "share of the mean gradient, or of clipup's velocity, kept (adam's beta 1)",
        default: "0.9",
        domain: Domain::Share,
    },
    Setting {
        key: "max-speed",
        meaning: "clipup's longest step, in learning rates",
        default: "2",
        domain: Domain::Positive,
    },
];

#[derive(Serialize, Deserialize)]
struct Pgpe {
    cloud: Cloud,
    optimiser: Optimiser,
    learning_rate: f64,
    sigma_learning_rate: f64,
    sigma_max_change: f64,
}

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    start.expect_pairs()?;
    let momentum = below_one(settings, "momentum")?;
    let optimiser = match settings.word("optimiser") {
        "adam" => Optimiser::adam(start.genes, momentum),
        "clipup" => Optimiser::clip_up(start.genes, momentum, settings.number("max-speed")),
        "sgd" => Optimiser::sgd(start.genes, momentum),
        other => unreachable!("optimiser '{other}' has passed the check of its domain"),
    };
    Ok(Box::new(Pgpe {
        optimiser,
        learning_rate: settings.number("learning-rate"),
        sigma_learning_rate: settings.number("sigma-learning-rate"),
        sigma_max_change: below_one(settings, "sigma-max-change")?,
        cloud: Cloud::begin(start, settings.number("sigma"), true),
    }))
}

/// A share that would stop all movement, or all search, if it were 1.
fn below_one(settings: &Settings, key: &str) -> Result<f64> {
    let share = settings.number(key);
    if share < 1.0 {
        return Ok(share);
    }
    Err(Error::invalid(format!("--set {key}"), "a number from 0 to below 1", share))
}

impl Strategy for Pgpe {
    fn ask(&self) -> Proposal {
        self.cloud.proposal()
    }

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        let utilities: Vec<f32> = fitness.centred_ranks().iter().map(|&u| u as f32).collect();
        Some(Weights { first: utilities.clone(), second: Some(utilities) })
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        let [first, second] = self.cloud.expect(fitness, moments)?;
        if !fitness.is_flat() {
            self.climb(first, second)?;
        }
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

impl Pgpe {
    /// Equations 14 and 15, from the sums over individuals of utility * noise and of utility *
    /// noise^2. Each stands for two individuals' halves, and the weights sum to the baseline, 0.
    fn climb(&mut self, first: &[f64], second: &[f64]) -> Result<()> {
        let individuals = self.cloud.population() as f64;
        let scaled = |(sigma, sum): (&f64, &f64)| sigma * sum / individuals;
        let gradient: Vec<f64> = self.cloud.sigma().iter().zip(first).map(scaled).collect();
        let step = self.optimiser.step(&gradient, self.learning_rate);
        let centre = self.cloud.centre().iter().zip(step).map(|(gene, step)| gene + step).collect();
        let one_gene = |(sigma, sum): (&f64, &f64)| {
            let step = self.sigma_learning_rate * scaled((sigma, sum));
            let most = self.sigma_max_change * sigma;
            sigma + step.clamp(-most, most)
        };
        let sigma = self.cloud.sigma().iter().zip(second).map(one_gene).collect();
        self.cloud.change(centre, sigma)
    }
}
