//! `openai-es`: gradient ascent on a gradient that is estimated from ranks of mirrored pairs.
//!
//! A generation consists of mirrored pairs, `centre + sigma * noise` and `centre - sigma * noise`.
//! Only the ranks of their fitness count, as utilities from 0.5 for the best to -0.5 for the worst.
//! The centre follows
//!
//! ```text
//! gradient = 1 / (n * sigma) * sum over individuals of utility * noise
//! centre  += step of the optimiser along (gradient - weight_decay * centre)
//! ```
//!
//! # Settings
//!
//! `sigma` and `learning-rate`, each with a decay and a limit; `optimiser` (`adam` or `sgd`) and
//! its `momentum`; `weight-decay`. The population must be even.
//!
//! # Flat fitness
//!
//! A generation of equal fitness moves nothing, not even by weight decay or momentum. This includes
//! a generation in which every individual failed. The schedules advance, and the next generation
//! draws new noise.
//!
//! # Source
//!
//! Salimans, Ho, Chen, Sidor and Sutskever, "Evolution strategies as a scalable alternative to
//! reinforcement learning", arXiv:1703.03864, 2017: Algorithm 1, and section 2.1 for mirrored
//! sampling, ranks and weight decay. Their program omits the division by sigma, to which Adam is
//! invariant; their weight decay of 0.005 at sigma 0.02 is therefore 0.25 here.

use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::entry::PointDefault::{Deviations, Value};
use super::entry::PointDefaults;
use super::recombination::first_moment;
use super::schedule::Schedule;
use super::state_limits::{StateLimits, are_non_negative, are_positive};
use super::{
    Domain, Entry, Fitness, Optimiser, Recombination, Recommendation, Setting, Settings, Start,
    Strategy,
};
use crate::error::{Error, Result};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};

pub(super) const ENTRY: Entry = Entry {
    name: "openai-es",
    summary: "estimates a gradient from the ranks of mirrored pairs, and follows it with Adam",
    idea: "Each generation perturbs the centre with pairs of opposite Gaussian noise and scores \
           both of each pair. The average of the noise, weighted by the rank of each individual, \
           estimates the gradient of the expected fitness. An optimiser such as Adam then moves \
           the centre along it. Ranks make the step independent of the scale of the fitness and \
           of outliers, and mirrored pairs lower the variance of the estimate.",
    when: "Use it for large networks and noisy rewards, with populations of some hundreds or \
           more. Avoid it for small problems with tight budgets, where strategies that adapt \
           sigma need fewer evaluations.",
    source: "Salimans et al. 2017, arXiv:1703.03864",
    points: PointDefaults {
        population: Some(32),
        settings: &[
            Deviations("sigma", 0.5),
            Value("sigma-decay", "0.99"),
            Deviations("sigma-limit", 1e-6),
            Deviations("learning-rate", 0.1),
            Value("learning-rate-decay", "0.99"),
            Deviations("learning-rate-limit", 1e-6),
        ],
    },
    settings: SETTINGS,
    ..Entry::of::<OpenAiEs>()
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "sigma",
        meaning: "standard deviation of every gene around the centre",
        default: "0.1",
        domain: Domain::Positive,
    },
    Setting {
        key: "sigma-decay",
        meaning: "factor by which sigma is multiplied after each generation",
        default: "1",
        domain: Domain::Share,
    },
    Setting {
        key: "sigma-limit",
        meaning: "smallest sigma that the decay reaches",
        default: "0.01",
        domain: Domain::Positive,
    },
    Setting {
        key: "learning-rate",
        meaning: "step size of the optimiser; with adam, about the distance that each gene moves",
        default: "0.05",
        domain: Domain::Positive,
    },
    Setting {
        key: "learning-rate-decay",
        meaning: "factor by which the learning rate is multiplied after each generation",
        default: "1",
        domain: Domain::Share,
    },
    Setting {
        key: "learning-rate-limit",
        meaning: "smallest learning rate that the decay reaches",
        default: "0.001",
        domain: Domain::Positive,
    },
    Setting {
        key: "optimiser",
        meaning: "optimiser that turns the gradient into a step",
        default: "adam",
        domain: Domain::Word(&["adam", "sgd"]),
    },
    Setting {
        key: "momentum",
        meaning: "share of the mean gradient that a generation keeps (beta 1 of adam)",
        default: "0.9",
        domain: Domain::ShareBelowOne,
    },
    Setting {
        key: "weight-decay",
        meaning: "pull of every gene towards 0: this times the gene is subtracted from its \
                  gradient",
        default: "0",
        domain: Domain::NonNegative,
    },
];

#[derive(Serialize, Deserialize)]
struct OpenAiEs {
    centre: Vec<f64>,
    sigma: Schedule,
    learning_rate: Schedule,
    weight_decay: f64,
    optimiser: Optimiser,
    noise: NoiseKey,
    population: usize,
}

impl Begin for OpenAiEs {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        start.expect_pairs()?;
        let momentum = settings.number("momentum");
        let optimiser = match settings.word("optimiser") {
            "adam" => Optimiser::adam,
            "sgd" => Optimiser::sgd,
            other => unreachable!("optimiser '{other}' has passed the check of its domain"),
        };
        Ok(Self {
            sigma: Schedule::from_settings(settings, "sigma")?,
            learning_rate: Schedule::from_settings(settings, "learning-rate")?,
            weight_decay: settings.number("weight-decay"),
            optimiser: optimiser(start.genes, momentum),
            noise: start.noise(),
            population: start.population,
            centre: start.centre.into_iter().map(f64::from).collect(),
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.allow(self.population, self.noise)
            && self.population.is_multiple_of(2)
            && limits.is_genome(&self.centre)
            && self.sigma.is_valid()
            && self.learning_rate.is_valid()
            && are_positive(&[self.sigma.value(), self.learning_rate.value()])
            && are_non_negative(&[self.weight_decay])
            && self.optimiser.is_valid(limits.genes)
    }
}

impl Strategy for OpenAiEs {
    fn ask(&self) -> Proposal {
        Proposal::Gaussian(Gaussian {
            centre: self.centre_single().collect(),
            scale: Scale::Uniform(self.sigma.value() as f32),
            noise: self.noise,
            individuals: self.population,
            mirrored: true,
        })
    }

    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(self.population)?;
        let utilities = fitness.centred_ranks().iter().map(|&u| u as f32).collect();
        let sum = first_moment(recombine, utilities, self.centre.len())?;
        if !fitness.is_flat() {
            self.ascend(&sum)?;
        }
        self.sigma.advance();
        self.learning_rate.advance();
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre_single().collect())
    }

    fn step_size(&self) -> f64 {
        self.sigma.value()
    }
}

impl OpenAiEs {
    /// Algorithm 1: takes one step along the gradient, given the weighted sum of noise.
    fn ascend(&mut self, sum: &[f64]) -> Result<()> {
        let scale = 1.0 / (self.population as f64 * self.sigma.value());
        let pairs = sum.iter().zip(&self.centre);
        let gradient: Vec<f64> =
            pairs.map(|(sum, gene)| scale * sum - self.weight_decay * gene).collect();
        let step = self.optimiser.step(&gradient, self.learning_rate.value());
        let moved: Vec<f64> =
            self.centre.iter().zip(step).map(|(gene, step)| gene + step).collect();
        if moved.iter().all(|&gene| (gene as f32).is_finite()) {
            self.centre = moved;
            return Ok(());
        }
        let (expected, rate) = ("steps that keep every gene finite", self.learning_rate.value());
        Err(Error::invalid("--set learning-rate", expected, rate)
            .advise("choose a smaller one, or a smaller weight decay"))
    }

    fn centre_single(&self) -> impl Iterator<Item = f32> {
        self.centre.iter().map(|&gene| gene as f32)
    }
}
