//! StudyResults: all that a study came to, with the method.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{LearningCurve, StrategySummary, ThreadAllocation, Trial};
use crate::measure::Machine;

/// What a study came to; a field without a meaning is null.
#[derive(Clone, Debug, Serialize)]
pub struct StudyResults {
    /// The task's name.
    pub task: String,
    /// The held-out score that counts as solved.
    pub target: Option<f32>,
    /// Whether trials end when they reach it; else they use up their budgets.
    pub stops_at_target: bool,
    /// The first seed of each contestant.
    pub seed: u64,
    /// Its seeds, one after the other.
    pub seeds: u64,
    /// The backend's name.
    pub backend: String,
    /// The GPU.
    pub adapter: Option<String>,
    /// How the trials shared the machine.
    #[serde(flatten)]
    pub thread_allocation: ThreadAllocation,
    /// The machine.
    pub machine: Machine,
    /// A row a contestant.
    pub rows: Vec<StrategySummary>,
    /// A curve a contestant.
    pub curves: Vec<LearningCurve>,
    /// Every trial, by contestant and seed.
    pub trials: Vec<Trial>,
    /// Sentences that a person should know.
    pub notes: Vec<String>,
}

/// What the rows do not say by themselves.
pub(super) fn notes(
    rows: &[StrategySummary],
    trials: &[Trial],
    target: Option<f32>,
    stops_at_target: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    if target.is_none() {
        let sentence = "no score counts as solving this task, so nothing is solved; name one with \
                        --until SCORE";
        notes.push(sentence.into());
    } else if !stops_at_target {
        let sentence = "trials went on to the end of their budgets, so nobody knows after how \
                        many evaluations they were solved; --until says when to end";
        notes.push(sentence.into());
    }
    for row in rows {
        let of_row = || trials.iter().filter(|trial| trial.strategy == row.strategy);
        let (name, all) = (&row.strategy, row.trials);
        for (reason, count) in counted(of_row().filter_map(|trial| trial.stopped)) {
            notes.push(format!("{name}: {count} of {all} trials saw no use in going on: {reason}"));
        }
        for (reason, count) in counted(of_row().filter_map(|trial| trial.error.as_ref())) {
            notes.push(format!("{name}: {count} of {all} trials broke: {reason}"));
        }
    }
    notes
}

/// Reasons in words, and how often each was given.
fn counted(reasons: impl Iterator<Item = impl ToString>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason.to_string()).or_insert(0) += 1;
    }
    counts
}
