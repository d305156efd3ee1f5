//! The summary of a run: what `deme train --json` prints and `summary.json` holds.

use std::sync::Arc;

use serde::Serialize;

use super::examine::Recommended;
use super::{Run, Seconds};
use crate::backend::Variant;
use crate::network::{Graph, Normalisation};
use crate::strategy::Stop;
use crate::task::{Kind, Part};

/// What a run came to; a field without a meaning is null.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The task's name.
    pub task: String,
    /// The strategy's name.
    pub strategy: String,
    /// Hidden layers, each with the activation it has; of a graph its size.
    pub network: String,
    /// Parameters of an individual; of graphs, those of the champion.
    pub parameters: u64,
    /// Individuals in a generation.
    pub population: u32,
    /// Generations done.
    pub generations: u32,
    /// Episodes that individuals were trained on; for a data set, individuals scored.
    pub evaluations: u64,
    /// Steps of the training episodes; 0 for a data set.
    pub environment_steps: u64,
    /// Whether `score` reaches the target, and the champion's validation what the task demands of
    /// it; false where there is no target.
    pub solved: bool,
    /// The champion's held-out score; null where it is NaN.
    pub score: Option<f32>,
    /// Episodes that `score` is the mean of; for a data set, samples of the held-out part.
    pub score_episodes: u64,
    /// The best training fitness of any individual; null where all have failed.
    pub best_fitness: Option<f32>,
    /// From the start of the process to the end of the run; of a resumed run, of its processes
    /// together.
    pub wall_seconds: f64,
    /// From the start of the process to the first generation.
    pub setup_seconds: f64,
    /// Where the time of the generations went.
    pub phase_seconds: Seconds,
    /// The backend's name.
    pub backend: String,
    /// The GPU; null for other backends.
    pub adapter: Option<String>,
    /// How the GPU's kernels were laid out; null for other backends.
    pub variant: Option<&'static str>,
    /// What genes were kept in: f32 or f16.
    pub precision: &'static str,
    /// Why the strategy saw no use in going on; null where it did.
    pub stopped: Option<Stop>,
    /// Everything random follows from it.
    pub seed: u64,
    /// The run folder; null where none was asked for.
    pub run_directory: Option<String>,

    /// What `score` is: mean return, accuracy or R^2.
    #[serde(skip)]
    pub score_name: &'static str,
    /// What `score` is the mean over, for a person.
    #[serde(skip)]
    pub judged_on: &'static str,
    /// The champion's parameters.
    #[serde(skip)]
    pub champion: Vec<f32>,
    /// The champion, where it is a graph.
    #[serde(skip)]
    pub graph: Option<Arc<Graph>>,
    /// What the champion's observations are normalised by, where they are.
    #[serde(skip)]
    pub normalisation: Option<Normalisation>,
    /// The generation that the champion was recommended after.
    #[serde(skip)]
    pub champion_generation: u32,
    /// The score that `solved` is about.
    #[serde(skip)]
    pub target: Option<f32>,
    /// The champion's validation score.
    #[serde(skip)]
    pub validation: f32,
    /// Sentences that a person should know.
    #[serde(skip)]
    pub notes: Vec<String>,
}

impl Summary {
    pub(super) fn of(run: &Run, (champion, held_out): (Recommended, f32)) -> Self {
        let config = run.config;
        let name = run.trainer.name();
        let mut notes = Vec::new();
        if run.counters.failed > 0 {
            let all = run.counters.individuals;
            notes.push(format!(
                "{} of {all} individuals had a fitness that was NaN or infinite; they ranked last",
                run.counters.failed
            ));
        }
        if let Some(stop) = run.counters.stopped {
            notes.push(format!("{} saw no use in going on: {stop}", config.strategy.name));
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
            generations: run.counters.generations,
            evaluations: run.counters.evaluations,
            environment_steps: run.counters.environment_steps,
            solved: config.reaches_target(Some(held_out))
                && run.examiner.admits(champion.validation),
            score: held_out.is_finite().then_some(held_out),
            score_episodes: match config.task.kind() {
                Kind::Control(_) => u64::from(run.examiner.held_out_episodes()),
                Kind::Data(data) => data.part(Part::HeldOut).len() as u64,
                Kind::Function(_) => 1,
            },
            best_fitness: run.counters.best_fitness,
            wall_seconds: run.wall_seconds(),
            setup_seconds: run.setup_seconds,
            phase_seconds: run.counters.seconds,
            backend: name.into(),
            adapter: (name == "gpu").then(|| run.trainer.adapter()),
            variant: run.trainer.laid_out().map(Variant::name),
            precision: config.network.precision().name(),
            stopped: run.counters.stopped,
            seed: config.seed,
            run_directory: config.out.as_ref().map(|path| path.display().to_string()),
            score_name: config.task.score_name(),
            judged_on: config.task.judged_on(),
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
