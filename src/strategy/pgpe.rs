//! `pgpe`: the gradient of the expected fitness with respect to the centre and the standard
//! deviation of each gene, from mirrored pairs (parameter-exploring policy gradients).
//!
//! A generation consists of pairs `centre + e` and `centre - e`, with `e = sigma * noise`. Fitness
//! counts by rank, from 0.5 for the best to -0.5 for the worst; the mean of these utilities is the
//! baseline, 0. Over the pairs, with utilities u+ and u-,
//!
//! ```text
//! gradient of the centre = mean of (u+ - u-) / 2 * e
//! gradient of sigma      = mean of ((u+ + u-) / 2 - baseline) (e^2 - sigma^2) / sigma
//! ```
//!
//! The optimiser steps along the first. Sigma moves along the second at its own learning rate, by
//! no more than a given share of itself.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation; `learning-rate` of the optimiser; `sigma-learning-rate`
//! and `sigma-max-change`; `optimiser` (`adam`, `clipup` or `sgd`) with its `momentum`, and the
//! `max-speed` of ClipUp. The defaults are those of EvoJAX. The population must be even.
//!
//! # Flat fitness
//!
//! A generation of equal fitness moves nothing, not even by momentum.
//!
//! # Source
//!
//! Sehnke, Osendorfer, Rückstieß, Graves, Peters and Schmidhuber, "Parameter-exploring policy
//! gradients", Neural Networks 23, 2010: Algorithm 2 and equations 14 and 15 (symmetric sampling).
//! Ranks, optimiser and the limit on sigma: Ha, "A visual guide to evolution strategies", 2017, and
//! Toklu, Liskowski and Srivastava, "ClipUp", arXiv:2008.02387, 2020. Settings: Tang, Tian and Ha,
//! "EvoJAX", arXiv:2202.05008, 2022.

use serde::{Deserialize, Serialize};

use super::diagonal_gaussian::DiagonalGaussian;
use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::recombination::both_moments;
use super::state_limits::{StateLimits, are_non_negative, are_positive, are_shares};
use super::{
    Domain, Entry, Fitness, Optimiser, Recombination, Recommendation, Setting, Settings, Start,
    Strategy,
};
use crate::error::Result;
use crate::population::Proposal;

pub(super) const ENTRY: Entry = Entry {
    name: "pgpe",
    summary: "policy gradients in parameter space from mirrored pairs, with adam or clipup",
    idea: "Each generation samples mirrored pairs around the centre and ranks all individuals. \
           The difference within a pair shows in which direction the centre should move; the sum \
           of a pair, compared with the average, shows whether the noise of each gene should be \
           wider or narrower. An optimiser moves the centre, and each standard deviation moves by \
           a limited share. The search thus adapts how far it explores, gene by gene.",
    when: "Use it for control tasks with hundreds to millions of genes; clipup needs little \
           tuning there, because its step has a fixed length. Avoid it where genes depend \
           strongly on each other, since it learns no correlations.",
    source: "Sehnke et al. 2010, Neural Networks 23; Toklu et al. 2020, arXiv:2008.02387",
    points: PointDefaults {
        population: Some(32),
        settings: &[Deviations("sigma", 1.0), Deviations("learning-rate", 0.1)],
    },
    settings: SETTINGS,
    ..Entry::of::<Pgpe>()
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
        meaning: "step size of the optimiser: about the distance of each gene with adam, and of \
                  the whole centre with clipup",
        default: "0.05",
        domain: Domain::Positive,
    },
    Setting {
        key: "sigma-learning-rate",
        meaning: "learning rate of sigma; 0 keeps it constant",
        default: "0.1",
        domain: Domain::NonNegative,
    },
    Setting {
        key: "sigma-max-change",
        meaning: "largest relative change of sigma in a generation",
        default: "0.2",
        domain: Domain::ShareBelowOne,
    },
    Setting {
        key: "optimiser",
        meaning: "optimiser that turns the gradient of the centre into a step",
        default: "adam",
        domain: Domain::Word(&["adam", "clipup", "sgd"]),
    },
    Setting {
        key: "momentum",
        meaning: "share of the mean gradient, or of the velocity of clipup, that a generation \
                  keeps (beta 1 of adam)",
        default: "0.9",
        domain: Domain::ShareBelowOne,
    },
    Setting {
        key: "max-speed",
        meaning: "longest step of clipup, in multiples of the learning rate",
        default: "2",
        domain: Domain::Positive,
    },
];

#[derive(Serialize, Deserialize)]
struct Pgpe {
    gaussian: DiagonalGaussian,
    optimiser: Optimiser,
    learning_rate: f64,
    sigma_learning_rate: f64,
    sigma_max_change: f64,
}

impl Begin for Pgpe {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        start.expect_pairs()?;
        let momentum = settings.number("momentum");
        let optimiser = match settings.word("optimiser") {
            "adam" => Optimiser::adam(start.genes, momentum),
            "clipup" => Optimiser::clip_up(start.genes, momentum, settings.number("max-speed")),
            "sgd" => Optimiser::sgd(start.genes, momentum),
            other => unreachable!("optimiser '{other}' has passed the check of its domain"),
        };
        Ok(Self {
            optimiser,
            learning_rate: settings.number("learning-rate"),
            sigma_learning_rate: settings.number("sigma-learning-rate"),
            sigma_max_change: settings.number("sigma-max-change"),
            gaussian: DiagonalGaussian::new(start, settings.number("sigma"), true),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        self.gaussian.is_valid(limits, true)
            && self.optimiser.is_valid(limits.genes)
            && are_positive(&[self.learning_rate])
            && are_non_negative(&[self.sigma_learning_rate])
            && are_shares(&[self.sigma_max_change])
    }
}

impl Strategy for Pgpe {
    fn ask(&self) -> Proposal {
        self.gaussian.proposal()
    }

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.gaussian.population())?;
        let utilities = fitness.centred_ranks().iter().map(|&u| u as f32).collect();
        let [first, second] = both_moments(recombine, utilities, self.gaussian.genes())?;
        if !fitness.is_flat() {
            self.ascend(&first, &second)?;
        }
        self.gaussian.advance();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        self.gaussian.recommend()
    }

    fn step_size(&self) -> f64 {
        self.gaussian.mean_sigma()
    }
}

impl Pgpe {
    /// Equations 14 and 15, from the sums over individuals of utility * noise and of utility *
    /// noise^2. A pair contributes half of each of its individuals, and the utilities sum to the
    /// baseline, 0.
    fn ascend(&mut self, first: &[f64], second: &[f64]) -> Result<()> {
        let individuals = self.gaussian.population() as f64;
        let scaled = |(sigma, sum): (&f64, &f64)| sigma * sum / individuals;
        let gradient: Vec<f64> = self.gaussian.sigma().iter().zip(first).map(scaled).collect();
        let step = self.optimiser.step(&gradient, self.learning_rate);
        let centre =
            self.gaussian.centre().iter().zip(step).map(|(gene, step)| gene + step).collect();
        let one_gene = |(sigma, sum): (&f64, &f64)| {
            let step = self.sigma_learning_rate * scaled((sigma, sum));
            let limit = self.sigma_max_change * sigma;
            sigma + step.clamp(-limit, limit)
        };
        let sigma = self.gaussian.sigma().iter().zip(second).map(one_gene).collect();
        self.gaussian.update(centre, sigma)
    }
}
