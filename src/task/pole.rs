//! Poles hinged to a cart on a track: the physics of the pole balancing tasks.
//!
//! # Shapes and units
//!
//! State: `[x m, v m/s]` and `[angle rad, w rad/s]` of each pole; an upright pole has angle zero.
//! Action: a force from -10 to 10 N, constant over a step of 0.02 s. Observations are scaled to
//! about 1: position / 4.8, speed / 2, angle / 0.52, angular speed / 2.
//!
//! # Source
//!
//! Wieland 1991, with the constants of Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008. A step of
//! the task is two steps of the classical Runge-Kutta method, of 0.01 s each. The scales of the
//! observations are those of the NEAT of Stanley and Miikkulainen 2002.

// The compiler unrolls indexed loops over a few vectors.
#![allow(clippy::needless_range_loop)]

use super::{Body, Quantity};
use crate::math::Real;

/// A pole on the cart.
#[derive(Clone, Copy)]
pub(super) struct Pole {
    /// The mass in kg.
    mass: f64,
    /// Half the length in m.
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
/// The largest force, in N.
pub(super) const LARGEST_FORCE: f64 = 10.0;
/// The angle of the long pole in the published start, in radians: 4 degrees.
pub(super) const START: f64 = 4.0 * std::f64::consts::PI / 180.0;
/// The factors that scale `[x, v, angle, w, angle, w]` to observations.
pub(super) const OBSERVATION_SCALES: [f64; 6] =
    [1.0 / 4.8, 1.0 / 2.0, 1.0 / 0.52, 1.0 / 2.0, 1.0 / 0.52, 1.0 / 2.0];
/// The number of steps that counts as success.
pub(super) const SUCCESS_STEPS: u32 = 100_000;

/// The duration of a step of the task in seconds.
pub(super) const TASK_STEP_SECONDS: f64 = 2.0 * STEP_SECONDS;
/// The scene of one pole.
pub(super) const SINGLE_BODY: Body =
    Body::Cart { half_track: LARGEST_X, poles: &[2.0 * LONG.half_length], hangs: false };
/// The scene of both poles.
pub(super) const DOUBLE_BODY: Body = Body::Cart {
    half_track: LARGEST_X,
    poles: &[2.0 * LONG.half_length, 2.0 * SHORT.half_length],
    hangs: false,
};

/// The observed position of the cart.
pub(super) const X: Quantity =
    Quantity::bounded("x", "position of the cart, right of the middle", "4.8 m", LARGEST_X / 4.8);
/// The observed speed of the cart.
pub(super) const SPEED: Quantity =
    Quantity::unbounded("speed", "speed of the cart, to the right", "2 m/s");
/// The action of all pole balancing tasks.
pub(super) const FORCE: Quantity =
    Quantity::bounded("force", "force on the cart, to the right", "N", LARGEST_FORCE);

/// An observed angle of a pole that may lean as far as `largest_angle`, in radians.
pub(super) const fn angle(
    name: &'static str,
    meaning: &'static str,
    largest_angle: f64,
) -> Quantity {
    Quantity::bounded(name, meaning, "0.52 rad", largest_angle / 0.52)
}

/// An observed angular speed of a pole.
pub(super) const fn turning(name: &'static str, meaning: &'static str) -> Quantity {
    Quantity::unbounded(name, meaning, "2 rad/s")
}

/// Returns the state after a step under a force. `N` is 2 + 2 `P`.
#[inline(always)]
pub(super) fn push<R: Real, const P: usize, const N: usize>(
    poles: &[Pole; P],
    state: &[R; N],
    action: R,
) -> [R; N] {
    let force = action.clamp(R::from_f64(-LARGEST_FORCE), R::from_f64(LARGEST_FORCE));
    let mut state = *state;
    for _ in 0..2 {
        let k1 = rates(poles, &state, force);
        let k2 = rates(poles, &moved(&state, R::from_f64(STEP_SECONDS / 2.0), &k1), force);
        let k3 = rates(poles, &moved(&state, R::from_f64(STEP_SECONDS / 2.0), &k2), force);
        let k4 = rates(poles, &moved(&state, R::from_f64(STEP_SECONDS), &k3), force);
        for i in 0..N {
            let sum = k1[i] + R::from_f64(2.0) * (k2[i] + k3[i]) + k4[i];
            state[i] = state[i] + R::from_f64(STEP_SECONDS / 6.0) * sum;
        }
    }
    state
}

/// Returns the time derivative of a state by Wieland's equations.
#[inline(always)]
fn rates<R: Real, const P: usize, const N: usize>(
    poles: &[Pole; P],
    state: &[R; N],
    force: R,
) -> [R; N] {
    let (v, zero) = (state[1], R::from_f64(0.0));
    let backwards = R::select(v.below(zero), R::from_f64(-CART_FRICTION), zero);
    let mut push = force - R::select(v.above(zero), R::from_f64(CART_FRICTION), backwards);
    let mut mass = R::from_f64(CART_MASS);
    let (mut cosines, mut pulls) = ([zero; P], [zero; P]);
    for p in 0..P {
        let Pole { mass: pole, half_length } = poles[p];
        let (angle, w) = (state[2 + 2 * p], state[3 + 2 * p]);
        let (sin, cos) = (angle.sin(), angle.cos());
        let hinge = R::from_f64(HINGE_FRICTION / (pole * half_length)) * w;
        let pull = R::from_f64(GRAVITY) * sin - hinge;
        push = push + R::from_f64(pole * half_length) * w * w * sin
            - R::from_f64(0.75 * pole) * cos * pull;
        mass = mass + R::from_f64(pole) - R::from_f64(0.75 * pole) * cos * cos;
        (cosines[p], pulls[p]) = (cos, pull);
    }
    let v_rate = push / mass;
    let mut rates = [v; N];
    rates[1] = v_rate;
    for p in 0..P {
        rates[2 + 2 * p] = state[3 + 2 * p];
        rates[3 + 2 * p] =
            R::from_f64(0.75 / poles[p].half_length) * (pulls[p] - v_rate * cosines[p]);
    }
    rates
}

/// Returns the state after a step at a constant rate.
#[inline(always)]
fn moved<R: Real, const N: usize>(state: &[R; N], step: R, rate: &[R; N]) -> [R; N] {
    let mut next = *state;
    for i in 0..N {
        next[i] = state[i] + step * rate[i];
    }
    next
}

/// True where the cart has left its track, or a pole leans too far.
#[inline(always)]
pub(super) fn fallen<R: Real, const N: usize>(state: &[R; N], largest_angle: f64) -> R::Mask {
    let mut fallen = state[0].abs().above(R::from_f64(LARGEST_X));
    for p in 0..N / 2 - 1 {
        fallen = fallen | state[2 + 2 * p].abs().above(R::from_f64(largest_angle));
    }
    fallen
}

/// Returns the cart and both poles of a state that has further numbers.
#[inline(always)]
pub(super) fn cart_and_poles<R: Real>(state: &[R]) -> [R; 6] {
    [state[0], state[1], state[2], state[3], state[4], state[5]]
}

/// Returns the observation of two poles with hidden velocities.
#[inline(always)]
pub(super) fn hidden_observation<R: Real>(state: &[R]) -> [R; 3] {
    let scaled = |k: usize| state[k] * R::from_f64(OBSERVATION_SCALES[k]);
    [scaled(0), scaled(2), scaled(4)]
}
