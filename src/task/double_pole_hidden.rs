//! Double pole with hidden velocities: keep two poles upright without observing any speed, and
//! without jiggling the cart.
//!
//! # Shapes
//!
//! State: `[x, v, long angle, long w, short angle, short w]`, followed by a window of a hundred
//! numbers, oldest first: |x| + |v| + |long angle| + |long w| after each of the last hundred steps.
//! Entries before the first step are -1. The network observes `[x, long angle, short angle]`.
//! Units, scales, physics and start are those of [`double_pole`](super::double_pole).
//!
//! # Fitness
//!
//! After `t` steps the fitness is 0.1 t / 1000 + 0.9 f, where f is 0 for t < 100, and then 0.75
//! over the sum of the window. The reward of a step is its contribution to the fitness, so the
//! return equals the fitness, up to rounding, wherever an episode ends. A step after which a pole
//! has fallen contributes nothing. An episode is cut off at 1000 steps.
//!
//! # Success
//!
//! The champion of a generation must balance the poles for 100,000 steps from the start of the
//! training (validation: [`DoublePole`] with hidden velocities), and then for 1000 steps from at
//! least 200 of 625 other starts (held out: [`DoublePoleStarts`], whose score is the fraction of
//! starts).
//!
//! # Source
//!
//! Gruau, Whitley and Pyeatt 1996, as in Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008, and in
//! the NEAT of Stanley and Miikkulainen 2002. They clip the output of a network to a force;
//! [`Actions`] squashes it instead. The lower bound of the step size is that of Igel,
//! "Neuroevolution for reinforcement learning using evolution strategies", CEC 2003, whose CMA-ES
//! is the one that Gomez et al. compare with.

// The compiler unrolls indexed loops over a few vectors.
#![allow(clippy::manual_memcpy)]

use std::borrow::Cow;

use super::double_pole::{LARGEST_ANGLE, LONG_ANGLE, SHORT_ANGLE};
use super::double_pole_starts::SUCCESS;
use super::pole::{self, LARGEST_FORCE, LONG, SHORT, START};
use super::{
    About, Actions, Control, Defaults, DoublePole, DoublePoleStarts, EvaluationTasks, Labels,
    Picture, write_observation,
};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct DoublePoleHidden;

/// The numbers of cart and poles, before the window.
const POLES: usize = 6;
/// The number of steps in the window.
const WINDOW: usize = 100;
const NUMBERS: usize = POLES + WINDOW;
const EMPTY: f64 = -1.0;
const STEPS: u32 = 1000;
const STEP_REWARD: f64 = 0.1 / STEPS as f64;
const CALM_REWARD: f64 = 0.9 * 0.75;
/// A lower bound for the sum of a window. It keeps the fitness finite if nothing moves.
const SMALLEST_SUM: f64 = 1e-6;

const ABOUT: About = About {
    name: Cow::Borrowed("double-pole-hidden"),
    summary: Cow::Borrowed("balance two poles calmly, velocities hidden (Gruau)"),
    source: Cow::Borrowed("Gruau, Whitley and Pyeatt 1996; Gomez et al. 2008"),
    threshold: Some(SUCCESS),
    defaults: Defaults {
        strategy: "cma-es",
        network: "3:elman:nobias-out:nobias",
        population: 13,
        generations: 5000,
        episodes: 1,
        normalise_observations: false,
        // A network that balances the poles can become ever calmer without generalising. Therefore
        // the step size stays at or above half its initial value, as in Igel 2003: the search keeps
        // exploring, and restarts when it makes no progress.
        settings: &[("sigma", "0.5"), ("least-sigma", "0.5"), ("restarts", "ipop")],
    },
};

const LABELS: Labels = Labels {
    observations: &[pole::X, LONG_ANGLE, SHORT_ANGLE],
    actions: &[pole::FORCE],
    reward: "The gain in 0.1 t / 1000 + 0.9 f, where t is the number of steps, and f is 0.75 over \
             the sum of |x| + |v| + |long angle| + |long w| over the last 100 steps, or 0 before \
             step 100.",
    ends: "When the cart leaves its track (|x| > 2.4 m), when a pole leans more than 36 degrees, \
           or after 1000 steps.",
    returns: [0.0, 0.1 + CALM_REWARD / SMALLEST_SUM],
};

impl Control for DoublePoleHidden {
    type State<R: Real> = [R; NUMBERS];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = 3;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = STEPS;
    const WGSL: Option<&'static str> = Some(concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/double_pole_hidden.wgsl")
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

    fn evaluation_tasks(&self) -> Option<EvaluationTasks> {
        Some(EvaluationTasks {
            validation: Box::new(DoublePole::<true>),
            held_out: Box::new(DoublePoleStarts),
        })
    }

    /// Starts at zero: a network without biases whose weights are zero treats left and right alike.
    fn initial_gene(&self) -> Option<f32> {
        Some(0.0)
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; NUMBERS] {
        let mut state = [R::from_f64(EMPTY); NUMBERS];
        for number in &mut state[..POLES] {
            *number = R::from_f64(0.0);
        }
        state[2] = R::from_f64(START);
        state
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; NUMBERS], observation: &mut [R]) {
        write_observation(&pole::hidden_observation(state), observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; NUMBERS], action: &[R]) -> ([R; NUMBERS], R) {
        let poles = pole::push(&[LONG, SHORT], &pole::cart_and_poles(state), action[0]);
        let jiggle = poles[0].abs() + poles[1].abs() + poles[2].abs() + poles[3].abs();
        let mut next = *state;
        for k in 0..POLES {
            next[k] = poles[k];
        }
        // The window shifts by one, so the oldest entry has the same index in every lane. The
        // entries that the windows before and after the step share are added once, in three
        // parallel sums.
        let zero = R::from_f64(0.0);
        let mut sums = [zero; 3];
        let mut k = POLES + 1;
        while k < NUMBERS {
            for s in 0..3 {
                next[k + s - 1] = state[k + s];
                sums[s] = sums[s] + state[k + s].max(zero);
            }
            k += 3;
        }
        next[NUMBERS - 1] = jiggle;
        let shared = sums[0] + sums[1] + sums[2];
        let before = calmness(state[POLES], shared + state[POLES].max(zero));
        let after = calmness(next[POLES], shared + jiggle);
        let gained = R::from_f64(STEP_REWARD) + (after - before);
        (next, R::select(self.terminated(&next), zero, gained))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; NUMBERS]) -> R::Mask {
        pole::fallen(&pole::cart_and_poles(state), LARGEST_ANGLE)
    }
}

/// Returns the calmness term of a window by its sum: zero while the oldest entry is empty.
#[inline(always)]
fn calmness<R: Real>(oldest: R, sum: R) -> R {
    let zero = R::from_f64(0.0);
    R::select(
        oldest.at_least(zero),
        R::from_f64(CALM_REWARD) / sum.max(R::from_f64(SMALLEST_SUM)),
        zero,
    )
}
