//! Double pole, many starts: from how many of 625 starts do both poles stand for a thousand steps,
//! when no speeds are seen?
//!
//! It judges the networks of [`DoublePoleHidden`](super::DoublePoleHidden), which were trained from
//! one start alone.
//!
//! # Shapes
//!
//! State: `[x, v, long angle, long w, short angle, short w, steps]`; the network sees
//! `[x, long angle, short angle]`. Start `n` takes for x, v, long angle and long w the levels
//! .05, .25, .5, .75 and .95 of their ranges, by the digits of `n` to base 5, the first one
//! highest; the short pole is upright and at rest. Reward 1 for the thousandth step after which
//! both poles stand, 0 for all others, so that the mean return is the share of starts that were
//! mastered. 200 of 625 is what the literature calls success.
//!
//! # Source
//!
//! Gruau, Whitley and Pyeatt 1996; the ranges, which are rounded, are those of the NEAT of Stanley
//! and Miikkulainen 2002. The physics stands in [`pole`](super::pole).

use std::borrow::Cow;

use super::double_pole::LARGEST_ANGLE;
use super::pole::{self, LARGEST_FORCE, LONG, SHORT};
use super::{About, Actions, Control, Defaults, Labels, Picture, show};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct DoublePoleStarts;

const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
const COUNT: u32 = 625; // five levels of four numbers
/// A start lies within +- these: m, m/s, rad (3.6 degrees), rad/s (8.6 degrees a second).
const RANGE: [f64; 4] = [2.16, 1.35, 0.062_831_52, 0.150_097_52];
const STEPS: u32 = 1000;
/// The share of starts that counts as success.
pub(super) const SUCCESS: f64 = 200.0 / COUNT as f64;

const ABOUT: About = About {
    name: Cow::Borrowed("double-pole-starts"),
    summary: Cow::Borrowed("balance two poles from 625 starts, speeds unseen"),
    source: Cow::Borrowed("Gruau, Whitley and Pyeatt 1996; Stanley and Miikkulainen 2002"),
    threshold: Some(SUCCESS),
    defaults: Defaults {
        strategy: "ga",
        network: "6",
        population: 64,
        generations: 1000,
        episodes: COUNT,
        settings: &[],
    },
};

impl Control for DoublePoleStarts {
    type State<R: Real> = [R; 7];
    const DRAWS: usize = 1;
    const STARTS: Option<u32> = Some(COUNT);
    const OBSERVATIONS: usize = 3;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = STEPS;
    const WGSL: &'static str = concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/double_pole_starts.wgsl")
    );

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = pole::DOUBLE_BODY;
        Some(Picture { body, step_seconds: pole::SHOWN_SECONDS })
    }

    fn labels(&self) -> Labels {
        pole::HIDDEN_LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, draws: &[R]) -> [R; 7] {
        let still = R::of(0.0);
        let mut state = [still; 7];
        let mut rest = draws[0];
        for (n, number) in state.iter_mut().enumerate().take(4) {
            let place = R::of(5.0f64.powi(3 - n as i32));
            // Half a start more, so that no rounding of a whole quotient lowers the digit.
            let digit = ((rest + R::of(0.5)) / place).floor();
            rest = rest - digit * place;
            *number = R::of(RANGE[n]) * (R::of(2.0) * level(digit) - R::of(1.0));
        }
        state
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 7], observation: &mut [R]) {
        show(&pole::places(state), observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 7], action: &[R]) -> ([R; 7], R) {
        let [x, v, long, long_w, short, short_w] =
            pole::push(&[LONG, SHORT], &pole::both(state), action[0]);
        let steps = state[6] + R::of(1.0);
        let next = [x, v, long, long_w, short, short_w, steps];
        let last = R::of(f64::from(STEPS));
        let arrives = steps.at_least(last) & state[6].below(last) & !self.terminated(&next);
        (next, R::select(arrives, R::of(1.0), R::of(0.0)))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 7]) -> R::Mask {
        pole::fallen(&pole::both(state), LARGEST_ANGLE)
    }
}

/// The level of a digit.
#[inline(always)]
fn level<R: Real>(digit: R) -> R {
    let mut level = R::of(LEVELS[0]);
    for (k, &higher) in LEVELS.iter().enumerate().skip(1) {
        level = R::select(digit.at_least(R::of(k as f64)), R::of(higher), level);
    }
    level
}
