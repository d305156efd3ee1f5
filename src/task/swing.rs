//! A pole that hangs from a cart and is to be swung up: the physics of both swing-up tasks.
//!
//! # Shapes and units
//!
//! State: `[x m, v m/s, angle rad, w rad/s]`; zero is upright, and the angle is never wrapped.
//! Observation: `[x, v, cos, sin, w]`. Action: a force from -10 to 10 N. Reward
//! (cos(angle) + 1) / 2 * cos(x / 2.4 * pi / 2) of the state after the step: 1 for an upright pole
//! in the middle of the track. An episode ends off the track, and is cut off at 1000 steps.
//!
//! # Source
//!
//! Gal, McAllister and Rasmussen 2016 by way of estool, as in EvoJAX 0.2, `CartPoleSwingUp`
//! (explicit Euler: positions move with the old velocities). EvoJAX clips what a network puts out
//! to [-1, 1] and scales it by 10 N; here [`Actions`](super::Actions) squash it to that range.

use std::f64::consts::PI;

use super::{Body, Labels, show};
use crate::math::Real;

const GRAVITY: f64 = 9.82; // m/s^2
const CART_MASS: f64 = 0.5; // kg
const POLE_MASS: f64 = 0.5; // kg
const LENGTH: f64 = 0.6; // m
const FRICTION: f64 = 0.1; // N s/m
pub(super) const STEP_SECONDS: f64 = 0.01;
/// N.
pub(super) const LARGEST_FORCE: f64 = 10.0;
/// m.
pub(super) const LARGEST_X: f64 = 2.4;
/// Steps after which an episode is cut off.
pub(super) const STEP_LIMIT: u32 = 1000;

/// What there is to see.
pub(super) const BODY: Body = Body::Cart { half_track: LARGEST_X, poles: &[LENGTH], hangs: true };

/// What the numbers are called that a network sees and gives.
pub(super) const LABELS: Labels =
    Labels { observations: &["x", "speed", "cos", "sin", "turning"], actions: &["force"] };

/// Writes what a network sees.
#[inline(always)]
pub(super) fn observe<R: Real>(&[x, v, angle, w]: &[R; 4], observation: &mut [R]) {
    show(&[x, v, angle.cos(), angle.sin(), w], observation);
}

/// The next state, and the reward of the step.
#[inline(always)]
pub(super) fn step<R: Real>(&[x, v, angle, w]: &[R; 4], action: R) -> ([R; 4], R) {
    const MASS: f64 = CART_MASS + POLE_MASS;
    const POLE: f64 = POLE_MASS * LENGTH;
    let force = action.clamp(R::of(-LARGEST_FORCE), R::of(LARGEST_FORCE));
    let push = force - R::of(FRICTION) * v;
    let (sin, cos) = (angle.sin(), angle.cos());
    let spin = R::of(POLE) * w * w * sin;
    let inertia = R::of(4.0 * MASS) - R::of(3.0 * POLE_MASS) * cos * cos;
    let v_rate = (R::of(4.0) * push - R::of(2.0) * spin
        + R::of(3.0 * POLE_MASS * GRAVITY) * sin * cos)
        / inertia;
    let w_rate = (R::of(6.0 * MASS * GRAVITY) * sin - R::of(3.0) * spin * cos
        + R::of(6.0) * push * cos)
        / (R::of(LENGTH) * inertia);
    let step = R::of(STEP_SECONDS);
    let next = [x + step * v, v + step * v_rate, angle + step * w, w + step * w_rate];
    (next, reward(&next))
}

#[inline(always)]
fn reward<R: Real>(&[x, _, angle, _]: &[R; 4]) -> R {
    let upright = (angle.cos() + R::of(1.0)) * R::of(0.5);
    upright * (x * R::of(PI / 2.0 / LARGEST_X)).cos()
}

/// Where the cart has left its track.
#[inline(always)]
pub(super) fn terminated<R: Real>(&[x, _, _, _]: &[R; 4]) -> R::Mask {
    x.abs().above(R::of(LARGEST_X))
}
