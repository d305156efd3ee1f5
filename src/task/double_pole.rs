//! Double pole: keep a long and a short pole upright on one cart for half an hour, from one start.
//!
//! # Shapes
//!
//! State: `[x, v, long angle, long w, short angle, short w]`; the network sees all of it, or with
//! hidden velocities `[x, long angle, short angle]`. Units, scales and physics stand in
//! [`pole`](super::pole). Every episode begins at rest in the middle, the long pole at 4 degrees
//! and the short one upright. Reward 1 for every step after which both are within 36 degrees and
//! the cart is on its track; an episode is cut off at 100,000 steps, which is success.
//!
//! # Source
//!
//! Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008. They clip a network's output to a force; here
//! [`Actions`] squash it.

use std::borrow::Cow;

use super::pole::{self, LARGEST_FORCE, LONG, SHORT, SIGHT, START, SUCCESS_STEPS};
use super::{About, Actions, Control, Defaults, Labels, Picture, show};
use crate::math::Real;

/// The task, with hidden velocities or without; its parameters are the published constants.
///
/// With hidden velocities it validates the networks of
/// [`DoublePoleHidden`](super::DoublePoleHidden), whose training goes by another fitness.
#[derive(Clone, Copy, Debug)]
pub struct DoublePole<const HIDDEN: bool>;

/// rad.
pub(super) const LARGEST_ANGLE: f64 = 36.0 * std::f64::consts::PI / 180.0;

const ABOUT: About = About {
    name: Cow::Borrowed("double-pole"),
    summary: Cow::Borrowed("balance two poles on a cart for 100,000 steps (Wieland)"),
    source: Cow::Borrowed("Wieland 1991; Gomez, Schmidhuber and Miikkulainen 2008"),
    threshold: Some(SUCCESS_STEPS as f64),
    defaults: Defaults {
        strategy: "cma-es",
        network: "6:nobias-out:nobias",
        population: 15,
        generations: 5000,
        episodes: 1,
        settings: &[],
    },
};

const HIDDEN: About = About {
    name: Cow::Borrowed("double-pole-long"),
    summary: Cow::Borrowed("balance two poles for 100,000 steps, speeds unseen"),
    ..ABOUT
};

impl<const IS_HIDDEN: bool> Control for DoublePole<IS_HIDDEN> {
    type State<R: Real> = [R; 6];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = if IS_HIDDEN { 3 } else { 6 };
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = SUCCESS_STEPS;
    const WGSL: &'static str = concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/double_pole.wgsl")
    );

    fn about(&self) -> &About {
        if IS_HIDDEN { &HIDDEN } else { &ABOUT }
    }

    fn picture(&self) -> Option<Picture> {
        let body = pole::DOUBLE_BODY;
        Some(Picture { body, step_seconds: pole::SHOWN_SECONDS })
    }

    fn labels(&self) -> Labels {
        if IS_HIDDEN { pole::HIDDEN_LABELS } else { pole::DOUBLE_LABELS }
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; 6] {
        let still = R::of(0.0);
        [still, still, R::of(START), still, still, still]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 6], observation: &mut [R]) {
        if IS_HIDDEN {
            show(&pole::places(state), observation);
        } else {
            let seen = |k: usize| state[k] * R::of(SIGHT[k]);
            show(&[seen(0), seen(1), seen(2), seen(3), seen(4), seen(5)], observation);
        }
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 6], action: &[R]) -> ([R; 6], R) {
        let next = pole::push(&[LONG, SHORT], state, action[0]);
        let reward = R::select(self.terminated(&next), R::of(0.0), R::of(1.0));
        (next, reward)
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 6]) -> R::Mask {
        pole::fallen(state, LARGEST_ANGLE)
    }
}
