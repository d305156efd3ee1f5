//! MountainCarContinuous-v0: rock a weak car out of a valley, with as little force as possible.
//!
//! # Shapes and units
//!
//! State and observation: `[position, velocity]`, in the task's own units. Action: a force from -1
//! to 1. Reward -0.1 force^2 for every step, and 100 at the goal. An episode is cut off at 999
//! steps.
//!
//! # Source
//!
//! Gymnasium 1.x, `MountainCarContinuous-v0`. Gymnasium rounds its state to single precision after
//! every step; the reference here does not.

use std::borrow::Cow;

use super::mountaincar::{LEFT_WALL, RIGHT_WALL, SHOWN_SECONDS, roll};
use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct MountainCarContinuous;

const POWER: f64 = 0.0015;
const LARGEST_SPEED: f64 = 0.07;
const GOAL: f64 = 0.45;
const START: [f64; 2] = [-0.6, -0.4];
const GOAL_REWARD: f64 = 100.0;
const FORCE_COST: f64 = 0.1;

const ABOUT: About = About {
    name: Cow::Borrowed("mountaincar-continuous"),
    summary: Cow::Borrowed("rock a weak car out of a valley, gently (MountainCarContinuous-v0)"),
    source: Cow::Borrowed("Gymnasium 1.x, MountainCarContinuous-v0"),
    threshold: Some(90.0),
    defaults: Defaults {
        strategy: "ga",
        network: "16-16",
        population: 64,
        generations: 300,
        episodes: 1,
        normalise_observations: false,
        settings: &[
            ("tournament", "3"),
            ("crossover-rate", "0.5"),
            ("mutation-rate", "1"),
            ("sigma-decay", "0.9"),
        ],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        Quantity::between("position", "position of the car", "", LEFT_WALL, RIGHT_WALL),
        Quantity::bounded("velocity", "change of the position per step", "", LARGEST_SPEED),
    ],
    actions: &[Quantity::bounded("force", "force on the car, to the right", "", 1.0)],
    reward: "-0.1 force^2 for every step, and 100 for reaching the flag.",
    ends: "When the car is at the flag (position 0.45 or more) and does not roll back, or after \
           999 steps.",
    // The largest force in every step, or the flag without any.
    returns: [-999.0 * FORCE_COST, GOAL_REWARD],
};

impl Control for MountainCarContinuous {
    type State<R: Real> = [R; 2];
    const DRAWS: usize = 1;
    const OBSERVATIONS: usize = 2;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: 1.0 };
    const STEP_LIMIT: u32 = 999;
    const WGSL: Option<&'static str> =
        Some(include_str!("../../shaders/task/mountaincar_continuous.wgsl"));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Valley { left: LEFT_WALL, right: RIGHT_WALL, goal: GOAL };
        Some(Picture { body, step_seconds: SHOWN_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 2] {
        [R::from_f64(START[0]) + R::from_f64(START[1] - START[0]) * draws[0], R::from_f64(0.0)]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 2], observation: &mut [R]) {
        write_observation(state, observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, &[x, v]: &[R; 2], action: &[R]) -> ([R; 2], R) {
        let one = R::from_f64(1.0);
        let push = action[0].clamp(-one, one) * R::from_f64(POWER);
        let next = roll(x, v, push, LARGEST_SPEED);
        let arrived = self.terminated(&next);
        let cost = R::from_f64(FORCE_COST) * action[0] * action[0];
        (next, R::select(arrived, R::from_f64(GOAL_REWARD), R::from_f64(0.0)) - cost)
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[x, v]: &[R; 2]) -> R::Mask {
        x.at_least(R::from_f64(GOAL)) & v.at_least(R::from_f64(0.0))
    }
}
