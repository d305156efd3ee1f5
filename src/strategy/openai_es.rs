//! `openai-es`: a round Gaussian whose centre climbs a gradient that ranks give.
//!
//! A generation is made of mirrored pairs, `centre + sigma * noise` and `centre - sigma * noise`.
//! Fitness counts by rank alone, from 0.5 for the best to -0.5 for the worst. The centre follows
//!
//! ```text
//! gradient = 1 / (n * sigma) * sum over individuals of utility * noise
//! centre  += step of the optimiser along (gradient - weight_decay * centre)
//! ```
//!
//! # Settings
//!
//! `sigma` and `learning-rate`, each with a decay and a limit; `optimiser` (`adam` or `sgd`) and
//! its `momentum`; `weight-decay`. The population is even.
//!
//! # When nothing can be learned
//!
//! A generation of equals, all failed among them, moves nothing: neither decay nor the momentum of
//! earlier generations is a reason to move. The schedules go on, and the next noise is new.
//!
//! # Source
//!
//! Salimans, Ho, Chen, Sidor and Sutskever, "Evolution strategies as a scalable alternative to
//! reinforcement learning", arXiv:1703.03864, 2017: Algorithm 1, and section 2.1 for mirrored
//! sampling, ranks and weight decay. Their program leaves out the division by sigma, which Adam
//! cannot tell; their weight decay of 0.005 at sigma 0.02 is therefore 0.25 here.

use serde::{Deserialize, Serialize};

use super::schedule::Schedule;
use super::{
    Domain, Entry, Fitness, Optimiser, Recommendation, Setting, Settings, Start, Strategy,
    expect_sum, save,
};
use crate::error::{Error, Result};
use crate::population::{Gaussian, Moments, NoiseKey, Proposal, Scale, Weights};

pub(super) const ENTRY: Entry = Entry {
    name: "openai-es",
    summary: "follows a gradient estimated from the ranks of mirrored pairs",
    source: "Salimans et al. 2017, arXiv:1703.03864",
    settings: SETTINGS,
    breeds: false,
    written_bytes: 0,
    population: None,
    preset: &[],
    grows: None,
    paints: None,
    begin,
    resume: save::resume::<OpenAiEs>,
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
        meaning: "factor on sigma after each generation",
        default: "1",
        domain: Domain::Share,
    },
    Setting {
        key: "sigma-limit",
        meaning: "least sigma that the decay leads to",
        default: "0.01",
        domain: Domain::Positive,
    },
    Setting {
        key: "learning-rate",
        meaning: "length of the optimiser's step; with adam, genes move about this far",
        default: "0.05",
        domain: Domain::Positive,
    },
    Setting {
        key: "learning-rate-decay",
        meaning: "factor on the learning rate after each generation",
        default: "1",
        domain: Domain::Share,
    },
    Setting {
        key: "learning-rate-limit",
        meaning: "least learning rate that the decay leads to",
        default: "0.001",
        domain: Domain::Positive,
    },
    Setting {
        key: "optimiser",
        meaning: "what turns the gradient into a step",
        default: "adam",
        domain: Domain::Word(&["adam", "sgd"]),
    },
    Setting {
        key: "momentum",
        meaning: "share of the mean gradient kept from generation to generation (adam's beta 1)",
        default: "0.9",
        domain: Domain::Share,
    },
    Setting {
        key: "weight-decay",
        meaning: "pull of every gene towards 0, added to the gradient as this times the gene",
        default: "0",
        domain: Domain::NotNegative,
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

fn begin(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    start.expect_pairs()?;
    let momentum = settings.number("momentum");
    if momentum >= 1.0 {
        let expected = "a number from 0 to below 1";
        return Err(Error::invalid("--set momentum", expected, momentum));
    }
    let optimiser = match settings.word("optimiser") {
        "adam" => Optimiser::adam,
        "sgd" => Optimiser::sgd,
        other => unreachable!("optimiser '{other}' has passed the check of its domain"),
    };
    Ok(Box::new(OpenAiEs {
        sigma: Schedule::of(settings, "sigma")?,
        learning_rate: Schedule::of(settings, "learning-rate")?,
        weight_decay: settings.number("weight-decay"),
        optimiser: optimiser(start.genes, momentum),
        noise: start.noise(),
        population: start.population,
        centre: start.centre.into_iter().map(f64::from).collect(),
    }))
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

    fn weights(&self, fitness: &Fitness) -> Option<Weights> {
        let utilities = fitness.centred_ranks();
        Some(Weights { first: utilities.iter().map(|&u| u as f32).collect(), second: None })
    }

    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()> {
        fitness.expect_population(self.population)?;
        let sum = expect_sum(moments, self.centre.len())?;
        if !fitness.is_flat() {
            self.climb(sum)?;
        }
        self.sigma.advance();
        self.learning_rate.advance();
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.centre_single().collect())
    }

    fn spread(&self) -> f64 {
        self.sigma.value()
    }
}

impl OpenAiEs {
    /// Algorithm 1: one step along the gradient that the weighted sum of noise stands for.
    fn climb(&mut self, sum: &[f64]) -> Result<()> {
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
