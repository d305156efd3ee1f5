//! Part scores: the champion's score on each part of its task.

use serde::{Deserialize, Serialize};

use crate::task::TargetError;

/// The champion's score on each part of its task.
///
/// A data set has up to three parts, its [splits](crate::task::Split). A control task has
/// validation and held-out episodes; its training episodes are new in each generation. A function
/// has no parts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartScores {
    /// The training samples; null for other tasks than data sets.
    pub training: Option<PartScore>,
    /// The samples or episodes that chose the champion; null if the training samples chose it.
    pub validation: Option<PartScore>,
    /// The samples or episodes that took no part in training or in the choice; null if there are
    /// none.
    pub held_out: Option<PartScore>,
}

/// The champion's score on one part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartScore {
    /// The number of samples or episodes.
    pub count: u64,
    /// The accuracy, R^2 or mean return; null if it is NaN.
    pub score: Option<f32>,
    /// The errors of each target of a regression, in its own unit; empty for other tasks.
    pub errors: Vec<TargetError>,
}

impl PartScores {
    /// Returns the parts that exist, each with its name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &PartScore)> {
        let parts = [
            ("training", &self.training),
            ("validation", &self.validation),
            ("held-out", &self.held_out),
        ];
        parts.into_iter().filter_map(|(name, part)| Some((name, part.as_ref()?)))
    }
}
