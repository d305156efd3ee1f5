//! Requests for a study: the values as the user typed them, and the seeds.

use super::StrategySpec;
use crate::error::{Error, Result};
use crate::run::Request;

/// The largest number of trials of a strategy. Quartiles need a few dozens.
const LARGEST_COUNT: u64 = 10_000;

/// Consecutive seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The first seed.
    pub first: u64,
    /// The number of seeds, from 1 to 10,000.
    pub count: u64,
}

impl Seeds {
    /// Returns every seed.
    pub fn each(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |offset| self.first + offset)
    }

    pub(super) fn check(self) -> Result<()> {
        if !(1..=LARGEST_COUNT).contains(&self.count) {
            let expected = format!("a whole number from 1 to {LARGEST_COUNT}");
            return Err(Error::invalid("--seeds", expected, self.count));
        }
        if self.first.checked_add(self.count - 1).is_none() {
            let got = format!("{} for the first of {}", self.first, self.count);
            return Err(Error::invalid("--seed", "a last seed below 2^64", got));
        }
        Ok(())
    }
}

/// A request for a study: the values as the user typed them. Values that are left out have a
/// default, or are read from the folder of a study that is resumed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyRequest {
    /// The request that all runs share.
    pub run: Request,
    /// The strategies.
    pub strategies: Vec<StrategySpec>,
    /// The first seed.
    pub first_seed: Option<u64>,
    /// The number of seeds.
    pub seeds: Option<u64>,
}
