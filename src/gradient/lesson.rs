//! Lessons: what a strategy that follows a gradient learns from in a generation.

use crate::error::Result;
use crate::network::Network;

/// A source of gradients for one generation.
pub enum Lesson<'a> {
    /// A loss with a gradient.
    Loss(&'a mut dyn LossGradient),
    /// Actors that play episodes.
    Episodes(&'a mut dyn Actors),
}

/// A loss that is a mean over samples, with its gradient.
pub trait LossGradient {
    /// Returns the number of samples; 1 for a function.
    fn samples(&self) -> usize;

    /// Returns the mean loss over some samples, and writes its gradient, `f32[genes]`.
    fn descend(&mut self, genome: &[f32], samples: &[u32], gradient: &mut [f32]) -> f64;
}

/// One number of an action, as a policy draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// The index of one of some choices, by the softmax of as many outputs.
    Choice(usize),
    /// A number from -1 to 1, around the hyperbolic tangent of an output.
    Bounded,
    /// A number around an output.
    Free,
}

impl ActionKind {
    /// Returns the number of outputs that decide the number.
    pub fn outputs(self) -> usize {
        match self {
            Self::Choice(count) => count,
            Self::Bounded | Self::Free => 1,
        }
    }
}

/// The way in which a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepEnd {
    /// The episode goes on.
    None,
    /// The task ended the episode.
    Terminated,
    /// The step limit ended the episode.
    Truncated,
}

/// The result of an actor's step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActorStep {
    /// The reward.
    pub reward: f64,
    /// The way in which the step ends.
    pub end: StepEnd,
}

/// Actors, each of which plays one training episode of a control task.
pub trait Actors {
    /// Returns the network whose outputs decide actions.
    fn network(&self) -> &Network;

    /// Returns the kind of each number of an action.
    fn actions(&self) -> &[ActionKind];

    /// Returns the number of actors.
    fn count(&self) -> usize;

    /// Writes the observation of an actor, `f32[inputs]`.
    fn observe(&self, actor: usize, observation: &mut [f32]);

    /// Takes a step of an actor whose episode has not ended.
    ///
    /// # Errors
    /// Returns an error if the reward is NaN or infinite.
    fn step(&mut self, actor: usize, action: &[f32]) -> Result<ActorStep>;
}
