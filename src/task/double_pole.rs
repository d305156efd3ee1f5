//! Double pole: keep a long and a short pole upright on one cart for half an hour, from one start.
//!
//! # Shapes
//!
//! State: `[x, v, long angle, long w, short angle, short w]`. The network observes all of it, or
//! with hidden velocities `[x, long angle, short angle]`. Units, scales and physics are those of
//! [`pole`](super::pole). Every episode starts at rest in the middle, with the long pole at 4
//! degrees and the short one upright. Reward 1 for every step after which both poles are within 36
//! degrees and the cart is on its track. An episode is cut off at 100,000 steps, which counts as
//! success.
//!
//! # Source
//!
//! Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008. They clip the output of a network to a force;
//! [`Actions`] squashes it instead.

use std::borrow::Cow;

use super::pole::{self, LARGEST_FORCE, LONG, OBSERVATION_SCALES, SHORT, START, SUCCESS_STEPS};
use super::{About, Actions, Control, Defaults, Labels, Picture, Quantity, write_observation};
use crate::math::Real;

/// The task, with or without hidden velocities; its parameters are the published constants.
///
/// With hidden velocities it validates the networks of
/// [`DoublePoleHidden`](super::DoublePoleHidden), which are trained by another fitness.
#[derive(Clone, Copy, Debug)]
pub struct DoublePole<const HIDDEN: bool>;

/// The largest angle of a pole, in rad.
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
        normalise_observations: false,
        settings: &[],
    },
};

const HIDDEN_ABOUT: About = About {
    name: Cow::Borrowed("double-pole-long"),
    summary: Cow::Borrowed("balance two poles for 100,000 steps, velocities hidden"),
    ..ABOUT
};

/// The observed angle of the long pole.
pub(super) const LONG_ANGLE: Quantity =
    pole::angle("long angle", "angle of the long pole, from upright", LARGEST_ANGLE);
/// The observed angle of the short pole.
pub(super) const SHORT_ANGLE: Quantity =
    pole::angle("short angle", "angle of the short pole, from upright", LARGEST_ANGLE);

const LABELS: Labels = Labels {
    observations: &[
        pole::X,
        pole::SPEED,
        LONG_ANGLE,
        pole::turning("long turning", "angular speed of the long pole"),
        SHORT_ANGLE,
        pole::turning("short turning", "angular speed of the short pole"),
    ],
    actions: &[pole::FORCE],
    reward: "1 for every step after which both poles still stand.",
    ends: "When the cart leaves its track (|x| > 2.4 m), when a pole leans more than 36 degrees, \
           or after 100,000 steps.",
    returns: [0.0, SUCCESS_STEPS as f64],
};

const HIDDEN_LABELS: Labels =
    Labels { observations: &[pole::X, LONG_ANGLE, SHORT_ANGLE], ..LABELS };

impl<const IS_HIDDEN: bool> Control for DoublePole<IS_HIDDEN> {
    type State<R: Real> = [R; 6];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = if IS_HIDDEN { 3 } else { 6 };
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = SUCCESS_STEPS;
    const WGSL: Option<&'static str> = Some(concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/double_pole.wgsl")
    ));

    fn about(&self) -> &About {
        if IS_HIDDEN { &HIDDEN_ABOUT } else { &ABOUT }
    }

    fn picture(&self) -> Option<Picture> {
        let body = pole::DOUBLE_BODY;
        Some(Picture { body, step_seconds: pole::TASK_STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        if IS_HIDDEN { HIDDEN_LABELS } else { LABELS }
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; 6] {
        let zero = R::from_f64(0.0);
        [zero, zero, R::from_f64(START), zero, zero, zero]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 6], observation: &mut [R]) {
        if IS_HIDDEN {
            write_observation(&pole::hidden_observation(state), observation);
        } else {
            let scaled = |k: usize| state[k] * R::from_f64(OBSERVATION_SCALES[k]);
            write_observation(
                &[scaled(0), scaled(1), scaled(2), scaled(3), scaled(4), scaled(5)],
                observation,
            );
        }
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 6], action: &[R]) -> ([R; 6], R) {
        let next = pole::push(&[LONG, SHORT], state, action[0]);
        let reward = R::select(self.terminated(&next), R::from_f64(0.0), R::from_f64(1.0));
        (next, reward)
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 6]) -> R::Mask {
        pole::fallen(state, LARGEST_ANGLE)
    }
}
