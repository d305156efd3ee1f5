//! Rollouts in double precision: one policy acts in a control task, naively.
//!
//! The twin of the fast CPU path is [`lane_rollout`](super::lane_rollout), that of the GPU
//! `shaders/kernel/rollout.wgsl`.

use std::borrow::Borrow;

use super::Actions;
use super::dynamics::{ControlShape, Dynamics};

use crate::network::{Graph, Network, Normaliser, ReferenceGraph, Scratch};
use crate::random::Counter;

/// The length of a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// One episode of at most this many steps.
    Episode(u32),
    /// An exact number of steps. When an episode ends or reaches the limit, the next one starts at
    /// once.
    Steps {
        /// The total number of steps.
        count: u32,
        /// The number of steps after which an episode is cut off.
        limit: u32,
    },
}

/// The totals of one or more rollouts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The sum of the rewards.
    pub reward: f64,
    /// The number of steps.
    pub steps: u64,
    /// The sum of the behaviour descriptors of the episodes that ended.
    pub behaviour: [f64; LARGEST_BEHAVIOUR],
}

/// The largest length of a behaviour descriptor.
pub const LARGEST_BEHAVIOUR: usize = 4;

/// An episode in double precision, which is played step by step.
pub trait Episode {
    /// Returns the state, `[state]`; empty if the task has none that can be read.
    fn state(&self) -> &[f64];
    /// Returns the observation of the state.
    fn observe(&self) -> Vec<f64>;
    /// Takes a step, and returns its reward.
    fn step(&mut self, action: &[f64]) -> f64;
    /// True if the state ends the episode.
    fn has_terminated(&self) -> bool;
    /// Returns the behaviour descriptor, `[behaviour]`.
    fn behaviour(&self) -> Vec<f64>;
}

/// An episode of [`Dynamics`].
pub(super) struct DynamicsEpisode<'a> {
    shape: ControlShape,
    dynamics: &'a dyn Dynamics<f64>,
    counter: Counter,
    age: u32,
    state: Vec<f64>,
}

impl<'a> DynamicsEpisode<'a> {
    /// Begins the episode whose start a random counter draws.
    pub fn new(shape: ControlShape, dynamics: &'a dyn Dynamics<f64>, counter: Counter) -> Self {
        let state = dynamics.start(&shape.start_draws(counter));
        Self { shape, dynamics, counter, age: 0, state }
    }
}

impl Episode for DynamicsEpisode<'_> {
    fn state(&self) -> &[f64] {
        &self.state
    }
    fn observe(&self) -> Vec<f64> {
        self.dynamics.observe(&self.state)
    }
    fn step(&mut self, action: &[f64]) -> f64 {
        let mut inputs = action.to_vec();
        self.shape.extend_action(&mut inputs, self.counter, self.age);
        let (next, reward) = self.dynamics.step(&self.state, &inputs);
        self.state = next;
        self.age += 1;
        reward
    }
    fn has_terminated(&self) -> bool {
        self.dynamics.terminated(&self.state)
    }
    fn behaviour(&self) -> Vec<f64> {
        self.state[..self.shape.behaviour].to_vec()
    }
}

/// Dynamics whose starts, states, observations and rewards are rounded to single precision.
struct Rounded<'a>(&'a dyn Dynamics<f64>);

/// Rounds numbers to single precision.
fn round(numbers: Vec<f64>) -> Vec<f64> {
    numbers.into_iter().map(|number| f64::from(number as f32)).collect()
}

impl Dynamics<f64> for Rounded<'_> {
    fn start(&self, draws: &[f64]) -> Vec<f64> {
        round(self.0.start(draws))
    }
    fn observe(&self, state: &[f64]) -> Vec<f64> {
        round(self.0.observe(state))
    }
    fn step(&self, state: &[f64], action: &[f64]) -> (Vec<f64>, f64) {
        let (next, reward) = self.0.step(state, action);
        (round(next), f64::from(reward as f32))
    }
    fn terminated(&self, state: &[f64]) -> bool {
        self.0.terminated(state)
    }
}

/// A policy in double precision: a map from observations to network outputs, with a hidden state.
pub trait Policy {
    /// Writes the outputs for an observation.
    fn act(&mut self, observation: &[f64], outputs: &mut Vec<f64>);
    /// Clears the hidden state at the start of an episode.
    fn reset(&mut self);
}

/// A network of layers with its genome.
pub struct NetworkPolicy<'a> {
    network: &'a Network,
    genome: &'a [f64],
    scratch: Scratch<f64>,
}

impl<'a> NetworkPolicy<'a> {
    /// Creates a policy whose hidden state is clear.
    pub fn new(network: &'a Network, genome: &'a [f64]) -> Self {
        Self { network, genome, scratch: Scratch::for_network(network) }
    }
}

impl Policy for NetworkPolicy<'_> {
    fn act(&mut self, observation: &[f64], outputs: &mut Vec<f64>) {
        outputs.clear();
        let given = self.network.forward(self.genome, observation, &mut self.scratch);
        outputs.extend_from_slice(given);
    }
    fn reset(&mut self) {
        self.scratch.reset();
    }
}

impl<G: Borrow<Graph>> Policy for ReferenceGraph<G> {
    fn act(&mut self, observation: &[f64], outputs: &mut Vec<f64>) {
        *outputs = self.step(observation);
    }
    fn reset(&mut self) {
        ReferenceGraph::reset(self);
    }
}

/// Runs a policy in dynamics that round what they compute to single precision. What that changes
/// shows how much a task amplifies a rounding.
pub fn rollout_rounded(
    (shape, dynamics): (ControlShape, &dyn Dynamics<f64>),
    policy: &mut dyn Policy,
    first: Counter,
    span: Span,
    normaliser: Option<Normaliser<'_>>,
) -> Outcome {
    let rounded = Rounded(dynamics);
    let begin =
        |counter| -> Box<dyn Episode> { Box::new(DynamicsEpisode::new(shape, &rounded, counter)) };
    rollout(shape.actions, &begin, policy, first, span, normaliser)
}

/// Runs a policy whose hidden state is clear, from the episode of the counter `first` on.
/// Observations are added to the only row of the normaliser.
pub(super) fn rollout<'a>(
    actions: Actions,
    begin: &dyn Fn(Counter) -> Box<dyn Episode + 'a>,
    policy: &mut dyn Policy,
    first: Counter,
    span: Span,
    mut normaliser: Option<Normaliser<'_>>,
) -> Outcome {
    let (count, limit, restarts) = match span {
        Span::Episode(limit) => (limit, limit, false),
        Span::Steps { count, limit } => (count, limit, true),
    };
    let mut outputs = Vec::new();
    let mut counter = first;
    let mut episode = begin(counter);
    let (mut age, mut total) = (0, Outcome::default());
    for _ in 0..count {
        let mut observation = episode.observe();
        if let Some(normaliser) = &mut normaliser {
            let by = normaliser.normalisation;
            let [steps, sums @ ..] = normaliser.row(0) else { unreachable!("a row has its steps") };
            *steps += 1.0;
            by.apply(&mut observation, sums);
        }
        policy.act(&observation, &mut outputs);
        let mut action = vec![0.0; actions.size()];
        actions.decide(&outputs, &mut action);
        total.reward += episode.step(&action);
        age += 1;
        total.steps += 1;
        if episode.has_terminated() || age >= limit {
            for (sum, number) in total.behaviour.iter_mut().zip(episode.behaviour()) {
                *sum += number;
            }
            if !restarts {
                break;
            }
            counter.individual = counter.individual.wrapping_add(1);
            episode = begin(counter);
            policy.reset();
            age = 0;
        }
    }
    total
}
