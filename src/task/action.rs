//! Actions: the conversion of network outputs to the action that a task takes.
//!
//! The WGSL twin is `shaders/task/action.wgsl`.

// The compiler unrolls indexed loops over a few vectors.
#![allow(clippy::needless_range_loop)]

use crate::math::Real;

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
}

impl Actions {
    /// The number of outputs that a network needs.
    pub fn outputs(self) -> usize {
        match self {
            Self::Choice(count) | Self::Force { count, .. } => count,
        }
    }

    /// The length of an action.
    pub const fn size(self) -> usize {
        match self {
            Self::Choice(_) => 1,
            Self::Force { count, .. } => count,
        }
    }

    /// Writes the action that the outputs select.
    #[inline(always)]
    pub fn decide<R: Real>(self, outputs: &[R], action: &mut [R]) {
        match self {
            Self::Choice(count) => {
                let (mut best, mut choice) = (outputs[0], R::from_f64(0.0));
                for k in 1..count {
                    let better = outputs[k].above(best);
                    best = R::select(better, outputs[k], best);
                    choice = R::select(better, R::from_f64(k as f64), choice);
                }
                action[0] = choice;
            }
            Self::Force { count, limit } => {
                for k in 0..count {
                    action[k] = R::from_f64(limit) * outputs[k].tanh();
                }
            }
        }
    }
}
