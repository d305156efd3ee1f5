//! Settings of strategies: what can be set, and what was.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Something that can be set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The key, in the paper's words.
    pub key: &'static str,
    /// What it means, with its unit.
    pub meaning: &'static str,
    /// What it is when nothing is said.
    pub default: &'static str,
    /// What it may be.
    pub domain: Domain,
}

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Domain {
    /// A number above 0 that is neither 0 nor infinite in single precision.
    Positive,
    /// A number, 0 or above, that is finite in single precision.
    NotNegative,
    /// A number from 0 to 1.
    Share,
    /// A whole number, at least this.
    Count(usize),
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Keys and values, as typed or complete.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// Sets a key, in place of what it was.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let key = key.into();
        self.0.retain(|(known, _)| *known != key);
        self.0.push((key, value.into()));
    }

    /// Keys and values, in the order they were set.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Every setting of a strategy: what was set, and the defaults of the rest.
    ///
    /// # Errors
    /// A key that does not exist (the error lists those that do), or a value out of its domain.
    pub fn complete(&self, strategy: &str, known: &[Setting]) -> Result<Self> {
        if let Some((key, _)) = self.pairs().find(|(key, _)| known.iter().all(|s| s.key != *key)) {
            return Err(Error::Unknown {
                kind: format!("setting of {strategy}"),
                name: key.into(),
                known: known.iter().map(|setting| setting.key.to_owned()).collect(),
            });
        }
        let mut complete = Self::default();
        for setting in known {
            let typed = self.pairs().find(|(key, _)| *key == setting.key).map(|(_, value)| value);
            let value = typed.unwrap_or(setting.default);
            setting.domain.check(setting.key, value)?;
            complete.set(setting.key, value);
        }
        Ok(complete)
    }

    /// A number of complete settings.
    pub fn number(&self, key: &str) -> f64 {
        self.word(key).parse().expect("complete settings are checked")
    }

    /// A whole number of complete settings.
    pub fn count(&self, key: &str) -> usize {
        self.word(key).parse().expect("complete settings are checked")
    }

    /// A number of generations of complete settings; more than any run has stand for all.
    pub fn generations(&self, key: &str) -> u32 {
        u32::try_from(self.count(key)).unwrap_or(u32::MAX)
    }

    /// How many of `whole` a share of complete settings is, rounded up.
    ///
    /// # Errors
    /// A share of 0.
    pub(super) fn part(&self, key: &str, whole: usize) -> Result<usize> {
        // 0.07 * 100 is a little more than 7, and means 7.
        const ROUNDING: f64 = 1e-9;
        let share = self.number(key);
        if share > 0.0 {
            return Ok(((share * whole as f64 - ROUNDING).ceil() as usize).max(1));
        }
        Err(Error::invalid(format!("--set {key}"), "a share above 0", share))
    }

    /// A word of complete settings.
    pub fn word(&self, key: &str) -> &str {
        let found = self.pairs().find(|(known, _)| *known == key);
        found.expect("complete settings have every key").1
    }
}

impl Domain {
    /// Whether a value lies in the domain.
    ///
    /// # Errors
    /// [`Error::Invalid`] says what was expected.
    pub fn check(self, key: &str, value: &str) -> Result<()> {
        // Populations are made in single precision, where a number must not vanish or overflow.
        let number = || value.parse().ok().filter(|x: &f64| (*x as f32).is_finite());
        let fits = match self {
            Self::Positive => number().is_some_and(|x| x as f32 > 0.0),
            Self::NotNegative => number().is_some_and(|x| x >= 0.0),
            Self::Share => number().is_some_and(|x| (0.0..=1.0).contains(&x)),
            Self::Count(least) => value.parse().is_ok_and(|x: usize| x >= least),
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
            Self::Positive => f.write_str("a number above 0"),
            Self::NotNegative => f.write_str("a number, 0 or above"),
            Self::Share => f.write_str("a number from 0 to 1"),
            Self::Count(least) => write!(f, "a whole number, at least {least}"),
            Self::Word(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}
