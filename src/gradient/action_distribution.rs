//! Distributions of actions: draws, log probabilities and their derivatives.
//!
//! A choice has the softmax of its outputs. A number is normal: its mean is the output, or the
//! hyperbolic tangent of the output if it is bounded, and its deviation is a parameter of its own.

use rand::RngExt;
use rand_distr::StandardNormal;

use super::ActionKind;
use crate::random::Generator;

/// ln(2 pi) / 2.
const HALF_LN_TWO_PI: f32 = 0.918_938_5;

/// The distribution of the actions of a task.
pub struct ActionDistribution<'a> {
    /// The kind of each number.
    pub kinds: &'a [ActionKind],
    /// The logarithm of each number's deviation, `f32[numbers]`; choices ignore theirs.
    pub log_deviations: &'a [f32],
}

/// The derivatives of a log probability and of the entropy.
#[derive(Clone, Debug, Default)]
pub struct ActionSlopes {
    /// The log probability of the action.
    pub log_probability: f32,
    /// Its derivative by each output.
    pub outputs: Vec<f32>,
    /// Its derivative by the logarithm of each deviation.
    pub log_deviations: Vec<f32>,
    /// The derivative of the entropy by each output.
    pub entropy: Vec<f32>,
}

impl ActionDistribution<'_> {
    /// Draws an action, and returns its log probability.
    pub fn draw(&self, outputs: &[f32], action: &mut [f32], generator: &mut Generator) -> f32 {
        let (mut first, mut sum) = (0, 0.0);
        for ((kind, number), log) in self.kinds.iter().zip(action).zip(self.log_deviations) {
            let outputs = &outputs[first..first + kind.outputs()];
            first += outputs.len();
            match kind {
                ActionKind::Choice(_) => {
                    let shares = softmax(outputs);
                    let mut left: f32 = generator.random();
                    let last = shares.len() - 1;
                    let choice = shares[..last].iter().position(|share| {
                        left -= share;
                        left < 0.0
                    });
                    let choice = choice.unwrap_or(last);
                    *number = choice as f32;
                    sum += shares[choice].ln();
                }
                ActionKind::Bounded | ActionKind::Free => {
                    let normal: f32 = generator.sample(StandardNormal);
                    *number = mean(*kind, outputs[0]) + log.exp() * normal;
                    sum -= 0.5 * normal * normal + log + HALF_LN_TWO_PI;
                }
            }
        }
        sum
    }

    /// Writes the log probability of an action, and its derivatives.
    pub fn slopes(&self, outputs: &[f32], action: &[f32], slopes: &mut ActionSlopes) {
        let ActionSlopes { log_probability, outputs: by_output, log_deviations, entropy } = slopes;
        *log_probability = 0.0;
        for numbers in [&mut *by_output, &mut *entropy, &mut *log_deviations] {
            numbers.clear();
        }
        let mut first = 0;
        for ((kind, &number), &log) in self.kinds.iter().zip(action).zip(self.log_deviations) {
            let outputs = &outputs[first..first + kind.outputs()];
            first += outputs.len();
            match kind {
                ActionKind::Choice(_) => {
                    let shares = softmax(outputs);
                    *log_probability += shares[number as usize].ln();
                    let surprise = |share: f32| -share * share.max(f32::MIN_POSITIVE).ln();
                    let total: f32 = shares.iter().copied().map(surprise).sum();
                    for (choice, &share) in shares.iter().enumerate() {
                        by_output.push(f32::from(u8::from(choice == number as usize)) - share);
                        entropy.push(surprise(share) - share * total);
                    }
                    log_deviations.push(0.0);
                }
                ActionKind::Bounded | ActionKind::Free => {
                    let middle = mean(*kind, outputs[0]);
                    let deviation = log.exp();
                    let distance = (number - middle) / deviation;
                    let rise = match kind {
                        ActionKind::Bounded => 1.0 - middle * middle,
                        _ => 1.0,
                    };
                    *log_probability -= 0.5 * distance * distance + log + HALF_LN_TWO_PI;
                    by_output.push(distance / deviation * rise);
                    entropy.push(0.0);
                    log_deviations.push(distance * distance - 1.0);
                }
            }
        }
    }
}

/// The mean of a number.
fn mean(kind: ActionKind, output: f32) -> f32 {
    if kind == ActionKind::Bounded { output.tanh() } else { output }
}

/// Returns the probability of each choice.
fn softmax(outputs: &[f32]) -> Vec<f32> {
    let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares: Vec<f32> = outputs.iter().map(|output| (output - largest).exp()).collect();
    let sum: f32 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}
