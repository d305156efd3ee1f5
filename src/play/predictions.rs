//! Predictions: a champion's outputs for the held-out samples of a data set, and their errors.

use super::confidence::ConfidenceInterval;
use crate::champion::{Champion, Readout};
use crate::error::{Error, Result};
use crate::task::{DataSet, Objective, Split};

/// A champion's predictions for the held-out samples.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// The task's name.
    pub task: String,
    /// The unit of the count, in words: `held-out samples`, or `samples` if all of them trained.
    pub evaluation_unit: &'static str,
    /// The names of the classes; empty for a regression.
    pub classes: Vec<String>,
    /// `f64[samples]`: the targets, in the units of the network's outputs.
    pub targets: Vec<f64>,
    /// `f64[samples]`: the predicted classes or numbers, in the same units.
    pub predictions: Vec<f64>,
    /// The misclassified samples, the most confident first; empty for a regression.
    pub misclassifications: Vec<Misclassification>,
    objective: Objective,
    variance: f64,
}

/// A sample for which the champion predicted a wrong class.
#[derive(Clone, Debug, PartialEq)]
pub struct Misclassification {
    /// `f32[inputs]`.
    pub features: Vec<f32>,
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
            let expected = format!("{} inputs and {} outputs", data.inputs, data.outputs);
            let got = format!("{inputs} and {outputs}");
            return Err(Error::invalid("a champion of this data set", expected, got));
        }
        champion.readout().check_equal(Readout::for_data(data))?;
        let (mut policy, mut outputs) = (champion.policy(), Vec::new());
        let (mut targets, mut predictions) = (Vec::new(), Vec::new());
        let mut misclassifications = Vec::new();
        for sample in data.indices(Split::HeldOut) {
            let features: Vec<f64> = data.sample(sample).iter().copied().map(f64::from).collect();
            policy.reset();
            policy.act(&features, &mut outputs);
            let prediction = champion.readout().decide(&outputs)?[0];
            let target = f64::from(data.targets[sample]);
            if champion.readout() != Readout::Number && prediction != target {
                let (class, prediction) = (target as usize, prediction as usize);
                misclassifications.push(Misclassification {
                    features: data.sample(sample).to_vec(),
                    class,
                    prediction,
                    probability: probability(champion.readout(), &outputs, prediction),
                });
            }
            targets.push(target);
            predictions.push(prediction);
        }
        misclassifications.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Ok(Self {
            task: data.about.name.to_string(),
            evaluation_unit: data.evaluation_unit(),
            classes: class_names(data),
            targets,
            predictions,
            misclassifications,
            objective: data.objective,
            variance: data.variance(Split::HeldOut),
        })
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.targets.len()
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
            let errors = pairs().map(|(target, guess)| (target - guess) * (target - guess));
            let terms: Vec<f64> = errors.map(|error| 1.0 - error / self.variance).collect();
            let mean = terms.iter().sum::<f64>() / terms.len() as f64;
            return (mean, ConfidenceInterval::for_mean(&terms));
        }
        let hits = pairs().filter(|(target, guess)| target == guess).count();
        let interval = ConfidenceInterval::for_proportion(hits, self.len());
        (hits as f64 / self.len() as f64, interval)
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

/// The probability that the outputs give to a class.
fn probability(readout: Readout, outputs: &[f64], class: usize) -> f64 {
    if readout == Readout::Side {
        let above = 1.0 / (1.0 + (-outputs[0]).exp());
        return if class == 1 { above } else { 1.0 - above };
    }
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
    (outputs[class] - largest).exp() / sum
}
