//! Single pole: keep a pole upright on a cart for half an hour, from one start.
//!
//! # Shapes
//!
//! State: `[x, v, angle, w]`, of which the network sees all; units, scales and physics stand in
//! [`pole`](super::pole). Every episode begins at rest in the middle, with the pole at 4 degrees.
//! Reward 1 for every step after which the pole is within 12 degrees and the cart on its track; an
//! episode is cut off at 100,000 steps, which is success.
//!
//! # Source
//!
//! Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008. They clip a network's output to a force; here
//! [`Actions`] squash it.

use std::borrow::Cow;

use super::pole::{self, LARGEST_FORCE, LONG, SIGHT, START, SUCCESS_STEPS};
use super::{About, Actions, Control, Defaults, Labels, Picture, show};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct SinglePole;

const LARGEST_ANGLE: f64 = 12.0 * std::f64::consts::PI / 180.0; // rad

const ABOUT: About = About {
    name: Cow::Borrowed("single-pole"),
    summary: Cow::Borrowed("balance a pole on a cart for 100,000 steps (Wieland)"),
    source: Cow::Borrowed("Wieland 1991; Gomez, Schmidhuber and Miikkulainen 2008"),
    threshold: Some(SUCCESS_STEPS as f64),
    defaults: Defaults {
        strategy: "cma-es",
        network: "8:nobias-out:nobias",
        population: 15,
        generations: 5000,
        episodes: 1,
        settings: &[],
    },
};

impl Control for SinglePole {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = 4;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = SUCCESS_STEPS;
    const WGSL: &'static str = concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/single_pole.wgsl")
    );

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = pole::SINGLE_BODY;
        Some(Picture { body, step_seconds: pole::SHOWN_SECONDS })
    }

    fn labels(&self) -> Labels {
        pole::SINGLE_LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; 4] {
        let still = R::of(0.0);
        [still, still, R::of(START), still]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 4], observation: &mut [R]) {
        let seen = |k: usize| state[k] * R::of(SIGHT[k]);
        show(&[seen(0), seen(1), seen(2), seen(3)], observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 4], action: &[R]) -> ([R; 4], R) {
        let next = pole::push(&[LONG], state, action[0]);
        let reward = R::select(self.terminated(&next), R::of(0.0), R::of(1.0));
        (next, reward)
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 4]) -> R::Mask {
        pole::fallen(state, LARGEST_ANGLE)
    }
}
