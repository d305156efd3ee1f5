//! Learning curves: the scores that the trials of a strategy have reached after a number of
//! evaluations.
//!
//! The score of a trial is the validation score of its champion, the network that the trial would
//! return if it ended at that point. The curve of a trial is a step function, because the
//! champion changes at the end of some generations. A trial that has ended keeps its last score.

use serde::Serialize;

use super::{Quartiles, Trial};

/// The largest number of points of a curve. A median over many trials has a step wherever one of
/// the trials has one.
const MAX_POINTS: usize = 400;

/// The learning curve of a strategy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningCurve {
    /// The strategy with its settings.
    pub strategy: String,
    /// The points of a step function: each holds until the next. Empty if no trial has a score.
    pub points: Vec<CurvePoint>,
}

/// The scores of the trials after a number of evaluations of each trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The number of training evaluations of each trial.
    pub evaluations: u64,
    /// The quartiles of their champions' validation scores.
    #[serde(flatten)]
    pub scores: Quartiles,
}

impl LearningCurve {
    /// Returns the curve of a strategy's trials. It begins where at least three quarters of the
    /// trials have a score.
    pub(super) fn of_trials(name: &str, trials: &[&Trial]) -> Self {
        let steps: Vec<&[(u64, f64)]> = trials.iter().map(|trial| &trial.trace.steps[..]).collect();
        let ends: Vec<u64> = trials.iter().map(|trial| trial.trace.evaluations).collect();
        Self::from_runs(name, &steps, &ends)
    }

    /// Returns the curve over several runs. A run is the list of its improvements, each with its
    /// evaluations and its score, and the evaluations at its end.
    pub fn from_runs(name: &str, runs: &[impl AsRef<[(u64, f64)]>], ends: &[u64]) -> Self {
        let steps = runs.iter().flat_map(|steps| steps.as_ref().iter().map(|step| step.0));
        let mut evaluations: Vec<u64> = steps.chain(ends.iter().copied().max()).collect();
        evaluations.sort_unstable();
        evaluations.dedup();
        let points = thin(&evaluations).into_iter().filter_map(|evaluations| {
            let scores = runs.iter().map(|steps| score_at(steps.as_ref(), evaluations));
            Quartiles::from_values(scores).map(|scores| CurvePoint { evaluations, scores })
        });
        Self { strategy: name.into(), points: points.collect() }
    }
}

/// Returns the score of the last step at or before a number of evaluations.
fn score_at(steps: &[(u64, f64)], evaluations: u64) -> f64 {
    let taken = steps.partition_point(|step| step.0 <= evaluations);
    taken.checked_sub(1).map_or(f64::NEG_INFINITY, |last| steps[last].1)
}

/// Returns at most `MAX_POINTS` values, and the last one. They include the first and the last.
fn thin(values: &[u64]) -> Vec<u64> {
    let stride = values.len().div_ceil(MAX_POINTS).max(1);
    let mut kept: Vec<u64> = values.iter().copied().step_by(stride).collect();
    if kept.last() != values.last() {
        kept.extend(values.last());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_holds_from_its_step_until_the_next() {
        let steps = [(10, -3.0), (30, -1.0)];
        let reached = [9, 10, 29, 30, 1000].map(|evaluations| score_at(&steps, evaluations));
        assert_eq!(reached, [f64::NEG_INFINITY, -3.0, -3.0, -1.0, -1.0]);
    }

    #[test]
    fn thinning_keeps_both_ends() {
        for count in [0, 1, 399, 400, 401, 12_345] {
            let places: Vec<u64> = (0..count).collect();
            let kept = thin(&places);
            assert!(kept.len() <= MAX_POINTS + 1);
            assert_eq!((kept.first(), kept.last()), (places.first(), places.last()));
        }
    }
}
