//! Data sets: a table of labelled samples, and what a network is scored by on it.
//!
//! # Shapes
//!
//! `features` is `f32[samples][inputs]`, row-major; `labels` is `u32[samples]`. The samples of the
//! training part come first, the held-out ones after them.
//!
//! Its twin is `shaders/task/data.wgsl`.

use std::ops::Range;

use super::About;
use crate::math::{Instructions, Lanes, Real};
use crate::network::{Network, Samples, Scratch, Sink, Workspace};

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
}

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The samples that fitness sees.
    Training,
    /// The samples that judge the result.
    HeldOut,
}

/// A table of labelled samples.
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
    /// `u32[samples]`, each a class.
    pub labels: Vec<u32>,
    /// Samples in the training part.
    pub training: usize,
    /// What networks are measured by.
    pub objective: Objective,
    /// Whether the training part is also the held-out part, for want of other samples.
    pub held_out_is_training: bool,
}

/// How an individual did on a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The objective's fitness.
    pub fitness: f64,
    /// The share of samples hit.
    pub accuracy: f64,
}

impl DataSet {
    /// The samples of a part.
    pub fn part(&self, part: Part) -> Range<usize> {
        match part {
            Part::HeldOut if !self.held_out_is_training => self.training..self.labels.len(),
            _ => 0..self.training,
        }
    }

    /// One sample's features.
    pub fn sample(&self, index: usize) -> &[f32] {
        &self.features[index * self.inputs..][..self.inputs]
    }

    /// How one individual does, in double precision, naively.
    pub fn judge_reference(&self, network: &Network, genome: &[f64], part: Part) -> Verdict {
        let mut scratch = Scratch::of(network);
        let (mut loss, mut hits) = (0.0, 0.0);
        for sample in self.part(part) {
            let features: Vec<f64> = self.sample(sample).iter().copied().map(f64::from).collect();
            let outputs = network.forward(genome, &features, &mut scratch);
            let (sample_loss, hit) = self.objective.measure(outputs, |_| self.labels[sample]);
            loss += sample_loss;
            hits += hit;
        }
        self.objective.verdict(loss, hits, self.part(part).len())
    }

    /// How one individual does, sixteen samples at a time; `samples` are those of the part.
    pub fn judge_lanes(
        &self,
        network: &Network,
        genome: &[f32],
        part: Part,
        samples: &Samples,
        workspace: &mut Workspace,
    ) -> Verdict {
        let labels = &self.labels[self.part(part)];
        let mut judge = Judge { objective: self.objective, labels, loss: 0.0, hits: 0.0 };
        network.forward_into(genome, samples, workspace, &mut judge);
        self.objective.verdict(judge.loss, judge.hits, labels.len())
    }

    /// The features of a part, as the fast CPU path reads them.
    pub fn samples(&self, part: Part) -> Samples {
        let part = self.part(part);
        let features = &self.features[part.start * self.inputs..part.end * self.inputs];
        Samples::new(features, part.len(), self.inputs)
    }
}

impl Objective {
    /// The loss of a sample's outputs, and 1 for a hit; each lane has a label of its own.
    #[inline(always)]
    pub fn measure<R: Real>(self, outputs: &[R], label: impl Fn(usize) -> u32) -> (R, R) {
        let (zero, one) = (R::of(0.0), R::of(1.0));
        match self {
            Self::CrossEntropy => {
                let labels = R::from_lanes(|lane| label(lane) as f32);
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
                let target = R::from_lanes(|lane| label(lane) as f32);
                let error = (target - outputs[0].sigmoid()).abs();
                (error, R::select(error.below(R::of(0.5)), one, zero))
            }
        }
    }

    /// The verdict from the sums over a part.
    pub fn verdict(self, loss: f64, hits: f64, samples: usize) -> Verdict {
        let count = samples as f64;
        let fitness = match self {
            Self::CrossEntropy => -loss / count,
            Self::Closeness => (count - loss) * (count - loss),
        };
        Verdict { fitness, accuracy: hits / count }
    }
}

/// Adds up losses and hits, in double precision and in the order of the samples.
struct Judge<'a> {
    objective: Objective,
    labels: &'a [u32],
    loss: f64,
    hits: f64,
}

impl Sink for Judge<'_> {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        // Lanes past the end repeat the last sample, and are not counted.
        let label = |lane: usize| self.labels[first + lane.min(count - 1)];
        let (loss, hit) = self.objective.measure(outputs, label);
        for lane in 0..count {
            self.loss += f64::from(loss.0[lane]);
            self.hits += f64::from(hit.0[lane]);
        }
    }
}
