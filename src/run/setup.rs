//! The setup of a run, which is known before its first generation.

use std::path::PathBuf;

use super::Config;
use crate::backend::Backend;

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
    /// The name of the score that chooses the champion, with its part.
    pub selection_score_name: String,
    /// The number of generations without a better champion that ends the run.
    pub patience: Option<u32>,
    /// The held-out score that ends the run.
    pub target: Option<f32>,
    /// The backend's name.
    pub backend: &'static str,
    /// The device, in words for the user.
    pub adapter: String,
    /// The run folder; `None` if the run is not written to one, or has only been prepared.
    pub folder: Option<PathBuf>,
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
            selection_score_name: config.task.selection_score_name(),
            patience: config.patience,
            target: if config.stops_at_target() { config.target() } else { None },
            backend: backend.name(),
            adapter: backend.adapter(),
            folder: None,
            notes,
        }
    }
}
