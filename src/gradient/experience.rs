//! Experience: the steps of a generation's episodes, and the advantages of their actions.
//!
//! # Source
//!
//! Schulman, Moritz, Levine, Jordan and Abbeel, "High-dimensional continuous control using
//! generalized advantage estimation", ICLR 2016, equation 16.

use super::{ActionDistribution, ActionKind, Actors, Backpropagation, StepEnd};
use crate::error::Result;
use crate::random::Generator;

/// The steps of some episodes, in the order in which they were taken.
#[derive(Default)]
pub struct Experience {
    /// `f32[steps][inputs]`.
    pub observations: Vec<f32>,
    /// `f32[steps][numbers]`.
    pub actions: Vec<f32>,
    /// The log probability of each action when it was drawn.
    pub log_probabilities: Vec<f32>,
    rewards: Vec<f64>,
    ends: Vec<StepEnd>,
    /// The actor of each step.
    actors: Vec<usize>,
    /// The last observation of each actor whose episode was cut off, `f32[inputs]`.
    cut_off: Vec<Option<Vec<f32>>>,
}

impl Experience {
    /// Plays every actor's episode to its end. Each actor has a generator of its own.
    ///
    /// # Errors
    /// Returns an error if a reward is NaN or infinite.
    pub fn collect(
        actors: &mut dyn Actors,
        genome: &[f32],
        log_deviations: &[f32],
        passes: &mut Backpropagation,
        generator: impl Fn(usize) -> Generator,
    ) -> Result<Self> {
        let kinds: Vec<ActionKind> = actors.actions().to_vec();
        let distribution = ActionDistribution { kinds: &kinds, log_deviations };
        let inputs = actors.network().inputs();
        let mut generators: Vec<Generator> = (0..actors.count()).map(generator).collect();
        let mut playing: Vec<usize> = (0..actors.count()).collect();
        let mut experience = Self { cut_off: vec![None; actors.count()], ..Self::default() };
        let mut observations = Vec::new();
        let mut action = vec![0.0; kinds.len()];
        while !playing.is_empty() {
            observations.resize(playing.len() * inputs, 0.0);
            for (&actor, row) in playing.iter().zip(observations.chunks_exact_mut(inputs)) {
                actors.observe(actor, row);
            }
            passes.forward(genome, &observations);
            let mut still_playing = Vec::new();
            for (row, &actor) in playing.iter().enumerate() {
                let outputs = passes.outputs(row);
                let log = distribution.draw(outputs, &mut action, &mut generators[actor]);
                let step = actors.step(actor, &action)?;
                experience.observations.extend(&observations[row * inputs..][..inputs]);
                experience.actions.extend(&action);
                experience.log_probabilities.push(log);
                experience.rewards.push(step.reward);
                experience.ends.push(step.end);
                experience.actors.push(actor);
                match step.end {
                    StepEnd::None => still_playing.push(actor),
                    StepEnd::Terminated => {}
                    StepEnd::Truncated => {
                        let mut last = vec![0.0; inputs];
                        actors.observe(actor, &mut last);
                        experience.cut_off[actor] = Some(last);
                    }
                }
            }
            playing = still_playing;
        }
        Ok(experience)
    }

    /// Returns the number of steps.
    pub fn steps(&self) -> usize {
        self.rewards.len()
    }

    /// Returns the discounted sum of the rewards from each step to the end of its episode.
    pub fn discounted_returns(&self, discount: f64) -> Vec<f64> {
        let mut following = vec![0.0; self.cut_off.len()];
        let mut returns = vec![0.0; self.steps()];
        for step in (0..self.steps()).rev() {
            let sum = &mut following[self.actors[step]];
            *sum = self.rewards[step] + discount * *sum;
            returns[step] = *sum;
        }
        returns
    }

    /// Returns the advantage of each action, and the target of each value: equation 16, with the
    /// rewards times `reward_scale`. `value` returns the values of observations.
    pub fn advantages(
        &self,
        values: &[f32],
        reward_scale: f64,
        discount: f64,
        lambda: f64,
        value: impl FnOnce(&[f32]) -> Vec<f32>,
    ) -> (Vec<f32>, Vec<f32>) {
        let mut next_values = vec![0.0; self.cut_off.len()];
        let cut: Vec<usize> =
            (0..next_values.len()).filter(|&k| self.cut_off[k].is_some()).collect();
        let last: Vec<f32> =
            cut.iter().filter_map(|&k| self.cut_off[k].as_deref()).flatten().copied().collect();
        if !cut.is_empty() {
            for (&actor, value) in cut.iter().zip(value(&last)) {
                next_values[actor] = f64::from(value);
            }
        }
        let mut sums = vec![0.0; next_values.len()];
        let mut advantages = vec![0.0; self.steps()];
        let mut targets = vec![0.0; self.steps()];
        for step in (0..self.steps()).rev() {
            let (actor, value) = (self.actors[step], f64::from(values[step]));
            let surprise =
                reward_scale * self.rewards[step] + discount * next_values[actor] - value;
            sums[actor] = surprise + discount * lambda * sums[actor];
            advantages[step] = sums[actor] as f32;
            targets[step] = (sums[actor] + value) as f32;
            next_values[actor] = value;
        }
        (advantages, targets)
    }
}
