//! Observers: callbacks through which a caller watches a run. The library itself never prints.

use std::ops::ControlFlow;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};

use super::Config;
use crate::backend::Backend;
use crate::strategy::{Fitness, Novelty};

/// An observer of a run. Every method has an empty default.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
/// use deme::run::{self, Observer, Record, Request};
///
/// /// Ends a run after five generations, whatever its budget.
/// struct FiveGenerations;
///
/// impl Observer for FiveGenerations {
///     fn generation(&mut self, record: &Record) -> ControlFlow<()> {
///         if record.generation < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
///     }
/// }
///
/// let until = Some("never".into());
/// let request = Request { until, ..Request::for_task("xor") };
/// assert_eq!(run::train(&request.check()?, &mut FiveGenerations)?.generations, 5);
/// # Ok::<(), deme::error::Error>(())
/// ```
pub trait Observer {
    /// Called once, before the first generation of a run, or before the next generation of a
    /// resumed run.
    fn started(&mut self, _setup: &Setup) {}

    /// Called with a note for the user on something that happened in this generation.
    fn noted(&mut self, _note: &str) {}

    /// Called at the end of each generation. `Break` ends the run.
    fn generation(&mut self, _record: &Record) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Called when the checkpoint and the champion of a generation have been saved in the folder.
    fn saved(&mut self, _folder: &Path, _generation: u32) {}

    /// Called at the end of the run, when its folder is complete.
    fn finished(&mut self, _summary: &super::Summary) {}
}

/// An observer that ignores everything.
impl Observer for () {}

/// The setup of a run: every choice that was made before its first generation.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: &'static str,
    /// The hidden layers.
    pub network: String,
    /// The number of parameters of an individual.
    pub parameters: u64,
    /// The number of individuals.
    pub population: u32,
    /// The number of generations that a resumed run has already done.
    pub generations_done: u32,
    /// The number of evaluations that a resumed run has already done.
    pub evaluations_done: u64,
    /// The number of environment steps that a resumed run has already done.
    pub environment_steps_done: u64,
    /// The largest number of generations.
    pub generations: Option<u32>,
    /// The largest number of evaluations.
    pub evaluations: Option<u64>,
    /// The name of the score: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// The held-out score that ends the run.
    pub target: Option<f32>,
    /// The backend's name.
    pub backend: &'static str,
    /// The device, in words for the user.
    pub adapter: String,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

impl Setup {
    pub(super) fn new(config: &Config, backend: &dyn Backend, note: String) -> Self {
        let mut notes = vec![note];
        notes.extend(config.notes.iter().cloned());
        Self {
            task: config.task.about().name.to_string(),
            strategy: config.strategy.name,
            network: config.network_name(),
            parameters: config.network.parameters() as u64,
            population: config.population,
            generations_done: 0,
            evaluations_done: 0,
            environment_steps_done: 0,
            generations: config.generations,
            evaluations: config.evaluations,
            score_name: config.task.score_name(),
            target: if config.stops_at_target() { config.target() } else { None },
            backend: backend.name(),
            adapter: backend.adapter(),
            notes,
        }
    }
}

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
    /// The validation score of the network that the strategy recommends.
    #[serde(deserialize_with = "nan_from_null")]
    pub validation: f32,
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

/// Reads a number. JSON cannot express NaN, so null stands for it.
fn nan_from_null<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f32::NAN))
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
    /// Returns the seconds of the whole generation.
    pub fn total(&self) -> f64 {
        self.propose + self.spawn + self.score + self.recombine + self.update + self.validate
    }
}
