//! Data sets: a table of samples with targets, and what a network is scored by on it.
//!
//! # Shapes
//!
//! `features` is `f32[samples][inputs]`, row-major; `targets` is `f32[samples]`: of a
//! classification each a class, counted from 0 (whole, and exact below 2^24); of a regression the
//! number itself, standardised. The samples of the training part come first, the held-out ones
//! after them.
//!
//! # The score
//!
//! Of a classification the *accuracy*, the share of samples hit. Of a regression R^2, the
//! coefficient of determination: 1 - (sum of squared errors) / (sum of squared distances of the
//! targets from their own mean), both over the same part. It is 1 at best, 0 for a network that
//! always says that mean, and has no lower end. It does not depend on the target's unit.
//!
//! Its twin is `shaders/task/data.wgsl`.

use std::ops::Range;

use super::{About, Layered, Policy};
use crate::math::{Instructions, Lanes, Real, vectorised};
use crate::network::{GraphPasses, Network, Phenotype, Samples, Sink, Workspace};

/// What a network's outputs are measured by; higher fitness is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Objective {
    /// One output a class. Fitness: minus the mean cross-entropy, in nats, of the softmax of the
    /// outputs. Hit: the largest output, the first of equals, is the label's.
    CrossEntropy = 0,
    /// One output, squashed by the logistic function; labels are 0 and 1. Fitness:
    /// (samples - sum of |label - squashed|)^2, as in Stanley and Miikkulainen 2002. Hit: the
    /// squashed output lies on the label's side of 0.5.
    Closeness = 1,
    /// One output. Fitness: minus the mean squared error, of standardised targets, so that always
    /// saying the mean of the training part has a fitness of -1 there. No sample is a hit.
    SquaredError = 2,
}

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The samples that fitness sees.
    Training,
    /// The samples that judge the result.
    HeldOut,
}

/// How the numbers of a file became those of a network. It is kept with a trained network, which
/// is of no use without it: `(x - mean) * scale` goes in; of a regression `mean + y * scale` comes
/// out.
#[derive(Clone, Debug, PartialEq)]
pub struct Preparation {
    /// What the columns of features are called; empty where a file has no names.
    pub columns: Vec<String>,
    /// `f64[inputs]`: means of the training part.
    pub input_means: Vec<f64>,
    /// `f64[inputs]`: one over the deviations of the training part; 0 for a constant.
    pub input_scales: Vec<f64>,
    /// What the target is called.
    pub target: String,
    /// The classes, in the order of the outputs; empty for a regression.
    pub classes: Vec<String>,
    /// Of a regression the mean and the deviation of the training part's targets; else none.
    pub output: Option<(f64, f64)>,
}

/// A table of samples with targets.
#[derive(Clone, Debug)]
pub struct DataSet {
    /// What it is.
    pub about: About,
    /// Numbers in a sample.
    pub inputs: usize,
    /// Outputs that a network needs.
    pub outputs: usize,
    /// `f32[samples][inputs]`.
    pub features: Vec<f32>,
    /// `f32[samples]`, each a class or a standardised number.
    pub targets: Vec<f32>,
    /// Samples in the training part.
    pub training: usize,
    /// What networks are measured by.
    pub objective: Objective,
    /// Whether the training part is also the held-out part, for want of other samples.
    pub held_out_is_training: bool,
    /// How the features and targets were made from a file's; none where they are the task's own.
    pub preparation: Option<Preparation>,
}

/// How an individual did on a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The objective's fitness.
    pub fitness: f64,
    /// The share of samples hit; of a regression R^2.
    pub score: f64,
}

impl DataSet {
    /// The samples of a part.
    pub fn part(&self, part: Part) -> Range<usize> {
        match part {
            Part::HeldOut if !self.held_out_is_training => self.training..self.targets.len(),
            _ => 0..self.training,
        }
    }

    /// What a score is the mean over, for a person.
    pub fn judged_on(&self) -> &'static str {
        if self.held_out_is_training { "training samples" } else { "held-out samples" }
    }

    /// The CRC-32 of every sample: another one means other samples.
    pub fn checksum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        for numbers in [&self.features, &self.targets] {
            sum.update(&(numbers.len() as u64).to_le_bytes());
            numbers.iter().for_each(|number| sum.update(&number.to_le_bytes()));
        }
        sum.finalize()
    }

    /// One sample's features.
    pub fn sample(&self, index: usize) -> &[f32] {
        &self.features[index * self.inputs..][..self.inputs]
    }

    /// The mean squared distance of a part's targets from their mean, which R^2 is held against; 0
    /// where no score needs it.
    pub fn variance(&self, part: Part) -> f64 {
        match self.objective {
            Objective::CrossEntropy | Objective::Closeness => 0.0,
            Objective::SquaredError => variance(&self.targets[self.part(part)]),
        }
    }

    /// How a network of layers does, in double precision, naively.
    pub fn judge_reference(&self, network: &Network, genome: &[f64], part: Part) -> Verdict {
        self.judge_policy(&mut Layered::new(network, genome), part)
    }

    /// How a policy does that remembers nothing, in double precision, naively.
    pub fn judge_policy(&self, policy: &mut dyn Policy, part: Part) -> Verdict {
        let (mut loss, mut hits, mut outputs) = (0.0, 0.0, Vec::new());
        for sample in self.part(part) {
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            policy.act(&features, &mut outputs);
            let (sample_loss, hit) = self.objective.measure(&outputs, |_| self.targets[sample]);
            loss += sample_loss;
            hits += hit;
        }
        self.objective.verdict(loss, hits, self.part(part).len(), self.variance(part))
    }

    /// How one individual does, sixteen samples at a time; `samples` and `variance` are those of
    /// the part.
    pub fn judge_lanes(
        &self,
        network: &Network,
        genome: &[f32],
        part: Part,
        samples: &Samples,
        variance: f64,
        workspace: &mut Workspace,
    ) -> Verdict {
        let targets = &self.targets[self.part(part)];
        let mut judge = Judge { objective: self.objective, targets, loss: 0.0, hits: 0.0 };
        network.forward_into(genome, samples, workspace, &mut judge);
        self.objective.verdict(judge.loss, judge.hits, targets.len(), variance)
    }

    /// How each of some graphs does, sixteen samples at a time; likewise.
    pub fn judge_graphs(
        &self,
        graphs: &[&Phenotype],
        part: Part,
        samples: &Samples,
        variance: f64,
    ) -> Vec<Verdict> {
        let targets = &self.targets[self.part(part)];
        let judge = || Judge { objective: self.objective, targets, loss: 0.0, hits: 0.0 };
        let mut sinks: Vec<Judge> = graphs.iter().map(|_| judge()).collect();
        vectorised(GraphPasses { graphs, samples, sinks: &mut sinks });
        let verdict =
            |judge: &Judge| self.objective.verdict(judge.loss, judge.hits, targets.len(), variance);
        sinks.iter().map(verdict).collect()
    }

    /// The features of a part, as the fast CPU path reads them.
    pub fn samples(&self, part: Part) -> Samples {
        let part = self.part(part);
        let features = &self.features[part.start * self.inputs..part.end * self.inputs];
        Samples::new(features, part.len(), self.inputs)
    }
}

impl Objective {
    /// What its score is called, for a person.
    pub fn score_name(self) -> &'static str {
        match self {
            Self::CrossEntropy | Self::Closeness => "accuracy",
            Self::SquaredError => "R^2",
        }
    }

    /// The loss of a sample's outputs, and 1 for a hit; each lane has a target of its own.
    #[inline(always)]
    pub fn measure<R: Real>(self, outputs: &[R], target: impl Fn(usize) -> f32) -> (R, R) {
        let (zero, one) = (R::of(0.0), R::of(1.0));
        match self {
            Self::CrossEntropy => {
                let labels = R::from_lanes(target);
                let (mut largest, mut choice, mut named) = (outputs[0], zero, zero);
                for (k, &output) in outputs.iter().enumerate() {
                    let class = R::of(k as f64);
                    let better = output.above(largest);
                    largest = R::select(better, output, largest);
                    choice = R::select(better, class, choice);
                    named = named + R::select((labels - class).abs().below(one), output, zero);
                }
                let mut sum = zero;
                for &output in outputs {
                    sum = sum + (output - largest).exp();
                }
                let hit = (labels - choice).abs().below(one);
                (largest + sum.ln() - named, R::select(hit, one, zero))
            }
            Self::Closeness => {
                let error = (R::from_lanes(target) - outputs[0].sigmoid()).abs();
                (error, R::select(error.below(R::of(0.5)), one, zero))
            }
            Self::SquaredError => {
                let error = R::from_lanes(target) - outputs[0];
                (error * error, zero)
            }
        }
    }

    /// The verdict from the sums over a part; `variance` is that of its targets.
    pub fn verdict(self, loss: f64, hits: f64, samples: usize, variance: f64) -> Verdict {
        let count = samples as f64;
        let (fitness, score) = match self {
            Self::CrossEntropy => (-loss / count, hits / count),
            Self::Closeness => ((count - loss) * (count - loss), hits / count),
            Self::SquaredError => (-loss / count, 1.0 - loss / count / variance),
        };
        Verdict { fitness, score }
    }
}

/// The mean squared distance of numbers from their mean.
fn variance(numbers: &[f32]) -> f64 {
    let count = numbers.len() as f64;
    let mean = numbers.iter().copied().map(f64::from).sum::<f64>() / count;
    numbers.iter().map(|&number| (f64::from(number) - mean).powi(2)).sum::<f64>() / count
}

/// Adds up losses and hits, in double precision and in the order of the samples.
struct Judge<'a> {
    objective: Objective,
    targets: &'a [f32],
    loss: f64,
    hits: f64,
}

impl Sink for Judge<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        // Lanes past the end repeat the last sample, and are not counted.
        let target = |lane: usize| self.targets[first + lane.min(count - 1)];
        let (loss, hit) = self.objective.measure(outputs, target);
        for lane in 0..count {
            self.loss += f64::from(loss.0[lane]);
            self.hits += f64::from(hit.0[lane]);
        }
    }
}
