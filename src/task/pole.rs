//! Poles hinged to a cart on a track: the physics of the pole balancing tasks.
//!
//! # Shapes and units
//!
//! State: `[x m, v m/s]` and `[angle rad, w rad/s]` of each pole; zero is upright. Action: a force
//! from -10 to 10 N, held for a step of 0.02 s. A network sees numbers of about 1: positions / 4.8,
//! speeds / 2, angles / 0.52, turning speeds / 2.
//!
//! # Source
//!
//! Wieland 1991, with the constants of Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008; a step is
//! two of the classical Runge-Kutta method, of 0.01 s each. What is seen is scaled as in the NEAT
//! of Stanley and Miikkulainen 2002.

// Indexed loops over a handful of vectors are what the compiler unrolls.
#![allow(clippy::needless_range_loop)]

use super::{Body, Labels};
use crate::math::Real;

/// A pole on the cart.
#[derive(Clone, Copy)]
pub(super) struct Pole {
    /// kg.
    mass: f64,
    /// m, half of it.
    half_length: f64,
}

pub(super) const LONG: Pole = Pole { mass: 0.1, half_length: 0.5 };
pub(super) const SHORT: Pole = Pole { mass: 0.01, half_length: 0.05 };

const GRAVITY: f64 = 9.8; // m/s^2
const CART_MASS: f64 = 1.0; // kg
const CART_FRICTION: f64 = 0.0005; // N, against the cart's direction
const HINGE_FRICTION: f64 = 0.000_002; // N m s
const STEP_SECONDS: f64 = 0.01; // twice in a step of the task
const LARGEST_X: f64 = 2.4; // m
/// N.
pub(super) const LARGEST_FORCE: f64 = 10.0;
/// The long pole's angle in the published start, in radians: 4 degrees.
pub(super) const START: f64 = 4.0 * std::f64::consts::PI / 180.0;
/// What a network sees of `[x, v, angle, w, angle, w]` is multiplied by these.
pub(super) const SIGHT: [f64; 6] =
    [1.0 / 4.8, 1.0 / 2.0, 1.0 / 0.52, 1.0 / 2.0, 1.0 / 0.52, 1.0 / 2.0];
/// Steps that count as success.
pub(super) const SUCCESS_STEPS: u32 = 100_000;

/// Seconds of a step of the task.
pub(super) const SHOWN_SECONDS: f64 = 2.0 * STEP_SECONDS;
/// What there is to see of one pole.
pub(super) const SINGLE_BODY: Body =
    Body::Cart { half_track: LARGEST_X, poles: &[2.0 * LONG.half_length], hangs: false };
/// What there is to see of both.
pub(super) const DOUBLE_BODY: Body = Body::Cart {
    half_track: LARGEST_X,
    poles: &[2.0 * LONG.half_length, 2.0 * SHORT.half_length],
    hangs: false,
};

/// What the numbers are called that a network sees and gives, of one pole.
pub(super) const SINGLE_LABELS: Labels =
    Labels { observations: &["x", "speed", "angle", "turning"], actions: &["force"] };
/// The same of both.
pub(super) const DOUBLE_LABELS: Labels = Labels {
    observations: &["x", "speed", "long angle", "long turning", "short angle", "short turning"],
    actions: &["force"],
};
/// The same where speeds are hidden.
pub(super) const HIDDEN_LABELS: Labels =
    Labels { observations: &["x", "long angle", "short angle"], actions: &["force"] };

/// The state after a step under a force; `N` is 2 + 2 `P`.
#[inline(always)]
pub(super) fn push<R: Real, const P: usize, const N: usize>(
    poles: &[Pole; P],
    state: &[R; N],
    action: R,
) -> [R; N] {
    let force = action.clamp(R::of(-LARGEST_FORCE), R::of(LARGEST_FORCE));
    let mut state = *state;
    for _ in 0..2 {
        let k1 = rates(poles, &state, force);
        let k2 = rates(poles, &moved(&state, R::of(STEP_SECONDS / 2.0), &k1), force);
        let k3 = rates(poles, &moved(&state, R::of(STEP_SECONDS / 2.0), &k2), force);
        let k4 = rates(poles, &moved(&state, R::of(STEP_SECONDS), &k3), force);
        for i in 0..N {
            let sum = k1[i] + R::of(2.0) * (k2[i] + k3[i]) + k4[i];
            state[i] = state[i] + R::of(STEP_SECONDS / 6.0) * sum;
        }
    }
    state
}

/// The time derivative of a state: Wieland's equations.
#[inline(always)]
fn rates<R: Real, const P: usize, const N: usize>(
    poles: &[Pole; P],
    state: &[R; N],
    force: R,
) -> [R; N] {
    let (v, still) = (state[1], R::of(0.0));
    let backwards = R::select(v.below(still), R::of(-CART_FRICTION), still);
    let mut push = force - R::select(v.above(still), R::of(CART_FRICTION), backwards);
    let mut mass = R::of(CART_MASS);
    let (mut cosines, mut pulls) = ([still; P], [still; P]);
    for p in 0..P {
        let Pole { mass: pole, half_length } = poles[p];
        let (angle, w) = (state[2 + 2 * p], state[3 + 2 * p]);
        let (sin, cos) = (angle.sin(), angle.cos());
        let hinge = R::of(HINGE_FRICTION / (pole * half_length)) * w;
        let pull = R::of(GRAVITY) * sin - hinge;
        push = push + R::of(pole * half_length) * w * w * sin - R::of(0.75 * pole) * cos * pull;
        mass = mass + R::of(pole) - R::of(0.75 * pole) * cos * cos;
        (cosines[p], pulls[p]) = (cos, pull);
    }
    let v_rate = push / mass;
    let mut rates = [v; N];
    rates[1] = v_rate;
    for p in 0..P {
        rates[2 + 2 * p] = state[3 + 2 * p];
        rates[3 + 2 * p] = R::of(0.75 / poles[p].half_length) * (pulls[p] - v_rate * cosines[p]);
    }
    rates
}

#[inline(always)]
fn moved<R: Real, const N: usize>(state: &[R; N], step: R, rate: &[R; N]) -> [R; N] {
    let mut next = *state;
    for i in 0..N {
        next[i] = state[i] + step * rate[i];
    }
    next
}

/// Where the cart has left its track, or a pole leans too far.
#[inline(always)]
pub(super) fn fallen<R: Real, const N: usize>(state: &[R; N], largest_angle: f64) -> R::Mask {
    let mut fallen = state[0].abs().above(R::of(LARGEST_X));
    for p in 0..N / 2 - 1 {
        fallen = fallen | state[2 + 2 * p].abs().above(R::of(largest_angle));
    }
    fallen
}

/// The poles of a state that has more numbers behind them.
#[inline(always)]
pub(super) fn both<R: Real>(state: &[R]) -> [R; 6] {
    [state[0], state[1], state[2], state[3], state[4], state[5]]
}

/// What is seen of two poles without their speeds.
#[inline(always)]
pub(super) fn places<R: Real>(state: &[R]) -> [R; 3] {
    let seen = |k: usize| state[k] * R::of(SIGHT[k]);
    [seen(0), seen(2), seen(4)]
}
