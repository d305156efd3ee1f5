//! Swing-up, easy and hard: swing a hanging pole up on its cart and balance it there.
//!
//! # Shapes and units
//!
//! State: `[x m, v m/s, angle rad, w rad/s]`. The angle is zero for an upright pole and is never
//! wrapped. Observation: `[x, v, cos, sin, w]`. Action: a force from -10 to 10 N. Reward
//! (cos(angle) + 1) / 2 * cos(x / 2.4 * pi / 2) of the state after the step: 1 for an upright pole
//! in the middle of the track. An episode ends when the cart leaves its track, and is cut off at
//! 1000 steps.
//!
//! # Starts
//!
//! `swingup` starts close to rest: every number of the state is normal with deviation 0.2, around a
//! pole that hangs still in the middle of the track. `swingup-hard` starts anywhere: within 2.4 m
//! and 10 m/s, within a quarter turn of hanging down and 10 rad/s. Many of its starts leave the
//! track with any controller, so its mean return is far lower.
//!
//! # Source
//!
//! Gal, McAllister and Rasmussen 2016, via estool, as in EvoJAX 0.2, `CartPoleSwingUp`
//! (explicit Euler: positions move with the old velocities). EvoJAX clips the outputs of a network
//! to [-1, 1] and scales them by 10 N; [`Actions`] squashes them to that range instead. The
//! thresholds, 900 and 600, are the scores that EvoJAX's guide expects of a strategy.

use std::borrow::Cow;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::{
    About, Actions, Body, Control, Defaults, Labels, Picture, Quantity, write_observation,
};
use crate::math::Real;

/// The task, with easy or hard starts; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct SwingUp<const HARD: bool>;

const GRAVITY: f64 = 9.82; // m/s^2
const CART_MASS: f64 = 0.5; // kg
const POLE_MASS: f64 = 0.5; // kg
const LENGTH: f64 = 0.6; // m
const FRICTION: f64 = 0.1; // N s/m
const STEP_SECONDS: f64 = 0.01;
const LARGEST_FORCE: f64 = 10.0; // N
const LARGEST_X: f64 = 2.4; // m
/// The standard deviation of every number of an easy start.
const DEVIATION: f64 = 0.2;
/// The half-widths of the ranges of a hard start, around hanging still: m, m/s, rad, rad/s.
const HARD_START: [f64; 4] = [LARGEST_X, 10.0, FRAC_PI_2, 10.0];

const ABOUT: About = About {
    name: Cow::Borrowed("swingup"),
    summary: Cow::Borrowed("swing a pole up on a cart and hold it (EvoJAX, easy)"),
    source: Cow::Borrowed("EvoJAX 0.2, CartPoleSwingUp; threshold from its guide"),
    threshold: Some(900.0),
    defaults: Defaults {
        strategy: "pgpe",
        network: "64-64",
        population: 64,
        generations: 1000,
        episodes: 16,
        normalise_observations: false,
        settings: &[],
    },
};

const HARD_ABOUT: About = About {
    name: Cow::Borrowed("swingup-hard"),
    summary: Cow::Borrowed("swing a pole up from any place and speed (EvoJAX, hard)"),
    source: Cow::Borrowed("EvoJAX 0.2, CartPoleSwingUp, harder; threshold from its guide"),
    threshold: Some(600.0),
    ..ABOUT
};

const LABELS: Labels = Labels {
    observations: &[
        Quantity::bounded("x", "position of the cart, right of the middle", "m", LARGEST_X),
        Quantity::unbounded("speed", "speed of the cart, to the right", "m/s"),
        Quantity::bounded("cos", "cosine of the pole's angle; 1 is upright", "", 1.0),
        Quantity::bounded("sin", "sine of the pole's angle", "", 1.0),
        Quantity::unbounded("turning", "angular speed of the pole", "rad/s"),
    ],
    actions: &[Quantity::bounded("force", "force on the cart, to the right", "N", LARGEST_FORCE)],
    reward: "(cos(angle) + 1) / 2 * cos(x / 2.4 * pi / 2) after each step: 1 for an upright pole \
             in the middle of the track.",
    ends: "When the cart leaves its track (|x| > 2.4 m), or after 1000 steps.",
    // Only the step that leaves the track earns less than 0, and more than -1.
    returns: [-1.0, 1000.0],
};

impl<const HARD: bool> Control for SwingUp<HARD> {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 4;
    const OBSERVATIONS: usize = 5;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = 1000;
    const WGSL: Option<&'static str> = Some(if HARD {
        concat!("const HARD: bool = true;\n", include_str!("../../shaders/task/swingup.wgsl"))
    } else {
        concat!("const HARD: bool = false;\n", include_str!("../../shaders/task/swingup.wgsl"))
    });

    fn about(&self) -> &About {
        if HARD { &HARD_ABOUT } else { &ABOUT }
    }

    fn picture(&self) -> Option<Picture> {
        let body = Body::Cart { half_track: LARGEST_X, poles: &[LENGTH], hangs: true };
        Some(Picture { body, step_seconds: STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 4] {
        let [x, v, angle, w] = if HARD { hard_start(draws) } else { easy_start(draws) };
        [x, v, R::from_f64(PI) + angle, w]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, &[x, v, angle, w]: &[R; 4], observation: &mut [R]) {
        write_observation(&[x, v, angle.cos(), angle.sin(), w], observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, &[x, v, angle, w]: &[R; 4], action: &[R]) -> ([R; 4], R) {
        const MASS: f64 = CART_MASS + POLE_MASS;
        const POLE: f64 = POLE_MASS * LENGTH;
        let force = action[0].clamp(R::from_f64(-LARGEST_FORCE), R::from_f64(LARGEST_FORCE));
        let push = force - R::from_f64(FRICTION) * v;
        let (sin, cos) = (angle.sin(), angle.cos());
        let spin = R::from_f64(POLE) * w * w * sin;
        let inertia = R::from_f64(4.0 * MASS) - R::from_f64(3.0 * POLE_MASS) * cos * cos;
        let v_rate = (R::from_f64(4.0) * push - R::from_f64(2.0) * spin
            + R::from_f64(3.0 * POLE_MASS * GRAVITY) * sin * cos)
            / inertia;
        let w_rate = (R::from_f64(6.0 * MASS * GRAVITY) * sin - R::from_f64(3.0) * spin * cos
            + R::from_f64(6.0) * push * cos)
            / (R::from_f64(LENGTH) * inertia);
        let step = R::from_f64(STEP_SECONDS);
        let next = [x + step * v, v + step * v_rate, angle + step * w, w + step * w_rate];
        (next, reward(&next))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, &[x, _, _, _]: &[R; 4]) -> R::Mask {
        x.abs().above(R::from_f64(LARGEST_X))
    }
}

#[inline(always)]
fn reward<R: Real>(&[x, _, angle, _]: &[R; 4]) -> R {
    let upright = (angle.cos() + R::from_f64(1.0)) * R::from_f64(0.5);
    upright * (x * R::from_f64(PI / 2.0 / LARGEST_X)).cos()
}

/// A start close to rest, relative to hanging still.
#[inline(always)]
fn easy_start<R: Real>(draws: &[R]) -> [R; 4] {
    let [x, v] = normals(draws[0], draws[1]);
    let [angle, w] = normals(draws[2], draws[3]);
    let deviation = R::from_f64(DEVIATION);
    [deviation * x, deviation * v, deviation * angle, deviation * w]
}

/// A start anywhere, relative to hanging still.
#[inline(always)]
fn hard_start<R: Real>(draws: &[R]) -> [R; 4] {
    // In this order of operations small numbers keep all their digits.
    let scaled =
        |k: usize| R::from_f64(HARD_START[k]) * (R::from_f64(2.0) * draws[k] - R::from_f64(1.0));
    [scaled(0), scaled(1), scaled(2), scaled(3)]
}

/// Two independent normals from two uniforms in [0, 1) (Box and Muller 1958).
#[inline(always)]
fn normals<R: Real>(distance: R, direction: R) -> [R; 2] {
    // One minus the draw is never zero, where the logarithm is infinite.
    let radius = (R::from_f64(-2.0) * (R::from_f64(1.0) - distance).ln()).sqrt();
    // Angles from -pi to pi have the smallest rounding errors.
    let angle = R::from_f64(TAU) * (direction - R::from_f64(0.5));
    [radius * angle.cos(), radius * angle.sin()]
}
