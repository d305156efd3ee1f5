//! Control tasks: the trait that an environment implements.

// The compiler unrolls indexed loops over a few vectors.
#![allow(clippy::needless_range_loop, clippy::manual_memcpy)]

use super::{About, Actions, EvaluationTasks, Labels, Picture};
use crate::math::Real;

/// An environment, written once for every number type, without branches. An environment with
/// branches, or with a state that is not an array of numbers, implements
/// [`Environment`](super::Environment).
///
/// # Shapes
///
/// A state is an array of numbers. `start` computes the first one, from `DRAWS` uniforms in [0, 1)
/// or from an index into a list of starts. `observe` writes the observation of a state. `step`
/// returns the next state and the reward of one action. There are at most 32 draws, observations
/// and actions.
pub trait Control: Send + Sync + Sized + 'static {
    /// The state: `[R; N]`.
    type State<R: Real>: AsRef<[R]> + AsMut<[R]> + Copy + Send;
    /// The number of uniforms that a start needs; 0 if all episodes start alike.
    const DRAWS: usize;
    /// The length of the list of starts, if starts are listed rather than drawn. Episodes go
    /// through the list in order, and the only draw of a start is its index.
    const STARTS: Option<u32> = None;
    /// The number of observations.
    const OBSERVATIONS: usize;
    /// The actions that a network can take.
    const ACTIONS: Actions;
    /// The number of steps after which an episode is cut off.
    const STEP_LIMIT: u32;
    /// The length of the behaviour descriptor that novelty search compares, or 0. The descriptor is
    /// the head of an episode's last state.
    const BEHAVIOUR: usize = 0;
    /// The WGSL twin. A task without one runs on the CPU only.
    const WGSL: Option<&'static str> = None;

    /// Returns the name, source, threshold and defaults.
    fn about(&self) -> &About;
    /// Returns the tasks that validate and test its networks, if the task itself does not.
    fn evaluation_tasks(&self) -> Option<EvaluationTasks> {
        None
    }
    /// Returns the scene to draw, if the task can be drawn.
    fn picture(&self) -> Option<Picture> {
        None
    }
    /// Returns the observations, actions and rules of the task, for people.
    fn labels(&self) -> Labels;
    /// Returns the value of every gene at the start of a run, or `None` if the network's
    /// initialisation decides.
    fn initial_gene(&self) -> Option<f32> {
        None
    }
    /// Returns the first state of an episode.
    fn start<R: Real>(&self, draws: &[R]) -> Self::State<R>;
    /// Writes the observation of a state.
    fn observe<R: Real>(&self, state: &Self::State<R>, observation: &mut [R]);
    /// Returns the next state and the reward of the step.
    fn step<R: Real>(&self, state: &Self::State<R>, action: &[R]) -> (Self::State<R>, R);
    /// True in the lanes in which the state ends the episode.
    fn terminated<R: Real>(&self, state: &Self::State<R>) -> R::Mask;
}

/// Copies numbers into an observation: the last line of [`Control::observe`].
///
/// # Panics
/// Panics if the lengths differ.
#[inline(always)]
pub fn write_observation<R: Copy>(numbers: &[R], observation: &mut [R]) {
    // `copy_from_slice` would be a call that moves vectors out of their registers.
    assert!(numbers.len() == observation.len(), "a number for every observation");
    for k in 0..numbers.len() {
        observation[k] = numbers[k];
    }
}
