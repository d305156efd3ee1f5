//! `adam`: descent along a gradient whose size is adapted for each gene.
//!
//! A step moves every gene by the learning rate times the ratio of two decaying means: that of its
//! gradient, and the root of that of its square.
//!
//! # Settings
//!
//! `learning-rate` with a decay and a limit, `momentum` (beta 1), `second-momentum` (beta 2),
//! `batch`, `weight-decay`, `clip`.
//!
//! # Source
//!
//! Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1. Weight
//! decay is decoupled: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.

use serde::{Deserialize, Serialize};

use super::{BATCH, CLIP, Descent, RATE, RATE_DECAY, RATE_LIMIT, Rule, WEIGHT_DECAY};
use crate::math::{Instructions, SimdWork, run_simd};
use crate::population::NoiseKey;
use crate::strategy::entry::PointDefault::{Deviations, Value};
use crate::strategy::entry::{LessonKind, PointDefaults};
use crate::strategy::{Domain, Entry, Setting, Settings};

pub(in crate::strategy) const ENTRY: Entry = Entry {
    name: "adam",
    summary: "follows the exact gradient of the loss, by backpropagation, with Adam's steps",
    idea: "A generation is an epoch of minibatches: the gradient of the loss over some samples is \
           computed exactly, by backpropagation, and each gene moves by the learning rate times \
           the mean of its gradients over the root of the mean of their squares. It is the \
           opponent of evolution on data sets and functions. A gradient counts as three passes \
           over its samples.",
    when: "Use it on data sets and functions whose loss is smooth, and to see what evolution costs \
           beside it. Avoid it for hard thresholds, through which no gradient passes; it refuses \
           control tasks and recurrent networks.",
    source: "Kingma and Ba 2015, arXiv:1412.6980",
    points: PointDefaults {
        population: None,
        settings: &[
            Deviations("learning-rate", 0.1),
            Value("learning-rate-decay", "0.99"),
            Deviations("learning-rate-limit", 1e-6),
        ],
    },
    settings: &[
        RATE,
        RATE_DECAY,
        RATE_LIMIT,
        Setting {
            key: "momentum",
            meaning: "share of the mean gradient that a step keeps (beta 1)",
            default: "0.9",
            domain: Domain::ShareBelowOne,
        },
        Setting {
            key: "second-momentum",
            meaning: "share of the mean squared gradient that a step keeps (beta 2)",
            default: "0.999",
            domain: Domain::ShareBelowOne,
        },
        BATCH,
        WEIGHT_DECAY,
        CLIP,
    ],
    lesson: LessonKind::Loss,
    least_population: 1,
    written_bytes: 16,
    ..Entry::of::<Descent<Adam>>()
};

/// The term that keeps a step from dividing by zero, as published.
const EPSILON: f32 = 1e-8;

/// Adam's decaying means.
#[derive(Serialize, Deserialize)]
pub(in crate::strategy) struct Adam {
    momentum: f64,
    second_momentum: f64,
    /// The mean of gradients, `f32[genes]`.
    first: Vec<f32>,
    /// The mean of squared gradients, `f32[genes]`.
    second: Vec<f32>,
    steps: i32,
}

impl Adam {
    /// Creates the means of a number of genes, all zero.
    pub(in crate::strategy) fn new(genes: usize, momentum: f64, second_momentum: f64) -> Self {
        let (first, second) = (vec![0.0; genes], vec![0.0; genes]);
        Self { momentum, second_momentum, first, second, steps: 0 }
    }

    /// Moves the genes by one step.
    pub(in crate::strategy) fn descend(&mut self, genome: &mut [f32], gradient: &[f32], rate: f64) {
        // By the time this saturates, both corrections are 1 to the last bit.
        self.steps = self.steps.saturating_add(1);
        let correction = 1.0 - self.momentum.powi(self.steps);
        let second_correction = (1.0 - self.second_momentum.powi(self.steps)).sqrt();
        run_simd(AdamStep {
            genome,
            gradient,
            first: &mut self.first,
            second: &mut self.second,
            momentum: self.momentum as f32,
            second_momentum: self.second_momentum as f32,
            rate: (rate / correction) as f32,
            second_scale: (1.0 / second_correction) as f32,
        });
    }

    /// True if a state for this number of genes can have these numbers.
    pub(in crate::strategy) fn has_valid_state(&self, genes: usize) -> bool {
        let is_share = |share: f64| (0.0..1.0).contains(&share);
        is_share(self.momentum)
            && is_share(self.second_momentum)
            && self.first.len() == genes
            && self.second.len() == genes
            && self.first.iter().all(|mean| mean.is_finite())
            && self.second.iter().all(|mean| mean.is_finite() && *mean >= 0.0)
            && self.steps >= 0
    }
}

impl Rule for Adam {
    fn from_settings(settings: &Settings, genes: usize) -> Self {
        Self::new(genes, settings.number("momentum"), settings.number("second-momentum"))
    }

    fn step(&mut self, genome: &mut [f32], gradient: &mut [f32], rate: f64, _: NoiseKey, _: usize) {
        self.descend(genome, gradient, rate);
    }

    fn is_valid(&self, genes: usize) -> bool {
        self.has_valid_state(genes)
    }
}

/// One step of all genes.
struct AdamStep<'a> {
    genome: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    momentum: f32,
    second_momentum: f32,
    /// The learning rate over the correction of the first mean.
    rate: f32,
    /// One over the root of the correction of the second mean.
    second_scale: f32,
}

impl SimdWork for AdamStep<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(self) {
        let (rest, second_rest) = (1.0 - self.momentum, 1.0 - self.second_momentum);
        let means = self.first.iter_mut().zip(self.second.iter_mut());
        let genes = self.genome.iter_mut().zip(self.gradient).zip(means);
        for ((gene, &slope), (first, second)) in genes {
            *first = self.momentum * *first + rest * slope;
            *second = self.second_momentum * *second + second_rest * (slope * slope);
            *gene -= self.rate * *first / (second.sqrt() * self.second_scale + EPSILON);
        }
    }
}
