//! A rollout in double precision: one policy acting in a control task, naively.
//!
//! The fast path's twin is [`turns`](super::turns), the GPU's `shaders/kernel/rollout.wgsl`.

use super::{Actions, Control};
use std::borrow::Borrow;

use crate::network::{Graph, Naive, Network, Normaliser, Scratch};
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
    /// The sum, over the episodes that ended, of the numbers that say what was done in them.
    pub behaviour: [f64; LARGEST_BEHAVIOUR],
}

/// The most numbers that say what was done in an episode.
pub const LARGEST_BEHAVIOUR: usize = 4;

/// Who acts, in double precision: what it sees goes in, outputs come out.
pub trait Policy {
    /// Writes the outputs for an observation.
    fn act(&mut self, observation: &[f64], outputs: &mut Vec<f64>);
    /// Forgets everything: an episode begins.
    fn forget(&mut self);
}

/// A network of layers with its genome.
pub struct Layered<'a> {
    network: &'a Network,
    genome: &'a [f64],
    scratch: Scratch<f64>,
}

impl<'a> Layered<'a> {
    /// It remembers nothing yet.
    pub fn new(network: &'a Network, genome: &'a [f64]) -> Self {
        Self { network, genome, scratch: Scratch::of(network) }
    }
}

impl Policy for Layered<'_> {
    fn act(&mut self, observation: &[f64], outputs: &mut Vec<f64>) {
        outputs.clear();
        let given = self.network.forward(self.genome, observation, &mut self.scratch);
        outputs.extend_from_slice(given);
    }
    fn forget(&mut self) {
        self.scratch.forget();
    }
}

impl<G: Borrow<Graph>> Policy for Naive<G> {
    fn act(&mut self, observation: &[f64], outputs: &mut Vec<f64>) {
        *outputs = self.step(observation);
    }
    fn forget(&mut self) {
        Naive::forget(self);
    }
}

/// The outcome of a policy that remembers nothing, from the start that `first` draws; what it sees
/// is added to the normaliser's one row.
pub(super) fn rollout<T: Control>(
    task: &T,
    policy: &mut dyn Policy,
    first: Place,
    span: Span,
    mut normaliser: Option<Normaliser<'_>>,
) -> Outcome {
    let (count, limit, restarts) = match span {
        Span::Episode(limit) => (limit, limit, false),
        Span::Steps { count, limit } => (count, limit, true),
    };
    let mut observation = vec![0.0; T::OBSERVATIONS];
    let mut action = vec![0.0; T::ACTIONS.size()];
    let mut outputs = Vec::new();
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
        policy.act(&observation, &mut outputs);
        Actions::decide(T::ACTIONS, &outputs, &mut action);
        let (next, reward) = task.step(&state, &action);
        state = next;
        age += 1;
        total.reward += reward;
        total.steps += 1;
        if task.terminated(&state) || age >= limit {
            for (sum, number) in total.behaviour.iter_mut().zip(&state.as_ref()[..T::BEHAVIOUR]) {
                *sum += number;
            }
            if !restarts {
                break;
            }
            place.individual = place.individual.wrapping_add(1);
            state = start(task, place);
            policy.forget();
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
