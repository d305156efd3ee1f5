//! Novelty: how far what an individual did is from what others did, now and before.
//!
//! A search for novelty tells its strategy this in place of the fitness, whatever the strategy is.
//! It follows no goal, and so is not led into the dead ends that lie near one. With the distances
//! to the k nearest neighbours mu of a behaviour x, among the others of the population and all of
//! the archive,
//!
//! ```text
//! novelty(x) = 1/k (|x - mu_1| + ... + |x - mu_k|)                        (equation 1)
//! ```
//!
//! The *archive* remembers where the search has been. An individual enters it whose behaviour is
//! farther than a threshold from all that are in it, in the order of the population; the first of
//! all enters as well. A generation that lets in more than 4 raises the threshold by a fifth; ten
//! in a row that let in none lower it by a twentieth.
//!
//! # Shapes
//!
//! Behaviours: `f32[individuals][numbers]`, distances Euclidean, in double precision. A behaviour
//! or a fitness that is not finite has failed: its novelty is NaN, and it is nobody's neighbour.
//!
//! # Errors
//!
//! A setting that does not exist or is out of its domain, by the name of its flag.
//!
//! # Source
//!
//! Lehman and Stanley, "Abandoning objectives: evolution through the search for novelty alone",
//! Evolutionary Computation 19(2), 2011; what an archive lets in, and how its threshold moves, are
//! as in the program that its authors published, in which a generation is as many births as the
//! population is large.
//!
//! # Example
//!
//! ```
//! use deme::strategy::{Fitness, Novelty};
//! let mut novelty = Novelty::of("neighbours=2".parse()?, 1);
//! let told = novelty.judge(&[0.0, 1.0, 5.0], &Fitness::new(vec![9.0; 3]));
//! assert_eq!(told.values(), [3.0, 2.5, 4.5]);
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Domain, Fitness, Setting};
use crate::error::{Error, Result};

/// Generations without an addition after which the threshold falls, and to what of itself.
const PATIENCE: u32 = 10;
const LOWERED: f64 = 0.95;
/// Additions of a generation beyond which it rises, and to what of itself.
const PLENTY: usize = 4;
const RAISED: f64 = 1.2;
/// Individuals that one thread compares at once.
const SHARE: usize = 32;

/// What can be set, `--novelty KEY=VALUE:KEY=VALUE`.
pub const NOVELTY_SETTINGS: [Setting; 3] = [
    Setting {
        key: "neighbours",
        meaning: "k: nearest others, whose mean distance is the novelty",
        default: "15",
        domain: Domain::Count(1),
    },
    Setting {
        key: "threshold",
        meaning: "distance from all in the archive beyond which an individual enters it, at first",
        default: "6",
        domain: Domain::Positive,
    },
    Setting {
        key: "archive",
        meaning: "behaviours that the archive holds; then the oldest leaves it",
        default: "10000",
        domain: Domain::Count(1),
    },
];

/// How novelty is measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoveltyRules {
    /// k, at least 1.
    pub neighbours: usize,
    /// What the archive's threshold is at first, in the unit of behaviours.
    pub threshold: f64,
    /// Behaviours that the archive holds at most.
    pub archive: usize,
}

/// A search for novelty in progress: its rules and its archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Novelty {
    rules: NoveltyRules,
    /// Numbers of a behaviour.
    numbers: usize,
    /// `f32[..][numbers]`, the oldest first.
    archive: Vec<f32>,
    threshold: f64,
    /// Generations in a row that have added nothing.
    idle: u32,
}

impl Novelty {
    /// A search that has seen nothing yet, of behaviours of so many numbers.
    ///
    /// # Panics
    /// If a behaviour has none.
    pub fn of(rules: NoveltyRules, numbers: usize) -> Self {
        assert!(numbers > 0, "a behaviour has a number at least");
        Self { rules, numbers, archive: Vec::new(), threshold: rules.threshold, idle: 0 }
    }

    /// The novelty of a generation, to be told in place of its fitness; the archive learns of it.
    ///
    /// # Panics
    /// If there is not a behaviour for each fitness.
    pub fn judge(&mut self, behaviours: &[f32], fitness: &Fitness) -> Fitness {
        assert!(behaviours.len() == self.numbers * fitness.len(), "a behaviour for each fitness");
        let rows: Vec<&[f32]> = behaviours.chunks(self.numbers).collect();
        let has_failed = |(row, value): (&&[f32], &f32)| {
            !value.is_finite() || row.iter().any(|number| !number.is_finite())
        };
        let failed: Vec<bool> = rows.iter().zip(fitness.values()).map(has_failed).collect();
        let individuals = (0..rows.len()).into_par_iter().with_min_len(SHARE);
        let values = individuals.map(|individual| {
            if failed[individual] {
                return f32::NAN;
            }
            let others = (0..rows.len()).filter(|&other| other != individual && !failed[other]);
            let known = others.map(|other| rows[other]).chain(self.archived());
            let squares = known.map(|other| square(rows[individual], other)).collect();
            mean_of_nearest(squares, self.rules.neighbours) as f32
        });
        let values = values.collect();
        self.remember(
            rows.iter().zip(&failed).filter(|(_, failed)| !**failed).map(|(row, _)| *row),
        );
        Fitness::new(values)
    }

    /// The behaviours of the archive, the oldest first.
    pub fn archived(&self) -> impl Iterator<Item = &[f32]> {
        self.archive.chunks(self.numbers)
    }

    /// How it measures.
    pub fn rules(&self) -> &NoveltyRules {
        &self.rules
    }

    /// The distance from all of these beyond which a behaviour enters now.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Lets behaviours in that are far from all in the archive, and moves the threshold.
    fn remember<'a>(&mut self, rows: impl Iterator<Item = &'a [f32]>) {
        let limit = self.threshold * self.threshold;
        let mut added = 0;
        for row in rows {
            if self.archived().all(|known| square(row, known) > limit) {
                self.archive.extend_from_slice(row);
                added += 1;
            }
        }
        let most = self.rules.archive.saturating_mul(self.numbers);
        self.archive.drain(..self.archive.len().saturating_sub(most));
        self.idle = if added == 0 { self.idle + 1 } else { 0 };
        if self.idle == PATIENCE {
            (self.threshold, self.idle) = (self.threshold * LOWERED, 0);
        }
        if added > PLENTY {
            self.threshold *= RAISED;
        }
    }
}

/// The square of the distance between two behaviours.
fn square(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum()
}

/// The mean of the square roots of so many least squares, or of all where there are fewer; 0 of
/// none. They are added in ascending order, so that the sum hangs on no other.
fn mean_of_nearest(mut squares: Vec<f64>, neighbours: usize) -> f64 {
    if squares.len() > neighbours {
        squares.select_nth_unstable_by(neighbours - 1, f64::total_cmp);
        squares.truncate(neighbours);
    }
    squares.sort_unstable_by(f64::total_cmp);
    let count = squares.len().max(1) as f64;
    squares.into_iter().map(f64::sqrt).sum::<f64>() / count
}

/// `KEY=VALUE`, as often as needed, with `:` between; what is not named is as it is by default.
impl FromStr for NoveltyRules {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut values = NOVELTY_SETTINGS.map(|setting| setting.default);
        let mut met = [false; NOVELTY_SETTINGS.len()];
        for part in text.split(':') {
            let Some((key, value)) = part.split_once('=') else {
                let expected = "KEY=VALUE:KEY=VALUE, such as neighbours=15:threshold=6, or nothing";
                return Err(Error::invalid("--novelty", expected, format!("'{text}'")));
            };
            let (key, value) = (key.trim(), value.trim());
            let place = NOVELTY_SETTINGS.iter().position(|setting| setting.key == key);
            let place = place.ok_or_else(|| Error::Unknown {
                kind: "setting of --novelty".into(),
                name: key.into(),
                known: NOVELTY_SETTINGS.iter().map(|setting| setting.key.to_owned()).collect(),
            })?;
            let domain = NOVELTY_SETTINGS[place].domain;
            if domain.check(key, value).is_err() {
                let what = format!("--novelty {key}");
                return Err(Error::invalid(what, domain.to_string(), format!("'{value}'")));
            }
            if std::mem::replace(&mut met[place], true) {
                let got = format!("'{key}' twice in '{text}'");
                return Err(Error::invalid("--novelty", "each key once", got));
            }
            values[place] = value;
        }
        Ok(Self::with(values))
    }
}

impl NoveltyRules {
    /// The rules of values that were checked, in the order of the settings.
    fn with([neighbours, threshold, archive]: [&str; NOVELTY_SETTINGS.len()]) -> Self {
        let count = |value: &str| value.parse().expect("a checked count");
        let threshold = threshold.parse().expect("a checked number");
        Self { neighbours: count(neighbours), threshold, archive: count(archive) }
    }
}

/// The paper's neighbours, and the archive of its program.
impl Default for NoveltyRules {
    fn default() -> Self {
        Self::with(NOVELTY_SETTINGS.map(|setting| setting.default))
    }
}

/// As it is typed, every key in the order of the settings.
impl fmt::Display for NoveltyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { neighbours, threshold, archive } = self;
        write!(f, "neighbours={neighbours}:threshold={threshold}:archive={archive}")
    }
}
