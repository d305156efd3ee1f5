//! Swing-up, hard: swing a pole up from anywhere on the track, at any speed.
//!
//! A start lies within 2.4 m and 10 m/s, within a quarter turn of hanging down and 10 rad/s. Many
//! leave the track whatever is done, so the mean return is far below [`swingup`](super::swingup)'s.
//! Shapes, units, reward and source stand in [`swing`](super::swing), whose physics this is.
//! EvoJAX's guide names 600 as what a strategy must reach.

use std::borrow::Cow;
use std::f64::consts::{FRAC_PI_2, PI};

use super::swing::{self, LARGEST_FORCE, LARGEST_X, STEP_LIMIT};
use super::{About, Actions, Control, Defaults, Labels, Picture};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct SwingUpHard;

/// A start lies within +- these of hanging still: m, m/s, rad, rad/s.
const START: [f64; 4] = [LARGEST_X, 10.0, FRAC_PI_2, 10.0];

const ABOUT: About = About {
    name: Cow::Borrowed("swingup-hard"),
    summary: Cow::Borrowed("swing a pole up from any place and speed (EvoJAX, hard)"),
    source: Cow::Borrowed("EvoJAX 0.2, CartPoleSwingUp, harder; threshold: its guide's floor"),
    threshold: Some(600.0),
    defaults: Defaults {
        strategy: "pgpe",
        network: "64-64",
        population: 64,
        generations: 1000,
        episodes: 16,
        settings: &[],
    },
};

impl Control for SwingUpHard {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 4;
    const OBSERVATIONS: usize = 5;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = STEP_LIMIT;
    const WGSL: &'static str = concat!(
        include_str!("../../shaders/task/swing.wgsl"),
        include_str!("../../shaders/task/swingup_hard.wgsl")
    );

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = swing::BODY;
        Some(Picture { body, step_seconds: swing::STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        swing::LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 4] {
        // In this order no digit is lost where a number is small.
        let spread = |k: usize| R::of(START[k]) * (R::of(2.0) * draws[k] - R::of(1.0));
        [spread(0), spread(1), R::of(PI) + spread(2), spread(3)]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 4], observation: &mut [R]) {
        swing::observe(state, observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 4], action: &[R]) -> ([R; 4], R) {
        swing::step(state, action[0])
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 4]) -> R::Mask {
        swing::terminated(state)
    }
}
