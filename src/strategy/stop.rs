//! Stop rules: reasons for which a strategy says that going on is of no use.
//!
//! # Source
//!
//! Hansen, "The CMA evolution strategy: a tutorial", arXiv:1604.00772, 2016, section B.3; names in
//! brackets are the ones used there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a search has come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The best and the current fitnesses of the last generations hardly differ (TolFun).
    FlatFitness,
    /// Every gene's spread is a negligible share of the first one (TolX).
    TinySteps,
    /// The spread grew far beyond the first one, so the first one was too small (TolXUp).
    Diverging,
    /// The longest axis is so much longer than the shortest that numbers fail (ConditionCov).
    IllConditioned,
    /// Adding a step along an axis or a gene changes nothing (NoEffectAxis, NoEffectCoord).
    NoEffect,
    /// Fitness has not improved over a long stretch of generations (Stagnation).
    Stagnation,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FlatFitness => "the fitness of the last generations hardly differs",
            Self::TinySteps => "the steps have become negligible",
            Self::Diverging => "the spread grew far beyond the first one; begin with a larger one",
            Self::IllConditioned => "the axes differ more than double precision can tell apart",
            Self::NoEffect => "a step changes nothing any more",
            Self::Stagnation => "fitness has not improved for a long time",
        })
    }
}
