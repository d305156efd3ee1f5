//! Stop reasons: the conditions under which a strategy reports that it cannot improve further.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016, section B.3. Names in
//! brackets are the tutorial's.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The reason that a search has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The best fitness of the last generations and all current ones are nearly equal (TolFun).
    FlatFitness,
    /// The standard deviation of every gene is a negligible share of the first one (TolX).
    TinySteps,
    /// The standard deviation has grown to many times the first one: the optimum is far away, or
    /// there is none (TolXUp).
    Diverging,
    /// The longest axis exceeds the shortest by more than double precision can represent
    /// (ConditionCov).
    IllConditioned,
    /// A step along an axis or a gene changes no number (NoEffectAxis, NoEffectCoord).
    NoEffect,
    /// Fitness has not improved over many generations (Stagnation).
    Stagnation,
    /// The standard deviation has grown to many times the first one, on fitness that does not
    /// change for most individuals (TolXUp on a plateau).
    Plateau,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FlatFitness => "the fitness of the last generations is nearly constant",
            Self::TinySteps => "the steps have become negligible",
            Self::Diverging => {
                "the standard deviation grew to thousands of times the first one: the optimum is \
                 very far away, or there is none; if there is one, begin with a larger sigma"
            }
            Self::IllConditioned => "the axes differ by more than double precision can represent",
            Self::NoEffect => "a step no longer changes any gene",
            Self::Stagnation => "fitness has not improved for a long time",
            Self::Plateau => {
                "most individuals had the same fitness, which gave the search no direction while \
                 the standard deviation grew to thousands of times the first one; try a genetic \
                 algorithm such as ga, a larger --population or more --episodes"
            }
        })
    }
}
