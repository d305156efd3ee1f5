//! One episode of a champion, watched step by step.

use crate::champion::Champion;
use crate::error::Result;
use crate::random::{Place, WORDS_A_BLOCK};
use crate::task::{Dynamics, Simulation};

/// A step of an episode.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Steps before this one.
    pub step: u32,
    /// The state that it begins in.
    pub state: &'a [f64],
    /// What the network sees of that state.
    pub observation: &'a [f64],
    /// What it does.
    pub action: &'a [f64],
    /// What it gets for that.
    pub reward: f64,
    /// The state that it ends in.
    pub next: &'a [f64],
    /// Whether that state ends the episode.
    pub terminated: bool,
    /// Whether the limit of steps does.
    pub truncated: bool,
}

/// Plays the episode whose start `place` draws, of at most `limit` steps; gives back its return.
///
/// # Errors
/// A champion whose network is not one of this task.
pub fn episode(
    champion: &mut Champion,
    simulation: &dyn Simulation,
    place: Place,
    limit: u32,
    watch: &mut dyn FnMut(&Moment),
) -> Result<f64> {
    let dynamics: &dyn Dynamics<f64> = simulation.reference();
    let mut state = start(simulation, place);
    let mut total = 0.0;
    champion.begin_episode();
    for step in 0..limit {
        let observation = dynamics.observe(&state);
        let action = champion.act_on(&observation)?;
        let (next, reward) = dynamics.step(&state, &action);
        total += reward;
        let terminated = dynamics.terminated(&next);
        let truncated = step + 1 == limit && !terminated;
        watch(&Moment {
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

/// The state that a place draws: the start of the rollouts' episode of the same place.
fn start(simulation: &dyn Simulation, place: Place) -> Vec<f64> {
    let shape = simulation.shape();
    let draws = match shape.starts {
        Some(count) => vec![f64::from(place.individual % count)],
        None => {
            let blocks = 0..shape.draws.div_ceil(WORDS_A_BLOCK) as u32;
            let units = blocks.flat_map(|block| place.units(block));
            units.take(shape.draws).map(f64::from).collect()
        }
    };
    simulation.reference().start(&draws)
}
