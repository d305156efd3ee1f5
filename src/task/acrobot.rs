//! Acrobot-v1: swing a two-link arm above a line by a torque at its elbow.
//!
//! # Shapes and units
//!
//! State: `[upper angle rad, lower angle rad, upper speed rad/s, lower speed rad/s]`; zero angles
//! hang down, the lower angle is relative to the upper link. Observation: cosine and sine of the
//! upper angle, of the lower angle, and the speeds. Action: 0, 1, 2 for a torque of -1, 0, 1 N m.
//! Reward -1 for every step but the one that arrives; an episode is cut off at 500 steps.
//!
//! # Source
//!
//! Sutton 1996 with the dynamics of Sutton and Barto's book, as in Gymnasium 1.x, `Acrobot-v1`
//! (one classical Runge-Kutta step of 0.2 s).

use std::borrow::Cow;
use std::f64::consts::{PI, TAU};

use super::{About, Actions, Body, Control, Defaults, Labels, Picture, show};
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
const START: f64 = 0.1; // every number of a start lies in [-START, START)

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
        settings: &[("sigma", "0.3"), ("learning-rate", "0.2"), ("momentum", "0.5")],
    },
};

impl Control for Acrobot {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 4;
    const OBSERVATIONS: usize = 6;
    const ACTIONS: Actions = Actions::Choice(3);
    const STEP_LIMIT: u32 = 500;
    const WGSL: &'static str = include_str!("../../shaders/task/acrobot.wgsl");

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Arm { lengths: [LENGTH, 2.0 * CENTRE], line: LINE };
        Some(Picture { body, step_seconds: STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        Labels {
            observations: &[
                "cos upper",
                "sin upper",
                "cos lower",
                "sin lower",
                "upper speed",
                "lower speed",
            ],
            actions: &["torque -1", "torque 0", "torque 1"],
        }
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 4] {
        let spread = |draw: R| R::of(2.0 * START) * draw - R::of(START);
        [spread(draws[0]), spread(draws[1]), spread(draws[2]), spread(draws[3])]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, &[upper, lower, w1, w2]: &[R; 4], observation: &mut [R]) {
        let seen = [upper.cos(), upper.sin(), lower.cos(), lower.sin(), w1, w2];
        show(&seen, observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 4], action: &[R]) -> ([R; 4], R) {
        let torque = action[0] - R::of(1.0);
        let step = R::of(STEP_SECONDS);
        let half = R::of(STEP_SECONDS / 2.0);
        let k1 = rates(state, torque);
        let k2 = rates(&moved(state, half, &k1), torque);
        let k3 = rates(&moved(state, half, &k2), torque);
        let k4 = rates(&moved(state, step, &k3), torque);
        let mut next = *state;
        for i in 0..4 {
            let sum = k1[i] + R::of(2.0) * k2[i] + R::of(2.0) * k3[i] + k4[i];
            next[i] = state[i] + R::of(STEP_SECONDS / 6.0) * sum;
        }
        let (upper, lower) = (R::of(LARGEST_UPPER_SPEED), R::of(LARGEST_LOWER_SPEED));
        let next = [
            wrapped(next[0]),
            wrapped(next[1]),
            next[2].clamp(-upper, upper),
            next[3].clamp(-lower, lower),
        ];
        (next, R::select(self.terminated(&next), R::of(0.0), R::of(-1.0)))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[upper, lower, _, _]: &[R; 4]) -> R::Mask {
        (-upper.cos() - (upper + lower).cos()).above(R::of(LINE))
    }
}

/// The time derivative of a state.
#[inline(always)]
fn rates<R: Real>(&[upper, lower, w1, w2]: &[R; 4], torque: R) -> [R; 4] {
    const REACH: f64 = MASS * LENGTH * CENTRE;
    const SQUARE: f64 = MASS * CENTRE * CENTRE;
    let (sin, cos) = (lower.sin(), lower.cos());
    let d1 =
        R::of(2.0 * SQUARE + MASS * LENGTH * LENGTH + 2.0 * INERTIA) + R::of(2.0 * REACH) * cos;
    let d2 = R::of(SQUARE + INERTIA) + R::of(REACH) * cos;
    // cos(angle - pi / 2) of the published equations is sin(angle).
    let phi2 = R::of(MASS * CENTRE * GRAVITY) * (upper + lower).sin();
    let phi1 = R::of(-REACH) * w2 * w2 * sin - R::of(2.0 * REACH) * w2 * w1 * sin
        + R::of((MASS * CENTRE + MASS * LENGTH) * GRAVITY) * upper.sin()
        + phi2;
    let lower_rate = (torque + d2 / d1 * phi1 - R::of(REACH) * w1 * w1 * sin - phi2)
        / (R::of(SQUARE + INERTIA) - d2 * d2 / d1);
    let upper_rate = -(d2 * lower_rate + phi1) / d1;
    [w1, w2, upper_rate, lower_rate]
}

#[inline(always)]
fn moved<R: Real>(state: &[R; 4], step: R, rate: &[R; 4]) -> [R; 4] {
    let mut next = *state;
    for i in 0..4 {
        next[i] = state[i] + step * rate[i];
    }
    next
}

/// The same angle in [-pi, pi).
#[inline(always)]
fn wrapped<R: Real>(angle: R) -> R {
    angle - R::of(TAU) * ((angle + R::of(PI)) / R::of(TAU)).floor()
}
