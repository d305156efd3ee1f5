//! A schedule: a number that is multiplied by a factor after each generation, down to a limit.
//!
//! # Settings
//!
//! A key such as `sigma` has three settings. `sigma` is the first value, `sigma-decay` the factor
//! (1 keeps the value constant), and `sigma-limit` the lowest value.

use serde::{Deserialize, Serialize};

use super::Settings;
use super::state_limits::{are_non_negative, are_shares};
use crate::error::{Error, Result};

/// A number, its decay and its limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Schedule {
    value: f64,
    decay: f64,
    limit: f64,
}

impl Schedule {
    /// Reads the three settings of a key.
    ///
    /// # Errors
    /// Returns an error if the value decays and its limit is above the first value.
    pub(super) fn from_settings(settings: &Settings, key: &str) -> Result<Self> {
        let value = settings.number(key);
        let decay = settings.number(&format!("{key}-decay"));
        let limit = settings.number(&format!("{key}-limit"));
        if decay < 1.0 && limit > value {
            let expected = format!("at most {key}, which is {value}");
            return Err(Error::invalid(format!("--set {key}-limit"), expected, limit));
        }
        Ok(Self { value, decay, limit })
    }

    /// True if every number lies in the domain of its setting.
    pub(super) fn is_valid(&self) -> bool {
        are_non_negative(&[self.value, self.limit]) && are_shares(&[self.decay])
    }

    /// The value in this generation.
    pub(super) fn value(&self) -> f64 {
        self.value
    }

    /// Ends a generation.
    pub(super) fn advance(&mut self) {
        if self.decay < 1.0 {
            self.value = (self.value * self.decay).max(self.limit);
        }
    }
}
