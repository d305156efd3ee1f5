//! A rollout: networks acting in a control task, from a start to the end of a span.
//!
//! Its twin is `shaders/kernel/rollout.wgsl`.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use super::{Actions, Control};
use crate::math::{Mask, Real};
use crate::network::{Network, Scratch};
use crate::random::{Place, WORDS_A_BLOCK};

/// How far a rollout goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// One episode of at most so many steps.
    Episode(u32),
    /// Exactly so many steps: an episode that ends, or reaches the limit, starts again at once
    /// with the start of the next episode.
    Steps {
        /// Steps in all.
        count: u32,
        /// Steps after which an episode is cut off.
        limit: u32,
    },
}

/// What came of a rollout, in each lane.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<R> {
    /// The sum of the rewards.
    pub reward: R,
    /// Steps that counted.
    pub steps: R,
}

/// What a rollout needs.
pub(super) struct Rollout<'a, T, R> {
    pub task: &'a T,
    pub network: &'a Network,
    /// `genomes[gene]`: a gene of each lane's individual.
    pub genomes: &'a [R],
    /// The place of the first episode's draws; `individual` is the episode's number.
    pub first: Place,
    /// How many episodes after its left neighbour's a lane's is: 0 for the same, 1 for the next.
    pub stride: u32,
    pub span: Span,
    pub scratch: &'a mut Scratch<R>,
}

/// The most numbers in an observation, an action, or a start's draws.
const ROOM: usize = 32;

#[inline(always)]
pub(super) fn rollout<T: Control, R: Real>(work: Rollout<'_, T, R>) -> Outcome<R> {
    let Rollout { task, network, genomes, first, stride, span, scratch } = work;
    let (count, limit, restarts) = match span {
        Span::Episode(limit) => (limit, limit, false),
        Span::Steps { count, limit } => (count, limit, true),
    };
    let (zero, one) = (R::of(0.0), R::of(1.0));
    let mut observation = [zero; ROOM];
    let mut action = [zero; ROOM];
    let mut episode = [first.individual; ROOM];
    for lane in 0..R::WIDTH {
        episode[lane] = first.individual + stride * lane as u32;
    }
    let mut state = start(task, first, &episode);
    let mut live = R::Mask::of(true);
    let mut age = zero;
    let mut total = Outcome { reward: zero, steps: zero };

    for _ in 0..count {
        task.observe(&state, &mut observation[..T::OBSERVATIONS]);
        let outputs = network.forward(genomes, &observation[..T::OBSERVATIONS], scratch);
        Actions::decide(T::ACTIONS, outputs, &mut action);
        let (next, reward) = task.step(&state, &action[..T::ACTIONS.size()]);
        state = next;
        total.reward = total.reward + R::select(live, reward, zero);
        total.steps = total.steps + R::select(live, one, zero);
        age = age + one;
        let ended = task.terminated(&state) | age.at_least(R::of(f64::from(limit)));
        if !ended.any() {
            continue;
        }
        if restarts {
            for lane in 0..R::WIDTH {
                episode[lane] = episode[lane].wrapping_add(u32::from(ended.lane(lane)));
            }
            let fresh = start(task, first, &episode);
            for (old, new) in state.as_mut().iter_mut().zip(fresh.as_ref()) {
                *old = R::select(ended, *new, *old);
            }
            age = R::select(ended, zero, age);
        } else {
            live = live & !ended;
            if !live.any() {
                break;
            }
        }
    }
    total
}

/// The start of each lane's episode.
#[inline(always)]
fn start<T: Control, R: Real>(task: &T, first: Place, episode: &[u32; ROOM]) -> T::State<R> {
    let mut draws = [R::of(0.0); ROOM];
    for block in 0..T::DRAWS.div_ceil(WORDS_A_BLOCK) {
        let mut units = [[0.0; WORDS_A_BLOCK]; ROOM];
        for lane in 0..R::WIDTH {
            units[lane] = Place { individual: episode[lane], ..first }.units(block as u32);
        }
        for word in 0..WORDS_A_BLOCK {
            let draw = block * WORDS_A_BLOCK + word;
            if draw < ROOM {
                draws[draw] = R::from_lanes(|lane| units[lane][word]);
            }
        }
    }
    task.start(&draws[..T::DRAWS])
}
