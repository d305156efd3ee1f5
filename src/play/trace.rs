//! Traces: every step of every episode as comma-separated values.
//!
//! A header, then a line a step: `episode` and `step`, counted from 0; `observation_0` and on, what
//! the network saw; `action_0` and on, in the task's unit; `reward`; `terminated` and `truncated`,
//! 0 or 1: whether the step ended its episode, by its state or by the limit of steps.

use std::io::Write;

use super::Stage;
use crate::champion::Champion;
use crate::error::{Error, Result};

/// Plays all episodes of a stage and writes their steps.
///
/// # Errors
/// A task without episodes, a champion of another one, or a writer that fails.
pub fn trace(stage: &Stage, champion: &mut Champion, to: &mut dyn Write) -> Result<()> {
    let failed = |source| Error::Io { doing: "writing", path: "a trace".into(), source };
    let shape = stage.simulation()?.shape();
    let columns = [
        vec!["episode".to_owned(), "step".to_owned()],
        (0..shape.observations).map(|k| format!("observation_{k}")).collect(),
        (0..shape.actions.size()).map(|k| format!("action_{k}")).collect(),
        ["reward", "terminated", "truncated"].map(String::from).to_vec(),
    ];
    writeln!(to, "{}", columns.concat().join(",")).map_err(failed)?;
    let mut broken = None;
    for index in 0..stage.episodes() {
        stage.play(champion, index, &mut |moment| {
            let numbers = moment.observation.iter().chain(moment.action).chain([&moment.reward]);
            let numbers: Vec<String> = numbers.map(f64::to_string).collect();
            let ends = [moment.terminated, moment.truncated].map(u8::from);
            let numbers = numbers.join(",");
            let line = writeln!(to, "{index},{},{numbers},{},{}", moment.step, ends[0], ends[1]);
            broken = broken.take().or(line.err());
        })?;
        if let Some(source) = broken.take() {
            return Err(failed(source));
        }
    }
    to.flush().map_err(failed)
}
