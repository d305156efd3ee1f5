//! Rung 4, `steps`, of tasks whose state cannot be read: episodes that are repeated.
//!
//! No step can begin in a chosen state there. But an episode must follow from its seed and its
//! actions alone, or no two backends could agree.

use super::{Comparison, Rung};
use crate::random::{Counter, Stream};
use crate::task::Simulation;

/// Episodes, each of which is played twice.
const EPISODES: u32 = 20;

/// Plays episodes of a task without a readable state twice, with the same random actions.
pub(super) fn check(name: &str, simulation: &dyn Simulation) -> Rung {
    let mut errors = Comparison::new("4 steps", name, "equal bits when an episode is repeated");
    errors.skip("the task has no state from which a step could begin");
    let shape = simulation.shape();
    for individual in 0..EPISODES {
        let stream = Stream::Verification;
        let counter = Counter { seed: 2, stream, generation: 0, individual };
        let mut pair = [0, 1].map(|_| simulation.begin_episode(counter));
        for step in 0..shape.step_limit {
            let [first, second] = pair.each_ref().map(|episode| episode.observe());
            // The normals of a block are eight; a task of more outputs reads them again.
            let normals = counter.normals(step);
            let outputs = normals.iter().cycle().take(shape.actions.outputs());
            let outputs: Vec<f64> = outputs.copied().map(f64::from).collect();
            let mut action = vec![0.0; shape.actions.size()];
            shape.actions.decide(&outputs, &mut action);
            let rewards = pair.each_mut().map(|episode| episode.step(&action).to_bits());
            let ends = pair.each_ref().map(|episode| episode.has_terminated());
            let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            let is_equal = bits(&first) == bits(&second) && rewards[0] == rewards[1];
            let at = || format!("step {step} of episode {individual}");
            errors.check_that(is_equal && ends[0] == ends[1], at);
            if ends[0] || !is_equal {
                break;
            }
        }
    }
    errors.into_rung()
}
