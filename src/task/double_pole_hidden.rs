//! Double pole, velocities hidden: keep two poles upright without seeing how fast anything moves,
//! and without jiggling the cart.
//!
//! # Shapes
//!
//! State: `[x, v, long angle, long w, short angle, short w]`, then a window of a hundred numbers,
//! the oldest first: |x| + |v| + |long angle| + |long w| after each of the last hundred steps, -1
//! where fewer were taken. The network sees `[x, long angle, short angle]`; units, scales, physics
//! and start are those of [`double_pole`](super::double_pole).
//!
//! # Fitness
//!
//! After `t` steps it is 0.1 t / 1000 + 0.9 f, where f is 0 for t < 100 and else 0.75 over the sum
//! of the window. A step's reward is what it adds to that, so that the return is the fitness, to
//! rounding, wherever an episode ends; a step after which a pole has fallen adds nothing. An
//! episode is cut off at 1000 steps.
//!
//! # Success
//!
//! The champion of a generation must stand for 100,000 steps from the start it was trained from
//! (validation: [`DoublePole`] with hidden velocities), and then for 1000 steps from at least 200
//! of 625 other starts (held out: [`DoublePoleStarts`]; the score is the share of them).
//!
//! # Source
//!
//! Gruau, Whitley and Pyeatt 1996, as in Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008, and in
//! the NEAT of Stanley and Miikkulainen 2002. They clip a network's output to a force; here
//! [`Actions`] squash it. The bound of the step size is that of Igel, "Neuroevolution for
//! reinforcement learning using evolution strategies", CEC 2003, whose CMA-ES is the one that they
//! compare with.

// Indexed loops over vectors are what the compiler unrolls.
#![allow(clippy::manual_memcpy)]

use std::borrow::Cow;

use super::double_pole::LARGEST_ANGLE;
use super::double_pole_starts::SUCCESS;
use super::pole::{self, LARGEST_FORCE, LONG, SHORT, START};
use super::{
    About, Actions, Control, Defaults, DoublePole, DoublePoleStarts, Examination, Labels, Picture,
    show,
};
use crate::math::Real;

/// The task; its parameters are the published constants.
#[derive(Clone, Copy, Debug)]
pub struct DoublePoleHidden;

/// Numbers of cart and poles, before the window.
const POLES: usize = 6;
/// Steps that the window holds.
const WINDOW: usize = 100;
const NUMBERS: usize = POLES + WINDOW;
const EMPTY: f64 = -1.0;
const STEPS: u32 = 1000;
const STEP_REWARD: f64 = 0.1 / STEPS as f64;
const CALM_REWARD: f64 = 0.9 * 0.75;
/// No window adds up to less; it keeps the fitness finite where nothing moves at all.
const CALMEST: f64 = 1e-6;

const ABOUT: About = About {
    name: Cow::Borrowed("double-pole-hidden"),
    summary: Cow::Borrowed("balance two poles calmly, their speeds unseen (Gruau)"),
    source: Cow::Borrowed("Gruau, Whitley and Pyeatt 1996; Gomez et al. 2008"),
    threshold: Some(SUCCESS),
    defaults: Defaults {
        strategy: "cma-es",
        network: "3:elman:nobias-out:nobias",
        population: 13,
        generations: 5000,
        episodes: 1,
        // A network that stands can become ever calmer without ever generalising. Steps therefore
        // keep half of their first size, as in Igel 2003: a search goes on to look around, and
        // where it no longer gets on it begins anew.
        settings: &[("sigma", "0.5"), ("least-sigma", "0.5"), ("restarts", "ipop")],
    },
};

impl Control for DoublePoleHidden {
    type State<R: Real> = [R; NUMBERS];
    const DRAWS: usize = 0;
    const OBSERVATIONS: usize = 3;
    const ACTIONS: Actions = Actions::Force { count: 1, limit: LARGEST_FORCE };
    const STEP_LIMIT: u32 = STEPS;
    const WGSL: &'static str = concat!(
        include_str!("../../shaders/task/pole.wgsl"),
        include_str!("../../shaders/task/double_pole_hidden.wgsl")
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

    fn examination(&self) -> Option<Examination> {
        Some(Examination {
            validation: Box::new(DoublePole::<true>),
            held_out: Box::new(DoublePoleStarts),
        })
    }

    /// A network without biases that does nothing treats left and right alike.
    fn first_guess(&self) -> Option<f32> {
        Some(0.0)
    }

    #[inline(always)]
    fn start<R: Real>(&self, _: &[R]) -> [R; NUMBERS] {
        let mut state = [R::of(EMPTY); NUMBERS];
        for number in &mut state[..POLES] {
            *number = R::of(0.0);
        }
        state[2] = R::of(START);
        state
    }

    #[inline(always)]
    fn observe<R: Real>(&self, state: &[R; NUMBERS], observation: &mut [R]) {
        show(&pole::places(state), observation);
    }

    #[inline(always)]
    fn step<R: Real>(&self, state: &[R; NUMBERS], action: &[R]) -> ([R; NUMBERS], R) {
        let poles = pole::push(&[LONG, SHORT], &pole::both(state), action[0]);
        let jiggle = poles[0].abs() + poles[1].abs() + poles[2].abs() + poles[3].abs();
        let mut next = *state;
        for k in 0..POLES {
            next[k] = poles[k];
        }
        // All moves up, so that every lane finds its oldest at the same place. What the windows
        // before and after share is added once, in three sums side by side.
        let none = R::of(0.0);
        let mut sums = [none; 3];
        let mut k = POLES + 1;
        while k < NUMBERS {
            for s in 0..3 {
                next[k + s - 1] = state[k + s];
                sums[s] = sums[s] + state[k + s].max(none);
            }
            k += 3;
        }
        next[NUMBERS - 1] = jiggle;
        let shared = sums[0] + sums[1] + sums[2];
        let before = calm(state[POLES], shared + state[POLES].max(none));
        let after = calm(next[POLES], shared + jiggle);
        let gained = R::of(STEP_REWARD) + (after - before);
        (next, R::select(self.terminated(&next), none, gained))
    }

    #[inline(always)]
    fn terminated<R: Real>(&self, state: &[R; NUMBERS]) -> R::Mask {
        pole::fallen(&pole::both(state), LARGEST_ANGLE)
    }
}

/// What a window earns by its sum: nothing while its oldest place is empty.
#[inline(always)]
fn calm<R: Real>(oldest: R, sum: R) -> R {
    let none = R::of(0.0);
    R::select(oldest.at_least(none), R::of(CALM_REWARD) / sum.max(R::of(CALMEST)), none)
}
