//! Pendulum-v1: swing a pendulum up and hold it there, with little speed and torque.
//!
//! # Shapes and units
//!
//! State: `[angle rad, w rad/s]`. The angle is zero for an upright pendulum and is never wrapped.
//! Observation: `[cos, sin, w]`. Action: a torque from -2 to 2 N m. Reward
//! -(angle^2 + 0.1 w^2 + 0.001 torque^2) of the state before the step, with the angle wrapped into
//! [-pi, pi). An episode has 200 steps.
//!
//! # Source
//!
//! Gymnasium 1.x, `Pendulum-v1`. It publishes no threshold; this project uses a mean return of
//! -180.

use std::borrow::Cow;
use std::f64::consts::{PI, TAU};

use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::{Mask, Real};

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct Pendulum;

const GRAVITY: f64 = 10.0; // m/s^2
const MASS: f64 = 1.0; // kg
const LENGTH: f64 = 1.0; // m
const STEP_SECONDS: f64 = 0.05;
const LARGEST_TORQUE: f64 = 2.0; // N m
const LARGEST_SPEED: f64 = 8.0; // rad/s
const START: [f64; 2] = [PI, 1.0]; // rad, rad/s: the limits of a start, to both sides
const SPEED_COST: f64 = 0.1;
const TORQUE_COST: f64 = 0.001;
/// The leading digits of a full turn. Its multiples are exact in single precision, so a multiple
/// of it can be subtracted from an angle without loss.
const TURN_HIGH: f64 = 6.281_25;

const ABOUT: About = About {
    name: Cow::Borrowed("pendulum"),
    summary: Cow::Borrowed("swing a pendulum up and hold it (Pendulum-v1)"),
    source: Cow::Borrowed("Gymnasium 1.x, Pendulum-v1; threshold of -180 set by this project"),
    threshold: Some(-180.0),
    defaults: Defaults {
        strategy: "simple-ga",
        network: "16-16",
        population: 128,
        generations: 1200,
        episodes: 8,
        normalise_observations: false,
        settings: &[("sigma-decay", "0.97")],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        Quantity::bounded("cos", "cosine of the angle; 1 is upright", "", 1.0),
        Quantity::bounded("sin", "sine of the angle", "", 1.0),
        Quantity::bounded("turning", "angular speed", "rad/s", LARGEST_SPEED),
    ],
    actions: &[Quantity::bounded("torque", "torque on the pendulum", "N m", LARGEST_TORQUE)],
    reward: "-(angle^2 + 0.1 w^2 + 0.001 torque^2) before each step, where the angle from upright \
             is in [-pi, pi), and w is the angular speed.",
    ends: "After 200 steps.",
    // Hanging down, at the largest speed and torque.
    returns: [
        -200.0
            * (PI * PI
                + SPEED_COST * LARGEST_SPEED * LARGEST_SPEED
                + TORQUE_COST * LARGEST_TORQUE * LARGEST_TORQUE),
        0.0,
    ],
};

impl Control for Pendulum {
    type State<R: Real> = [R; 2];
    const DRAWS: usize = 2;
    const OBSERVATIONS: usize = 3;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_TORQUE };
    const STEP_LIMIT: u32 = 200;
    const WGSL: Option<&'static str> = Some(include_str!("../../shaders/task/pendulum.wgsl"));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Pendulum { length: LENGTH };
        Some(Picture { body, step_seconds: STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 2] {
        let scaled = |draw: R, limit: f64| R::from_f64(2.0 * limit) * draw - R::from_f64(limit);
        [scaled(draws[0], START[0]), scaled(draws[1], START[1])]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, &[angle, w]: &[R; 2], observation: &mut [R]) {
        write_observation(&[angle.cos(), angle.sin(), w], observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, &[angle, w]: &[R; 2], action: &[R]) -> ([R; 2], R) {
        let torque = action[0].clamp(R::from_f64(-LARGEST_TORQUE), R::from_f64(LARGEST_TORQUE));
        let turns = ((angle + R::from_f64(PI)) / R::from_f64(TAU)).floor();
        let upright = angle - R::from_f64(TURN_HIGH) * turns - R::from_f64(TAU - TURN_HIGH) * turns;
        let cost = upright * upright
            + R::from_f64(SPEED_COST) * w * w
            + R::from_f64(TORQUE_COST) * torque * torque;
        let w_rate = R::from_f64(3.0 * GRAVITY / (2.0 * LENGTH)) * angle.sin()
            + R::from_f64(3.0 / (MASS * LENGTH * LENGTH)) * torque;
        let step = R::from_f64(STEP_SECONDS);
        let w = (w + w_rate * step).clamp(R::from_f64(-LARGEST_SPEED), R::from_f64(LARGEST_SPEED));
        ([angle + w * step, w], -cost)
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, _: &[R; 2]) -> R::Mask {
        R::Mask::from_bool(false)
    }
}
