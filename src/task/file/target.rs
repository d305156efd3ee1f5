//! Targets: the choice between classification and regression, and the values that a network learns.
//!
//! # The rule
//!
//! Words are classes. Numbers are classes if all are whole and at most 100 are distinct; otherwise
//! the task is a regression. Several numbers for each sample are always a regression. A caller can
//! set the [`Goal`] instead.
//!
//! Classes that are words are in alphabetical order (of their UTF-8 bytes), classes that are
//! numbers in numerical order. The targets of a regression are standardised: mean 0 and standard
//! deviation 1 over the training samples.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::str::FromStr;

use super::numbers::Numbers;
use crate::error::{Error, Result};

/// The largest number of distinct whole numbers that are taken for classes by default.
const MAX_NUMBERED_CLASSES: usize = 100;

/// The kind of prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The prediction of a class.
    Classification,
    /// The prediction of a number.
    Regression,
}

impl FromStr for Goal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "classification" => Ok(Self::Classification),
            "regression" => Ok(Self::Regression),
            other => {
                Err(Error::unknown("value of --goal", other, ["classification", "regression"]))
            }
        }
    }
}

/// The target values of a file: `[samples]`.
///
/// Labels are words or whole numbers, which both are exact. Doubles would merge whole numbers
/// beyond 2^53.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Words(Vec<String>),
    /// Whole numbers of 64 bits, signed or not.
    Whole(Vec<i128>),
    Numbers(Vec<f64>),
    /// `[samples][width]`: several numbers to predict together.
    Vectors {
        numbers: Vec<f64>,
        width: usize,
    },
}

/// The values that a network learns.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each sample, and the names of the classes.
    Classes { labels: Vec<u32>, names: Vec<String> },
    /// Numbers for each sample: `[samples][width]`.
    Numbers { numbers: Vec<f64>, width: usize },
}

impl From<Numbers> for Column {
    fn from(numbers: Numbers) -> Self {
        match numbers {
            Numbers::Bytes(numbers) => Self::Whole(numbers.into_iter().map(i128::from).collect()),
            Numbers::Signed(numbers) => Self::Whole(numbers.into_iter().map(i128::from).collect()),
            Numbers::Unsigned(numbers) => {
                Self::Whole(numbers.into_iter().map(i128::from).collect())
            }
            Numbers::Singles(_) | Numbers::Doubles(_) => Self::Numbers(numbers.into_doubles()),
        }
    }
}

impl Column {
    /// The number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.len(),
            Self::Whole(numbers) => numbers.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Vectors { numbers, width } => numbers.len() / width,
        }
    }

    /// Returns the column of `[samples][width]` numbers.
    pub fn from_numbers(numbers: Vec<f64>, width: usize) -> Self {
        match width {
            1 => Self::Numbers(numbers),
            _ => Self::Vectors { numbers, width },
        }
    }

    /// The number of targets of a sample.
    pub fn width(&self) -> usize {
        match self {
            Self::Words(_) | Self::Whole(_) | Self::Numbers(_) => 1,
            Self::Vectors { width, .. } => *width,
        }
    }

    /// True if every sample has several targets, of which one is 1 and the others are 0.
    pub fn is_one_hot(&self) -> bool {
        let Self::Vectors { numbers, width } = self else { return false };
        numbers.chunks(*width).all(|row| {
            row.iter().filter(|&&number| number == 1.0).count() == 1
                && row.iter().filter(|&&number| number == 0.0).count() == width - 1
        })
    }

    /// True if all values are whole numbers.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Words(_) | Self::Vectors { .. } => false,
            Self::Whole(_) => true,
            Self::Numbers(numbers) => numbers.iter().all(|number| number.fract() == 0.0),
        }
    }

    /// Returns the numbers, or nothing for words.
    pub fn into_numbers(self) -> Vec<f64> {
        match self {
            Self::Words(_) => Vec::new(),
            Self::Whole(numbers) => numbers.into_iter().map(|number| number as f64).collect(),
            Self::Numbers(numbers) | Self::Vectors { numbers, .. } => numbers,
        }
    }

    /// Returns the values as texts, in the order of the samples.
    pub fn into_texts(self) -> Vec<String> {
        match self {
            Self::Words(words) => words,
            Self::Whole(numbers) => numbers.iter().map(ToString::to_string).collect(),
            Self::Numbers(numbers) | Self::Vectors { numbers, .. } => {
                numbers.iter().map(ToString::to_string).collect()
            }
        }
    }

    /// Appends the targets of more samples.
    ///
    /// # Errors
    /// Returns an error if one column has words and the other numbers, or more numbers for a
    /// sample.
    pub fn followed_by(self, more: Self) -> std::result::Result<Self, String> {
        Ok(match (self, more) {
            (Self::Words(mut words), Self::Words(more)) => {
                words.extend(more);
                Self::Words(words)
            }
            (Self::Whole(mut numbers), Self::Whole(more)) => {
                numbers.extend(more);
                Self::Whole(numbers)
            }
            (Self::Words(_), _) | (_, Self::Words(_)) => {
                let expected = "expected words in both parts, or numbers in both";
                return Err(format!("{expected}, got words in one and numbers in the other"));
            }
            (numbers, more) => {
                let width = numbers.width();
                if width != more.width() {
                    let got = format!("{width} and {}", more.width());
                    return Err(format!("expected as many targets in both parts, got {got}"));
                }
                let mut numbers = numbers.into_numbers();
                numbers.extend(more.into_numbers());
                Self::from_numbers(numbers, width)
            }
        })
    }

    /// Converts the column for a goal, or by the rule if there is none.
    ///
    /// # Errors
    /// Returns the problem, to be appended to the name of the column.
    pub fn targets(self, goal: Option<Goal>) -> std::result::Result<Targets, String> {
        let is_regression = match (&self, goal) {
            (Self::Words(_), Some(Goal::Regression)) => {
                return Err("expected numbers for a regression, got words".into());
            }
            (Self::Vectors { .. }, Some(Goal::Classification)) => {
                return Err("expected one target for a classification, got several".into());
            }
            (Self::Words(_), None) => false,
            (Self::Vectors { .. }, None) => true,
            (Self::Whole(numbers), None) => !are_few(numbers),
            (Self::Numbers(numbers), None) => !are_classes(numbers),
            (_, Some(goal)) => goal == Goal::Regression,
        };
        if is_regression {
            let width = self.width();
            return Ok(Targets::Numbers { numbers: self.into_numbers(), width });
        }
        let (labels, names) = match self {
            Self::Words(words) => classes_of_words(&words),
            Self::Whole(numbers) => classes(&numbers, i128::cmp),
            Self::Numbers(numbers) | Self::Vectors { numbers, .. } => {
                // Both zeros are one class.
                let numbers: Vec<f64> = numbers.iter().map(|number| number + 0.0).collect();
                classes(&numbers, f64::total_cmp)
            }
        };
        match &names[..] {
            [] => Err("expected at least two classes, got no sample".into()),
            [name] => Err(format!("expected at least two classes, got one: '{name}'")),
            _ => Ok(Targets::Classes { labels, names }),
        }
    }
}

/// True if the rule takes numbers for classes.
pub(super) fn are_classes(numbers: &[f64]) -> bool {
    let mut distinct = BTreeSet::new();
    numbers.iter().all(|number| {
        distinct.insert((number + 0.0).to_bits());
        number.fract() == 0.0 && distinct.len() <= MAX_NUMBERED_CLASSES
    })
}

/// True if whole numbers are few enough to be classes.
fn are_few(numbers: &[i128]) -> bool {
    let mut distinct = BTreeSet::new();
    numbers.iter().all(|number| {
        distinct.insert(number);
        distinct.len() <= MAX_NUMBERED_CLASSES
    })
}

/// Returns the class of each value, and the names of the classes in order.
fn classes<T: fmt::Display>(
    values: &[T],
    order: impl Fn(&T, &T) -> Ordering,
) -> (Vec<u32>, Vec<String>) {
    let mut distinct: Vec<&T> = values.iter().collect();
    distinct.sort_unstable_by(|a, b| order(a, b));
    distinct.dedup_by(|a, b| order(a, b).is_eq());
    let label = |value: &T| distinct.partition_point(|class| order(class, value).is_lt()) as u32;
    (values.iter().map(label).collect(), distinct.iter().map(ToString::to_string).collect())
}

/// Returns the class of each word. Classes that are numbers are in numerical order, others in
/// alphabetical order.
fn classes_of_words(words: &[String]) -> (Vec<u32>, Vec<String>) {
    let distinct: BTreeSet<&String> = words.iter().collect();
    let mut distinct: Vec<&String> = distinct.into_iter().collect();
    let numbers = distinct.iter().map(|word| word.parse::<f64>().ok()).collect::<Option<Vec<_>>>();
    if let Some(numbers) = numbers {
        let mut pairs: Vec<(f64, &String)> = numbers.into_iter().zip(distinct).collect();
        pairs.sort_by(|(a, long), (b, other)| {
            a.total_cmp(b).then(long.len().cmp(&other.len())).then(long.cmp(other))
        });
        distinct = pairs.into_iter().map(|(_, word)| word).collect();
    }
    let label_of: HashMap<&String, u32> = distinct.iter().copied().zip(0..).collect();
    let labels = words.iter().map(|word| label_of[word]).collect();
    (labels, distinct.into_iter().cloned().collect())
}
