//! Predictions for the rows of a file that training never saw, with or without their targets.
//!
//! # Scores
//!
//! Where rows have targets, classes are scored by the accuracy and a confusion matrix, and each
//! number to predict by R^2, the root of the mean squared error and the mean absolute error. R^2 is
//! relative to the mean of the rows of this file.

use serde::Serialize;

use super::predictions::{class_names_of, probability};
use crate::champion::{Champion, Readout};
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::task::{NewRows, TargetError};

/// A champion's predictions for the rows of a file.
#[derive(Clone, Debug)]
pub struct RowPredictions {
    /// The number of each row in its file, counted from 1.
    pub numbers: Vec<usize>,
    /// The names of the classes; empty for numbers.
    pub classes: Vec<String>,
    /// The names of the targets: one for classes, one for each number to predict.
    pub targets: Vec<String>,
    /// The predictions, in the order of the rows.
    pub answers: Answers,
    /// The targets of the rows, `[rows][targets]`, as the file writes them; empty texts for missing
    /// ones. `None` if the file has no targets.
    pub truths: Option<Vec<String>>,
    /// The scores of the rows that have targets, if there are any.
    pub scores: Option<RowScores>,
}

/// The predictions of rows.
#[derive(Clone, Debug)]
pub enum Answers {
    /// Classes.
    Classes {
        /// `[rows]`: the index of the most probable class.
        choices: Vec<usize>,
        /// `[rows][classes]`.
        probabilities: Vec<f64>,
    },
    /// Numbers, in the units of the targets.
    Numbers {
        /// `[rows][targets]`.
        numbers: Vec<f64>,
    },
}

/// The scores of predictions.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum RowScores {
    /// The scores of classes.
    Classes {
        /// The number of rows that have a class.
        rows: usize,
        /// The fraction of those rows whose prediction is right.
        accuracy: f64,
        /// The number of rows whose class training never saw. They count as wrong.
        unknown_classes: usize,
        /// The number of rows of each class with each prediction: `[class][prediction]`.
        confusion: Vec<Vec<usize>>,
    },
    /// The scores of numbers.
    Numbers {
        /// The number of rows that have targets.
        rows: usize,
        /// The mean of the R^2 of all targets; null if one of them is.
        r2: Option<f64>,
        /// The scores of each target.
        targets: Vec<TargetScore>,
    },
}

/// The scores of the predictions of one number.
#[derive(Clone, Debug, Serialize)]
pub struct TargetScore {
    /// The name of the target.
    pub name: String,
    /// R^2; null if the targets of the rows are all equal.
    pub r2: Option<f64>,
    /// The root of the mean squared error, in the unit of the target.
    pub rmse: f64,
    /// The mean absolute error, in the unit of the target.
    pub mae: f64,
}

impl RowPredictions {
    /// Predicts rows.
    ///
    /// # Errors
    /// Returns an error if the champion is not of a data set, reads another number of inputs, or if
    /// a target is not a number where numbers are predicted.
    pub fn new(champion: &mut Champion, rows: &NewRows) -> Result<Self> {
        let readout = champion.readout().clone();
        let (classes, targets) = match &readout {
            Readout::Class { .. } | Readout::Side => {
                (class_names_of(champion), target_names(champion, 1))
            }
            Readout::Number => (Vec::new(), target_names(champion, champion.output_count())),
            Readout::Choice { .. }
            | Readout::Force { .. }
            | Readout::Mixed { .. }
            | Readout::Point => {
                let got = format!("one of the task {}", champion.origin().task);
                return Err(Error::invalid("deme predict", "a champion of a data set", got)
                    .advise("deme play shows this one"));
            }
        };
        let expected = rows.numbers.len() * targets.len();
        if let Some(truths) = rows.targets.as_ref().filter(|truths| truths.len() != expected) {
            let got = counted(rows.numbers.len() as u64, "rows");
            let got = format!("{} for {got}", truths.len());
            let expected = counted(targets.len() as u64, "targets");
            let expected = format!("{expected} for each row, as in training");
            return Err(Error::invalid("the targets of the rows", expected, got));
        }
        let (mut choices, mut probabilities, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for features in rows.features.chunks(rows.inputs.max(1)) {
            let outputs = champion.outputs(features)?;
            let answer = champion.decide(&outputs)?;
            if classes.is_empty() {
                numbers.extend(answer);
            } else {
                choices.push(answer[0] as usize);
                let of = |class| probability(&readout, &outputs, class);
                probabilities.extend((0..classes.len()).map(of));
            }
        }
        let answers = match classes.is_empty() {
            true => Answers::Numbers { numbers },
            false => Answers::Classes { choices, probabilities },
        };
        let truths = rows.targets.clone();
        let scores = match (&truths, &answers) {
            (None, _) => None,
            (Some(truths), Answers::Classes { choices, .. }) => {
                score_classes(&classes, truths, choices)
            }
            (Some(truths), Answers::Numbers { numbers }) => {
                score_numbers(rows, &targets, truths, numbers)?
            }
        };
        Ok(Self { numbers: rows.numbers.clone(), classes, targets, answers, truths, scores })
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns true if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}

/// The names of the targets, or their numbers from 0.
fn target_names(champion: &Champion, count: usize) -> Vec<String> {
    let names = champion.preprocessing().map(|preprocessing| preprocessing.targets.clone());
    let names = names.filter(|names| names.len() == count);
    names.unwrap_or_else(|| match count {
        1 => vec!["target".into()],
        _ => (0..count).map(|target| format!("target {target}")).collect(),
    })
}

/// The class that a text names: the text itself, or the number that it stands for. A whole number
/// stands for itself, however large it is: a double would round it to that of another class.
fn class_of(classes: &[String], text: &str) -> Option<usize> {
    let find = |text: &str| classes.iter().position(|class| class == text);
    let number = || match text.parse::<i128>() {
        Ok(whole) => Some(whole.to_string()),
        Err(_) => text.parse::<f64>().ok().map(|number| (number + 0.0).to_string()),
    };
    find(text).or_else(|| find(&number()?))
}

fn score_classes(classes: &[String], truths: &[String], choices: &[usize]) -> Option<RowScores> {
    let mut confusion = vec![vec![0; classes.len()]; classes.len()];
    let (mut rows, mut hits, mut unknown_classes) = (0, 0, 0);
    for (truth, &choice) in truths.iter().zip(choices) {
        if truth.is_empty() {
            continue;
        }
        rows += 1;
        match class_of(classes, truth) {
            None => unknown_classes += 1,
            Some(class) => {
                confusion[class][choice] += 1;
                hits += usize::from(class == choice);
            }
        }
    }
    let accuracy = hits as f64 / rows as f64;
    (rows > 0).then_some(RowScores::Classes { rows, accuracy, unknown_classes, confusion })
}

fn score_numbers(
    rows: &NewRows,
    names: &[String],
    truths: &[String],
    predictions: &[f64],
) -> Result<Option<RowScores>> {
    let width = names.len();
    let mut pairs = vec![Vec::new(); width];
    let all = truths.chunks(width).zip(predictions.chunks(width)).zip(&rows.numbers);
    for ((truths, predictions), number) in all {
        if truths.iter().any(String::is_empty) {
            continue;
        }
        for (target, (text, &prediction)) in truths.iter().zip(predictions).enumerate() {
            let truth = text.parse::<f64>().ok().filter(|truth| truth.is_finite());
            let truth = truth.ok_or_else(|| Error::File {
                path: rows.path.clone(),
                line: 0,
                problem: format!(
                    "row {number}, target '{}': expected a number, as in training, got '{text}'",
                    names[target]
                ),
            })?;
            pairs[target].push((truth, prediction));
        }
    }
    let count = pairs[0].len();
    if count == 0 {
        return Ok(None);
    }
    let scored = names.iter().zip(&pairs).map(|(name, pairs)| TargetScore::new(name, pairs));
    let targets: Vec<TargetScore> = scored.collect();
    let all: Option<Vec<f64>> = targets.iter().map(|target| target.r2).collect();
    let r2 = all.map(|all| all.iter().sum::<f64>() / width as f64);
    Ok(Some(RowScores::Numbers { rows: count, r2, targets }))
}

impl TargetScore {
    /// Scores pairs of a target and its prediction, of which there is at least one.
    fn new(name: &str, pairs: &[(f64, f64)]) -> Self {
        let mean = pairs.iter().map(|(truth, _)| truth).sum::<f64>() / pairs.len() as f64;
        let from_mean: Vec<f64> = pairs.iter().map(|(truth, _)| truth - mean).collect();
        let errors: Vec<f64> = pairs.iter().map(|(truth, prediction)| truth - prediction).collect();
        let error = TargetError::from_distances(name.to_owned(), &errors);
        let deviation = TargetError::from_distances(name.to_owned(), &from_mean).rmse;
        Self {
            r2: (deviation > 0.0).then(|| 1.0 - (error.rmse / deviation).powi(2)),
            name: error.target,
            rmse: error.rmse,
            mae: error.mae,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_the_class_of_its_own_number_only() {
        let classes = ["9007199254740992", "1", "2.5", "ham"].map(String::from);
        for (text, class) in [("9007199254740992", 0), ("+1", 1), ("1.0", 1), ("2.50", 2)] {
            assert_eq!(class_of(&classes, text), Some(class), "{text}");
        }
        // A double would make the first one the class of its neighbour.
        for text in ["9007199254740993", "3", "Ham", ""] {
            assert_eq!(class_of(&classes, text), None, "{text}");
        }
    }
}
