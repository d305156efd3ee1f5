//! Single pole: keep a pole upright on a cart for half an hour, from one start.
//!
//! # Shapes
//!
//! State: `[x, v, angle, w]`, all of which the network observes. Units, scales and physics are
//! those of [`pole`](super::pole). Every episode starts at rest in the middle, with the pole at 4
//! degrees. Reward 1 for every step after which the pole is within 12 degrees and the cart on its
//! track. An episode is cut off at 100,000 steps, which counts as success.
//!
//! # Source
//!
//! Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008. They clip the output of a network to a force;
//! [`Actions`] squashes it instead.

use std::borrow::Cow;

use super::pole::{self, LARGEST_FORCE, LONG, OBSERVATION_SCALES, START, SUCCESS_STEPS};
use super::{About, Actions, Control, Defaults, Labels, Picture, write_observation};
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
        normalise_observations: false,
        settings: &[],
    },
};

const LABELS: Labels = Labels {
    observations: &[
        pole::X,
        pole::SPEED,
        pole::angle("angle", "angle of the pole, from upright", LARGEST_ANGLE),
        pole::turning("turning", "angular speed of the pole"),
    ],
    actions: &[pole::FORCE],
    reward: "1 for every step after which the pole still stands.",
    ends: "When the cart leaves its track (|x| > 2.4 m), when the pole leans more than 12 \
           degrees, or after 100,000 steps.",
    returns: [0.0, SUCCESS_STEPS as f64],
};

impl Control for SinglePole {
    type State<R: Real> = [R; 4];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = 4;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = SUCCESS_STEPS;
    const WGSL: Option<&'static str> = Some(concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/single_pole.wgsl")
    ));

    fn about(&self) -> &About {
        &ABOUT
    }

    fn picture(&self) -> Option<Picture> {
        let body = pole::SINGLE_BODY;
        Some(Picture { body, step_seconds: pole::TASK_STEP_SECONDS })
    }

    fn labels(&self) -> Labels {
        LABELS
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; 4] {
        let zero = R::from_f64(0.0);
        [zero, zero, R::from_f64(START), zero]
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; 4], observation: &mut [R]) {
        let scaled = |k: usize| state[k] * R::from_f64(OBSERVATION_SCALES[k]);
        write_observation(&[scaled(0), scaled(1), scaled(2), scaled(3)], observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; 4], action: &[R]) -> ([R; 4], R) {
        let next = pole::push(&[LONG], state, action[0]);
        let reward = R::select(self.terminated(&next), R::from_f64(0.0), R::from_f64(1.0));
        (next, reward)
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; 4]) -> R::Mask {
        pole::fallen(state, LARGEST_ANGLE)
    }
}
