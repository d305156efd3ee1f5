//! `snes`: separable natural evolution strategy, which moves the centre and the standard deviation
//! of each gene along the natural gradient.
//!
//! With noise s and rank-based utilities u, each gene is updated by
//!
//! ```text
//! centre += learning-rate * sigma * sum over individuals of u s
//! sigma  *= exp(eta / 2 * sum over individuals of u (s^2 - 1))
//! eta     = sigma-learning-rate * (3 + ln genes) / (5 sqrt(genes))
//! ```
//!
//! Both sums are moments of the noise. No vector longer than a genome is stored, and the cost of a
//! generation is that of its noise, even with a million genes.
//!
//! # Settings
//!
//! `sigma`, the first standard deviation; `learning-rate`, eta of the centre;
//! `sigma-learning-rate`, in multiples of the paper's; `restarts`, which are not in the paper. The
//! paper's population is `4 + floor(3 ln genes)`.
//!
//! # Flat fitness
//!
//! A generation of equal fitness has a gradient of zero and moves nothing. The search stops once
//! every standard deviation is negligible, one has diverged, or fitness has been flat for long.
//!
//! # Source
//!
//! Wierstra et al. 2014, Journal of Machine Learning Research 15: Algorithm 6 and Table 1. First in
//! Schaul, Glasmachers and Schmidhuber, "High dimensions and heavy tails for natural evolution
//! strategies", GECCO 2011.

use serde::{Deserialize, Serialize};

use super::diagonal_gaussian::DiagonalGaussian;
use super::entry::Begin;
use super::entry::PointDefault::Deviations;
use super::entry::PointDefaults;
use super::natural_gradient::{self, StopRules};
use super::recombination::both_moments;
use super::restarts::{RESTARTS, Restarts, SIGMA};
use super::state_limits::{StateLimits, are_non_negative};
use super::step_size::default_population;
use super::{
    Domain, Entry, Fitness, Recombination, Recommendation, Setting, Settings, Start, StopReason,
    Strategy,
};
use crate::error::Result;
use crate::population::Proposal;

pub(super) const ENTRY: Entry = Entry {
    name: "snes",
    summary: "follows the natural gradient of a Gaussian with a standard deviation for each gene",
    idea: "Each generation samples a Gaussian with a standard deviation for each gene and ranks \
           the individuals. The natural gradient, which measures steps by how much they change \
           the distribution, moves the centre towards the better individuals, and widens or \
           narrows each gene. It needs only two weighted sums of the noise, so time and memory \
           grow linearly with the genes. The step sizes adapt by themselves.",
    when: "Use it as a first choice for many genes and moderate budgets. Avoid it where genes \
           depend strongly on each other; xnes and cma-es learn that for small networks.",
    source: "Wierstra et al. 2014, Journal of Machine Learning Research 15, Algorithm 6",
    points: PointDefaults { population: None, settings: &[Deviations("sigma", 1.0)] },
    settings: SETTINGS,
    default_population: Some(default_population),
    ..Entry::of::<Restarts<Snes>>()
};

const SETTINGS: &[Setting] = &[
    SIGMA,
    natural_gradient::LEARNING_RATE,
    Setting {
        key: "sigma-learning-rate",
        meaning: "learning rate of the standard deviations, in multiples of the paper's, \
                  (3 + ln genes) / (5 sqrt(genes))",
        default: "1",
        domain: Domain::NonNegative,
    },
    RESTARTS,
];

#[derive(Serialize, Deserialize)]
struct Snes {
    gaussian: DiagonalGaussian,
    learning_rate: f64,
    sigma_learning_rate: f64,
    stop_rules: StopRules,
}

impl Begin for Snes {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let genes = start.genes as f64;
        let sigma = settings.number("sigma");
        Ok(Self {
            learning_rate: settings.number("learning-rate"),
            sigma_learning_rate: settings.number("sigma-learning-rate") * (3.0 + genes.ln())
                / (5.0 * genes.sqrt()),
            stop_rules: StopRules::new(sigma, start.genes, start.population),
            gaussian: DiagonalGaussian::new(start, sigma, false),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        self.gaussian.is_valid(limits, false)
            && are_non_negative(&[self.learning_rate, self.sigma_learning_rate])
            && self.stop_rules.is_valid()
    }
}

impl Strategy for Snes {
    fn ask(&self) -> Proposal {
        self.gaussian.proposal()
    }

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.gaussian.population())?;
        let utilities: Vec<f32> =
            natural_gradient::utilities(fitness).into_iter().map(|u| u as f32).collect();
        let total = utilities.iter().copied().map(f64::from).sum();
        let [first, second] = both_moments(recombine, utilities, self.gaussian.genes())?;
        if !fitness.is_flat() {
            self.follow(&first, &second, total)?;
        }
        self.stop_rules.record(fitness);
        self.gaussian.advance();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        self.gaussian.recommend()
    }

    fn step_size(&self) -> f64 {
        self.gaussian.mean_sigma()
    }

    fn stop_reason(&self) -> Option<StopReason> {
        self.stop_rules.stop_reason(self.gaussian.max_sigma())
    }
}

impl Snes {
    /// Algorithm 6: both gradients are in units of the old standard deviations. `total` is the sum
    /// of the utilities, which is 0 except for rounding.
    fn follow(&mut self, first: &[f64], second: &[f64], total: f64) -> Result<()> {
        let (centre, sigma) = (self.gaussian.centre(), self.gaussian.sigma());
        let one_gene =
            |((gene, sigma), sum): ((&f64, &f64), &f64)| gene + self.learning_rate * sigma * sum;
        let moved = centre.iter().zip(sigma).zip(first).map(one_gene).collect();
        let half = 0.5 * self.sigma_learning_rate;
        let one_gene = |(sigma, squares): (&f64, &f64)| sigma * (half * (squares - total)).exp();
        let scaled = sigma.iter().zip(second).map(one_gene).collect();
        self.gaussian.update(moved, scaled)
    }
}
