//! Data sets: tables of samples with targets, and the objectives that score networks on them.
//!
//! # Shapes
//!
//! `features` is `f32[samples][inputs]`, row-major. `targets` is `f32[samples]`. In a
//! classification each target is a class, a whole number from 0 (exact below 2^24). In a regression
//! it is the number itself, standardised. The training samples come first, then the validation
//! samples, then the held-out samples: see [`Split`].
//!
//! # The score
//!
//! The score of a classification is the *accuracy*: the fraction of samples that are classified
//! correctly. The score of a regression is R^2, the coefficient of determination: 1 - (sum of
//! squared errors) / (sum of squared distances of the targets from their own mean), both over the
//! same split. It is at most 1. It is 0 for a network that always outputs that mean, and it has no
//! lower limit. It does not depend on the unit of the target.
//!
//! The WGSL twin is `shaders/task/data.wgsl`.

use std::ops::Range;

use super::{About, NetworkPolicy, Policy, Quantity};
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
    /// One output. Fitness: minus the mean squared error. Targets are standardised, so a network
    /// that always outputs the mean of the training targets has a training fitness of -1. No sample
    /// is a hit.
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
    /// The parts, in the order of their samples.
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

/// The conversion between the numbers of a file and those of a network. A trained network is
/// useless without it, so the two are saved together. The network reads `(x - mean) * scale`.
/// A regression predicts `mean + y * scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing {
    /// The names of the feature columns; empty if the file has no names.
    pub columns: Vec<String>,
    /// `f64[inputs]`: the means of the training samples.
    pub input_means: Vec<f64>,
    /// `f64[inputs]`: one over the standard deviations of the training samples; 0 for a constant.
    pub input_scales: Vec<f64>,
    /// The name of the target.
    pub target: String,
    /// The names of the classes, in the order of the outputs; empty for a regression.
    pub classes: Vec<String>,
    /// The mean and the standard deviation of the training targets; `None` for a classification.
    pub output: Option<(f64, f64)>,
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
    /// `f32[samples]`: a class each, or a standardised number.
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
    /// Returns the indices of the samples of a split, or of those that serve as it.
    pub fn indices(&self, split: Split) -> Range<usize> {
        let known = self.training + self.validation;
        match self.served_by(split) {
            Split::Training => 0..self.training,
            Split::Validation => self.training..known,
            Split::HeldOut => known..self.targets.len(),
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

    /// Returns the variance of the targets of a split, which R^2 is relative to; 0 if the score
    /// does not need it.
    pub fn variance(&self, split: Split) -> f64 {
        match self.objective {
            Objective::CrossEntropy | Objective::Closeness => 0.0,
            Objective::SquaredError => variance(&self.targets[self.indices(split)]),
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
        let (mut loss, mut hits, mut outputs) = (0.0, 0.0, Vec::new());
        for sample in self.indices(split) {
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            policy.act(&features, &mut outputs);
            let (sample_loss, hit) =
                self.objective.loss_and_hit(&outputs, |_| self.targets[sample]);
            loss += sample_loss;
            hits += hit;
        }
        self.objective.score(loss, hits, self.indices(split).len(), self.variance(split))
    }

    /// Evaluates one individual, sixteen samples at a time. `samples` and `variance` are those of
    /// the split.
    pub fn evaluate_lanes(
        &self,
        network: &Network,
        genome: &[f32],
        split: Split,
        samples: &Samples,
        variance: f64,
        workspace: &mut Workspace,
    ) -> DataScore {
        let targets = &self.targets[self.indices(split)];
        let mut sums = LossSum { objective: self.objective, targets, loss: 0.0, hits: 0.0 };
        network.forward_into(genome, samples, workspace, &mut sums);
        self.objective.score(sums.loss, sums.hits, targets.len(), variance)
    }

    /// Evaluates several graphs, sixteen samples at a time. `samples` and `variance` are those of
    /// the split.
    pub fn evaluate_graphs(
        &self,
        graphs: &[&Phenotype],
        split: Split,
        samples: &Samples,
        variance: f64,
    ) -> Vec<DataScore> {
        let targets = &self.targets[self.indices(split)];
        let empty = || LossSum { objective: self.objective, targets, loss: 0.0, hits: 0.0 };
        let mut sinks: Vec<LossSum> = graphs.iter().map(|_| empty()).collect();
        run_simd(GraphPasses { graphs, samples, sinks: &mut sinks });
        let score =
            |sums: &LossSum| self.objective.score(sums.loss, sums.hits, targets.len(), variance);
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
            Self::SquaredError => "Minimise the mean squared error of the standardised target.",
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
                "R^2, the coefficient of determination: 1 is perfect, 0 is as good as the mean."
            }
        }
    }

    /// Returns the loss of a sample's outputs, and 1 for a hit. Each lane has a target of its own.
    #[inline(always)]
    pub fn loss_and_hit<R: Real>(self, outputs: &[R], target: impl Fn(usize) -> f32) -> (R, R) {
        let (zero, one) = (R::from_f64(0.0), R::from_f64(1.0));
        match self {
            Self::CrossEntropy => {
                let labels = R::from_lanes(target);
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
                let error = (R::from_lanes(target) - outputs[0].sigmoid()).abs();
                (error, R::select(error.below(R::from_f64(0.5)), one, zero))
            }
            Self::SquaredError => {
                let error = R::from_lanes(target) - outputs[0];
                (error * error, zero)
            }
        }
    }

    /// Returns fitness and score from the sums over a split. `variance` is that of its targets.
    pub fn score(self, loss: f64, hits: f64, samples: usize, variance: f64) -> DataScore {
        let count = samples as f64;
        let (fitness, score) = match self {
            Self::CrossEntropy => (-loss / count, hits / count),
            Self::Closeness => ((count - loss) * (count - loss), hits / count),
            Self::SquaredError => (-loss / count, 1.0 - loss / count / variance),
        };
        DataScore { fitness, score }
    }
}

/// Returns the mean squared distance of numbers from their mean.
fn variance(numbers: &[f32]) -> f64 {
    let count = numbers.len() as f64;
    let mean = numbers.iter().copied().map(f64::from).sum::<f64>() / count;
    numbers.iter().map(|&number| (f64::from(number) - mean).powi(2)).sum::<f64>() / count
}

/// Sums of losses and hits, in double precision and in the order of the samples.
struct LossSum<'a> {
    objective: Objective,
    targets: &'a [f32],
    loss: f64,
    hits: f64,
}

impl Sink for LossSum<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        // Lanes past the end repeat the last sample and are not counted.
        let target = |lane: usize| self.targets[first + lane.min(count - 1)];
        let (loss, hit) = self.objective.loss_and_hit(outputs, target);
        for lane in 0..count {
            self.loss += f64::from(loss.0[lane]);
            self.hits += f64::from(hit.0[lane]);
        }
    }
}
