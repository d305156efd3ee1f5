//! Study results: the results of all trials, with their method.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{LearningCurve, StrategySummary, ThreadAllocation, Trial};
use crate::measure::Machine;

/// The results of a study. A field that does not apply is null.
#[derive(Clone, Debug, Serialize)]
pub struct StudyResults {
    /// The task's name.
    pub task: String,
    /// The held-out score that counts as solved.
    pub target: Option<f32>,
    /// True if trials end when they reach the target; otherwise they use up their budgets.
    pub stops_at_target: bool,
    /// The first seed of each strategy.
    pub seed: u64,
    /// The number of consecutive seeds of each strategy.
    pub seeds: u64,
    /// The backend's name.
    pub backend: String,
    /// The GPU.
    pub adapter: Option<String>,
    /// The allocation of threads to trials.
    #[serde(flatten)]
    pub thread_allocation: ThreadAllocation,
    /// The machine.
    pub machine: Machine,
    /// The summary of each strategy.
    pub rows: Vec<StrategySummary>,
    /// The learning curve of each strategy.
    pub curves: Vec<LearningCurve>,
    /// Every trial, sorted by strategy and seed.
    pub trials: Vec<Trial>,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

/// Returns notes on results that the rows alone do not explain.
pub(super) fn notes(
    rows: &[StrategySummary],
    trials: &[Trial],
    target: Option<f32>,
    stops_at_target: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    if target.is_none() {
        let note = "this task has no threshold, so no trial is solved; set one with --until SCORE";
        notes.push(note.into());
    } else if !stops_at_target {
        let sentence = "trials went on to the end of their budgets, so the number of evaluations \
                        to success is unknown; choose a target with --until";
        notes.push(sentence.into());
    }
    for row in rows {
        let of_row = || trials.iter().filter(|trial| trial.strategy == row.strategy);
        let (name, all) = (&row.strategy, row.trials);
        for (reason, count) in count_reasons(of_row().filter_map(|trial| trial.stop_reason)) {
            notes.push(format!(
                "{name}: {count} of {all} trials were ended by the strategy: {reason}"
            ));
        }
        for (reason, count) in count_reasons(of_row().filter_map(|trial| trial.error.as_ref())) {
            notes.push(format!("{name}: {count} of {all} trials failed: {reason}"));
        }
    }
    notes
}

/// Returns each reason in words with the number of its occurrences.
fn count_reasons(reasons: impl Iterator<Item = impl ToString>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason.to_string()).or_insert(0) += 1;
    }
    counts
}
