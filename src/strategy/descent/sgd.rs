//! `sgd`: stochastic gradient descent with momentum, and with noise if that is asked for.
//!
//! ```text
//! velocity = momentum * velocity + gradient + noise * normals
//! genome  -= learning rate * velocity
//! ```
//!
//! # Settings
//!
//! `learning-rate` with a decay and a limit, `momentum`, `batch`, `weight-decay`, `clip`, and
//! `noise`: the standard deviation of what is added to every gene's gradient.
//!
//! # Source
//!
//! Robbins and Monro 1951; Polyak 1964 and Sutskever, Martens, Dahl and Hinton, "On the importance
//! of initialization and momentum in deep learning", ICML 2013, equation 1, for momentum. Noise
//! lets descent leave saddle points: Ge, Huang, Jin and Yuan, "Escaping from saddle points",
//! COLT 2015, Algorithm 1.

use serde::{Deserialize, Serialize};

use super::{BATCH, CLIP, Descent, RATE, RATE_DECAY, RATE_LIMIT, Rule, WEIGHT_DECAY};
use crate::population::NoiseKey;
use crate::random::{NORMALS_PER_CHUNK, Stream, normal_table};
use crate::strategy::entry::PointDefault::{Deviations, Value};
use crate::strategy::entry::{LessonKind, PointDefaults};
use crate::strategy::state_limits::are_non_negative;
use crate::strategy::{Domain, Entry, Setting, Settings};

pub(in crate::strategy) const ENTRY: Entry = Entry {
    name: "sgd",
    summary: "follows the exact gradient of the loss, by backpropagation, with momentum",
    idea: "A generation is an epoch of minibatches: the gradient of the loss over some samples is \
           computed exactly, by backpropagation, and the genes move against the decaying sum of \
           such gradients. With noise, normals are added to every gradient. A gradient counts as \
           three passes over its samples.",
    when: "Use it as the plainest opponent of evolution on data sets and functions. Its learning \
           rate must suit the scale of the loss; adam is less sensitive. Avoid it for hard \
           thresholds; it refuses control tasks and recurrent networks.",
    source: "Robbins and Monro 1951; Polyak 1964",
    points: PointDefaults {
        population: None,
        settings: &[
            Value("learning-rate", "0.1"),
            Value("momentum", "0"),
            // A step is at most a tenth of the distance to the minimum.
            Deviations("clip", 1.0),
        ],
    },
    settings: &[
        Setting { default: "0.05", ..RATE },
        RATE_DECAY,
        RATE_LIMIT,
        Setting {
            key: "momentum",
            meaning: "share of the velocity that a step keeps",
            default: "0.9",
            domain: Domain::ShareBelowOne,
        },
        Setting {
            key: "noise",
            meaning: "standard deviation of the normals that are added to every gradient",
            default: "0",
            domain: Domain::NonNegative,
        },
        BATCH,
        WEIGHT_DECAY,
        CLIP,
    ],
    lesson: LessonKind::Loss,
    least_population: 1,
    written_bytes: 12,
    ..Entry::of::<Descent<Momentum>>()
};

/// The decaying sum of gradients.
#[derive(Serialize, Deserialize)]
struct Momentum {
    momentum: f64,
    noise: f64,
    /// `f32[genes]`.
    velocity: Vec<f32>,
}

impl Rule for Momentum {
    fn from_settings(settings: &Settings, genes: usize) -> Self {
        Self {
            momentum: settings.number("momentum"),
            noise: settings.number("noise"),
            velocity: vec![0.0; genes],
        }
    }

    fn step(
        &mut self,
        genome: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
        noise: NoiseKey,
        number: usize,
    ) {
        if self.noise > 0.0 {
            let (counter, scale) = (noise.counter(Stream::Noise, number), self.noise as f32);
            for (chunk, slopes) in gradient.chunks_mut(NORMALS_PER_CHUNK).enumerate() {
                let normals = counter.chunk_normals(normal_table(), chunk as u32);
                for (slope, normal) in slopes.iter_mut().zip(normals) {
                    *slope += scale * normal;
                }
            }
        }
        let (momentum, rate) = (self.momentum as f32, rate as f32);
        for ((gene, &slope), velocity) in genome.iter_mut().zip(&*gradient).zip(&mut self.velocity)
        {
            *velocity = momentum * *velocity + slope;
            *gene -= rate * *velocity;
        }
    }

    fn is_valid(&self, genes: usize) -> bool {
        (0.0..1.0).contains(&self.momentum)
            && are_non_negative(&[self.noise])
            && self.velocity.len() == genes
            && self.velocity.iter().all(|number| number.is_finite())
    }
}
