//! One episode of a champion, observed step by step.

use crate::champion::{Champion, Readout};
use crate::error::Result;
use crate::random::Counter;
use crate::task::Simulation;

/// One step of an episode.
#[derive(Clone, Copy, Debug)]
pub struct Transition<'a> {
    /// The number of steps before this one.
    pub step: u32,
    /// The state before the step; empty if the task has none that can be read.
    pub state: &'a [f64],
    /// The observation of that state.
    pub observation: &'a [f64],
    /// The action that the network chose.
    pub action: &'a [f64],
    /// The reward of the step.
    pub reward: f64,
    /// The state after the step.
    pub next: &'a [f64],
    /// True if the state after the step ends the episode.
    pub terminated: bool,
    /// True if the step limit ends the episode.
    pub truncated: bool,
}

/// Plays the episode whose start state `counter` draws, for at most `limit` steps; returns the sum
/// of its rewards.
///
/// # Errors
///
/// Returns an error if the champion's network does not fit the task.
pub fn play_episode(
    champion: &mut Champion,
    simulation: &dyn Simulation,
    counter: Counter,
    limit: u32,
    observe: &mut dyn FnMut(&Transition),
) -> Result<f64> {
    let shape = simulation.shape();
    champion.readout().check_equal(&Readout::for_actions(shape.actions))?;
    let mut episode = simulation.begin_episode(counter);
    let mut state = episode.state().to_vec();
    let mut total = 0.0;
    champion.begin_episode();
    for step in 0..limit {
        let observation = episode.observe();
        let action = champion.act_on(&observation)?;
        let reward = episode.step(&action);
        let next = episode.state().to_vec();
        total += reward;
        let terminated = episode.has_terminated();
        let truncated = step + 1 == limit && !terminated;
        observe(&Transition {
            step,
            state: &state,
            observation: &observation,
            action: &action,
            reward,
            next: &next,
            terminated,
            truncated,
        });
        state = next;
        if terminated {
            break;
        }
    }
    Ok(total)
}
