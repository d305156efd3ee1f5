//! Actions: how a network's outputs become what a task is told to do.
//!
//! Its twin is `shaders/task/action.wgsl`.

// Indexed loops over a handful of vectors are what the compiler unrolls.
#![allow(clippy::needless_range_loop)]

use crate::math::Real;

/// The actions of a control task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Actions {
    /// One of so many choices: the output that is largest, the first of equals. The action is its
    /// index.
    Choice(usize),
    /// So many forces, each `limit * tanh(output)`.
    Force {
        /// Forces in one action.
        count: usize,
        /// The largest magnitude, in the task's unit.
        limit: f64,
    },
}

impl Actions {
    /// Outputs that a network needs.
    pub fn outputs(self) -> usize {
        match self {
            Self::Choice(count) | Self::Force { count, .. } => count,
        }
    }

    /// Numbers in one action.
    pub const fn size(self) -> usize {
        match self {
            Self::Choice(_) => 1,
            Self::Force { count, .. } => count,
        }
    }

    /// The action that the outputs ask for.
    #[inline(always)]
    pub fn decide<R: Real>(self, outputs: &[R], action: &mut [R]) {
        match self {
            Self::Choice(count) => {
                let (mut best, mut choice) = (outputs[0], R::of(0.0));
                for k in 1..count {
                    let better = outputs[k].above(best);
                    best = R::select(better, outputs[k], best);
                    choice = R::select(better, R::of(k as f64), choice);
                }
                action[0] = choice;
            }
            Self::Force { count, limit } => {
                for k in 0..count {
                    action[k] = R::of(limit) * outputs[k].tanh();
                }
            }
        }
    }
}
