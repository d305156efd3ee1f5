//! Targets: the choice between classification and regression, and the values that a network learns.
//!
//! # The rule
//!
//! Words are classes. Numbers are classes if all are whole and at most 100 are distinct; otherwise
//! the task is a regression. A caller can set the [`Goal`] instead.
//!
//! Classes that are words are in alphabetical order (of their UTF-8 bytes), classes that are
//! numbers in numerical order. The targets of a regression are standardised: mean 0 and standard
//! deviation 1 over the training samples.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

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
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Words(Vec<String>),
    Numbers(Vec<f64>),
}

/// The values that a network learns.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each sample, and the names of the classes.
    Classes { labels: Vec<u32>, names: Vec<String> },
    /// A number for each sample.
    Numbers(Vec<f64>),
}

impl Column {
    /// The number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// True if all values are whole numbers.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Words(_) => false,
            Self::Numbers(numbers) => numbers.iter().all(|number| number.fract() == 0.0),
        }
    }

    /// Returns the numbers, or nothing for words.
    pub fn into_numbers(self) -> Vec<f64> {
        match self {
            Self::Words(_) => Vec::new(),
            Self::Numbers(numbers) => numbers,
        }
    }

    /// Converts the column for a goal, or by the rule if there is none.
    ///
    /// # Errors
    /// Returns the problem, to be appended to the name of the column.
    pub fn targets(self, goal: Option<Goal>) -> std::result::Result<Targets, String> {
        let (labels, names) = match (self, goal) {
            (Self::Words(_), Some(Goal::Regression)) => {
                return Err("expected numbers for a regression, got words".into());
            }
            (Self::Words(words), _) => classes_of_words(&words),
            (Self::Numbers(numbers), None) if !are_classes(&numbers) => {
                return Ok(Targets::Numbers(numbers));
            }
            (Self::Numbers(numbers), Some(Goal::Regression)) => {
                return Ok(Targets::Numbers(numbers));
            }
            (Self::Numbers(numbers), _) => classes_of_numbers(&numbers),
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

fn classes_of_words(words: &[String]) -> (Vec<u32>, Vec<String>) {
    let distinct: BTreeSet<&String> = words.iter().collect();
    let label_of: HashMap<&String, u32> = distinct.iter().copied().zip(0..).collect();
    let labels = words.iter().map(|word| label_of[word]).collect();
    (labels, distinct.into_iter().cloned().collect())
}

fn classes_of_numbers(numbers: &[f64]) -> (Vec<u32>, Vec<String>) {
    // Both zeros are one class.
    let one_zero = |number: &f64| number + 0.0;
    let mut distinct: Vec<f64> = numbers.iter().map(one_zero).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let label = |number: f64| distinct.partition_point(|&class| class < number) as u32;
    let labels = numbers.iter().map(one_zero).map(label).collect();
    (labels, distinct.iter().map(f64::to_string).collect())
}
