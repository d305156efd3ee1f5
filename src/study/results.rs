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
    /// The name of the score: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// The part of the task that gives the score: held-out, training, or final for a function.
    #[serde(skip)]
    pub score_part: &'static str,
    /// The name of the score that chose the champions, with its part.
    #[serde(skip)]
    pub selection_score_name: String,
    /// True if that score has the scale of the target.
    #[serde(skip)]
    pub has_target_scale: bool,
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
    /// The folder of the study.
    pub study_directory: Option<String>,
    /// The summary of each strategy.
    pub rows: Vec<StrategySummary>,
    /// The learning curve of each strategy.
    pub curves: Vec<LearningCurve>,
    /// Every trial that has ended, sorted by strategy and seed.
    pub trials: Vec<Trial>,
    /// The trials that have not ended, because the study was stopped.
    pub missing: Vec<MissingTrial>,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

/// A trial that was stopped before its end, or that did not begin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MissingTrial {
    /// The strategy with its settings.
    pub strategy: String,
    /// The seed of the trial.
    pub seed: u64,
    /// The number of generations so far; 0 if it did not begin.
    pub generations: u32,
}

/// Returns the note on trials that have not ended, if there are any.
pub(super) fn missing_note(missing: &[MissingTrial], all: usize) -> Option<String> {
    if missing.is_empty() {
        return None;
    }
    let counts = count_reasons(missing.iter().map(|trial| &trial.strategy));
    let counts: Vec<String> =
        counts.into_iter().map(|(strategy, count)| format!("{count} of {strategy}")).collect();
    Some(format!(
        "{} of {all} trials are missing, because the study was stopped: {}",
        missing.len(),
        counts.join(", ")
    ))
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

/// Returns the note on strategies that did not solve a task on which they could search for novelty.
pub(super) fn novelty_note(strategies: &[&str]) -> Option<String> {
    let first = strategies.first()?;
    let names = strategies.join(", ");
    Some(format!(
        "{names}: rewards may lead into a dead end; {first}:novelty=true optimises novelty instead \
         of fitness"
    ))
}

/// Returns the note on the best strategy, if the score that chose the champions names another one
/// than the score on what chose nothing.
pub(super) fn ranking_note(rows: &[StrategySummary]) -> Option<String> {
    let best = |score: fn(&StrategySummary) -> Option<f64>| {
        let scored = rows.iter().filter_map(|row| Some((score(row)?, row)));
        scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, row)| row)
    };
    let (held_out, validation) =
        (best(|row| row.score_median)?, best(|row| row.validation_median)?);
    let is_tied = validation.score_median == held_out.score_median
        || validation.validation_median == held_out.validation_median;
    (!is_tied).then(|| {
        format!(
            "{} has the best held-out score and {} the best validation score, which chose the \
             champions; the held-out score is the one to compare by",
            held_out.strategy, validation.strategy
        )
    })
}

/// Returns each reason in words with the number of its occurrences.
fn count_reasons(reasons: impl Iterator<Item = impl ToString>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason.to_string()).or_insert(0) += 1;
    }
    counts
}
