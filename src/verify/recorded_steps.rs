//! Files of recorded steps: what a world must repeat, as CSV or JSON.
//!
//! A CSV file has a header and a line per step. Its columns are `state_0` and further numbers of
//! the state, `action_0` and further numbers of the action, `draw_0` and further uniforms if the
//! world draws in a step, `next_0` and further numbers of the next state, `reward`, and `done`: 1
//! if the next state ends the episode. A JSON file is a list of objects with the keys `state`,
//! `action`, `draws`, `next`, `reward` and `done`.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::task::ControlShape;

/// One step that another program recorded.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedTransition {
    /// The state before the step.
    pub state: Vec<f64>,
    /// The action, in the task's units; the index of a choice.
    pub action: Vec<f64>,
    /// The uniforms of the step.
    #[serde(default)]
    pub draws: Vec<f64>,
    /// The state after the step.
    pub next: Vec<f64>,
    /// The reward of the step.
    pub reward: f64,
    /// True if the state after the step ends the episode.
    pub done: bool,
}

impl RecordedTransition {
    /// Reads the steps of a file and checks them against the sizes of a task.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or parsed, if it has no step, or if a step has
    /// other sizes than the task.
    pub fn read(path: &Path, shape: &ControlShape) -> Result<Vec<Self>> {
        let bytes = std::fs::read(path).map_err(|source| Error::Io {
            doing: "reading",
            path: path.into(),
            source,
        })?;
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        match is_json {
            true => Self::parse_json(&bytes, path, shape),
            false => Self::parse_csv(&bytes, path, shape),
        }
    }

    /// Parses the steps of a CSV file, see [`RecordedTransition::read`].
    ///
    /// # Errors
    /// Returns the errors of [`RecordedTransition::read`].
    pub fn parse_csv(bytes: &[u8], path: &Path, shape: &ControlShape) -> Result<Vec<Self>> {
        let at = |line, problem: String| Error::File { path: path.into(), line, problem };
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().map_err(|error| at(1, error.to_string()))?.clone();
        let expected = columns(shape);
        if header.iter().ne(expected.iter().map(String::as_str)) {
            let got = header.iter().collect::<Vec<_>>().join(",");
            return Err(at(1, format!("expected the columns {}, got {got}", expected.join(","))));
        }
        let mut steps = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| at(0, error.to_string()))?;
            let line = record.position().map_or(0, |position| position.line() as usize);
            let numbers = record.iter().zip(&expected).map(|(text, column)| {
                let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
                number.ok_or_else(|| at(line, format!("{column}: expected a number, got '{text}'")))
            });
            let numbers: Vec<f64> = numbers.collect::<Result<_>>()?;
            let mut numbers = numbers.into_iter();
            let mut take = |count| numbers.by_ref().take(count).collect::<Vec<f64>>();
            let (state, action) = (take(shape.own_state()), take(shape.actions.size()));
            let (draws, next) = (take(shape.step_draws), take(shape.own_state()));
            let last = take(2);
            steps.push(Self { state, action, draws, next, reward: last[0], done: last[1] != 0.0 });
        }
        Self::checked(steps, path, shape)
    }

    fn parse_json(bytes: &[u8], path: &Path, shape: &ControlShape) -> Result<Vec<Self>> {
        let steps = serde_json::from_slice(bytes).map_err(|error| Error::File {
            path: path.into(),
            line: error.line(),
            problem: error.to_string(),
        })?;
        Self::checked(steps, path, shape)
    }

    fn checked(steps: Vec<Self>, path: &Path, shape: &ControlShape) -> Result<Vec<Self>> {
        let wrong = |problem: String| Error::File { path: path.into(), line: 0, problem };
        if steps.is_empty() {
            return Err(wrong("expected a recorded step, got none".into()));
        }
        for (index, step) in steps.iter().enumerate() {
            let sizes = [
                ("state", step.state.len(), shape.own_state()),
                ("action", step.action.len(), shape.actions.size()),
                ("draws", step.draws.len(), shape.step_draws),
                ("next", step.next.len(), shape.own_state()),
            ];
            for (name, got, expected) in sizes {
                if got != expected {
                    let problem = format!("step {index}: expected {expected} numbers in {name}");
                    return Err(wrong(format!("{problem}, got {got}")));
                }
            }
        }
        Ok(steps)
    }
}

/// The columns of a CSV file for a task.
fn columns(shape: &ControlShape) -> Vec<String> {
    let lists = [
        ("state", shape.own_state()),
        ("action", shape.actions.size()),
        ("draw", shape.step_draws),
        ("next", shape.own_state()),
    ];
    let numbered =
        lists.into_iter().flat_map(|(name, count)| (0..count).map(move |n| format!("{name}_{n}")));
    numbered.chain(["reward", "done"].map(String::from)).collect()
}
