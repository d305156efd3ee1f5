//! Readouts: the interpretation of a champion's outputs as an action or an answer.

use serde::{Deserialize, Serialize};

use crate::math::Real;
use crate::task::{Actions, Kind, Objective, Task};

/// The interpretation of a network's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
            Kind::Control(simulation) => match simulation.shape().actions {
                Actions::Choice(count) => Self::Choice { count },
                Actions::Force { count, limit } => Self::Force { count, limit },
            },
            Kind::Data(data) => match data.objective {
                Objective::CrossEntropy => Self::Class { count: data.outputs },
                Objective::Closeness => Self::Side,
                Objective::SquaredError => Self::Number,
            },
            Kind::Function(_) => Self::Point,
        }
    }

    /// The action for outputs, `[outputs]`.
    pub fn decide(self, outputs: &[f64]) -> Vec<f64> {
        let decide = |actions: Actions| {
            let mut action = vec![0.0; actions.size()];
            actions.decide(outputs, &mut action);
            action
        };
        match self {
            Self::Choice { count } | Self::Class { count } => decide(Actions::Choice(count)),
            Self::Force { count, limit } => decide(Actions::Force { count, limit }),
            Self::Side => vec![if outputs[0].above(0.0) { 1.0 } else { 0.0 }],
            Self::Number | Self::Point => outputs.to_vec(),
        }
    }

    /// The readout in words.
    pub fn sentence(self) -> String {
        let largest =
            |count| format!("is the index of the largest of {count} outputs, the first of equals");
        match self {
            Self::Choice { count } => format!("the action {}", largest(count)),
            Self::Force { limit, .. } => format!("the action is {limit:?} * tanh(output)"),
            Self::Class { count } => format!("the class {}", largest(count)),
            Self::Side => "the answer is 1 where the output is above 0, else 0".into(),
            Self::Number => "the answer is the output".into(),
            Self::Point => "the parameters are a point; the outputs mean nothing".into(),
        }
    }
}
