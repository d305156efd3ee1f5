//! Actions: the conversion of network outputs to the action that a task takes.
//!
//! The WGSL twin is `shaders/task/action.wgsl`.

// The compiler unrolls indexed loops over a few vectors.
#![allow(clippy::needless_range_loop)]

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::math::Real;

/// One number of an action, and how network outputs decide it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ActionPart {
    /// The index of the largest of several outputs; the first of equal outputs wins.
    Choice {
        /// The number of outputs.
        count: usize,
    },
    /// A number with a range: `middle + half * tanh(output)`.
    Range {
        /// The smallest value, in the task's unit.
        low: f64,
        /// The largest value.
        high: f64,
    },
    /// The output as it is.
    Output,
}

impl ActionPart {
    /// The number of outputs that decide the number.
    pub const fn outputs(self) -> usize {
        match self {
            Self::Choice { count } => count,
            Self::Range { .. } | Self::Output => 1,
        }
    }

    /// The smallest and the largest number; infinite where there is no limit.
    pub(super) fn range(self) -> [f64; 2] {
        match self {
            Self::Choice { count } => [0.0, count.saturating_sub(1) as f64],
            Self::Range { low, high } => [low, high],
            Self::Output => [f64::NEG_INFINITY, f64::INFINITY],
        }
    }

    /// The middle of a range, and half of its length; both are exact in single precision.
    pub fn middle_and_half(low: f64, high: f64) -> [f64; 2] {
        [0.5 * (low + high), 0.5 * (high - low)].map(|number| f64::from(number as f32))
    }

    /// Returns the number that outputs decide.
    #[inline(always)]
    pub fn decide<R: Real>(self, outputs: &[R]) -> R {
        match self {
            Self::Choice { count } => {
                let (mut best, mut choice) = (outputs[0], R::from_f64(0.0));
                for k in 1..count {
                    let better = outputs[k].above(best);
                    best = R::select(better, outputs[k], best);
                    choice = R::select(better, R::from_f64(k as f64), choice);
                }
                choice
            }
            Self::Range { low, high } => {
                let [middle, half] = Self::middle_and_half(low, high);
                R::from_f64(middle) + R::from_f64(half) * outputs[0].tanh()
            }
            Self::Output => outputs[0],
        }
    }
}

/// The actions of a control task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Actions {
    /// One of several choices. The action is the index of the largest output; the first of equal
    /// outputs wins.
    Choice(usize),
    /// Continuous forces, each `limit * tanh(output)`.
    Force {
        /// The number of forces in an action.
        count: usize,
        /// The largest magnitude of a force, in the task's unit.
        limit: f64,
    },
    /// Numbers of several kinds, each with outputs of its own.
    Mixed(&'static [ActionPart]),
}

impl Actions {
    /// The number of outputs that a network needs.
    pub fn outputs(self) -> usize {
        match self {
            Self::Choice(count) | Self::Force { count, .. } => count,
            Self::Mixed(parts) => parts.iter().map(|part| part.outputs()).sum(),
        }
    }

    /// The length of an action.
    pub const fn size(self) -> usize {
        match self {
            Self::Choice(_) => 1,
            Self::Force { count, .. } => count,
            Self::Mixed(parts) => parts.len(),
        }
    }

    /// Returns the parts that decide the numbers of an action, in order.
    pub fn parts(self) -> Cow<'static, [ActionPart]> {
        match self {
            Self::Choice(count) => Cow::Owned(vec![ActionPart::Choice { count }]),
            Self::Force { count, limit } => {
                Cow::Owned(vec![ActionPart::Range { low: -limit, high: limit }; count])
            }
            Self::Mixed(parts) => Cow::Borrowed(parts),
        }
    }

    /// Returns the WGSL function `action_decide`.
    pub fn wgsl(self) -> Cow<'static, str> {
        let Self::Mixed(parts) = self else {
            return Cow::Borrowed(include_str!("../../shaders/task/action.wgsl"));
        };
        let mut text = String::from("fn action_decide(outputs: Outputs) -> Action {\n");
        text.push_str("    var action: Action;\n");
        let mut first = 0;
        for (k, part) in parts.iter().enumerate() {
            let lines = match *part {
                ActionPart::Choice { count } => (1..count).fold(
                    format!("    var best_{k} = outputs[{first}u];\n"),
                    |mut lines, choice| {
                        let output = format!("outputs[{}u]", first + choice);
                        let _ = writeln!(
                            lines,
                            "    if ({output} > best_{k}) {{ best_{k} = {output}; \
                             action[{k}u] = {choice}.0; }}"
                        );
                        lines
                    },
                ),
                ActionPart::Range { low, high } => {
                    let [middle, half] = ActionPart::middle_and_half(low, high);
                    let (middle, half) = (middle as f32, half as f32);
                    let tanh = format!("math_tanh(outputs[{first}u])");
                    format!("    action[{k}u] = {middle:?}f + {half:?}f * {tanh};\n")
                }
                ActionPart::Output => format!("    action[{k}u] = outputs[{first}u];\n"),
            };
            text.push_str(&lines);
            first += part.outputs();
        }
        text.push_str("    return action;\n}\n");
        Cow::Owned(text)
    }

    /// Writes the action that the outputs select.
    #[inline(always)]
    pub fn decide<R: Real>(self, outputs: &[R], action: &mut [R]) {
        match self {
            Self::Choice(count) => action[0] = ActionPart::Choice { count }.decide(outputs),
            Self::Force { count, limit } => {
                for k in 0..count {
                    action[k] = R::from_f64(limit) * outputs[k].tanh();
                }
            }
            Self::Mixed(parts) => {
                let mut first = 0;
                for (number, part) in action.iter_mut().zip(parts) {
                    *number = part.decide(&outputs[first..]);
                    first += part.outputs();
                }
            }
        }
    }
}
