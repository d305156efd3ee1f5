//! Optimisers: they turn a gradient into a step of ascent, in double precision.
//!
//! # Shapes
//!
//! Gradient and step are `f64[genes]`. An optimiser stores one or two vectors of that length.
//!
//! # Source
//!
//! - Adam: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, Algorithm 1,
//!   with the sign reversed, because we ascend.
//! - Momentum: Polyak 1964, as an average of gradients (`v = momentum v + (1 - momentum) g`), as
//!   in `optimizers.py` of Salimans et al. 2017. A constant gradient then gives a step of learning
//!   rate times gradient at any momentum.
//! - ClipUp: Toklu, Liskowski and Srivastava, "ClipUp: a simple and powerful optimizer for
//!   distribution-based policy evolution", arXiv:2008.02387, 2020, Algorithm 1.
//!
//! # Example
//!
//! ```
//! use deme::strategy::Optimiser;
//! let mut adam = Optimiser::adam(2, 0.9);
//! let step = adam.step(&[3.0, -0.5], 0.01);
//! // The first step of Adam moves every gene by the learning rate.
//! assert!((step[0] - 0.01).abs() < 1e-8 && (step[1] + 0.01).abs() < 1e-8);
//! ```

use serde::{Deserialize, Serialize};

use super::state_limits::are_positive;

/// The decay of Adam's second moment, as published.
const BETA_2: f64 = 0.999;
/// The term that keeps Adam from dividing by zero, as published.
const EPSILON: f64 = 1e-8;

/// An optimiser with its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Optimiser {
    /// Steps that are scaled by the usual size of each gene's gradient.
    Adam {
        /// The decay of the first moment, beta 1.
        momentum: f64,
        /// The decaying mean of gradients, `f64[genes]`.
        first: Vec<f64>,
        /// The decaying mean of squared gradients, `f64[genes]`.
        second: Vec<f64>,
        /// The number of steps so far.
        steps: i32,
    },
    /// Stochastic gradient ascent with momentum.
    Sgd {
        /// The share of the velocity that a step keeps.
        momentum: f64,
        /// The decaying mean of gradients, `f64[genes]`.
        velocity: Vec<f64>,
    },
    /// Steps of fixed length along the gradient, accumulated into a velocity of limited length.
    ClipUp {
        /// The share of the velocity that a step keeps.
        momentum: f64,
        /// The longest velocity, in multiples of the learning rate.
        max_speed: f64,
        /// The last step, `f64[genes]`.
        velocity: Vec<f64>,
    },
}

impl Optimiser {
    /// Adam before its first step; `momentum` is beta 1, below 1.
    pub fn adam(genes: usize, momentum: f64) -> Self {
        Self::Adam { momentum, first: vec![0.0; genes], second: vec![0.0; genes], steps: 0 }
    }

    /// True if a state for this number of genes can have these numbers.
    pub(super) fn is_valid(&self, genes: usize) -> bool {
        let is_vector = |numbers: &[f64]| {
            numbers.len() == genes && numbers.iter().all(|number| number.is_finite())
        };
        let below_one = |momentum: f64| (0.0..1.0).contains(&momentum);
        match self {
            Self::Adam { momentum, first, second, steps } => {
                let is_sum = second.iter().all(|&square| square >= 0.0);
                below_one(*momentum)
                    && is_vector(first)
                    && is_vector(second)
                    && is_sum
                    && *steps >= 0
            }
            Self::Sgd { momentum, velocity } => below_one(*momentum) && is_vector(velocity),
            Self::ClipUp { momentum, max_speed, velocity } => {
                below_one(*momentum) && is_vector(velocity) && are_positive(&[*max_speed])
            }
        }
    }

    /// Gradient ascent with momentum, before its first step.
    pub fn sgd(genes: usize, momentum: f64) -> Self {
        Self::Sgd { momentum, velocity: vec![0.0; genes] }
    }

    /// ClipUp before its first step. The paper has a momentum of 0.9 and a `max_speed` of 2.
    pub fn clip_up(genes: usize, momentum: f64, max_speed: f64) -> Self {
        Self::ClipUp { momentum, max_speed, velocity: vec![0.0; genes] }
    }

    /// Returns the next step of ascent, given the gradient.
    pub fn step(&mut self, gradient: &[f64], learning_rate: f64) -> Vec<f64> {
        match self {
            Self::Adam { momentum, first, second, steps } => {
                // By the time this saturates, both corrections are 1 to the last bit.
                *steps = steps.saturating_add(1);
                let first_correction = 1.0 - momentum.powi(*steps);
                let second_correction = 1.0 - BETA_2.powi(*steps);
                update_means(first, gradient, *momentum, |g| g);
                update_means(second, gradient, BETA_2, |g| g * g);
                let one_gene = |(m, v): (&f64, &f64)| {
                    let (m, v) = (m / first_correction, v / second_correction);
                    learning_rate * m / (v.sqrt() + EPSILON)
                };
                first.iter().zip(&*second).map(one_gene).collect()
            }
            Self::Sgd { momentum, velocity } => {
                update_means(velocity, gradient, *momentum, |g| g);
                velocity.iter().map(|v| learning_rate * v).collect()
            }
            Self::ClipUp { momentum, max_speed, velocity } => {
                let norm = length(gradient);
                // A gradient of zero has no direction.
                let scale = if norm > 0.0 { learning_rate / norm } else { 0.0 };
                for (v, g) in velocity.iter_mut().zip(gradient) {
                    *v = *momentum * *v + scale * g;
                }
                let clip = (*max_speed * learning_rate / length(velocity)).min(1.0);
                velocity.iter_mut().for_each(|v| *v *= clip);
                velocity.clone()
            }
        }
    }
}

/// Returns the Euclidean length.
fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Updates `means = decay * means + (1 - decay) * of(gradient)`.
fn update_means(means: &mut [f64], gradient: &[f64], decay: f64, of: impl Fn(f64) -> f64) {
    for (mean, &g) in means.iter_mut().zip(gradient) {
        *mean = decay * *mean + (1.0 - decay) * of(g);
    }
}
