//! Divergence: a score on training samples that is much better than the score on other samples.
//!
//! It is the sign of overfitting, of a network that learns its training samples by heart.
//!
//! # The rule
//!
//! Scores diverge if they differ by more than two standard errors of the score on the other
//! samples, and by more than 0.05. The standard error over n samples is sqrt(p (1 - p) / n) of an
//! accuracy p, and 2 sqrt(R^2) (1 - R^2) / sqrt(n) of an R^2.
//!
//! # Source
//!
//! The error of R^2: Olkin and Finn, "Correlations redux", Psychological Bulletin 118(1), 1995.

use std::fmt;

use super::PartScores;

/// The least difference that is reported.
const LEAST: f64 = 0.05;

/// A training score that has parted ways with another score.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The name of the scores: accuracy or R^2.
    pub score_name: String,
    /// The score on the training samples.
    pub training: f64,
    /// The score on the other samples.
    pub other: f64,
    /// True if the others are validation samples, and the scores are those of the last network;
    /// false if they are held-out samples, and the scores are those of the champion.
    pub is_of_validation: bool,
}

impl Divergence {
    /// Returns the divergence in a run on a data set, if there is one. `last` is the training and
    /// the validation score of the last network that the strategy recommended. A run without a
    /// validation part compares the champion on training and held-out samples.
    pub fn find(score_name: &str, last: Option<(f32, f32)>, parts: &PartScores) -> Option<Self> {
        let (training, other, count) = match (last, &parts.validation) {
            (Some((training, validation)), Some(part)) => (training, validation, part.count),
            (None, Some(_)) => return None,
            (_, None) => {
                let (training, held_out) = (parts.training.as_ref()?, parts.held_out.as_ref()?);
                (training.score?, held_out.score?, held_out.count)
            }
        };
        let (training, other) = (f64::from(training), f64::from(other));
        let share = other.clamp(0.0, 1.0);
        let deviation = match score_name {
            "R^2" => 2.0 * share.sqrt() * (1.0 - share),
            _ => (share * (1.0 - share)).sqrt(),
        };
        let limit = LEAST.max(2.0 * deviation / (count as f64).sqrt());
        (training - other > limit).then(|| Self {
            score_name: score_name.to_owned(),
            training,
            other,
            is_of_validation: parts.validation.is_some(),
        })
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { score_name, training, other, is_of_validation } = self;
        let (part, advice) = match is_of_validation {
            true => (
                "validation",
                "later networks than the champion learn the training samples by heart; try a \
                 shorter --patience, a smaller --network or more samples",
            ),
            false => (
                "held-out",
                "the training samples chose the champion, and it may have learned them by heart; \
                 draw a validation part with --validation 0.2, or try a smaller --network or more \
                 samples",
            ),
        };
        let whose = if *is_of_validation { "last network" } else { "champion" };
        write!(
            f,
            "training and {part} part ways: the {whose} has {score_name} {training:.3} on the \
             training samples and {other:.3} on the {part} samples; {advice}"
        )
    }
}
