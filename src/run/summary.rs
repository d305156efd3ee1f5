//! The summary of a run: what `deme train --json` prints and `summary.json` holds.

use std::sync::Arc;

use serde::Serialize;

use super::{EndReason, PartScores, PhaseSeconds};
use crate::network::{Graph, Normalisation};
use crate::strategy::StopReason;

/// The summary of a run. A field that does not apply is null.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: String,
    /// The hidden layers with their activations, or the size of a graph.
    pub network: String,
    /// The number of parameters of an individual, or of the champion if it is a graph.
    pub parameters: u64,
    /// The number of individuals in a generation.
    pub population: u32,
    /// The number of generations.
    pub generations: u32,
    /// The number of training episodes, or of individuals scored on a data set.
    pub evaluations: u64,
    /// The number of steps in training episodes; 0 for a data set.
    pub environment_steps: u64,
    /// True if `score` reaches the target and the validation score reaches the task's threshold for
    /// it, if there is one; false without a target.
    pub solved: bool,
    /// The champion's held-out score; null if it is NaN.
    pub score: Option<f32>,
    /// The number of episodes that `score` is the mean of, or of held-out samples of a data set.
    pub score_episodes: u64,
    /// The champion's score on each part of the task.
    pub parts: PartScores,
    /// The generation after which the champion was recommended.
    pub champion_generation: u32,
    /// The condition that ended the run.
    pub ended_by: EndReason,
    /// The best training fitness of any individual; null if all individuals failed.
    pub best_fitness: Option<f32>,
    /// The seconds from the start of the process to the end of the run, summed over the processes
    /// of a resumed run.
    pub wall_seconds: f64,
    /// The seconds from the start of the process to the first generation.
    pub setup_seconds: f64,
    /// The seconds of each phase, over all generations.
    pub phase_seconds: PhaseSeconds,
    /// The backend's name.
    pub backend: String,
    /// The GPU; null for other backends.
    pub adapter: Option<String>,
    /// The kernel variant of the GPU; null for other backends.
    pub variant: Option<&'static str>,
    /// The number format of genes: f32 or f16.
    pub precision: &'static str,
    /// The reason for which the strategy ended its search; null if it did not.
    #[serde(rename = "stopped")]
    pub stop_reason: Option<StopReason>,
    /// True if the run was stopped before its target and the end of its budget; it can be resumed.
    pub interrupted: bool,
    /// The seed that everything random follows from.
    pub seed: u64,
    /// The run folder; null if the run was not written to one.
    pub run_directory: Option<String>,

    /// The name of `score`: mean return, accuracy or R^2.
    pub score_name: &'static str,
    /// The unit that `score` is the mean over, in words for the user.
    #[serde(skip)]
    pub evaluation_unit: &'static str,
    /// The parameters of the champion.
    #[serde(skip)]
    pub champion: Vec<f32>,
    /// The champion, if it is a graph.
    #[serde(skip)]
    pub graph: Option<Arc<Graph>>,
    /// The normalisation of the champion's observations, if they are normalised.
    #[serde(skip)]
    pub normalisation: Option<Normalisation>,
    /// The score that counts as solved.
    #[serde(skip)]
    pub target: Option<f32>,
    /// The number of generations without a better champion that ends the run.
    #[serde(skip)]
    pub patience: Option<u32>,
    /// Notes for the user, a sentence each.
    #[serde(skip)]
    pub notes: Vec<String>,
}
