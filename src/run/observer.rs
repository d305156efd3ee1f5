//! Observers: what a caller can watch of a run. The library itself never prints.

use std::ops::ControlFlow;
use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};

use super::Config;
use crate::backend::Backend;
use crate::strategy::{Fitness, Novelty};

/// Watches a run; every method may be left out.
///
/// # Example
///
/// ```
/// use std::ops::ControlFlow;
/// use deme::run::{self, Observer, Record, Request};
///
/// /// Ends a run after five generations, whatever its budget.
/// struct Five;
///
/// impl Observer for Five {
///     fn generation(&mut self, record: &Record) -> ControlFlow<()> {
///         if record.generation < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
///     }
/// }
///
/// let until = Some("never".into());
/// let request = Request { until, ..Request::of("xor") };
/// assert_eq!(run::train(&request.check()?, &mut Five)?.generations, 5);
/// # Ok::<(), deme::error::Error>(())
/// ```
pub trait Observer {
    /// Everything is decided, and the first generation, or the next one of a run that is resumed,
    /// is about to begin.
    fn started(&mut self, _started: &Started) {}

    /// Something happened in this generation that a person should know.
    fn noted(&mut self, _note: &str) {}

    /// A generation has ended; `Break` ends the run with it.
    fn generation(&mut self, _record: &Record) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// The folder holds all until a generation: a checkpoint, and the champion.
    fn saved(&mut self, _folder: &Path, _generation: u32) {}

    /// The run has ended, and its folder is complete.
    fn finished(&mut self, _summary: &super::Summary) {}
}

/// Watches nothing.
impl Observer for () {}

/// What was decided for a run.
#[derive(Clone, Debug)]
pub struct Started {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: &'static str,
    /// Hidden layers.
    pub network: String,
    /// Parameters of an individual.
    pub parameters: u64,
    /// Individuals.
    pub population: u32,
    /// Generations that are done already, of a run that is resumed.
    pub generations_done: u32,
    /// Evaluations that are.
    pub evaluations_done: u64,
    /// Environment steps that are.
    pub environment_steps_done: u64,
    /// Generations at most.
    pub generations: Option<u32>,
    /// Evaluations at most.
    pub evaluations: Option<u64>,
    /// What the score is: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// The held-out score that ends the run.
    pub target: Option<f32>,
    /// The backend's name.
    pub backend: &'static str,
    /// The device, for a person.
    pub adapter: String,
    /// Sentences that a person may want to know.
    pub notes: Vec<String>,
}

impl Started {
    pub(super) fn of(config: &Config, backend: &dyn Backend, note: String) -> Self {
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

/// One generation, and, but for the time it took, one line of `log.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Generations so far.
    pub generation: u32,
    /// Evaluations so far.
    pub evaluations: u64,
    /// Environment steps of training so far.
    pub environment_steps: u64,
    /// The best fitness of this generation; none where all have failed.
    pub best: Option<f32>,
    /// The mean fitness of those that have not failed.
    pub mean: Option<f64>,
    /// Individuals whose fitness is NaN or infinite.
    pub failed: usize,
    /// How widely the strategy searches.
    pub spread: f64,
    /// Of a search for novelty: what the strategy was told in place of fitness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<Novel>,
    /// The validation score of what the strategy recommends.
    #[serde(deserialize_with = "number")]
    pub validation: f32,
    /// Whether that is the new champion.
    pub champion: bool,
    /// Its held-out score, where it was judged.
    pub held_out: Option<f32>,
    /// The species of this generation, of a strategy that has any: the number of each, and how
    /// many individuals it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub species: Vec<(u32, u32)>,
    /// Where the time went. It is no part of a log, which is the same for every repetition.
    #[serde(skip)]
    pub seconds: Seconds,
}

/// How novel a generation was, and what its archive has become.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Novel {
    /// The largest novelty; none where all have failed.
    pub best: Option<f32>,
    /// The mean of those that have not failed.
    pub mean: Option<f64>,
    /// Behaviours in the archive.
    pub archive: usize,
    /// The distance from these beyond which others enter.
    pub threshold: f64,
}

impl Novel {
    pub(super) fn of(novelty: &Novelty, told: &Fitness) -> Self {
        let (best, mean) = (told.best(), told.mean());
        Self { best, mean, archive: novelty.archived().count(), threshold: novelty.threshold() }
    }
}

/// A number, or NaN, which JSON has no word for.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or(f32::NAN))
}

/// Seconds of each phase of a generation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// The strategy's recipe.
    pub propose: f64,
    /// Making the population.
    pub spawn: f64,
    /// Running it on the task.
    pub score: f64,
    /// Summing its noise.
    pub recombine: f64,
    /// Ranking, weighing and learning.
    pub update: f64,
    /// Validating what the strategy recommends.
    pub examine: f64,
}

impl Seconds {
    /// The whole generation.
    pub fn total(&self) -> f64 {
        self.propose + self.spawn + self.score + self.recombine + self.update + self.examine
    }
}
