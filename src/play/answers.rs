//! Answers: what a champion says to the held-out samples of a data set, and how wrong it is.

use super::interval::Interval;
use crate::champion::{Champion, Rule};
use crate::error::{Error, Result};
use crate::task::{DataSet, Objective, Part};

/// A champion's answers to the held-out part.
#[derive(Clone, Debug)]
pub struct Answers {
    /// What the samples are called by: the task.
    pub task: String,
    /// Whether the samples are held out, in words.
    pub judged_on: &'static str,
    /// The classes' names; none for a regression.
    pub classes: Vec<String>,
    /// `f64[samples]`: the targets, in the network's own unit.
    pub targets: Vec<f64>,
    /// `f64[samples]`: the answers, classes or numbers, in the same unit.
    pub answers: Vec<f64>,
    /// The samples that were told wrong, the surest of them first; none for a regression.
    pub mistakes: Vec<Mistake>,
    objective: Objective,
    variance: f64,
}

/// A sample that was told wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// `f32[inputs]`.
    pub features: Vec<f32>,
    /// Its class.
    pub class: usize,
    /// What it was taken for.
    pub answer: usize,
    /// The share that the softmax, or the logistic function, gives the answer.
    pub share: f64,
}

impl Answers {
    /// The answers of a champion; samples are as the network sees them, already prepared.
    pub(super) fn of(champion: &Champion, data: &DataSet) -> Result<Self> {
        let (inputs, outputs) = (champion.inputs(), champion.outputs_count());
        if (inputs, outputs) != (data.inputs, data.outputs) {
            let expected = format!("{} inputs and {} outputs", data.inputs, data.outputs);
            let got = format!("{inputs} and {outputs}");
            return Err(Error::invalid("a champion of this data set", expected, got));
        }
        let (mut policy, mut outputs) = (champion.policy(), Vec::new());
        let (mut targets, mut answers, mut mistakes) = (Vec::new(), Vec::new(), Vec::new());
        for sample in data.part(Part::HeldOut) {
            let features: Vec<f64> = data.sample(sample).iter().copied().map(f64::from).collect();
            policy.forget();
            policy.act(&features, &mut outputs);
            let answer = champion.rule().decide(&outputs)[0];
            let target = f64::from(data.targets[sample]);
            if champion.rule() != Rule::Number && answer != target {
                mistakes.push(Mistake {
                    features: data.sample(sample).to_vec(),
                    class: target as usize,
                    answer: answer as usize,
                    share: share(champion.rule(), &outputs, answer as usize),
                });
            }
            targets.push(target);
            answers.push(answer);
        }
        mistakes.sort_by(|a, b| b.share.total_cmp(&a.share));
        let named = data.preparation.as_ref().map(|preparation| preparation.classes.clone());
        let count = match data.objective {
            Objective::CrossEntropy => data.outputs,
            Objective::Closeness => 2,
            Objective::SquaredError => 0,
        };
        let numbered = || (0..count).map(|class| class.to_string()).collect();
        Ok(Self {
            task: data.about.name.to_string(),
            judged_on: data.judged_on(),
            classes: named.filter(|names| names.len() == count).unwrap_or_else(numbered),
            targets,
            answers,
            mistakes,
            objective: data.objective,
            variance: data.variance(Part::HeldOut),
        })
    }

    /// Samples.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Whether the answers are numbers, and not classes.
    pub fn is_regression(&self) -> bool {
        self.objective == Objective::SquaredError
    }

    /// The accuracy, or R^2, and its confidence interval.
    pub(super) fn score(&self) -> (f64, Option<Interval>) {
        let pairs = || self.targets.iter().zip(&self.answers);
        if self.is_regression() {
            let errors = pairs().map(|(target, answer)| (target - answer) * (target - answer));
            let shares: Vec<f64> = errors.map(|error| 1.0 - error / self.variance).collect();
            let mean = shares.iter().sum::<f64>() / shares.len() as f64;
            return (mean, Interval::of_mean(&shares));
        }
        let hits = pairs().filter(|(target, answer)| target == answer).count();
        (hits as f64 / self.len() as f64, Interval::of_share(hits, self.len()))
    }

    /// How often each class was taken for which: `[class][answer]`.
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; self.classes.len()]; self.classes.len()];
        for (&target, &answer) in self.targets.iter().zip(&self.answers) {
            counts[target as usize][answer as usize] += 1;
        }
        counts
    }
}

/// What a network gives an answer, of all that it gives.
fn share(rule: Rule, outputs: &[f64], answer: usize) -> f64 {
    if rule == Rule::Side {
        let above = 1.0 / (1.0 + (-outputs[0]).exp());
        return if answer == 1 { above } else { 1.0 - above };
    }
    let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = outputs.iter().map(|output| (output - largest).exp()).sum();
    (outputs[answer] - largest).exp() / sum
}
