//! Predictions: a champion's outputs for the held-out samples of a data set, and their errors.

use super::confidence::ConfidenceInterval;
use crate::champion::{Champion, Readout, Scaling};
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::task::{DataSet, Objective, OutputScaling, Split};

/// A champion's predictions for the held-out samples.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// The task's name.
    pub task: String,
    /// The unit of the count, in words: `held-out samples`, or `samples` if all of them trained.
    pub evaluation_unit: &'static str,
    /// The names of the classes; empty for a regression.
    pub classes: Vec<String>,
    /// The names of the targets of a regression; empty for a classification.
    pub target_names: Vec<String>,
    /// `f64[samples]`: the classes; or `f64[samples][outputs]`: the numbers, in their own units.
    pub targets: Vec<f64>,
    /// The predicted classes or numbers, in the same shape and units.
    pub predictions: Vec<f64>,
    /// The misclassified samples, the most confident first; empty for a regression.
    pub misclassifications: Vec<Misclassification>,
    objective: Objective,
    /// The weights of squared errors in R^2, in the units of the targets: one for each output.
    error_weights: Vec<f64>,
}

/// A sample for which the champion predicted a wrong class.
#[derive(Clone, Debug, PartialEq)]
pub struct Misclassification {
    /// `f64[inputs]`: the features as in the file, before they are standardised.
    pub features: Vec<f64>,
    /// The index of the true class.
    pub class: usize,
    /// The index of the predicted class.
    pub prediction: usize,
    /// The probability of the predicted class, by the softmax or the logistic function.
    pub probability: f64,
}

impl Predictions {
    /// Runs a champion on the held-out samples, which are already preprocessed.
    pub(super) fn new(champion: &Champion, data: &DataSet) -> Result<Self> {
        let (inputs, outputs) = (champion.inputs(), champion.output_count());
        if (inputs, outputs) != (data.inputs, data.outputs) {
            let expected =
                [counted(data.inputs as u64, "inputs"), counted(data.outputs as u64, "outputs")]
                    .join(" and ");
            let got = format!("{inputs} and {outputs}");
            return Err(Error::invalid("a champion of this data set", expected, got));
        }
        champion.readout().check_equal(&Readout::for_data(data))?;
        let (mut policy, mut outputs) = (champion.policy(), Vec::new());
        let scalings = champion.output_scalings();
        let (mut targets, mut predictions) = (Vec::new(), Vec::new());
        let mut misclassifications = Vec::new();
        for sample in data.indices(Split::HeldOut) {
            let features: Vec<f64> = data.sample(sample).iter().copied().map(f64::from).collect();
            policy.reset();
            policy.act(&features, &mut outputs);
            let prediction = champion.decide(&outputs)?;
            let target = data.targets_of(sample..sample + 1);
            if *champion.readout() != Readout::Number && prediction[0] != f64::from(target[0]) {
                let (class, prediction) = (target[0] as usize, prediction[0] as usize);
                misclassifications.push(Misclassification {
                    features: unscaled(champion.scaling(), &features),
                    class,
                    prediction,
                    probability: probability(champion.readout(), &outputs, prediction),
                });
            }
            targets.extend(target.iter().enumerate().map(|(output, &target)| {
                scalings.get(output).map_or(target.into(), |by| by.apply(target.into()))
            }));
            predictions.extend(prediction);
        }
        misclassifications.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Ok(Self {
            task: data.about.name.to_string(),
            evaluation_unit: data.evaluation_unit(),
            classes: class_names(data),
            target_names: target_names(data),
            targets,
            predictions,
            misclassifications,
            objective: data.objective,
            error_weights: error_weights(data, scalings),
        })
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.targets.len() / self.width()
    }

    /// Returns the R^2 of each target of a regression.
    pub(super) fn r_squared(&self) -> Vec<f64> {
        let width = self.width();
        let share = |target: usize| {
            let pairs = self.targets.iter().zip(&self.predictions).skip(target).step_by(width);
            let squares = pairs.map(|(target, guess)| (target - guess).powi(2));
            squares.sum::<f64>() * self.error_weights[target] * width as f64 / self.len() as f64
        };
        (0..width).map(|target| 1.0 - share(target)).collect()
    }

    /// Returns the number of targets of a sample.
    pub(super) fn width(&self) -> usize {
        self.error_weights.len().max(1)
    }

    /// Returns true if there are no samples.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Returns true if the predictions are numbers, false if they are classes.
    pub fn is_regression(&self) -> bool {
        self.objective == Objective::SquaredError
    }

    /// Returns the accuracy, or R^2 for a regression, and its confidence interval.
    pub(super) fn score(&self) -> (f64, Option<ConfidenceInterval>) {
        let pairs = || self.targets.iter().zip(&self.predictions);
        if self.is_regression() {
            let squares: Vec<f64> =
                pairs().map(|(target, guess)| (target - guess).powi(2)).collect();
            let term = |squares: &[f64]| {
                let weighted = squares.iter().zip(&self.error_weights).map(|(x, w)| x * w);
                1.0 - weighted.sum::<f64>()
            };
            let terms: Vec<f64> = squares.chunks(self.width()).map(term).collect();
            let mean = terms.iter().sum::<f64>() / terms.len() as f64;
            return (mean, ConfidenceInterval::for_mean(&terms));
        }
        let hits = pairs().filter(|(target, guess)| target == guess).count();
        (hits as f64 / self.len() as f64, ConfidenceInterval::for_proportion(hits, self.len()))
    }

    /// Returns the confusion matrix: how many samples of each class got each prediction,
    /// `[class][prediction]`.
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; self.classes.len()]; self.classes.len()];
        for (&target, &prediction) in self.targets.iter().zip(&self.predictions) {
            counts[target as usize][prediction as usize] += 1;
        }
        counts
    }
}

/// The features of a sample before they were scaled.
fn unscaled(scaling: Option<&Scaling>, features: &[f64]) -> Vec<f64> {
    let Some(scaling) = scaling else { return features.to_vec() };
    let by = scaling.means.iter().zip(&scaling.scales);
    let unscale = |(x, (mean, &scale)): (&f64, (&f64, &f64))| match scale {
        0.0 => *mean,
        _ => mean + x / scale,
    };
    features.iter().zip(by).map(unscale).collect()
}

/// The weights of squared errors in R^2, for errors in the units of the targets.
fn error_weights(data: &DataSet, scalings: &[OutputScaling]) -> Vec<f64> {
    let weights = data.error_weights(Split::HeldOut).into_iter().map(f64::from).enumerate();
    let deviation = |output| scalings.get(output).map_or(1.0, |by: &OutputScaling| by.deviation);
    weights.map(|(output, weight)| weight / deviation(output).powi(2)).collect()
}

/// The names of the targets of a regression.
fn target_names(data: &DataSet) -> Vec<String> {
    match &data.preprocessing {
        Some(preprocessing) if data.objective == Objective::SquaredError => {
            preprocessing.targets.clone()
        }
        _ => Vec::new(),
    }
}

/// The names of the classes, or their numbers if a data set has no names.
fn class_names(data: &DataSet) -> Vec<String> {
    let count = match data.objective {
        Objective::CrossEntropy => data.outputs,
        Objective::Closeness => 2,
        Objective::SquaredError => 0,
    };
    let names = data.preprocessing.as_ref().map(|preprocessing| preprocessing.classes.clone());
    let numbers = || (0..count).map(|class| class.to_string()).collect();
    names.filter(|names| names.len() == count).unwrap_or_else(numbers)
}

/// The names of a champion's classes, or their numbers if its data set has no names.
pub(super) fn class_names_of(champion: &Champion) -> Vec<String> {
    let count = match champion.readout() {
        Readout::Side => 2,
        _ => champion.output_count(),
    };
    let names = champion.preprocessing().map(|preprocessing| preprocessing.classes.clone());
    let numbers = || (0..count).map(|class| class.to_string()).collect();
    names.filter(|names| names.len() == count).unwrap_or_else(numbers)
}

/// The probability that the outputs give to a class.
pub(super) fn probability(readout: &Readout, outputs: &[f64], class: usize) -> f64 {
    if *readout == Readout::Side {
        let above = 1.0 / (1.0 + (-outputs[0]).exp());
        return if class == 1 { above } else { 1.0 - above };
    }
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
    (outputs[class] - largest).exp() / sum
}
