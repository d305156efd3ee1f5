//! Comparisons of returns, behaviours and sums of observations over episodes.
//!
//! Some tasks amplify a rounding: a chaotic one, or one whose observations jump. What that does is
//! measured and not guessed: the reference plays again and rounds its states and observations to
//! single precision, and parts from itself in some individuals.

use super::backend_pair::{BackendPair, INDIVIDUALS};
use super::{Comparison, Rung};
use crate::backend::{Backend, Episodes, Scores};
use crate::error::Result;
use crate::network::{Normalisation, ObservationSums};

/// The difference between two scores below which they agree, as a share of the score or of 1. Over
/// the first steps it is little more than the rounding of a sum.
pub(super) const SHORT_AGREEMENT: f64 = 2e-5;
/// The agreement of whole episodes, in which errors accumulate.
const WHOLE_AGREEMENT: f64 = 1e-3;
/// The largest share of individuals that may disagree over whole episodes. Measured: 8 % for
/// acrobot, whose double pendulum is chaotic; below 3 % for the other tasks.
const WHOLE_DISAGREEMENT: f64 = 0.15;
/// The largest share over the first steps, in which few errors accumulate.
pub(super) const SHORT_DISAGREEMENT: f64 = 0.02;
/// The most that roundings excuse: this many times the share of individuals in which the reference
/// parts from itself.
const ROUNDED_FACTOR: f64 = 3.0;
/// The largest share of individuals that may disagree whatever the reference does.
const MOST_DISAGREEMENT: f64 = 0.5;

/// The limits of a comparison of returns.
#[derive(Clone, Copy)]
pub(super) struct Tolerance {
    /// The difference below which two returns agree, as a share of the return or of 1.
    agreement: f64,
    /// The largest share of individuals that may disagree.
    disagreement: f64,
    /// The limits in words.
    words: &'static str,
}

pub(super) const SHORT: Tolerance = Tolerance {
    agreement: SHORT_AGREEMENT,
    disagreement: SHORT_DISAGREEMENT,
    words: "at most 2 % of individuals whose return differs by over 2e-5 of itself; \
            more if rounding does so",
};
pub(super) const SHORT_NORMALISED: Tolerance = Tolerance {
    words: "at most 2 % of individuals whose return or observations differ by over 2e-5; \
            more if rounding does so",
    ..SHORT
};
pub(super) const WHOLE: Tolerance = Tolerance {
    agreement: WHOLE_AGREEMENT,
    disagreement: WHOLE_DISAGREEMENT,
    words: "at most 15 % of individuals whose return differs by over 1e-3 of itself; \
            more if rounding does so",
};

/// Compares what a backend and the reference find in episodes.
pub(super) fn compare_returns(
    pair: &mut BackendPair,
    subject: String,
    episodes: &Episodes,
    tolerance: Tolerance,
) -> Result<Rung> {
    // A behaviour is defined for whole episodes only.
    let episodes = &Episodes { behaviour: episodes.exact_steps.is_none(), ..*episodes };
    let expected = Found::new(pair.reference.score(episodes)?);
    let found = Found::new(pair.backend.score(episodes)?);
    let mut errors = Comparison::new("5 episodes", subject, tolerance.words);
    let same_counts = [
        ("the number of returns", found.returns.len() == expected.returns.len()),
        ("the number of behaviours", found.behaviours.len() == expected.behaviours.len()),
        ("the number of observation sums", found.sums.len() == expected.sums.len()),
    ];
    for (what, same) in same_counts {
        errors.check_that(same, || what.into());
    }
    let differing = found.differing(&expected, pair.by.as_ref(), tolerance.agreement);
    let (count, mut limit) = (differing.len(), tolerance.disagreement);
    if share(count) > limit {
        pair.reference.round_states(true);
        let rounded = Found::new(pair.reference.score(episodes)?);
        pair.reference.round_states(false);
        let own = rounded.differing(&expected, pair.by.as_ref(), tolerance.agreement);
        limit = limit.max((ROUNDED_FACTOR * share(own.len())).min(MOST_DISAGREEMENT));
    }
    let at = || match differing.first() {
        None => "no individual".into(),
        Some(&i) => format!(
            "share that differs, {count} of {INDIVIDUALS} where {:.0} may, first individual {i} \
             with {} instead of {}",
            (limit * INDIVIDUALS as f64).floor(),
            found.returns[i],
            expected.returns[i]
        ),
    };
    errors.check(share(count), 0.0, limit, at);
    // Steps differ only if returns differ, and by a whole episode at most.
    let longest = expected.steps.max(found.steps) / u64::from(episodes.count);
    let limit = (count as u64 * longest) as f64;
    errors.check(found.steps as f64, expected.steps as f64, limit, || "steps in all".into());
    Ok(errors.into_rung())
}

/// The share of all individuals.
fn share(count: usize) -> f64 {
    count as f64 / INDIVIDUALS as f64
}

/// The results of episodes, for each individual.
struct Found {
    returns: Vec<f32>,
    /// `[individuals][numbers]`.
    behaviours: Vec<f32>,
    /// `[individuals][sums]`, if observations are normalised.
    sums: Vec<Vec<f64>>,
    /// The steps of all individuals.
    steps: u64,
}

impl Found {
    fn new(scores: Scores) -> Self {
        let sums = scores.observation_sums.iter().flat_map(ObservationSums::rows);
        Self {
            sums: sums.map(<[f64]>::to_vec).collect(),
            returns: scores.values.to_vec(),
            behaviours: scores.behaviours.unwrap_or_default().to_vec(),
            steps: scores.steps,
        }
    }

    /// Returns the individuals in which other results differ.
    fn differing(&self, other: &Self, by: Option<&Normalisation>, agreement: f64) -> Vec<usize> {
        let numbers = self.behaviours.len().min(other.behaviours.len()) / INDIVIDUALS;
        let is_same = |&i: &usize| {
            let [got, want] = [&self.behaviours, &other.behaviours]
                .map(|behaviours| &behaviours[i * numbers..][..numbers]);
            let sums = by.zip(self.sums.get(i).zip(other.sums.get(i)));
            is_close(self.returns[i], other.returns[i], agreement)
                && got.iter().zip(want).all(|(&got, &want)| is_close(got, want, agreement))
                && sums.is_none_or(|(by, sums)| observation_sums_agree(by, sums, agreement))
        };
        let all = 0..self.returns.len().min(other.returns.len());
        all.filter(|i| !is_same(i)).collect()
    }
}

/// True if two numbers differ by a share of the second, or of 1, at most.
fn is_close(got: f32, want: f32, agreement: f64) -> bool {
    let (got, want) = (f64::from(got), f64::from(want));
    (got - want).abs() <= agreement * want.abs().max(1.0)
}

/// True if two rows of observation sums agree: equal steps, and sums that agree to a share of
/// themselves, or of the sum if every observation were one deviation.
fn observation_sums_agree(
    by: &Normalisation,
    (got, want): (&Vec<f64>, &Vec<f64>),
    agreement: f64,
) -> bool {
    let (inputs, steps) = (by.means.len(), want[0]);
    let alike = |k: usize| {
        let deviation = 1.0 / f64::from(by.scales[k]);
        let (first, second) = (1 + k, 1 + inputs + k);
        let squares = want[second].max(steps * deviation * deviation);
        (got[first] - want[first]).abs() <= agreement * (steps * squares).sqrt()
            && (got[second] - want[second]).abs() <= agreement * squares
    };
    got[0] == steps && (0..inputs).all(alike)
}
