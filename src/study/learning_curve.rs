//! Curves: how well the trials of a contestant had done after how many evaluations.
//!
//! What a trial has reached is the validation score of its champion: what it would hand over if it
//! were ended there, by episodes that it did not learn from. That is a staircase, for the champion
//! changes at the end of some generations. A trial that has ended keeps what it had.

use serde::Serialize;

use super::{Quartiles, Trial};

/// Places of a curve at most; a median over many trials has a step wherever one of them has.
const MOST_POINTS: usize = 400;

/// The curve of a contestant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LearningCurve {
    /// The strategy, and what was set.
    pub strategy: String,
    /// A staircase: each point holds until the next. None where no trial has a score.
    pub points: Vec<CurvePoint>,
}

/// What the trials had reached after so many evaluations each.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Evaluations of training of each trial.
    pub evaluations: u64,
    /// The quartiles of their champions' validation scores.
    #[serde(flatten)]
    pub scores: Quartiles,
}

impl LearningCurve {
    /// The curve of a contestant's trials, from where at least three quarters have a score.
    pub(super) fn of(name: &str, trials: &[&Trial]) -> Self {
        let steps: Vec<&[(u64, f64)]> = trials.iter().map(|trial| &trial.trace.steps[..]).collect();
        let ends: Vec<u64> = trials.iter().map(|trial| trial.trace.evaluations).collect();
        Self::from_runs(name, &steps, &ends)
    }

    /// The curve over several runs: of each, evaluations and score wherever it got better, and the
    /// evaluations at its end.
    pub fn from_runs(name: &str, runs: &[impl AsRef<[(u64, f64)]>], ends: &[u64]) -> Self {
        let steps = runs.iter().flat_map(|steps| steps.as_ref().iter().map(|step| step.0));
        let mut places: Vec<u64> = steps.chain(ends.iter().copied().max()).collect();
        places.sort_unstable();
        places.dedup();
        let points = thinned(&places).into_iter().filter_map(|evaluations| {
            let reached = runs.iter().map(|steps| reached(steps.as_ref(), evaluations));
            Quartiles::from_values(reached).map(|scores| CurvePoint { evaluations, scores })
        });
        Self { strategy: name.into(), points: points.collect() }
    }
}

/// The score of the last step until then.
fn reached(steps: &[(u64, f64)], evaluations: u64) -> f64 {
    let taken = steps.partition_point(|step| step.0 <= evaluations);
    taken.checked_sub(1).map_or(f64::NEG_INFINITY, |last| steps[last].1)
}

/// So many of the places that a curve can be drawn through them; the first and the last are kept.
fn thinned(places: &[u64]) -> Vec<u64> {
    let stride = places.len().div_ceil(MOST_POINTS).max(1);
    let mut kept: Vec<u64> = places.iter().copied().step_by(stride).collect();
    if kept.last() != places.last() {
        kept.extend(places.last());
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_taken_where_it_is_and_held() {
        let steps = [(10, -3.0), (30, -1.0)];
        let reached = [9, 10, 29, 30, 1000].map(|evaluations| reached(&steps, evaluations));
        assert_eq!(reached, [f64::NEG_INFINITY, -3.0, -3.0, -1.0, -1.0]);
    }

    #[test]
    fn thinning_keeps_both_ends() {
        for count in [0, 1, 399, 400, 401, 12_345] {
            let places: Vec<u64> = (0..count).collect();
            let kept = thinned(&places);
            assert!(kept.len() <= MOST_POINTS + 1);
            assert_eq!((kept.first(), kept.last()), (places.first(), places.last()));
        }
    }
}
