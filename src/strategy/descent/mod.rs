//! Descent: strategies that follow the exact gradient of a loss, one network at a time.
//!
//! A generation is an epoch: every training sample once, in minibatches whose order the seed and
//! the generation decide. On a function, whose gradient has no samples, it is one step. The network
//! is the only individual of the population. It is scored before the epoch.
//!
//! # Evaluations
//!
//! A gradient counts as three passes over its samples: one forward, and two for the backward pass,
//! which multiplies by the weights and by the activations. With the score, a generation takes four
//! evaluations.
//!
//! # Rules
//!
//! [`adam`] and [`sgd`] differ only in their [`Rule`], which turns a gradient into a step.

pub(super) mod adam;
pub(super) mod sgd;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::entry::Begin;
use super::schedule::Schedule;
use super::state_limits::{StateLimits, are_non_negative, are_positive};
use super::{Domain, Fitness, Recombination, Recommendation, Setting, Settings, Start, Strategy};
use crate::error::{Error, Result};
use crate::gradient::{Lesson, LossGradient};
use crate::population::{ExplicitGenomes, NoiseKey, Proposal};
use crate::random::Stream;

/// A rule that turns a gradient into a step of descent.
trait Rule: Serialize + DeserializeOwned + Sized + Send + 'static {
    /// Creates the rule before its first step.
    fn from_settings(settings: &Settings, genes: usize) -> Self;

    /// Moves the genes against a gradient. `noise` is the key of a generation's noise, and
    /// `number` counts the steps of the generation.
    fn step(
        &mut self,
        genome: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
        noise: NoiseKey,
        number: usize,
    );

    /// True if a state for this number of genes can have these numbers.
    fn is_valid(&self, genes: usize) -> bool;
}

/// The settings that all rules share, before and after those of a rule.
const RATE: Setting = Setting {
    key: "learning-rate",
    meaning: "step size",
    default: "0.001",
    domain: Domain::Positive,
};
const RATE_DECAY: Setting = Setting {
    key: "learning-rate-decay",
    meaning: "factor by which the learning rate is multiplied after each generation",
    default: "1",
    domain: Domain::Share,
};
const RATE_LIMIT: Setting = Setting {
    key: "learning-rate-limit",
    meaning: "smallest learning rate that the decay reaches",
    default: "0.00001",
    domain: Domain::Positive,
};
const BATCH: Setting = Setting {
    key: "batch",
    meaning: "samples of a step; more than there are means all",
    default: "32",
    domain: Domain::Count(1, 1 << 24),
};
const WEIGHT_DECAY: Setting = Setting {
    key: "weight-decay",
    meaning: "pull of every gene towards 0: each step subtracts the learning rate times this \
              times the gene (decoupled)",
    default: "0",
    domain: Domain::NonNegative,
};
const CLIP: Setting = Setting {
    key: "clip",
    meaning: "longest gradient; a longer one is shortened to this length, and 0 leaves all as they \
              are",
    default: "0",
    domain: Domain::NonNegative,
};

/// A descent with its rule.
#[derive(Serialize, Deserialize)]
#[serde(bound = "R: Rule")]
struct Descent<R> {
    genome: Vec<f32>,
    rule: R,
    rate: Schedule,
    batch: usize,
    weight_decay: f64,
    clip: f64,
    noise: NoiseKey,
}

impl<R: Rule> Begin for Descent<R> {
    fn begin(settings: &Settings, start: Start) -> Result<Self> {
        Ok(Self {
            rule: R::from_settings(settings, start.genes),
            rate: Schedule::from_settings(settings, "learning-rate")?,
            batch: settings.count("batch"),
            weight_decay: settings.number("weight-decay"),
            clip: settings.number("clip"),
            noise: start.noise(),
            genome: start.centre,
        })
    }

    fn is_valid(&self, limits: &StateLimits) -> bool {
        limits.allow(1, self.noise)
            && self.genome.len() == limits.genes
            && self.genome.iter().all(|gene| gene.is_finite())
            && self.rule.is_valid(limits.genes)
            && self.rate.is_valid()
            && are_positive(&[self.rate.value()])
            && are_non_negative(&[self.weight_decay, self.clip])
            && self.batch > 0
    }
}

impl<R: Rule> Strategy for Descent<R> {
    fn ask(&self) -> Proposal {
        let genomes = self.genome.clone().into();
        Proposal::Explicit(ExplicitGenomes { genomes, genes: self.genome.len() })
    }

    fn tell(&mut self, fitness: &Fitness, _: &mut Recombination<'_>) -> Result<()> {
        fitness.expect_population(1)
    }

    fn learn(&mut self, lesson: Lesson<'_>) -> Result<()> {
        let Lesson::Loss(loss) = lesson else {
            return Err(Error::invalid(
                "a lesson of descent",
                "a loss with a gradient",
                "episodes",
            ));
        };
        let genome = self.epoch(loss)?;
        self.genome = genome;
        self.rate.advance();
        self.noise.generation += 1;
        Ok(())
    }

    fn recommend(&self) -> Recommendation {
        Recommendation::Genome(self.genome.clone())
    }

    fn step_size(&self) -> f64 {
        self.rate.value()
    }
}

impl<R: Rule> Descent<R> {
    /// Returns the genome after a step for each minibatch.
    fn epoch(&mut self, loss: &mut dyn LossGradient) -> Result<Vec<f32>> {
        let rate = self.rate.value();
        let mut genome = self.genome.clone();
        let mut gradient = vec![0.0; genome.len()];
        let mut generator = self.noise.counter(Stream::Selection, 0).generator();
        let mut samples: Vec<u32> = (0..loss.samples() as u32).collect();
        if self.batch < samples.len() {
            generator.shuffle(&mut samples);
        }
        for (number, batch) in samples.chunks(self.batch).enumerate() {
            loss.descend(&genome, batch, &mut gradient);
            if self.clip > 0.0 {
                clip(&mut gradient, self.clip);
            }
            if self.weight_decay > 0.0 {
                let kept = (1.0 - rate * self.weight_decay) as f32;
                genome.iter_mut().for_each(|gene| *gene *= kept);
            }
            self.rule.step(&mut genome, &mut gradient, rate, self.noise, number);
        }
        if genome.iter().all(|gene| gene.is_finite()) {
            return Ok(genome);
        }
        Err(Error::invalid("--set learning-rate", "steps that keep every gene finite", rate)
            .advise("choose a smaller one, or limit the gradient with --set clip"))
    }
}

/// Shortens a gradient to a largest length.
pub(super) fn clip(gradient: &mut [f32], largest: f64) {
    let length = gradient.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
    if length > largest {
        let scale = (largest / length) as f32;
        gradient.iter_mut().for_each(|g| *g *= scale);
    }
}
