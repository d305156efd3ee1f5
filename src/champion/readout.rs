//! Readouts: the interpretation of a champion's outputs as an action or an answer.

use serde::{Deserialize, Serialize};

use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::math::Real;
use crate::task::{ActionPart, Actions, DataSet, Kind, Objective, Task};

/// The interpretation of a network's outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Readout {
    /// The action is the index of the largest output, the first of equal ones.
    Choice {
        /// The number of actions.
        count: usize,
    },
    /// The action is `limit * tanh(output)` for each output, in the task's unit.
    Force {
        /// The number of forces.
        count: usize,
        /// The largest magnitude.
        limit: f64,
    },
    /// The action has numbers of several kinds, each with outputs of its own, in the task's units.
    Mixed {
        /// The numbers, in order.
        parts: Vec<ActionPart>,
    },
    /// The answer is the index of the largest output, the first of equal ones.
    Class {
        /// The number of classes.
        count: usize,
    },
    /// The answer is 1 if the output is above 0, else 0.
    Side,
    /// The answer is the output, in the target's unit.
    Number,
    /// The genome is a point in the domain of a function. It does not act.
    Point,
}

impl Readout {
    /// The readout of a task.
    pub fn for_task(task: &dyn Task) -> Self {
        match task.kind() {
            Kind::Control(simulation) => Self::for_actions(simulation.shape().actions),
            Kind::Data(data) => Self::for_data(data),
            Kind::Function(_) => Self::Point,
        }
    }

    /// The readout for the actions of a control task.
    pub fn for_actions(actions: Actions) -> Self {
        match actions {
            Actions::Choice(count) => Self::Choice { count },
            Actions::Force { count, limit } => Self::Force { count, limit },
            Actions::Mixed(parts) => Self::Mixed { parts: parts.to_vec() },
        }
    }

    /// The readout for a data set.
    pub fn for_data(data: &DataSet) -> Self {
        match data.objective {
            Objective::CrossEntropy => Self::Class { count: data.outputs },
            Objective::Closeness => Self::Side,
            Objective::SquaredError => Self::Number,
        }
    }

    /// Checks that outputs of a number can be interpreted.
    ///
    /// # Errors
    /// Returns an error if the readout needs another number of outputs, or if its limit is not a
    /// positive number.
    pub fn check(&self, outputs: usize) -> Result<()> {
        let needed = match self {
            Self::Choice { count } | Self::Class { count } | Self::Force { count, .. } => *count,
            // The sum of any counts in a file does not overflow.
            Self::Mixed { parts } => {
                parts.iter().fold(0, |sum: usize, part| sum.saturating_add(part.outputs()))
            }
            Self::Side => 1,
            Self::Number | Self::Point => outputs,
        };
        if needed != outputs || outputs == 0 {
            let expected = counted(needed.max(1) as u64, "outputs");
            let expected = format!("{expected}, because {}", self.sentence());
            return Err(Error::invalid("a champion's network", expected, outputs));
        }
        match self {
            Self::Force { limit, .. } if !(limit.is_finite() && *limit > 0.0) => {
                Err(Error::invalid("a champion's action", "a finite limit above 0", limit))
            }
            Self::Mixed { parts } => parts.iter().try_for_each(|part| match *part {
                ActionPart::Choice { count: 0 } => {
                    Err(Error::invalid("a champion's action", "choices", 0))
                }
                ActionPart::Range { low, high } if !(low < high && (high - low).is_finite()) => {
                    let expected = "a finite range that is not empty";
                    Err(Error::invalid("a champion's action", expected, format!("{low}..{high}")))
                }
                _ => Ok(()),
            }),
            _ => Ok(()),
        }
    }

    /// Checks that the readout is the one of a task.
    ///
    /// # Errors
    /// Returns an error if it is another one.
    pub fn check_equal(&self, expected: &Self) -> Result<()> {
        let is_equal = match (self, expected) {
            // A limit may lose its last bit in a file.
            (Self::Force { count, limit }, Self::Force { count: others, limit: other }) => {
                count == others && (limit - other).abs() <= 1e-12 * *other
            }
            (this, other) => this == other,
        };
        match is_equal {
            true => Ok(()),
            false => Err(Error::invalid(
                "a champion",
                format!("one of this task, where {}", expected.sentence()),
                format!("one where {}", self.sentence()),
            )),
        }
    }

    /// The action for outputs, `[outputs]`.
    ///
    /// # Errors
    /// Returns an error if the readout needs another number of outputs.
    pub fn decide(&self, outputs: &[f64]) -> Result<Vec<f64>> {
        self.check(outputs.len())?;
        let decide = |actions: Actions| {
            let mut action = vec![0.0; actions.size()];
            actions.decide(outputs, &mut action);
            action
        };
        Ok(match *self {
            Self::Choice { count } | Self::Class { count } => decide(Actions::Choice(count)),
            Self::Force { count, limit } => decide(Actions::Force { count, limit }),
            Self::Mixed { ref parts } => {
                numbered(parts).map(|(first, part)| part.decide(&outputs[first..])).collect()
            }
            Self::Side => vec![if outputs[0].above(0.0) { 1.0 } else { 0.0 }],
            Self::Number | Self::Point => outputs.to_vec(),
        })
    }

    /// The readout in words.
    pub fn sentence(&self) -> String {
        let largest = |count| {
            format!(
                "is the index of the largest of {}, the first of equals",
                counted(count as u64, "outputs")
            )
        };
        match *self {
            Self::Choice { count } => format!("the action {}", largest(count)),
            Self::Force { limit, .. } => format!("the action is {limit:?} * tanh(output)"),
            Self::Mixed { ref parts } => {
                let numbers = numbered(parts).map(|(first, part)| match *part {
                    ActionPart::Choice { count } => {
                        format!("the index of the largest of {count} outputs from {first}")
                    }
                    ActionPart::Range { low, high } => {
                        let [middle, half] = ActionPart::middle_and_half(low, high);
                        format!("{middle:?} + {half:?} * tanh(output {first})")
                    }
                    ActionPart::Output => format!("output {first}"),
                });
                format!("the action is [{}]", numbers.collect::<Vec<_>>().join(", "))
            }
            Self::Class { count } => format!("the class {}", largest(count)),
            Self::Side => "the answer is 1 where the output is above 0, else 0".into(),
            Self::Number => "the answer is the output".into(),
            Self::Point => "the parameters are a point; the outputs mean nothing".into(),
        }
    }
}

/// Each part of an action, with the index of its first output.
pub fn numbered(parts: &[ActionPart]) -> impl Iterator<Item = (usize, &ActionPart)> {
    parts.iter().scan(0, |next, part| {
        let first = *next;
        *next += part.outputs();
        Some((first, part))
    })
}
