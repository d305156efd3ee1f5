//! Novelty: the distance of an individual's behaviour from other behaviours, present and past.
//!
//! A novelty search gives its strategy the novelty of each individual in place of the fitness.
//! It pursues no goal, so a deceptive fitness cannot lead it into a dead end. With the k nearest
//! neighbours mu of a behaviour x, among the rest of the population and the whole archive,
//!
//! ```text
//! novelty(x) = 1/k (|x - mu_1| + ... + |x - mu_k|)                        (equation 1)
//! ```
//!
//! The *archive* holds behaviours of the past. An individual enters it if its behaviour is farther
//! than a threshold from all that it holds; individuals are tried in the order of the population,
//! and the very first always enters. A generation that adds more than 4 raises the threshold by a
//! fifth. Ten generations in a row that add none lower it by a twentieth.
//!
//! # Shapes
//!
//! Behaviours are `f32[individuals][numbers]`. Distances are Euclidean, in double precision. An
//! individual whose behaviour or fitness is not finite has failed: its novelty is NaN, and it is
//! not a neighbour of others.
//!
//! # Errors
//!
//! A setting that is unknown or out of its domain is refused, by the name of its flag.
//!
//! # Source
//!
//! Lehman and Stanley, "Abandoning objectives: evolution through the search for novelty alone",
//! Evolutionary Computation 19(2), 2011. The rules for entering the archive and for its threshold
//! are those of the authors' program, in which a generation is as many births as the population is
//! large.
//!
//! # Example
//!
//! ```
//! use deme::strategy::{Fitness, Novelty};
//! let mut novelty = Novelty::new("neighbours=2".parse()?, 1);
//! let scores = novelty.score(&[0.0, 1.0, 5.0], &Fitness::new(vec![9.0; 3]));
//! assert_eq!(scores.values(), [3.0, 2.5, 4.5]);
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Domain, Fitness, Setting};
use crate::error::{Error, Result};

/// The number of generations without an addition after which the threshold falls.
const PATIENCE: u32 = 10;
/// The factor by which the threshold falls.
const LOWERED: f64 = 0.95;
/// The number of additions in a generation above which the threshold rises.
const MAX_ADDITIONS: usize = 4;
/// The factor by which the threshold rises.
const RAISED: f64 = 1.2;
/// The least number of individuals that one thread compares.
const INDIVIDUALS_PER_THREAD: usize = 32;

/// The settings of `--novelty KEY=VALUE:KEY=VALUE`.
pub const NOVELTY_SETTINGS: [Setting; 3] = [
    Setting {
        key: "neighbours",
        meaning: "number of nearest neighbours (k) whose mean distance is the novelty",
        default: "15",
        domain: Domain::Count(1, u32::MAX),
    },
    Setting {
        key: "threshold",
        meaning: "first distance from all archived behaviours above which one is archived, in the \
                  unit of behaviours",
        default: "6",
        domain: Domain::Positive,
    },
    Setting {
        key: "archive",
        meaning: "largest number of archived behaviours; the oldest are dropped",
        default: "10000",
        domain: Domain::Count(1, u32::MAX),
    },
];

/// The settings of a novelty search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoveltyRules {
    /// The number of nearest neighbours k, at least 1.
    pub neighbours: usize,
    /// The first threshold of the archive, in the unit of behaviours.
    pub threshold: f64,
    /// The largest number of behaviours in the archive.
    pub archive: usize,
}

/// A novelty search in progress: its settings and its archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Novelty {
    rules: NoveltyRules,
    /// The count of numbers in a behaviour.
    numbers: usize,
    /// The archived behaviours, `f32[..][numbers]`, oldest first.
    archive: Vec<f32>,
    threshold: f64,
    /// The number of generations in a row without an addition.
    idle: u32,
}

impl Novelty {
    /// A search with an empty archive, for behaviours of the given count of numbers.
    ///
    /// # Panics
    /// Panics if `numbers` is 0.
    pub fn new(rules: NoveltyRules, numbers: usize) -> Self {
        assert!(numbers > 0, "a behaviour has at least one number");
        Self { rules, numbers, archive: Vec::new(), threshold: rules.threshold, idle: 0 }
    }

    /// Checks a search that was read from a file, for behaviours of the given count of numbers.
    ///
    /// # Errors
    /// Returns an error if its archive or its threshold cannot be those of a search.
    pub(crate) fn check(&self, numbers: usize) -> std::result::Result<(), String> {
        let Self { rules, archive, threshold, idle, .. } = self;
        let capacity = rules.archive.saturating_mul(numbers);
        let is_whole = self.numbers == numbers
            && archive.len().is_multiple_of(numbers.max(1))
            && archive.len() <= capacity;
        if !is_whole {
            let got = archive.len();
            return Err(format!(
                "expected an archive of {} behaviours of {numbers} numbers at most, got {got} \
                 numbers",
                rules.archive
            ));
        }
        if let Some(number) = archive.iter().find(|number| !number.is_finite()) {
            return Err(format!("expected finite numbers in the archive, got {number}"));
        }
        if !(*threshold >= 0.0 && threshold.is_finite()) || *idle >= PATIENCE {
            return Err(format!(
                "expected a threshold from 0 and fewer than {PATIENCE} idle generations, got \
                 {threshold} and {idle}"
            ));
        }
        Ok(())
    }

    /// Returns the novelty of each individual, to give to the strategy in place of the fitness, and
    /// updates the archive.
    ///
    /// # Panics
    /// Panics if there is not one behaviour for each fitness.
    pub fn score(&mut self, behaviours: &[f32], fitness: &Fitness) -> Fitness {
        assert!(behaviours.len() == self.numbers * fitness.len(), "one behaviour for each fitness");
        let rows: Vec<&[f32]> = behaviours.chunks(self.numbers).collect();
        let has_failed = |(row, value): (&&[f32], &f32)| {
            !value.is_finite() || row.iter().any(|number| !number.is_finite())
        };
        let failed: Vec<bool> = rows.iter().zip(fitness.values()).map(has_failed).collect();
        let individuals = (0..rows.len()).into_par_iter().with_min_len(INDIVIDUALS_PER_THREAD);
        let values = individuals.map(|individual| {
            if failed[individual] {
                return f32::NAN;
            }
            let others = (0..rows.len()).filter(|&other| other != individual && !failed[other]);
            let known = others.map(|other| rows[other]).chain(self.archive());
            let squares = known.map(|other| squared_distance(rows[individual], other)).collect();
            mean_of_nearest(squares, self.rules.neighbours) as f32
        });
        let values = values.collect();
        self.update_archive(
            rows.iter().zip(&failed).filter(|(_, failed)| !**failed).map(|(row, _)| *row),
        );
        Fitness::new(values)
    }

    /// Returns the archived behaviours, oldest first.
    pub fn archive(&self) -> impl Iterator<Item = &[f32]> {
        self.archive.chunks(self.numbers)
    }

    /// The settings.
    pub fn rules(&self) -> &NoveltyRules {
        &self.rules
    }

    /// The current distance from all archived behaviours above which one is archived.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Archives behaviours that are far from all archived ones, and adjusts the threshold.
    fn update_archive<'a>(&mut self, rows: impl Iterator<Item = &'a [f32]>) {
        let limit = self.threshold * self.threshold;
        let mut added = 0;
        for row in rows {
            if self.archive().all(|known| squared_distance(row, known) > limit) {
                self.archive.extend_from_slice(row);
                added += 1;
            }
        }
        let capacity = self.rules.archive.saturating_mul(self.numbers);
        self.archive.drain(..self.archive.len().saturating_sub(capacity));
        self.idle = if added == 0 { self.idle + 1 } else { 0 };
        if self.idle == PATIENCE {
            (self.threshold, self.idle) = (self.threshold * LOWERED, 0);
        }
        if added > MAX_ADDITIONS {
            self.threshold *= RAISED;
        }
    }
}

/// Returns the squared distance between two behaviours.
fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
}

/// Returns the mean of the square roots of the smallest squares: as many as there are neighbours,
/// or all if there are fewer; 0 if there are none. The roots are added in ascending order, so that
/// the sum does not depend on the order of the population.
fn mean_of_nearest(mut squares: Vec<f64>, neighbours: usize) -> f64 {
    if squares.len() > neighbours {
        squares.select_nth_unstable_by(neighbours - 1, f64::total_cmp);
        squares.truncate(neighbours);
    }
    squares.sort_unstable_by(f64::total_cmp);
    let count = squares.len().max(1) as f64;
    squares.into_iter().map(f64::sqrt).sum::<f64>() / count
}

/// Parses `KEY=VALUE` pairs separated by `:`. Keys that are not named keep their defaults.
impl FromStr for NoveltyRules {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut values = NOVELTY_SETTINGS.map(|setting| setting.default);
        let mut is_set = [false; NOVELTY_SETTINGS.len()];
        for part in text.split(':') {
            let Some((key, value)) = part.split_once('=') else {
                let expected = "KEY=VALUE:KEY=VALUE, such as neighbours=15:threshold=6, or nothing";
                return Err(Error::invalid("--novelty", expected, format!("'{text}'")));
            };
            let (key, value) = (key.trim(), value.trim());
            let position = NOVELTY_SETTINGS.iter().position(|setting| setting.key == key);
            let position = position.ok_or_else(|| {
                let known = NOVELTY_SETTINGS.map(|setting| setting.key);
                Error::unknown("setting of --novelty", key, known)
            })?;
            let domain = NOVELTY_SETTINGS[position].domain;
            if domain.check(key, value).is_err() {
                let what = format!("--novelty {key}");
                return Err(Error::invalid(what, domain.to_string(), format!("'{value}'")));
            }
            if std::mem::replace(&mut is_set[position], true) {
                let got = format!("'{key}' twice in '{text}'");
                return Err(Error::invalid("--novelty", "each key once", got));
            }
            values[position] = value;
        }
        Ok(Self::from_values(values))
    }
}

impl NoveltyRules {
    /// Parses checked values, in the order of the settings.
    fn from_values([neighbours, threshold, archive]: [&str; NOVELTY_SETTINGS.len()]) -> Self {
        let count = |value: &str| value.parse().expect("a checked count");
        let threshold = threshold.parse().expect("a checked number");
        Self { neighbours: count(neighbours), threshold, archive: count(archive) }
    }
}

/// Returns the paper's number of neighbours, and the archive settings of its program.
impl Default for NoveltyRules {
    fn default() -> Self {
        Self::from_values(NOVELTY_SETTINGS.map(|setting| setting.default))
    }
}

/// Writes all keys as they are typed, in the order of the settings.
impl fmt::Display for NoveltyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { neighbours, threshold, archive } = self;
        write!(f, "neighbours={neighbours}:threshold={threshold}:archive={archive}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_that_no_search_has_are_refused() {
        let rules = NoveltyRules { archive: 2, ..NoveltyRules::default() };
        let real = Novelty { archive: vec![0.0, 1.0, 2.0, 3.0], ..Novelty::new(rules, 2) };
        assert_eq!(real.check(2), Ok(()));
        assert!(real.check(4).is_err() && real.check(0).is_err());
        let archive = |archive| Novelty { archive, ..real.clone() };
        let threshold = |threshold| Novelty { threshold, ..real.clone() };
        let forgeries = [
            archive(vec![0.0; 3]),
            archive(vec![0.0; 6]),
            archive(vec![0.0, f32::NAN]),
            threshold(-1.0),
            threshold(f64::INFINITY),
            Novelty { idle: PATIENCE, ..real.clone() },
            Novelty { numbers: 0, ..real.clone() },
        ];
        for forged in forgeries {
            assert!(forged.check(2).is_err(), "{forged:?}");
        }
    }
}
