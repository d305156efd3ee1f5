//! Traces: every step of every episode as comma-separated values.
//!
//! A header, then one line per step: `episode` and `step`, counted from 0; `observation_0` and on,
//! as the network receives them; `action_0` and on, in the task's units; `reward`; `terminated` and
//! `truncated`, 0 or 1: true if the state, or the step limit, ended the episode after this step.

use std::io::Write;

use super::HeldOutSet;
use crate::champion::Champion;
use crate::error::{Error, Result};

/// Plays all held-out episodes and writes their steps.
///
/// # Errors
///
/// Returns an error if the task has no episodes, if the champion belongs to another task, or if the
/// writer fails.
pub fn write_trace(
    held_out: &HeldOutSet,
    champion: &mut Champion,
    to: &mut dyn Write,
) -> Result<()> {
    let failed = |source| Error::Io { doing: "writing", path: "a trace".into(), source };
    let shape = held_out.simulation()?.shape();
    let columns = [
        vec!["episode".to_owned(), "step".to_owned()],
        (0..shape.observations).map(|k| format!("observation_{k}")).collect(),
        (0..shape.actions.size()).map(|k| format!("action_{k}")).collect(),
        ["reward", "terminated", "truncated"].map(String::from).to_vec(),
    ];
    writeln!(to, "{}", columns.concat().join(",")).map_err(failed)?;
    let mut problem = None;
    for episode in 0..held_out.episodes() {
        held_out.play(champion, episode, &mut |transition| {
            let numbers =
                transition.observation.iter().chain(transition.action).chain([&transition.reward]);
            let numbers: Vec<String> = numbers.map(f64::to_string).collect();
            let numbers = numbers.join(",");
            let ends = [transition.terminated, transition.truncated].map(u8::from);
            let step = transition.step;
            let line = writeln!(to, "{episode},{step},{numbers},{},{}", ends[0], ends[1]);
            problem = problem.take().or(line.err());
        })?;
        if let Some(source) = problem.take() {
            return Err(failed(source));
        }
    }
    to.flush().map_err(failed)
}
