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
use crate::math::{LANES, Lanes, Real, Vectorised, vectorised};
use crate::network::{Network, Scratch, Shared};

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

    /// How one individual does, sixteen samples at a time.
    pub fn judge_lanes(
        &self,
        network: &Network,
        genome: &[f32],
        part: Part,
        scratch: &mut Scratch<Lanes>,
    ) -> Verdict {
        let none = Lanes::of(0.0);
        let batches = Judging { data: self, loss: none, hits: none };
        let genome = Shared(genome);
        let sums = vectorised(Passes { data: self, network, genome, part, scratch, batches });
        let sum = |lanes: Lanes| lanes.0.iter().copied().map(f64::from).sum::<f64>();
        self.objective.verdict(sum(sums.loss), sum(sums.hits), self.part(part).len())
    }

    /// One individual's outputs for the training part, `f32[samples][outputs]`.
    pub fn forward_lanes(
        &self,
        network: &Network,
        genome: &[f32],
        scratch: &mut Scratch<Lanes>,
        outputs: &mut [f32],
    ) {
        let (genome, part) = (Shared(genome), Part::Training);
        let batches = Writing { written: 0, outputs };
        vectorised(Passes { data: self, network, genome, part, scratch, batches });
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

/// What is done with a batch of sixteen samples: first sample, samples, outputs.
trait Batches {
    fn take(&mut self, first: usize, count: usize, outputs: &[Lanes]);
}

/// One individual's forward passes over a part, sixteen samples at a time.
struct Passes<'a, B> {
    data: &'a DataSet,
    network: &'a Network,
    genome: Shared<'a>,
    part: Part,
    scratch: &'a mut Scratch<Lanes>,
    batches: B,
}

impl<B: Batches> Vectorised for Passes<'_, B> {
    type Output = B;

    #[inline(always)]
    fn run(self) -> B {
        let Self { data, network, genome, part, scratch, mut batches } = self;
        let samples = data.part(part);
        let mut features = vec![Lanes::of(0.0); data.inputs];
        for first in samples.clone().step_by(LANES) {
            let count = LANES.min(samples.end - first);
            for (input, feature) in features.iter_mut().enumerate() {
                // Lanes past the end repeat the last sample.
                let sample = |lane: usize| first + lane.min(count - 1);
                *feature = Lanes::from_lanes(|l| data.features[sample(l) * data.inputs + input]);
            }
            batches.take(first, count, network.forward(&genome, &features, scratch));
        }
        batches
    }
}

/// Adds up losses and hits.
struct Judging<'a> {
    data: &'a DataSet,
    loss: Lanes,
    hits: Lanes,
}

impl Batches for Judging<'_> {
    #[inline(always)]
    fn take(&mut self, first: usize, count: usize, outputs: &[Lanes]) {
        let label = |lane: usize| self.data.labels[first + lane.min(count - 1)];
        let (loss, hit) = self.data.objective.measure(outputs, label);
        let none = Lanes::of(0.0);
        let counted = Lanes::from_lanes(|lane| lane as f32).below(Lanes::of(count as f64));
        self.loss = self.loss + Lanes::select(counted, loss, none);
        self.hits = self.hits + Lanes::select(counted, hit, none);
    }
}

/// Writes outputs out, sample by sample.
struct Writing<'a> {
    written: usize,
    outputs: &'a mut [f32],
}

impl Batches for Writing<'_> {
    #[inline(always)]
    fn take(&mut self, _: usize, count: usize, outputs: &[Lanes]) {
        for lane in 0..count {
            for output in outputs {
                self.outputs[self.written] = output.0[lane];
                self.written += 1;
            }
        }
    }
}
