//! End reasons: the condition that ended a run.

use serde::Serialize;

/// The condition that ended a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// The held-out score reached the target.
    Target,
    /// The strategy ended its search.
    Strategy,
    /// No better champion was found for as many generations as the run's patience.
    Patience,
    /// The budget of generations was used up.
    Generations,
    /// The budget of evaluations was used up.
    Evaluations,
    /// The caller ended the run, as an interrupt does.
    Caller,
}
