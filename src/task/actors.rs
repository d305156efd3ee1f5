//! Actors of a control task: training episodes that are played step by step, with drawn actions.

use super::{ActionPart, ControlShape, Episode, Simulation};
use crate::error::{Error, Result};
use crate::gradient::{ActionKind, ActorStep, Actors, StepEnd};
use crate::network::Network;
use crate::random::Counter;

/// Some episodes of a control task in double precision, each with an actor.
pub struct TaskActors<'a> {
    shape: ControlShape,
    network: &'a Network,
    parts: Vec<ActionPart>,
    kinds: Vec<ActionKind>,
    episodes: Vec<Box<dyn Episode + 'a>>,
    ages: Vec<u32>,
    steps: u64,
}

impl<'a> TaskActors<'a> {
    /// Begins a number of episodes, from that of the counter `first` on.
    pub fn new(
        simulation: &'a dyn Simulation,
        network: &'a Network,
        first: Counter,
        count: usize,
    ) -> Self {
        let shape = simulation.shape();
        let parts = shape.actions.parts().into_owned();
        let kind = |part: &ActionPart| match *part {
            ActionPart::Choice { count } => ActionKind::Choice(count),
            ActionPart::Range { .. } => ActionKind::Bounded,
            ActionPart::Output => ActionKind::Free,
        };
        let begin = |actor: usize| {
            let individual = first.individual.wrapping_add(actor as u32);
            simulation.begin_episode(Counter { individual, ..first })
        };
        Self {
            shape,
            network,
            kinds: parts.iter().map(kind).collect(),
            parts,
            episodes: (0..count).map(begin).collect(),
            ages: vec![0; count],
            steps: 0,
        }
    }

    /// Returns the number of steps that all actors took.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

impl Actors for TaskActors<'_> {
    fn network(&self) -> &Network {
        self.network
    }

    fn actions(&self) -> &[ActionKind] {
        &self.kinds
    }

    fn count(&self) -> usize {
        self.episodes.len()
    }

    fn observe(&self, actor: usize, observation: &mut [f32]) {
        for (number, seen) in observation.iter_mut().zip(self.episodes[actor].observe()) {
            *number = seen as f32;
        }
    }

    fn step(&mut self, actor: usize, action: &[f32]) -> Result<ActorStep> {
        let in_units = |(part, &number): (&ActionPart, &f32)| match *part {
            ActionPart::Range { low, high } => {
                let [middle, half] = ActionPart::middle_and_half(low, high);
                middle + half * f64::from(number.clamp(-1.0, 1.0))
            }
            ActionPart::Choice { .. } | ActionPart::Output => f64::from(number),
        };
        let action: Vec<f64> = self.parts.iter().zip(action).map(in_units).collect();
        let episode = &mut self.episodes[actor];
        let reward = episode.step(&action);
        if !reward.is_finite() {
            return Err(Error::invalid("the reward of a step", "a finite number", reward)
                .advise("mend the task, or choose a strategy that ranks such episodes last"));
        }
        self.steps += 1;
        self.ages[actor] += 1;
        let end = match episode.has_terminated() {
            true => StepEnd::Terminated,
            false if self.ages[actor] >= self.shape.step_limit => StepEnd::Truncated,
            false => StepEnd::None,
        };
        Ok(ActorStep { reward, end })
    }
}
