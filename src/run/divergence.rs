//! Divergence: a score on training samples that is much better than the score on other samples.
//!
//! It is the sign of overfitting, of a network that learns its training samples by heart.
//!
//! # The rule
//!
//! Scores diverge if they differ by more than 0.05, and by more than the distance from the score on
//! the other samples to the farther end of its interval at two standard errors. That of an accuracy
//! is Wilson's score interval; that of an R^2 is the interval of its root r, whose standard error
//! over n samples is (1 - r^2) / sqrt(n). Both have a width at scores of 0, where the error of the
//! score itself is 0 and ten samples would prove what they cannot.
//!
//! The last network shows overfitting only if it learned its training samples better than the
//! champion, which is older. Otherwise it is merely a worse network.
//!
//! # Sources
//!
//! E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
//! the American Statistical Association 22(158), 1927. The error of r: Olkin and Finn,
//! "Correlations redux", Psychological Bulletin 118(1), 1995.

use std::fmt;

use super::PartScores;

/// The least difference that is reported.
const LEAST: f64 = 0.05;
/// The number of standard errors that luck may account for.
const ERRORS: f64 = 2.0;

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
        if parts.validation.is_some() {
            let champion = parts.training.as_ref().and_then(|part| part.score);
            if champion.is_some_and(|champion| training <= f64::from(champion)) {
                return None;
            }
        }
        let share = other.clamp(0.0, 1.0);
        let luck = match score_name {
            "R^2" => luck_of_r2(share, count as f64),
            _ => luck_of_accuracy(share, count as f64),
        };
        let limit = LEAST.max(luck);
        (training - other > limit).then(|| Self {
            score_name: score_name.to_owned(),
            training,
            other,
            is_of_validation: parts.validation.is_some(),
        })
    }
}

/// Returns the distance from an accuracy over some samples to the farther end of Wilson's interval.
fn luck_of_accuracy(share: f64, count: f64) -> f64 {
    let square = ERRORS * ERRORS / count;
    let centre = (share + square / 2.0) / (1.0 + square);
    let spread = (square * (share * (1.0 - share) + square / 4.0)).sqrt() / (1.0 + square);
    spread + (centre - share).abs()
}

/// Returns the distance from an R^2 over some samples to the upper end of its interval.
fn luck_of_r2(share: f64, count: f64) -> f64 {
    let spread = ERRORS * (1.0 - share) / count.sqrt();
    spread * (2.0 * share.sqrt() + spread)
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
