//! Data sets: tables of samples with targets, and the objectives that score networks on them.
//!
//! # Shapes
//!
//! `features` is `f32[samples][inputs]`, row-major. In a classification `targets` is
//! `f32[samples]`, a class each: a whole number from 0 (exact below 2^24). In a regression it is
//! `f32[samples][outputs]`, row-major: the numbers themselves, each output standardised on its own.
//! The training samples come first, then the validation samples, then the held-out samples: see
//! [`Split`].
//!
//! # The score
//!
//! The score of a classification is the *accuracy*: the fraction of samples that are classified
//! correctly. The score of a regression is R^2, the coefficient of determination: 1 - (sum of
//! squared errors) / (sum of squared distances of the targets from their own mean), both over the
//! same split. It is at most 1. It is 0 for a network that always outputs that mean, and it has no
//! lower limit. It does not depend on the unit of the target. With several outputs it is the mean
//! of the R^2 of each output, all with the same weight.
//!
//! The WGSL twin is `shaders/task/data.wgsl`.

use std::ops::Range;

use super::{About, NetworkPolicy, Policy, Preprocessing, Quantity};
use crate::math::{Instructions, Lanes, Real, run_simd};
use crate::network::{GraphPasses, Network, Phenotype, Samples, Sink, Workspace};

/// The objective that scores a network's outputs. A higher fitness is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Objective {
    /// One output per class. Fitness: minus the mean cross-entropy, in nats, of the softmax of the
    /// outputs. A sample is a hit if the output of its class is the largest; the first of equal
    /// outputs counts.
    CrossEntropy = 0,
    /// One output, squashed by the logistic function; labels are 0 and 1. Fitness: (samples - sum
    /// of |label - squashed|)^2, as in Stanley and Miikkulainen 2002. A sample is a hit if the
    /// squashed output is on the label's side of 0.5.
    Closeness = 1,
    /// One output for each number to predict. Fitness: minus the squared error, averaged over
    /// samples and outputs. Targets are standardised, so a network that always outputs the means of
    /// the training targets has a training fitness of -1.
    SquaredError = 2,
}

/// A part of the samples of a data set. No sample belongs to two parts.
///
/// A data set may lack a validation part or a held-out part. Its training samples serve as the
/// missing part then, and everything that is shown to people says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The samples that fitness is computed on, and that features are standardised by.
    Training,
    /// The samples whose score chooses the champion and ends the run early.
    Validation,
    /// The samples that the champion is tested on.
    HeldOut,
}

impl Split {
    /// The parts, in the order of their samples. A part's place here is its number as an integer.
    pub const ALL: [Self; 3] = [Self::Training, Self::Validation, Self::HeldOut];

    /// The name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Validation => "validation",
            Self::HeldOut => "held-out",
        }
    }
}

/// A table of samples with targets.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// The name, source, threshold and defaults.
    pub about: About,
    /// The number of features of a sample.
    pub inputs: usize,
    /// The number of outputs that a network needs.
    pub outputs: usize,
    /// `f32[samples][inputs]`.
    pub features: Vec<f32>,
    /// `f32[samples]`: a class each; or `f32[samples][outputs]`: standardised numbers.
    pub targets: Vec<f32>,
    /// The number of training samples.
    pub training: usize,
    /// The number of validation samples; 0 if the training samples choose the champion, too.
    pub validation: usize,
    /// The objective that scores networks.
    pub objective: Objective,
    /// True if the training samples are also the held-out samples, because there are no others.
    pub held_out_is_training: bool,
    /// The features, for people; their counts add up to `inputs`.
    pub feature_labels: Vec<Quantity>,
    /// The outputs, for people; their counts add up to `outputs`.
    pub output_labels: Vec<Quantity>,
    /// The conversion from the numbers of a file; `None` for a built-in data set.
    pub preprocessing: Option<Preprocessing>,
}

/// The fitness and the score of an individual on a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataScore {
    /// The fitness by the objective.
    pub fitness: f64,
    /// The fraction of samples that were hit, or R^2 for a regression.
    pub score: f64,
}

impl DataSet {
    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.targets.len() / self.targets_per_sample()
    }

    /// True if there are no samples.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Returns the number of targets of a sample: a class, or a number for each output.
    pub fn targets_per_sample(&self) -> usize {
        match self.objective {
            Objective::CrossEntropy | Objective::Closeness => 1,
            Objective::SquaredError => self.outputs,
        }
    }

    /// Returns the targets of the samples of a range.
    pub fn targets_of(&self, samples: Range<usize>) -> &[f32] {
        let width = self.targets_per_sample();
        &self.targets[samples.start * width..samples.end * width]
    }

    /// Returns the indices of the samples of a split, or of those that serve as it.
    pub fn indices(&self, split: Split) -> Range<usize> {
        let known = self.training + self.validation;
        match self.served_by(split) {
            Split::Training => 0..self.training,
            Split::Validation => self.training..known,
            Split::HeldOut => known..self.len(),
        }
    }

    /// Returns the split whose samples serve as a split: the split itself, or the training part if
    /// there is no such part.
    pub fn served_by(&self, split: Split) -> Split {
        match split {
            Split::Validation if self.validation == 0 => Split::Training,
            Split::HeldOut if self.held_out_is_training => Split::Training,
            other => other,
        }
    }

    /// Returns the unit over which a score is averaged, for people.
    pub fn evaluation_unit(&self) -> &'static str {
        if self.held_out_is_training { "training samples" } else { "held-out samples" }
    }

    /// Returns the CRC-32 of all samples and of the sizes of the splits. Different checksums mean
    /// different samples.
    pub fn checksum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        for count in [self.training, self.validation] {
            sum.update(&(count as u64).to_le_bytes());
        }
        for numbers in [&self.features, &self.targets] {
            sum.update(&(numbers.len() as u64).to_le_bytes());
            numbers.iter().for_each(|number| sum.update(&number.to_le_bytes()));
        }
        sum.finalize()
    }

    /// Returns the features of a sample.
    pub fn sample(&self, index: usize) -> &[f32] {
        &self.features[index * self.inputs..][..self.inputs]
    }

    /// Returns the weights of squared errors in R^2 on a split, `f32[outputs]`: for each output one
    /// over the variance of its targets, divided by the number of outputs. There are none if the
    /// score does not need them.
    pub fn error_weights(&self, split: Split) -> Vec<f32> {
        match self.objective {
            Objective::CrossEntropy | Objective::Closeness => Vec::new(),
            Objective::SquaredError => {
                let targets = self.targets_of(self.indices(split));
                let outputs = self.outputs;
                let column = |output| targets.iter().skip(output).step_by(outputs).copied();
                let weight = |output| 1.0 / (variance(column(output)) * outputs as f64);
                (0..outputs).map(|output| weight(output) as f32).collect()
            }
        }
    }

    /// Returns the smallest and the largest fitness on the training samples.
    pub fn fitness_range(&self) -> [f64; 2] {
        match self.objective {
            Objective::CrossEntropy | Objective::SquaredError => [f64::NEG_INFINITY, 0.0],
            Objective::Closeness => [0.0, (self.training as f64).powi(2)],
        }
    }

    /// Evaluates a network of layers in double precision, naively.
    pub fn evaluate_reference(&self, network: &Network, genome: &[f64], split: Split) -> DataScore {
        self.evaluate_policy(&mut NetworkPolicy::new(network, genome), split)
    }

    /// Evaluates a policy without hidden state in double precision, naively.
    pub fn evaluate_policy(&self, policy: &mut dyn Policy, split: Split) -> DataScore {
        let (mut loss, mut tally, mut outputs) = (0.0, 0.0, Vec::new());
        let weights = self.error_weights(split);
        for sample in self.indices(split) {
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            policy.act(&features, &mut outputs);
            let targets = self.targets_of(sample..sample + 1);
            let (sample_loss, sample_tally) =
                self.objective.loss_and_tally(&outputs, &weights, |output, _| targets[output]);
            loss += sample_loss;
            tally += sample_tally;
        }
        self.objective.score(loss, tally, self.indices(split).len())
    }

    /// Evaluates one individual, sixteen samples at a time. `samples` and `weights` are those of
    /// the split: see [`DataSet::error_weights`].
    pub fn evaluate_lanes(
        &self,
        network: &Network,
        genome: &[f32],
        split: Split,
        samples: &Samples,
        weights: &[f32],
        workspace: &mut Workspace,
    ) -> DataScore {
        let mut sums = LossSum::new(self, split, weights);
        network.forward_into(genome, samples, workspace, &mut sums);
        self.objective.score(sums.loss, sums.tally, samples.count())
    }

    /// Evaluates several graphs, sixteen samples at a time. `samples` and `weights` are those of
    /// the split: see [`DataSet::error_weights`].
    pub fn evaluate_graphs(
        &self,
        graphs: &[&Phenotype],
        split: Split,
        samples: &Samples,
        weights: &[f32],
    ) -> Vec<DataScore> {
        let empty = || LossSum::new(self, split, weights);
        let mut sinks: Vec<LossSum> = graphs.iter().map(|_| empty()).collect();
        run_simd(GraphPasses { graphs, samples, sinks: &mut sinks });
        let score = |sums: &LossSum| self.objective.score(sums.loss, sums.tally, samples.count());
        sinks.iter().map(score).collect()
    }

    /// Returns the features of a split in the layout of the fast CPU path.
    pub fn samples(&self, split: Split) -> Samples {
        let indices = self.indices(split);
        let features = &self.features[indices.start * self.inputs..indices.end * self.inputs];
        Samples::new(features, indices.len(), self.inputs)
    }
}

impl Objective {
    /// The name of the score, for people.
    pub fn score_name(self) -> &'static str {
        match self {
            Self::CrossEntropy | Self::Closeness => "accuracy",
            Self::SquaredError => "R^2",
        }
    }

    /// The smallest and the largest score.
    pub fn score_range(self) -> [f64; 2] {
        match self {
            Self::CrossEntropy | Self::Closeness => [0.0, 1.0],
            Self::SquaredError => [f64::NEG_INFINITY, 1.0],
        }
    }

    /// The objective, as a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::CrossEntropy => "Minimise the mean cross-entropy of the softmax of the outputs.",
            Self::Closeness => {
                "Maximise (n - e)^2, where n is the number of samples, and e is the sum of the \
                 absolute errors of the squashed output."
            }
            Self::SquaredError => "Minimise the mean squared error of the standardised targets.",
        }
    }

    /// The score, as a sentence.
    pub fn score_description(self) -> &'static str {
        match self {
            Self::CrossEntropy => {
                "Accuracy: the fraction of samples whose largest output is that of their class."
            }
            Self::Closeness => {
                "Accuracy: the fraction of samples whose squashed output is on the label's side of \
                 0.5."
            }
            Self::SquaredError => {
                "R^2, the coefficient of determination: 1 is perfect, 0 is as good as the mean. \
                 With several targets, the mean of their R^2."
            }
        }
    }

    /// Returns the loss of a sample's outputs, and its tally, which the score is computed from: 1
    /// for a hit and 0 for a miss, or for a regression the weighted sum of squared errors.
    ///
    /// `weights` are those of [`DataSet::error_weights`]. `target` returns the target of an output
    /// for a lane; the only target of a classification is that of output 0.
    #[inline(always)]
    pub fn loss_and_tally<R: Real>(
        self,
        outputs: &[R],
        weights: &[f32],
        target: impl Fn(usize, usize) -> f32,
    ) -> (R, R) {
        let (zero, one) = (R::from_f64(0.0), R::from_f64(1.0));
        match self {
            Self::CrossEntropy => {
                let labels = R::from_lanes(|lane| target(0, lane));
                let (mut largest, mut choice, mut labelled) = (outputs[0], zero, zero);
                for (k, &output) in outputs.iter().enumerate() {
                    let class = R::from_f64(k as f64);
                    let better = output.above(largest);
                    largest = R::select(better, output, largest);
                    choice = R::select(better, class, choice);
                    labelled =
                        labelled + R::select((labels - class).abs().below(one), output, zero);
                }
                let mut sum = zero;
                for &output in outputs {
                    sum = sum + (output - largest).exp();
                }
                let hit = (labels - choice).abs().below(one);
                (largest + sum.ln() - labelled, R::select(hit, one, zero))
            }
            Self::Closeness => {
                let label = R::from_lanes(|lane| target(0, lane));
                let error = (label - outputs[0].sigmoid()).abs();
                (error, R::select(error.below(R::from_f64(0.5)), one, zero))
            }
            Self::SquaredError => {
                let (mut sum, mut weighted) = (zero, zero);
                for (k, (&output, &weight)) in outputs.iter().zip(weights).enumerate() {
                    let error = R::from_lanes(|lane| target(k, lane)) - output;
                    sum = sum + error * error;
                    weighted = weighted + error * error * R::from_f64(weight.into());
                }
                (sum * R::from_f64(1.0 / outputs.len() as f64), weighted)
            }
        }
    }

    /// Returns fitness and score from the sums of losses and tallies over a split.
    pub fn score(self, loss: f64, tally: f64, samples: usize) -> DataScore {
        let count = samples as f64;
        let (fitness, score) = match self {
            Self::CrossEntropy => (-loss / count, tally / count),
            Self::Closeness => ((count - loss) * (count - loss), tally / count),
            Self::SquaredError => (-loss / count, 1.0 - tally / count),
        };
        DataScore { fitness, score }
    }
}

/// Returns the mean squared distance of numbers from their mean.
fn variance(numbers: impl Iterator<Item = f32> + Clone) -> f64 {
    let count = numbers.clone().count() as f64;
    let mean = numbers.clone().map(f64::from).sum::<f64>() / count;
    numbers.map(|number| (f64::from(number) - mean).powi(2)).sum::<f64>() / count
}

/// Sums of losses and tallies, in double precision and in the order of the samples.
struct LossSum<'a> {
    objective: Objective,
    targets: &'a [f32],
    targets_per_sample: usize,
    weights: &'a [f32],
    loss: f64,
    tally: f64,
}

impl<'a> LossSum<'a> {
    fn new(data: &'a DataSet, split: Split, weights: &'a [f32]) -> Self {
        Self {
            objective: data.objective,
            targets: data.targets_of(data.indices(split)),
            targets_per_sample: data.targets_per_sample(),
            weights,
            loss: 0.0,
            tally: 0.0,
        }
    }
}

impl Sink for LossSum<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        // Lanes past the end repeat the last sample and are not counted.
        let target = |output: usize, lane: usize| {
            self.targets[(first + lane.min(count - 1)) * self.targets_per_sample + output]
        };
        let (loss, tally) = self.objective.loss_and_tally(outputs, self.weights, target);
        for lane in 0..count {
            self.loss += f64::from(loss.0[lane]);
            self.tally += f64::from(tally.0[lane]);
        }
    }
}
