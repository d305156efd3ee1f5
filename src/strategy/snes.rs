//! `snes`: a Gaussian with a deviation for each gene, both led by the natural gradient.
//!
//! With noise s and utilities u by rank, centre and deviations follow, gene by gene,
//!
//! ```text
//! centre += learning-rate * sigma * sum over individuals of u s
//! sigma  *= exp(eta / 2 * sum over individuals of u (s^2 - 1))
//! eta     = sigma-learning-rate * (3 + ln genes) / (5 sqrt(genes))
//! ```
//!
//! Both sums are moments of the noise, so nothing is kept that is longer than a genome, and a
//! generation of a million genes costs what its noise costs.
//!
//! # Settings
//!
//! `sigma`, the first deviation; `learning-rate`, eta of the centre; `sigma-learning-rate`, in
//! multiples of the paper's; `restarts`, which are not the paper's. The paper's population is
//! `4 + floor(3 ln genes)`.
//!
//! # When nothing can be learned
//!
//! A generation of equals has gradients of zero, and moves nothing. The search stops when every
//! deviation has become negligible or one far too wide, or when fitness stays flat for long.
//!
//! # Source
//!
//! Wierstra et al. 2014, Journal of Machine Learning Research 15: Algorithm 6 and Table 1. First in
//! Schaul, Glasmachers and Schmidhuber, "High dimensions and heavy tails for natural evolution
//! strategies", GECCO 2011.

use serde::{Deserialize, Serialize};

use super::cloud::Cloud;
use super::cumulation::default_population;
use super::natural::{self, Watch};
use super::restarts::{self, RESTARTS, Restart};
use super::{Domain, Entry, Fitness, Recommendation, Setting, Settings, Start, Stop, Strategy};
use crate::error::Result;
use crate::population::{Moments, Proposal, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "snes",
    summary: "natural gradient of a Gaussian with a deviation for each gene",
    source: "Wierstra et al. 2014, Journal of Machine Learning Research 15, Algorithm 6",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: Some(default_population),
    preset: &[],
    grows: None,
    paints: None,
    begin: restarts::begin::<Snes>,
    resume: restarts::resume::<Snes>,
};

const SETTINGS: &[Setting] = &[
    natural::SIGMA,
    natural::LEARNING_RATE,
    Setting {
        key: "sigma-learning-rate",
        meaning: "eta of the deviations, in multiples of (3 + ln genes) / (5 sqrt(genes))",
        default: "1",
        domain: Domain::NotNegative,
    },
    RESTARTS,
];

#[derive(Serialize, Deserialize)]
struct Snes {
    cloud: Cloud,
    learning_rate: f64,
    sigma_learning_rate: f64,
    watch: Watch,
}

impl Restart for Snes {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        let genes = start.genes as f64;
        let sigma = settings.number("sigma");
        Ok(Self {
            learning_rate: settings.number("learning-rate"),
            sigma_learning_rate: settings.number("sigma-learning-rate") * (3.0 + genes.ln())
                / (5.0 * genes.sqrt()),
            watch: Watch::begin(sigma, start.genes, start.population),
            cloud: Cloud::begin(start, sigma, false),
        })
    }
}

impl Strategy for Snes {
    fn ask(&self) -> Proposal {
        self.cloud.proposal()
    }

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        let utilities = utilities(fitness);
        Some(Weights { first: utilities.clone(), second: Some(utilities) })
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        let [first, second] = self.cloud.expect(fitness, moments)?;
        if !fitness.is_flat() {
            self.follow(first, second, utilities(fitness).iter().copied().map(f64::from).sum())?;
        }
        self.watch.see(fitness);
        self.cloud.advance();
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        self.cloud.recommend()
    }

    fn spread(&self) -> f64 {
        self.cloud.spread()
    }

    fn stop(&self) -> Option<Stop> {
        self.watch.stop(self.cloud.widest())
    }
}

impl Snes {
    /// Algorithm 6: both gradients are in units of the old deviations. `total` is the sum of the
    /// weights, which is 0 but for their rounding.
    fn follow(&mut self, first: &[f64], second: &[f64], total: f64) -> Result<()> {
        let (centre, sigma) = (self.cloud.centre(), self.cloud.sigma());
        let one_gene =
            |((gene, sigma), sum): ((&f64, &f64), &f64)| gene + self.learning_rate * sigma * sum;
        let moved = centre.iter().zip(sigma).zip(first).map(one_gene).collect();
        let half = 0.5 * self.sigma_learning_rate;
        let one_gene = |(sigma, squares): (&f64, &f64)| sigma * (half * (squares - total)).exp();
        let scaled = sigma.iter().zip(second).map(one_gene).collect();
        self.cloud.change(moved, scaled)
    }
}

/// The utilities, as the weights by which noise is summed.
fn utilities(fitness: &Fitness) -> Vec<f32> {
    natural::utilities(fitness).into_iter().map(|utility| utility as f32).collect()
}
