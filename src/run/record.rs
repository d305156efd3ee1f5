//! Records: the numbers of each generation, for observers and for the log.

use serde::{Deserialize, Serialize};

use crate::strategy::{Fitness, Novelty};
use crate::task::Split;

/// The record of one generation. Without its times, it is one line of `log.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The number of generations so far.
    pub generation: u32,
    /// The number of evaluations so far.
    pub evaluations: u64,
    /// The number of environment steps in training so far.
    pub environment_steps: u64,
    /// The best fitness of this generation; `None` if all individuals failed.
    pub best: Option<f32>,
    /// The mean fitness of the individuals that did not fail.
    pub mean: Option<f64>,
    /// The number of individuals whose fitness is NaN or infinite.
    pub failed: usize,
    /// The strategy's step size: how widely it searches.
    #[serde(rename = "spread")]
    pub step_size: f64,
    /// The novelty of this generation, if the strategy optimises novelty instead of fitness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<NoveltyRecord>,
    /// The score on the training samples of a data set, of the network that the strategy
    /// recommends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<f32>,
    /// The validation score of that network; null if it is NaN, or if the training samples choose
    /// the champion.
    pub validation: Option<f32>,
    /// True if that network is the new champion.
    pub champion: bool,
    /// The champion's held-out score, if it was computed in this generation.
    pub held_out: Option<f32>,
    /// The species of this generation, each as its number and its count of individuals; empty for
    /// a strategy without species.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub species: Vec<(u32, u32)>,
    /// The seconds of each phase. The log leaves them out, so that repeated runs have equal logs.
    #[serde(skip)]
    pub seconds: PhaseSeconds,
}

/// The novelty of a generation, and the state of the archive after it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoveltyRecord {
    /// The largest novelty; `None` if all individuals failed.
    pub best: Option<f32>,
    /// The mean novelty of the individuals that did not fail.
    pub mean: Option<f64>,
    /// The number of behaviours in the archive.
    pub archive: usize,
    /// The distance from all archived behaviours beyond which a behaviour enters the archive.
    pub threshold: f64,
}

impl NoveltyRecord {
    pub(super) fn new((novelty, values): (&Novelty, &Fitness)) -> Self {
        Self {
            best: values.best(),
            mean: values.mean(),
            archive: novelty.archive().count(),
            threshold: novelty.threshold(),
        }
    }
}

impl Record {
    /// Returns the score that chooses the champion: the validation score, or the training score if
    /// there is none.
    pub fn selection_score(&self) -> Option<f32> {
        self.validation.or(self.training)
    }

    /// Returns the part of the task that chooses the champion, for people.
    pub fn selection_part(&self) -> &'static str {
        let split = match (self.validation, self.training) {
            (None, Some(_)) => Split::Training,
            _ => Split::Validation,
        };
        split.name()
    }
}

/// The seconds of each phase of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseSeconds {
    /// Asking the strategy for its proposal.
    pub propose: f64,
    /// Spawning the population.
    pub spawn: f64,
    /// Scoring the population on the task.
    pub score: f64,
    /// Summing the population's noise.
    pub recombine: f64,
    /// Updating the strategy.
    pub update: f64,
    /// Validating the network that the strategy recommends.
    #[serde(rename = "examine")]
    pub validate: f64,
}

impl PhaseSeconds {
    /// True if no phase took a negative time or more than can be added up.
    pub(crate) fn is_plausible(&self) -> bool {
        let Self { propose, spawn, score, recombine, update, validate } = *self;
        [propose, spawn, score, recombine, update, validate].iter().all(|&seconds| seconds >= 0.0)
            && self.total().is_finite()
    }

    /// Returns the seconds of the whole generation.
    pub fn total(&self) -> f64 {
        self.propose + self.spawn + self.score + self.recombine + self.update + self.validate
    }
}
