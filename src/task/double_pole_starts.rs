//! Double pole with many starts: the fraction of 625 starts from which both poles stand for a
//! thousand steps, with hidden velocities.
//!
//! It tests the networks of [`DoublePoleHidden`](super::DoublePoleHidden), which are trained from a
//! single start.
//!
//! # Shapes
//!
//! State: `[x, v, long angle, long w, short angle, short w, steps]`. Observation:
//! `[x, long angle, short angle]`. The four digits of the start's index in base 5, most significant
//! first, select x, v, long angle and long w from the levels .05, .25, .5, .75 and .95 of their
//! ranges. The short pole is upright and at rest. Reward 1 for the thousandth step if both poles
//! still stand, and 0 for all others, so the mean return is the fraction of starts that were
//! mastered. The literature counts 200 of 625 as success.
//!
//! # Source
//!
//! Gruau, Whitley and Pyeatt 1996. The rounded ranges are those of the NEAT of Stanley and
//! Miikkulainen 2002. The physics is that of [`pole`](super::pole).

use std::borrow::Cow;

use super::double_pole::{LARGEST_ANGLE, LONG_ANGLE, SHORT_ANGLE};
use super::pole::{self, LARGEST_FORCE, LONG, SHORT};
use super::{About, Actions, Control, Defaults, Labels, Picture, write_observation};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct DoublePoleStarts;

const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
const COUNT: u32 = 625; // five levels of four numbers
/// The limits of a start, to both sides: m, m/s, rad (3.6 degrees), rad/s (8.6 degrees per second).
const RANGE: [f64; 4] = [2.16, 1.35, 0.062_831_52, 0.150_097_52];
const STEPS: u32 = 1000;
/// The fraction of starts that counts as success.
pub(super) const SUCCESS: f64 = 200.0 / COUNT as f64;

const ABOUT: About = About {
    name: Cow::Borrowed("double-pole-starts"),
    summary: Cow::Borrowed("balance two poles from 625 starts, velocities hidden"),
    source: Cow::Borrowed("Gruau, Whitley and Pyeatt 1996; Stanley and Miikkulainen 2002"),
    threshold: Some(SUCCESS),
    defaults: Defaults {
        strategy: "ga",
        network: "6",
        population: 64,
        generations: 1000,
        episodes: COUNT,
        normalise_observations: false,
        settings: &[],
    },
};

const LABELS: Labels = Labels {
    observations: &[pole::X, LONG_ANGLE, SHORT_ANGLE],
    actions: &[pole::FORCE],
    reward: "1 for the thousandth step if both poles still stand, and 0 for all others.",
    ends: "When the cart leaves its track (|x| > 2.4 m), when a pole leans more than 36 degrees, \
           or after 1000 steps.",
    returns: [0.0, 1.0],
};

impl Control for DoublePoleStarts {
    type State<R: Real> = [R; 7];
    const DRAWS: usize = 1;
    const STARTS: Option<u32> = Some(COUNT);
    const OBSERVATIONS: usize = 3;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = STEPS;
    const WGSL: Option<&'static str> = Some(concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/double_pole_starts.wgsl")
    ));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = pole::DOUBLE_BODY;
        Some(Picture { body, step_seconds: pole::TASK_STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 7] {
        let mut state = [R::from_f64(0.0); 7];
        let mut rest = draws[0];
        for (n, number) in state.iter_mut().enumerate().take(4) {
            let unit = R::from_f64(5.0f64.powi(3 - n as i32));
            // Adding one half keeps rounding from lowering the digit of an exact quotient.
            let digit = ((rest + R::from_f64(0.5)) / unit).floor();
            rest = rest - digit * unit;
            *number = R::from_f64(RANGE[n]) * (R::from_f64(2.0) * level(digit) - R::from_f64(1.0));
        }
        state
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 7], observation: &mut [R]) {
        write_observation(&pole::hidden_observation(state), observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 7], action: &[R]) -> ([R; 7], R) {
        let [x, v, long, long_w, short, short_w] =
            pole::push(&[LONG, SHORT], &pole::cart_and_poles(state), action[0]);
        let steps = state[6] + R::from_f64(1.0);
        let next = [x, v, long, long_w, short, short_w, steps];
        let last = R::from_f64(f64::from(STEPS));
        let arrives = steps.at_least(last) & state[6].below(last) & !self.terminated(&next);
        (next, R::select(arrives, R::from_f64(1.0), R::from_f64(0.0)))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 7]) -> R::Mask {
        pole::fallen(&pole::cart_and_poles(state), LARGEST_ANGLE)
    }
}

/// Returns the level of a digit.
#[inline(always)]
fn level<R: Real>(digit: R) -> R {
    let mut level = R::from_f64(LEVELS[0]);
    for (k, &higher) in LEVELS.iter().enumerate().skip(1) {
        level = R::select(digit.at_least(R::from_f64(k as f64)), R::from_f64(higher), level);
    }
    level
}
