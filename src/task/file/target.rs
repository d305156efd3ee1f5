//! Targets: whether a column is one of classes or of numbers, and what a network learns of it.
//!
//! # The rule
//!
//! Words are classes. Numbers are classes if all are whole and no more than 100 differ; else they
//! are to be predicted as numbers. A caller who knows better names the [`Goal`].
//!
//! Classes that are words stand in the order of the alphabet (of their UTF-8 bytes), classes that
//! are numbers in numeric order. Numbers to predict are standardised: mean 0 and deviation 1 over
//! the training part.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

use crate::error::{Error, Result};

/// The most whole numbers that are taken as classes when nothing is said.
const MOST_NUMBERED_CLASSES: usize = 100;

/// What is learned of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Which of several classes it is.
    Classification,
    /// How large it is.
    Regression,
}

impl FromStr for Goal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "classification" => Ok(Self::Classification),
            "regression" => Ok(Self::Regression),
            other => Err(Error::Unknown {
                kind: "value of --goal".into(),
                name: other.into(),
                known: ["classification", "regression"].map(String::from).into(),
            }),
        }
    }
}

/// A target as the file has it: `[samples]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Words(Vec<String>),
    Numbers(Vec<f64>),
}

/// What a network is to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each sample, and what the classes are called.
    Classes { labels: Vec<u32>, names: Vec<String> },
    /// A number for each sample.
    Numbers(Vec<f64>),
}

impl Column {
    /// How many samples have one.
    pub fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// Whether it has whole numbers alone.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Words(_) => false,
            Self::Numbers(numbers) => numbers.iter().all(|number| number.fract() == 0.0),
        }
    }

    /// Its numbers; none of words.
    pub fn into_numbers(self) -> Vec<f64> {
        match self {
            Self::Words(_) => Vec::new(),
            Self::Numbers(numbers) => numbers,
        }
    }

    /// What is learned of it, by the rule where no goal is named.
    ///
    /// # Errors
    /// What is wrong, to stand behind the name of the column.
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

/// Whether numbers are taken as classes when nothing is said.
pub(super) fn are_classes(numbers: &[f64]) -> bool {
    let mut distinct = BTreeSet::new();
    numbers.iter().all(|number| {
        distinct.insert((number + 0.0).to_bits());
        number.fract() == 0.0 && distinct.len() <= MOST_NUMBERED_CLASSES
    })
}

fn classes_of_words(words: &[String]) -> (Vec<u32>, Vec<String>) {
    let distinct: BTreeSet<&String> = words.iter().collect();
    let label_of: HashMap<&String, u32> = distinct.iter().copied().zip(0..).collect();
    let labels = words.iter().map(|word| label_of[word]).collect();
    (labels, distinct.into_iter().cloned().collect())
}

fn classes_of_numbers(numbers: &[f64]) -> (Vec<u32>, Vec<String>) {
    // Two zeros are one class.
    let one_zero = |number: &f64| number + 0.0;
    let mut distinct: Vec<f64> = numbers.iter().map(one_zero).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let label = |number: f64| distinct.partition_point(|&class| class < number) as u32;
    let labels = numbers.iter().map(one_zero).map(label).collect();
    (labels, distinct.iter().map(f64::to_string).collect())
}
