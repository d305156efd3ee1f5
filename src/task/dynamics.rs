//! The dynamics of a control task in one number type, and the sizes of its arrays.

use super::Actions;
use crate::math::Real;

/// The sizes of a control task, and its WGSL twin.
#[derive(Clone, Copy, Debug)]
pub struct ControlShape {
    /// The length of a state.
    pub state: usize,
    /// The number of uniforms that a start needs.
    pub draws: usize,
    /// The length of the list of starts, if starts are listed rather than drawn.
    pub starts: Option<u32>,
    /// The number of observations.
    pub observations: usize,
    /// The actions that a network can take.
    pub actions: Actions,
    /// The number of steps after which an episode is cut off.
    pub step_limit: u32,
    /// The length of the behaviour descriptor, the head of an episode's last state.
    pub behaviour: usize,
    /// The twin in WGSL.
    pub wgsl: &'static str,
}

impl ControlShape {
    /// The sizes that the text of a task and its kernels refer to, by their names in WGSL, without
    /// those of the network.
    pub fn sizes(&self) -> [(&'static str, usize); 7] {
        let choices = match self.actions {
            Actions::Choice(count) => count,
            Actions::Force { .. } => 0,
        };
        [
            ("STATE", self.state),
            ("BEHAVIOUR", self.behaviour),
            ("DRAWS", self.draws),
            // An array has at least one element.
            ("DRAW_ROOM", self.draws.max(1)),
            ("STARTS", self.starts.unwrap_or(0) as usize),
            ("ACTION_SIZE", self.actions.size()),
            ("ACTION_CHOICES", choices),
        ]
    }

    /// Draws the input of `start`: uniforms, or the index of a listed start.
    pub fn draw(&self, mut uniform: impl FnMut() -> f64) -> Vec<f64> {
        match self.starts {
            Some(count) => vec![(uniform() * f64::from(count)).floor()],
            None => (0..self.draws).map(|_| uniform()).collect(),
        }
    }
}

/// A control task in one number type: the single steps that verification checks.
pub trait Dynamics<R: Real> {
    /// Returns the first state of an episode.
    fn start(&self, draws: &[R]) -> Vec<R>;
    /// Returns the observation of a state.
    fn observe(&self, state: &[R]) -> Vec<R>;
    /// Returns the next state and the reward of the step.
    fn step(&self, state: &[R], action: &[R]) -> (Vec<R>, R);
    /// True in the lanes in which the state ends the episode.
    fn terminated(&self, state: &[R]) -> R::Mask;
}
