//! Episodes of a world in double precision.

use super::programs::{Programs, run};
use crate::random::Counter;
use crate::task::{ControlShape, Episode};

/// An episode that runs the whole program of a step, as the lanes do. A step whose loops take too
/// many operations ends it with a reward of NaN; after such a start the first reward is NaN.
pub struct WorldEpisode<'a> {
    shape: &'a ControlShape,
    programs: &'a Programs,
    counter: Counter,
    age: u32,
    state: Vec<f64>,
    observation: Vec<f64>,
    has_terminated: bool,
    /// Added to the first reward.
    first_term: f64,
}

impl<'a> WorldEpisode<'a> {
    /// Begins the episode whose start a random counter draws.
    pub fn new(shape: &'a ControlShape, programs: &'a Programs, counter: Counter) -> Self {
        let machine = run(&programs.start, &[&shape.start_draws(counter)]);
        let state = machine.outputs(0..shape.state);
        let observation = machine.outputs(shape.state..shape.state + shape.observations);
        let first_term = if machine.is_endless() { f64::NAN } else { 0.0 };
        let (age, has_terminated) = (0, false);
        Self { shape, programs, counter, age, state, observation, has_terminated, first_term }
    }
}

impl Episode for WorldEpisode<'_> {
    fn state(&self) -> &[f64] {
        &self.state
    }
    fn observe(&self) -> Vec<f64> {
        self.observation.clone()
    }
    fn step(&mut self, action: &[f64]) -> f64 {
        let shape = self.shape;
        let mut inputs = action.to_vec();
        shape.extend_action(&mut inputs, self.counter, self.age);
        let machine = run(&self.programs.step, &[&self.state, &inputs]);
        let (reward, ends, first) = (shape.state, shape.state + 1, shape.state + 2);
        self.state = machine.outputs(0..shape.state);
        self.observation = machine.outputs(first..first + shape.observations);
        self.has_terminated = machine.word_output(ends)[0] != 0;
        self.age += 1;
        machine.output(reward)[0] + std::mem::take(&mut self.first_term)
    }
    fn has_terminated(&self) -> bool {
        self.has_terminated
    }
    fn behaviour(&self) -> Vec<f64> {
        self.state[..self.shape.behaviour].to_vec()
    }
}
