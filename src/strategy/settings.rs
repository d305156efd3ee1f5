//! Settings of strategies: the keys that exist, their domains, and the values that were set.
//!
//! # Errors
//!
//! An unknown key is refused with the list of known ones, a value with its domain.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A setting of a strategy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The key, named as in the paper.
    pub key: &'static str,
    /// The meaning, with its unit.
    pub meaning: &'static str,
    /// The default value.
    pub default: &'static str,
    /// The values that are accepted.
    pub domain: Domain,
}

/// The values that a setting accepts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// A number above 0, neither 0 nor infinite in single precision.
    Positive,
    /// A number of 0 or above, finite in single precision.
    NonNegative,
    /// A number from 0 to 1.
    Share,
    /// A number above 0, at most 1.
    PositiveShare,
    /// A number from 0 to below 1.
    ShareBelowOne,
    /// A whole number, with its minimum and its maximum.
    Count(u32, u32),
    /// One of some words.
    Word(&'static [&'static str]),
}

/// Pairs of keys and values, as typed or complete.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// Sets the value of a key, and replaces an earlier one.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let key = key.into();
        self.0.retain(|(known, _)| *known != key);
        self.0.push((key, value.into()));
    }

    /// Returns keys and values in the order in which they were set.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Returns every setting of a strategy: the values that were set, and the defaults of the rest.
    ///
    /// # Errors
    /// Returns an error if a key is unknown (the error lists the known ones), or a value is out of
    /// its domain.
    pub fn complete(&self, strategy: &str, known: &[Setting]) -> Result<Self> {
        if let Some((key, _)) = self.pairs().find(|(key, _)| known.iter().all(|s| s.key != *key)) {
            let known = known.iter().map(|setting| setting.key);
            return Err(Error::unknown(format!("setting of {strategy}"), key, known));
        }
        let mut complete = Self::default();
        for setting in known {
            let given = self.pairs().find(|(key, _)| *key == setting.key).map(|(_, value)| value);
            let value = given.unwrap_or(setting.default);
            setting.domain.check(setting.key, value)?;
            complete.set(setting.key, value);
        }
        Ok(complete)
    }

    /// Returns the number of a key; the settings are complete.
    pub fn number(&self, key: &str) -> f64 {
        self.word(key).parse().expect("complete settings are checked")
    }

    /// Returns the whole number of a key; the settings are complete.
    pub fn count(&self, key: &str) -> usize {
        self.word(key).parse().expect("complete settings are checked")
    }

    /// Returns the number of generations of a key; the settings are complete.
    pub fn generations(&self, key: &str) -> u32 {
        self.word(key).parse().expect("complete settings are checked")
    }

    /// Returns a share above 0 of a total as a whole number, rounded up; the settings are complete.
    pub(super) fn share_of(&self, key: &str, total: usize) -> usize {
        // 0.07 * 100 is slightly more than 7 in f64, and must give 7.
        const ROUNDING: f64 = 1e-9;
        ((self.number(key) * total as f64 - ROUNDING).ceil() as usize).max(1)
    }

    /// Returns the word of a key; the settings are complete.
    pub fn word(&self, key: &str) -> &str {
        let found = self.pairs().find(|(known, _)| *known == key);
        found.expect("complete settings have every key").1
    }
}

impl Domain {
    /// Checks that a value lies in the domain.
    ///
    /// # Errors
    /// Returns [`Error::Invalid`] with the domain if the value does not.
    pub fn check(self, key: &str, value: &str) -> Result<()> {
        // Individuals have single precision, in which a number must neither vanish nor overflow.
        let number = || value.parse().ok().filter(|x: &f64| (*x as f32).is_finite());
        let fits = match self {
            Self::Positive => number().is_some_and(|x| x as f32 > 0.0),
            Self::NonNegative => number().is_some_and(|x| x >= 0.0),
            Self::Share => number().is_some_and(|x| (0.0..=1.0).contains(&x)),
            Self::PositiveShare => number().is_some_and(|x| x > 0.0 && x <= 1.0),
            Self::ShareBelowOne => number().is_some_and(|x| x >= 0.0 && (x as f32) < 1.0),
            Self::Count(least, most) => {
                value.parse().is_ok_and(|x: u32| (least..=most).contains(&x))
            }
            Self::Word(words) => words.contains(&value),
        };
        if fits {
            return Ok(());
        }
        Err(Error::invalid(format!("--set {key}"), self.to_string(), format!("'{value}'")))
    }
}

impl std::fmt::Display for Domain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // The limits of single precision.
            Self::Positive => f.write_str("a number above 0, from 1.4e-45 to 3.4e38"),
            Self::NonNegative => f.write_str("a number from 0 to 3.4e38"),
            Self::Share => f.write_str("a number from 0 to 1"),
            Self::PositiveShare => f.write_str("a number above 0, at most 1"),
            Self::ShareBelowOne => f.write_str("a number from 0 to below 1"),
            Self::Count(least, most) => write!(f, "a whole number from {least} to {most}"),
            Self::Word(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}
