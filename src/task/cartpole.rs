//! CartPole-v1: keep a pole upright on a cart by pushing left or right.
//!
//! # Shapes and units
//!
//! State and observation: `[x m, v m/s, angle rad, w rad/s]`. Action: 0 pushes left, 1 right.
//! Reward 1 for every step, including the last. An episode is cut off at 500 steps.
//!
//! # Source
//!
//! Barto, Sutton and Anderson 1983, as in Gymnasium 1.x, `CartPole-v1` (explicit Euler).

use std::borrow::Cow;

use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct CartPole;

const GRAVITY: f64 = 9.8; // m/s^2
const CART_MASS: f64 = 1.0; // kg
const POLE_MASS: f64 = 0.1; // kg
const HALF_LENGTH: f64 = 0.5; // m, half the pole
const FORCE: f64 = 10.0; // N
const STEP_SECONDS: f64 = 0.02;
const LARGEST_X: f64 = 2.4; // m
const LARGEST_ANGLE: f64 = 12.0 * std::f64::consts::PI / 180.0; // rad
const START: f64 = 0.05; // all numbers of a start lie in [-START, START)

const ABOUT: About = About {
    name: Cow::Borrowed("cartpole"),
    summary: Cow::Borrowed("balance a pole on a cart, two pushes (CartPole-v1)"),
    source: Cow::Borrowed("Gymnasium 1.x, CartPole-v1"),
    threshold: Some(475.0),
    defaults: Defaults {
        strategy: "openai-es",
        network: "16-16",
        population: 16,
        generations: 500,
        episodes: 1,
        normalise_observations: false,
        settings: &[("sigma", "0.3"), ("learning-rate", "0.2"), ("momentum", "0.5")],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        Quantity::bounded("x", "position of the cart, right of the middle", "m", LARGEST_X),
        Quantity::unbounded("speed", "speed of the cart, to the right", "m/s"),
        Quantity::bounded(
            "angle",
            "angle of the pole, clockwise from upright",
            "rad",
            LARGEST_ANGLE,
        ),
        Quantity::unbounded("turning", "angular speed of the pole, clockwise", "rad/s"),
    ],
    actions: &[
        Quantity::choice(0, "left", "push the cart to the left with 10 N"),
        Quantity::choice(1, "right", "push the cart to the right with 10 N"),
    ],
    reward: "1 for every step, including the last.",
    ends: "When the cart leaves its track (|x| > 2.4 m), when the pole leans more than 12 \
           degrees, or after 500 steps.",
    returns: [1.0, 500.0],
};

impl Control for CartPole {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 4;
    const OBSERVATIONS: usize = 4;
    const ACTIONS: Actions = Actions::Choice(2);
    const STEP_LIMIT: u32 = 500;
    const WGSL: Option<&'static str> = Some(include_str!("../../shaders/task/cartpole.wgsl"));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        const POLE: [f64; 1] = [2.0 * HALF_LENGTH];
        let body = Body::Cart { half_track: LARGEST_X, poles: &POLE, hangs: false };
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
    fn observe<R: Real>(&self, state: &[R; 4], observation: &mut [R]) {
        write_observation(state, observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, &[x, v, angle, w]: &[R; 4], action: &[R]) -> ([R; 4], R) {
        let mass = CART_MASS + POLE_MASS;
        let pole = POLE_MASS * HALF_LENGTH;
        let force = R::from_f64(2.0 * FORCE) * action[0] - R::from_f64(FORCE);
        let (sin, cos) = (angle.sin(), angle.cos());
        let push = (force + R::from_f64(pole) * w * w * sin) * R::from_f64(1.0 / mass);
        let w_rate = (R::from_f64(GRAVITY) * sin - cos * push)
            / (R::from_f64(HALF_LENGTH)
                * (R::from_f64(4.0 / 3.0) - R::from_f64(POLE_MASS / mass) * cos * cos));
        let v_rate = push - R::from_f64(pole / mass) * w_rate * cos;
        let step = R::from_f64(STEP_SECONDS);
        let next = [x + step * v, v + step * v_rate, angle + step * w, w + step * w_rate];
        (next, R::from_f64(1.0))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[x, _, angle, _]: &[R; 4]) -> R::Mask {
        x.abs().above(R::from_f64(LARGEST_X)) | angle.abs().above(R::from_f64(LARGEST_ANGLE))
    }
}
