//! Acrobot-v1: swing a two-link arm above a line by a torque at its elbow.
//!
//! # Shapes and units
//!
//! State: `[upper angle rad, lower angle rad, upper speed rad/s, lower speed rad/s]`. Links with
//! zero angles hang down; the lower angle is relative to the upper link. Observation: cosine and
//! sine of the upper angle, cosine and sine of the lower angle, and the speeds. Action: 0, 1, 2 for
//! a torque of -1, 0, 1 N m. Reward -1 for every step except the one that reaches the line. An
//! episode is cut off at 500 steps.
//!
//! # Source
//!
//! Sutton 1996 with the dynamics of Sutton and Barto's book, as in Gymnasium 1.x, `Acrobot-v1`
//! (one classical Runge-Kutta step of 0.2 s).

use std::borrow::Cow;
use std::f64::consts::{PI, TAU};

use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct Acrobot;

const GRAVITY: f64 = 9.8; // m/s^2
const MASS: f64 = 1.0; // kg, each link
const LENGTH: f64 = 1.0; // m, the upper link
const CENTRE: f64 = 0.5; // m, from a link's joint to its centre of mass
const INERTIA: f64 = 1.0; // kg m^2, each link
const STEP_SECONDS: f64 = 0.2;
const LARGEST_UPPER_SPEED: f64 = 4.0 * PI; // rad/s
const LARGEST_LOWER_SPEED: f64 = 9.0 * PI; // rad/s
const LINE: f64 = 1.0; // m above the upper joint
const START: f64 = 0.1; // all numbers of a start lie in [-START, START)

const ABOUT: About = About {
    name: Cow::Borrowed("acrobot"),
    summary: Cow::Borrowed("swing a two-link arm above a line, three torques (Acrobot-v1)"),
    source: Cow::Borrowed("Gymnasium 1.x, Acrobot-v1"),
    threshold: Some(-100.0),
    defaults: Defaults {
        strategy: "openai-es",
        network: "16-16",
        population: 32,
        generations: 200,
        episodes: 1,
        normalise_observations: false,
        settings: &[("sigma", "0.3"), ("learning-rate", "0.2"), ("momentum", "0.5")],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        Quantity::bounded("cos upper", "cosine of the upper link's angle; 1 hangs down", "", 1.0),
        Quantity::bounded("sin upper", "sine of the upper link's angle", "", 1.0),
        Quantity::bounded("cos lower", "cosine of the elbow's angle; 1 is stretched", "", 1.0),
        Quantity::bounded("sin lower", "sine of the elbow's angle", "", 1.0),
        Quantity::bounded(
            "upper speed",
            "angular speed of the upper link",
            "rad/s",
            LARGEST_UPPER_SPEED,
        ),
        Quantity::bounded(
            "lower speed",
            "angular speed of the elbow",
            "rad/s",
            LARGEST_LOWER_SPEED,
        ),
    ],
    actions: &[
        Quantity::choice(0, "torque -1", "apply a torque of -1 N m at the elbow"),
        Quantity::choice(1, "torque 0", "apply no torque"),
        Quantity::choice(2, "torque 1", "apply a torque of 1 N m at the elbow"),
    ],
    reward: "-1 for every step, except that the step that reaches the line earns 0.",
    ends: "When the hand is more than 1 m above the upper joint, or after 500 steps.",
    returns: [-500.0, 0.0],
};

impl Control for Acrobot {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 4;
    const OBSERVATIONS: usize = 6;
    const ACTIONS: Actions = Actions::Choice(3);
    const STEP_LIMIT: u32 = 500;
    const WGSL: Option<&'static str> = Some(include_str!("../../shaders/task/acrobot.wgsl"));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Arm { lengths: [LENGTH, 2.0 * CENTRE], line: LINE };
        Some(Picture { body, step_seconds: STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 4] {
        let scaled = |draw: R| R::from_f64(2.0 * START) * draw - R::from_f64(START);
        [scaled(draws[0]), scaled(draws[1]), scaled(draws[2]), scaled(draws[3])]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, &[upper, lower, w1, w2]: &[R; 4], observation: &mut [R]) {
        let numbers = [upper.cos(), upper.sin(), lower.cos(), lower.sin(), w1, w2];
        write_observation(&numbers, observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 4], action: &[R]) -> ([R; 4], R) {
        let torque = action[0] - R::from_f64(1.0);
        let step = R::from_f64(STEP_SECONDS);
        let half = R::from_f64(STEP_SECONDS / 2.0);
        let k1 = rates(state, torque);
        let k2 = rates(&moved(state, half, &k1), torque);
        let k3 = rates(&moved(state, half, &k2), torque);
        let k4 = rates(&moved(state, step, &k3), torque);
        let mut next = *state;
        for i in 0..4 {
            let sum = k1[i] + R::from_f64(2.0) * k2[i] + R::from_f64(2.0) * k3[i] + k4[i];
            next[i] = state[i] + R::from_f64(STEP_SECONDS / 6.0) * sum;
        }
        let (upper, lower) = (R::from_f64(LARGEST_UPPER_SPEED), R::from_f64(LARGEST_LOWER_SPEED));
        let next = [
            wrapped(next[0]),
            wrapped(next[1]),
            next[2].clamp(-upper, upper),
            next[3].clamp(-lower, lower),
        ];
        (next, R::select(self.terminated(&next), R::from_f64(0.0), R::from_f64(-1.0)))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[upper, lower, _, _]: &[R; 4]) -> R::Mask {
        (-upper.cos() - (upper + lower).cos()).above(R::from_f64(LINE))
    }
}

/// Returns the time derivative of a state.
#[inline(always)]
fn rates<R: Real>(&[upper, lower, w1, w2]: &[R; 4], torque: R) -> [R; 4] {
    const REACH: f64 = MASS * LENGTH * CENTRE;
    const SQUARE: f64 = MASS * CENTRE * CENTRE;
    let (sin, cos) = (lower.sin(), lower.cos());
    let d1 = R::from_f64(2.0 * SQUARE + MASS * LENGTH * LENGTH + 2.0 * INERTIA)
        + R::from_f64(2.0 * REACH) * cos;
    let d2 = R::from_f64(SQUARE + INERTIA) + R::from_f64(REACH) * cos;
    // cos(angle - pi / 2) of the published equations is sin(angle).
    let phi2 = R::from_f64(MASS * CENTRE * GRAVITY) * (upper + lower).sin();
    let phi1 = R::from_f64(-REACH) * w2 * w2 * sin - R::from_f64(2.0 * REACH) * w2 * w1 * sin
        + R::from_f64((MASS * CENTRE + MASS * LENGTH) * GRAVITY) * upper.sin()
        + phi2;
    let lower_rate = (torque + d2 / d1 * phi1 - R::from_f64(REACH) * w1 * w1 * sin - phi2)
        / (R::from_f64(SQUARE + INERTIA) - d2 * d2 / d1);
    let upper_rate = -(d2 * lower_rate + phi1) / d1;
    [w1, w2, upper_rate, lower_rate]
}

/// Returns the state after a step at a constant rate.
#[inline(always)]
fn moved<R: Real>(state: &[R; 4], step: R, rate: &[R; 4]) -> [R; 4] {
    let mut next = *state;
    for i in 0..4 {
        next[i] = state[i] + step * rate[i];
    }
    next
}

/// Wraps an angle into [-pi, pi).
#[inline(always)]
fn wrapped<R: Real>(angle: R) -> R {
    angle - R::from_f64(TAU) * ((angle + R::from_f64(PI)) / R::from_f64(TAU)).floor()
}
