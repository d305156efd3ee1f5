//! `cem`: the cross-entropy method, which refits a Gaussian to the best few of every generation.
//!
//! Every gene has its own mean and variance. The next mean is that of the elites. The next variance
//! is that of the elites plus extra noise, which prevents it from shrinking too early:
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
//! `sigma`, the first standard deviation; `elites`, a share of the population; `extra-noise`, with
//! a decay and a limit. The paper takes a tenth as elites, a first deviation of 10, and a first
//! extra noise of variance 5 that falls to 0 within 50 generations. The defaults here keep that
//! share and the ratio of the two deviations, at the scale of network weights, and decay by a
//! factor.
//!
//! # Flat fitness
//!
//! Individuals of equal fitness share their elite places. A generation of equal fitness moves
//! nothing; only the extra noise decays.
//!
//! # Source
//!
//! Rubinstein, "The cross-entropy method for combinatorial and continuous optimization",
//! Methodology and Computing in Applied Probability 1, 1999; Mannor, Rubinstein and Gat, ICML 2003;
//! Szita and Lőrincz, "Learning Tetris using the noisy cross-entropy method", Neural Computation
//! 18, 2006: equations 2.2, 2.3 and 3.1.

use serde::{Deserialize, Serialize};

use super::diagonal_gaussian::DiagonalGaussian;
use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::recombination::both_moments;
use super::schedule::Schedule;
use super::state_limits::StateLimits;
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy,
};
use crate::error::{Error, Result};
use crate::population::Proposal;

pub(super) const ENTRY: Entry = Entry {
    name: "cem",
    summary: "refits a Gaussian to the best few of each generation, with extra noise \
           (cross-entropy)",
    idea: "Each generation samples a Gaussian with a mean and a standard deviation for each gene, \
           and keeps the best few individuals as elites. The next Gaussian has the mean and the \
           standard deviation of the elites. Some extra noise is added to every standard \
           deviation and decays over time, so the search does not narrow before it has found a \
           good region.",
    when: "Use it for a robust baseline with large populations and few settings. Avoid it for \
           small populations, whose few elites give poor estimates of the standard deviations.",
    source: "Rubinstein 1999; Szita and Lőrincz 2006, Neural Computation 18",
    points: PointDefaults {
        population: Some(100),
        settings: &[Deviations("sigma", 1.0), Deviations("extra-noise", 0.2)],
    },
    settings: SETTINGS,
    ..Entry::of::<Cem>()
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
        meaning: "share of the population that the Gaussian is fitted to; at least 2 individuals",
        default: "0.1",
        domain: Domain::PositiveShare,
    },
    Setting {
        key: "extra-noise",
        meaning: "standard deviation of the extra noise in every gene; 0 adds none",
        default: "0.2",
        domain: Domain::NonNegative,
    },
    Setting {
        key: "extra-noise-decay",
        meaning: "factor by which the extra noise is multiplied after each generation",
        default: "0.98",
        domain: Domain::Share,
    },
    Setting {
        key: "extra-noise-limit",
        meaning: "smallest extra noise that the decay reaches",
        default: "0",
        domain: Domain::NonNegative,
    },
];

#[derive(Serialize, Deserialize)]
struct Cem {
    gaussian: DiagonalGaussian,
    elites: usize,
    extra_noise: Schedule,
}

impl Begin for Cem {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let elites = settings.share_of("elites", start.population);
        if elites < 2 {
            let expected =
                format!("a share of {} that is at least 2 individuals", start.population);
            return Err(Error::invalid("--set elites", expected, settings.number("elites")));
        }
        Ok(Self {
            elites,
            extra_noise: Schedule::from_settings(settings, "extra-noise")?,
            gaussian: DiagonalGaussian::new(start, settings.number("sigma"), false),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        self.gaussian.is_valid(limits, false)
            && (2..=self.gaussian.population()).contains(&self.elites)
            && self.extra_noise.is_valid()
    }
}

impl Strategy for Cem {
    fn ask(&self) -> Proposal {
        self.gaussian.proposal()
    }

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.gaussian.population())?;
        let elite = |rank| if rank < self.elites { 1.0 } else { 0.0 };
        let utilities = fitness.utilities(elite).into_iter().map(|u| u as f32).collect();
        let [first, second] = both_moments(recombine, utilities, self.gaussian.genes())?;
        if !fitness.is_flat() {
            self.refit(&first, &second)?;
        }
        self.extra_noise.advance();
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

impl Cem {
    /// Equations 2.2, 2.3 and 3.1, from the sums over elites of noise and of its square.
    fn refit(&mut self, first: &[f64], second: &[f64]) -> Result<()> {
        let elites = self.elites as f64;
        let added = self.extra_noise.value().powi(2);
        let mut moved = self.gaussian.centre().to_vec();
        let mut fitted = self.gaussian.sigma().to_vec();
        for (gene, sigma) in fitted.iter_mut().enumerate() {
            let mean = first[gene] / elites;
            moved[gene] += *sigma * mean;
            // Rounding may put a variance of 0 just below 0.
            let variance = (second[gene] / elites - mean * mean).max(0.0);
            *sigma = (sigma.powi(2) * variance + added).sqrt();
        }
        self.gaussian.update(moved, fitted)
    }
}
