//! The summary of a run: what `deme train --json` prints and `summary.json` holds.

use std::sync::Arc;

use serde::Serialize;

use super::validation::Candidate;
use super::{PhaseSeconds, Run};
use crate::backend::Variant;
use crate::network::{Graph, Normalisation};
use crate::strategy::StopReason;
use crate::task::{Kind, Split};

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
    /// The seed that everything random follows from.
    pub seed: u64,
    /// The run folder; null if the run was not written to one.
    pub run_directory: Option<String>,

    /// The name of `score`: mean return, accuracy or R^2.
    #[serde(skip)]
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
    /// The generation after which the champion was recommended.
    #[serde(skip)]
    pub champion_generation: u32,
    /// The score that counts as solved.
    #[serde(skip)]
    pub target: Option<f32>,
    /// The champion's validation score.
    #[serde(skip)]
    pub validation: f32,
    /// Notes for the user, a sentence each.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl Summary {
    pub(super) fn new(run: &Run, champion: Candidate) -> Self {
        let held_out = champion.held_out.unwrap_or(f32::NAN);
        let config = run.config;
        let name = run.backend.name();
        let mut notes = Vec::new();
        if run.progress.failed > 0 {
            let all = run.progress.individuals;
            notes.push(format!(
                "{} of {all} individuals had a fitness that was NaN or infinite; they ranked last",
                run.progress.failed
            ));
        }
        if let Some(stop) = run.progress.stop_reason {
            notes.push(format!("{} ended its search: {stop}", config.strategy.name));
        }
        if config.target().is_none() {
            let sentence = "no score counts as solving this task, so 'solved' is false; name one \
                            with --until SCORE";
            notes.push(sentence.into());
        }
        let (parameters, graph) = (champion.individual.parameters(), champion.individual.graph());
        Self {
            task: config.task.about().name.to_string(),
            strategy: config.strategy.name.into(),
            network: graph.map_or(config.network_name(), |graph| graph.to_string()),
            parameters: parameters.len() as u64,
            population: config.population,
            generations: run.progress.generations,
            evaluations: run.progress.evaluations,
            environment_steps: run.progress.environment_steps,
            solved: config.has_reached_target(Some(held_out))
                && run.validator.can_solve(champion.validation),
            score: held_out.is_finite().then_some(held_out),
            score_episodes: match config.task.kind() {
                Kind::Control(_) => u64::from(run.validator.held_out_episodes()),
                Kind::Data(data) => data.indices(Split::HeldOut).len() as u64,
                Kind::Function(_) => 1,
            },
            best_fitness: run.progress.best_fitness,
            wall_seconds: run.wall_seconds(),
            setup_seconds: run.setup_seconds,
            phase_seconds: run.progress.seconds,
            backend: name.into(),
            adapter: (name == "gpu").then(|| run.backend.adapter()),
            variant: run.backend.kernel_variant().map(Variant::name),
            precision: config.network.precision().name(),
            stop_reason: run.progress.stop_reason,
            seed: config.seed,
            run_directory: config.out.as_ref().map(|path| path.display().to_string()),
            score_name: config.task.score_name(),
            evaluation_unit: config.task.evaluation_unit(),
            graph: graph.cloned(),
            champion: parameters,
            normalisation: champion.normalisation,
            champion_generation: champion.generation,
            target: config.target(),
            validation: champion.validation,
            notes,
        }
    }
}
