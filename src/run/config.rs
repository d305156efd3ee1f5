//! The configuration of a run: a checked [`Request`] with every default filled in.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use super::initial_weights::InitialWeights;
use super::{CheckpointInterval, Request};
use crate::backend::{BackendChoice, Tuning, TuningOptions, Variant, Workload};
use crate::error::{Error, Result};
use crate::gpu::DeviceOptions;
use crate::network::Network;
use crate::strategy::{Entry, NoveltyRules, Settings, Strategy};
use crate::task::{Kind, Task};

/// The name of the network of a strategy that evolves its topology.
pub(super) const GRAPH: &str = "graph";

/// The seed of a request that names none.
pub(super) const DEFAULT_SEED: u64 = 1;

/// The patience of a run on a data set without a published threshold, in generations.
pub(super) const DEFAULT_PATIENCE: u32 = 300;

/// A task that was found by its name, or read from a data file.
pub struct LoadedTask {
    /// The task.
    pub task: Arc<dyn Task>,
    /// The fraction of a data file's samples that was drawn for the held-out part.
    pub held_out: Option<f64>,
    /// The fraction of the other samples that was drawn for validation; `None` for a built-in task.
    pub validation: Option<f64>,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

/// The condition under which a run ends before its budget does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StopCondition {
    /// The held-out score reaches this value.
    Score(f32),
    /// The held-out score reaches the task's published threshold. Without a threshold the run goes
    /// on to the end of its budget.
    Solved,
    /// The run goes on to the end of its budget.
    Never,
}

/// The place where a population's noise is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecombineLocation {
    /// The backend that holds the population.
    Auto,
    /// The CPU, even if a GPU holds the population.
    Cpu,
    /// The GPU, which must hold the population.
    Gpu,
}

/// The checked configuration of a run, from [`Request::check`].
#[derive(Clone)]
pub struct Config {
    pub(super) task: Arc<dyn Task>,
    /// The request with every default filled in. Checking it gives this configuration again.
    pub(super) resolved: Request,
    pub(super) strategy: &'static Entry,
    pub(super) settings: Settings,
    pub(super) network: Network,
    pub(super) initial: InitialWeights,
    /// The choice of normalised observations; `None` leaves it to the strategy.
    pub(super) normalise_observations: Option<bool>,
    pub(super) population: u32,
    pub(super) generations: Option<u32>,
    pub(super) evaluations: Option<u64>,
    pub(super) episodes: u32,
    /// The evaluations that the lesson of a generation counts as.
    pub(super) lesson_evaluations: u64,
    /// The rules of novelty, if the strategy optimises novelty instead of fitness.
    pub(super) novelty: Option<NoveltyRules>,
    pub(super) until: StopCondition,
    /// The number of generations without a better champion that ends the run.
    pub(super) patience: Option<u32>,
    pub(super) seed: u64,
    pub(super) backend: BackendChoice,
    pub(super) adapter: Option<String>,
    pub(super) variant: Option<Variant>,
    pub(super) tuning: TuningOptions,
    /// The kernel variant of the run whose checkpoint is resumed.
    pub(super) saved_variant: Option<Variant>,
    pub(super) recombine: RecombineLocation,
    pub(super) out: Option<PathBuf>,
    /// True if another folder than `out`, with a number at its end, is taken if `out` exists.
    pub(super) numbers_folders: bool,
    pub(super) checkpoint_interval: CheckpointInterval,
    /// The options with which a GPU is opened.
    pub(super) device: DeviceOptions,
    pub(super) notes: Vec<String>,
    /// The checksum of the samples of a data set, or of the text of a world.
    pub(super) samples: Option<u32>,
    pub(super) started_at: Instant,
}

impl Config {
    /// Returns the configuration with all defaults of a task.
    ///
    /// # Errors
    /// Returns an error if there is no such task.
    pub fn for_task(name: &str) -> Result<Self> {
        Request::for_task(name).check()
    }

    /// Returns this configuration with a run folder to write into.
    #[must_use]
    pub fn with_folder(mut self, path: impl Into<PathBuf>) -> Self {
        (self.out, self.numbers_folders) = (Some(path.into()), false);
        self
    }

    /// Returns this configuration with the default run folder of the command:
    /// `runs/TASK-STRATEGY-SEED`, or `runs/TASK-STRATEGY-SEED-2` and so on if other runs have it.
    #[must_use]
    pub fn with_default_folder(mut self) -> Self {
        let (task, strategy) = (&self.task.about().name, self.strategy.name);
        let folder = Path::new("runs").join(format!("{task}-{strategy}-{}", self.seed));
        (self.out, self.numbers_folders) = (Some(folder), true);
        self
    }

    /// Returns this configuration with an earlier start of its clock, such as the start of the
    /// process.
    #[must_use]
    pub fn with_start_time(mut self, started_at: Instant) -> Self {
        self.started_at = started_at;
        self
    }

    /// Returns the workload of the GPU's kernels and the requested kernel variant.
    pub(super) fn tuning(&self) -> Tuning {
        let workload = Workload {
            population: self.population as usize,
            episodes: self.episodes,
            noise: self.strategy.is_gaussian(),
        };
        let workload = (!self.strategy.evolves_topology()).then_some(workload);
        Tuning {
            variant: self.variant,
            resumed: self.saved_variant,
            workload,
            options: self.tuning.clone(),
        }
    }

    /// Returns this configuration with options for opening the GPU.
    #[must_use]
    pub fn with_device(mut self, options: DeviceOptions) -> Self {
        self.device = options;
        self
    }

    /// Returns this configuration with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        (self.seed, self.resolved.seed) = (seed, Some(seed));
        self
    }

    /// Returns the task.
    pub fn task(&self) -> &Arc<dyn Task> {
        &self.task
    }

    /// Returns the request with every default filled in. Checking it gives this configuration
    /// again.
    pub fn request(&self) -> &Request {
        &self.resolved
    }

    /// Returns the largest number of generations.
    pub fn generations(&self) -> Option<u32> {
        self.generations
    }

    /// Returns the largest number of evaluations.
    pub fn evaluations(&self) -> Option<u64> {
        self.evaluations
    }

    /// Returns the checksum of the samples of a data set, or of the text of a world.
    pub fn samples(&self) -> Option<u32> {
        self.samples
    }

    /// Returns the run folder that was asked for, if the run is written to one.
    pub fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// Returns the number of evaluations of a generation with a number of individuals: one per
    /// episode, and those of its lesson. A data set counts as one episode.
    pub(super) fn evaluations_for(&self, individuals: usize) -> u64 {
        individuals as u64 * u64::from(self.episodes) + self.lesson_evaluations
    }

    /// Refuses what a strategy that follows a gradient cannot combine with its lessons.
    pub(super) fn check_lessons(&self, normalises: bool) -> Result<()> {
        if !self.strategy.follows_gradient() {
            return Ok(());
        }
        let (flag, is_set) = match self.novelty {
            Some(_) => ("--novelty", true),
            None => ("--normalise-observations", normalises),
        };
        if !is_set {
            return Ok(());
        }
        let expected = format!("nothing, because {} follows a gradient", self.strategy.name);
        Err(Error::invalid(flag, expected, "true").advise("leave it out, or choose openai-es"))
    }

    /// Returns the hidden layers, or `graph` if the strategy evolves the topology.
    pub(super) fn network_name(&self) -> String {
        if self.strategy.evolves_topology() { GRAPH.into() } else { self.network.to_string() }
    }

    /// Returns the seed that everything random follows from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the held-out score that counts as solved.
    pub fn target(&self) -> Option<f32> {
        match self.until {
            StopCondition::Score(score) => Some(score),
            StopCondition::Solved | StopCondition::Never => {
                self.task.about().threshold.map(|score| score as f32)
            }
        }
    }

    /// Returns the part of the task that gives the score: held-out, training or final.
    pub(crate) fn score_part(&self) -> &'static str {
        self.task.score_part()
    }

    /// True if the score that chooses the champion has the scale of the target.
    pub(crate) fn has_target_scale(&self) -> bool {
        self.task.evaluation_tasks().is_none()
    }

    /// True if the run ends when its held-out score reaches the target.
    pub fn stops_at_target(&self) -> bool {
        self.until != StopCondition::Never
    }

    /// True if the task defines a behaviour, but the strategy optimises fitness.
    pub fn could_search_novelty(&self) -> bool {
        self.novelty.is_none() && self.task.behaviour() > 0
    }

    /// True if a held-out score reaches the target.
    pub(super) fn has_reached_target(&self, held_out: Option<f32>) -> bool {
        matches!((held_out, self.target()), (Some(score), Some(target)) if score >= target)
    }

    /// True if observations are to be normalised, by request or because the strategy needs it.
    ///
    /// # Errors
    /// Returns an error if the request contradicts the strategy, or the task has no observations.
    pub(super) fn should_normalise(&self, strategy: &dyn Strategy) -> Result<bool> {
        const FLAG: &str = "--normalise-observations";
        let demanded = strategy.needs_normalisation();
        let normalises = self.normalise_observations.unwrap_or(demanded);
        if demanded && !normalises {
            let expected = "true, because these settings of the strategy need it";
            return Err(Error::invalid(FLAG, expected, "false")
                .advise("leave it out, or choose other settings with --set"));
        }
        if normalises && !matches!(self.task.kind(), Kind::Control(_)) {
            let expected = "a control task, the only kind with observations";
            let subject = if demanded { "the strategy's normalised observations" } else { FLAG };
            return Err(Error::invalid(subject, expected, &self.task.about().name)
                .advise("leave it out: the features of a data file are always standardised"));
        }
        Ok(normalises)
    }

    /// Refuses to recombine on a GPU that does not hold the population.
    pub(super) fn check_recombine(&self, backend: &str) -> Result<()> {
        if self.recombine != RecombineLocation::Gpu || backend == "gpu" {
            return Ok(());
        }
        let got = format!("gpu with the {backend} backend");
        Err(Error::invalid("--recombine", "auto or cpu", got)
            .advise("--recombine gpu needs --backend gpu"))
    }
}

impl FromStr for StopCondition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "solved" => Ok(Self::Solved),
            "never" => Ok(Self::Never),
            other => match other.parse::<f32>() {
                Ok(score) if score.is_finite() => Ok(Self::Score(score)),
                _ => {
                    let expected = "a finite score, 'solved' or 'never'";
                    Err(Error::invalid("--until", expected, format!("'{other}'")))
                }
            },
        }
    }
}

impl FromStr for RecombineLocation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            other => Err(Error::unknown("value of --recombine", other, ["auto", "cpu", "gpu"])),
        }
    }
}
