//! Traces: every step of every episode as comma-separated values.
//!
//! A header, then one line per step: `episode` and `step`, counted from 0; `observation_NAME` of
//! each observation, as the network receives it; the action: `action_NAME` of each number, in the
//! task's units, or `action`, the index of the choice, and `action_name`, its name; `reward`;
//! `terminated` and `truncated`, 0 or 1: true if the state, or the step limit, ended the episode
//! after this step. `deme tasks` lists the names with their units.

use std::io::Write;

use super::HeldOutSet;
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::task::{Actions, Quantity};

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
    let simulation = held_out.simulation()?;
    let (actions, labels) = (simulation.shape().actions, simulation.labels());
    let columns = [
        vec!["episode".to_owned(), "step".to_owned()],
        column_names("observation", labels.observations),
        match actions {
            Actions::Choice(_) => vec!["action".to_owned(), "action_name".to_owned()],
            Actions::Force { .. } | Actions::Mixed(_) => column_names("action", labels.actions),
        },
        ["reward", "terminated", "truncated"].map(String::from).to_vec(),
    ];
    writeln!(to, "{}", columns.concat().join(",")).map_err(failed)?;
    let mut problem = None;
    for episode in 0..held_out.episodes() {
        held_out.play(champion, episode, &mut |transition| {
            let numbers =
                |numbers: &[f64]| -> Vec<String> { numbers.iter().map(f64::to_string).collect() };
            let mut cells = numbers(transition.observation);
            cells.extend(numbers(transition.action));
            if let Actions::Choice(_) = actions {
                let chosen = labels.actions.get(transition.action[0] as usize);
                cells.push(chosen.map_or_else(String::new, |label| label.name.to_string()));
            }
            cells.push(transition.reward.to_string());
            let cells = cells.join(",");
            let ends = [transition.terminated, transition.truncated].map(u8::from);
            let step = transition.step;
            let line = writeln!(to, "{episode},{step},{cells},{},{}", ends[0], ends[1]);
            problem = problem.take().or(line.err());
        })?;
        if let Some(source) = problem.take() {
            return Err(failed(source));
        }
    }
    to.flush().map_err(failed)
}

/// The names of the columns of some quantities: `observation_cos_upper`. A quantity that stands for
/// several numbers has a column for each, counted from 0.
fn column_names(kind: &str, quantities: &[Quantity]) -> Vec<String> {
    let names = quantities.iter().flat_map(|quantity| {
        let name = format!("{kind}_{}", quantity.name.replace(' ', "_"));
        match quantity.count {
            1 => vec![name],
            count => (0..count).map(|k| format!("{name}_{k}")).collect(),
        }
    });
    names.collect()
}
