//! A schedule: a number that shrinks by a factor every generation, down to a limit.
//!
//! # Settings
//!
//! For a key such as `sigma`: `sigma` is where it begins, `sigma-decay` the factor (1 keeps it as
//! it is), `sigma-limit` where it stops.

use serde::{Deserialize, Serialize};

use super::Settings;
use crate::error::{Error, Result};

/// A number, and how it shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Schedule {
    value: f64,
    decay: f64,
    limit: f64,
}

impl Schedule {
    /// The schedule of a key's three settings.
    ///
    /// # Errors
    /// A limit that lies above the beginning, where there is a decay to be limited.
    pub(super) fn of(settings: &Settings, key: &str) -> Result<Self> {
        let value = settings.number(key);
        let decay = settings.number(&format!("{key}-decay"));
        let limit = settings.number(&format!("{key}-limit"));
        if decay < 1.0 && limit > value {
            let expected = format!("at most {key}, which is {value}");
            return Err(Error::invalid(format!("--set {key}-limit"), expected, limit));
        }
        Ok(Self { value, decay, limit })
    }

    /// What it is in this generation.
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
