//! Rules: what a champion's outputs mean.

use serde::{Deserialize, Serialize};

use crate::math::Real;
use crate::task::{Actions, Kind, Objective, Task};

/// How outputs become an action, or an answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Readout {
    /// The index of the largest of so many outputs, the first of equals: the choice to take.
    Choice {
        /// Choices.
        count: usize,
    },
    /// `limit * tanh(output)`, one an output, in the task's unit.
    Force {
        /// Forces.
        count: usize,
        /// The largest magnitude.
        limit: f64,
    },
    /// The index of the largest of so many outputs, the first of equals: the class.
    Class {
        /// Classes.
        count: usize,
    },
    /// 1 where the output is above 0, else 0.
    Side,
    /// The output itself, in the target's unit.
    Number,
    /// None: the genome is a point, and there is nothing to act on.
    Point,
}

impl Readout {
    /// The rule of a task.
    pub fn of(task: &dyn Task) -> Self {
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

    /// The action that outputs ask for.
    pub fn decide(self, outputs: &[f64]) -> Vec<f64> {
        let by = |actions: Actions| {
            let mut action = vec![0.0; actions.size()];
            actions.decide(outputs, &mut action);
            action
        };
        match self {
            Self::Choice { count } | Self::Class { count } => by(Actions::Choice(count)),
            Self::Force { count, limit } => by(Actions::Force { count, limit }),
            Self::Side => vec![if outputs[0].above(0.0) { 1.0 } else { 0.0 }],
            Self::Number | Self::Point => outputs.to_vec(),
        }
    }

    /// The rule in a sentence.
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
