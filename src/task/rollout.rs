//! A rollout in double precision: one network acting in a control task, naively.
//!
//! The fast path's twin is [`turns`](super::turns), the GPU's `shaders/kernel/rollout.wgsl`.

use super::{Actions, Control};
use crate::network::{Network, Normaliser, Scratch};
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

/// What came of one or several rollouts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The sum of the rewards.
    pub reward: f64,
    /// Steps.
    pub steps: u64,
}

/// The outcome of a network, from the start that `first` draws; what it sees is added to the
/// normaliser's one row.
pub(super) fn rollout<T: Control>(
    task: &T,
    network: &Network,
    genome: &[f64],
    first: Place,
    span: Span,
    mut normaliser: Option<Normaliser<'_>>,
) -> Outcome {
    let (count, limit, restarts) = match span {
        Span::Episode(limit) => (limit, limit, false),
        Span::Steps { count, limit } => (count, limit, true),
    };
    let mut scratch = Scratch::of(network);
    let mut observation = vec![0.0; T::OBSERVATIONS];
    let mut action = vec![0.0; T::ACTIONS.size()];
    let mut place = first;
    let mut state = start(task, place);
    let (mut age, mut total) = (0, Outcome::default());
    for _ in 0..count {
        task.observe(&state, &mut observation);
        if let Some(normaliser) = &mut normaliser {
            let by = normaliser.by;
            let [steps, sums @ ..] = normaliser.row(0) else { unreachable!("a row has its steps") };
            *steps += 1.0;
            by.apply(&mut observation, sums);
        }
        let outputs = network.forward(genome, &observation, &mut scratch);
        Actions::decide(T::ACTIONS, outputs, &mut action);
        let (next, reward) = task.step(&state, &action);
        state = next;
        age += 1;
        total.reward += reward;
        total.steps += 1;
        if task.terminated(&state) || age >= limit {
            if !restarts {
                break;
            }
            place.individual = place.individual.wrapping_add(1);
            state = start(task, place);
            scratch.forget();
            age = 0;
        }
    }
    total
}

fn start<T: Control>(task: &T, place: Place) -> T::State<f64> {
    if let Some(count) = T::STARTS {
        return task.start(&[f64::from(place.individual % count)]);
    }
    let blocks = 0..T::DRAWS.div_ceil(WORDS_A_BLOCK) as u32;
    let draws: Vec<f64> =
        blocks.flat_map(|block| place.units(block)).take(T::DRAWS).map(f64::from).collect();
    task.start(&draws)
}
