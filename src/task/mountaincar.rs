//! MountainCar-v0: rock a weak car out of a valley.
//!
//! # Shapes and units
//!
//! State and observation: `[position, velocity]`, in the task's own units. Action: 0 pushes left,
//! 1 coasts, 2 pushes right. Reward -1 for every step. An episode is cut off at 200 steps.
//!
//! # Source
//!
//! Moore 1990, as in Gymnasium 1.x, `MountainCar-v0`.

use std::borrow::Cow;

use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct MountainCar;

const FORCE: f64 = 0.001;
const GRAVITY: f64 = 0.0025;
const LARGEST_SPEED: f64 = 0.07;
pub(super) const LEFT_WALL: f64 = -1.2;
pub(super) const RIGHT_WALL: f64 = 0.6;
const GOAL: f64 = 0.5;
/// The duration of a displayed step. None is published; Gymnasium shows thirty steps per second.
pub(super) const SHOWN_SECONDS: f64 = 1.0 / 30.0;
const START: [f64; 2] = [-0.6, -0.4];

const ABOUT: About = About {
    name: Cow::Borrowed("mountaincar"),
    summary: Cow::Borrowed("rock a weak car out of a valley, three pushes (MountainCar-v0)"),
    source: Cow::Borrowed("Gymnasium 1.x, MountainCar-v0"),
    threshold: Some(-110.0),
    defaults: Defaults {
        strategy: "ga",
        network: "16-16",
        population: 64,
        generations: 600,
        episodes: 2,
        normalise_observations: false,
        settings: &[
            ("tournament", "6"),
            ("crossover", "blend"),
            ("crossover-rate", "0.5"),
            ("mutation-rate", "1"),
            ("sigma", "0.5"),
            ("sigma-decay", "0.9"),
            ("sigma-limit", "0.2"),
            ("initial-sigma", "3"),
        ],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        Quantity::between("position", "position of the car", "", LEFT_WALL, RIGHT_WALL),
        Quantity::bounded("velocity", "change of the position per step", "", LARGEST_SPEED),
    ],
    actions: &[
        Quantity::choice(0, "left", "push the car to the left"),
        Quantity::choice(1, "coast", "let the car roll"),
        Quantity::choice(2, "right", "push the car to the right"),
    ],
    reward: "-1 for every step.",
    ends: "When the car is at the flag (position 0.5 or more) and does not roll back, or after \
           200 steps.",
    returns: [-200.0, -1.0],
};

impl Control for MountainCar {
    type State<R: Real> = [R; 2];
    const DRAWS: usize = 1;
    const OBSERVATIONS: usize = 2;
    const ACTIONS: Actions = Actions::Choice(3);
    const STEP_LIMIT: u32 = 200;
    const WGSL: Option<&'static str> = Some(include_str!("../../shaders/task/mountaincar.wgsl"));

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
        let push = (action[0] - R::from_f64(1.0)) * R::from_f64(FORCE);
        let next = roll(x, v, push, LARGEST_SPEED);
        (next, R::from_f64(-1.0))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[x, v]: &[R; 2]) -> R::Mask {
        x.at_least(R::from_f64(GOAL)) & v.at_least(R::from_f64(0.0))
    }
}

/// Returns the state after a step, for both mountain cars. The left wall stops the car.
#[inline(always)]
pub(super) fn roll<R: Real>(x: R, v: R, push: R, largest_speed: f64) -> [R; 2] {
    let pull = R::from_f64(-GRAVITY) * (R::from_f64(3.0) * x).cos();
    let v = (v + (push + pull)).clamp(R::from_f64(-largest_speed), R::from_f64(largest_speed));
    let x = (x + v).clamp(R::from_f64(LEFT_WALL), R::from_f64(RIGHT_WALL));
    let zero = R::from_f64(0.0);
    let at_wall = !x.above(R::from_f64(LEFT_WALL)) & v.below(zero);
    [x, R::select(at_wall, zero, v)]
}
