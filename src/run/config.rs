//! The configuration of a run: a [`Request`] with every default filled in and every value checked.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use super::{Every, Request};
use crate::backend::{Choice, Tuning, Variant, Workload};
use crate::error::{Error, Result};
use crate::gpu::Options;
use crate::network::{Initial, Network};
use crate::strategy::{Entry, NoveltyRules, Settings, Strategy};
use crate::task::{Kind, Task};

/// The network of a strategy that grows its own.
pub(super) const GRAPH: &str = "graph";

/// What everything random follows from, when nothing is said.
pub(super) const DEFAULT_SEED: u64 = 1;

/// A task that was asked for.
pub struct Opened {
    /// The task.
    pub task: Arc<dyn Task>,
    /// Of a file: the share of samples that was drawn to be held out.
    pub held_out: Option<f64>,
    /// Sentences that a person may want to know.
    pub notes: Vec<String>,
}

/// When a run ends before its budget does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Until {
    /// At this held-out score.
    Score(f32),
    /// At the task's published threshold; at the budget where there is none.
    Solved,
    /// At the budget.
    Never,
}

/// Where the noise of a population is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recombine {
    /// Where the population lives.
    Auto,
    /// On the CPU, wherever the population lives.
    Cpu,
    /// On the GPU, which the population must live on.
    Gpu,
}

/// A run that can begin. It comes from [`Request::check`].
#[derive(Clone)]
pub struct Config {
    pub(super) task: Arc<dyn Task>,
    /// The request with every default filled in: checked again, it gives this configuration.
    pub(super) decided: Request,
    pub(super) strategy: &'static Entry,
    pub(super) settings: Settings,
    pub(super) network: Network,
    pub(super) initial: Initial,
    /// What was said of normalising observations; the strategy decides where nothing was.
    pub(super) normalise_observations: Option<bool>,
    pub(super) population: u32,
    pub(super) generations: Option<u32>,
    pub(super) evaluations: Option<u64>,
    pub(super) episodes: u32,
    /// How novelty is measured, where it is told in place of fitness.
    pub(super) novelty: Option<NoveltyRules>,
    pub(super) until: Until,
    pub(super) seed: u64,
    pub(super) backend: Choice,
    pub(super) adapter: Option<String>,
    pub(super) variant: Option<Variant>,
    /// The variant that the run had when it was saved.
    pub(super) kept: Option<Variant>,
    pub(super) recombine: Recombine,
    pub(super) out: Option<PathBuf>,
    pub(super) every: Every,
    /// What a GPU is opened with.
    pub(super) device: Options,
    pub(super) notes: Vec<String>,
    /// The checksum of a data set's samples.
    pub(super) samples: Option<u32>,
    pub(super) begun: Instant,
}

impl Config {
    /// The run that a task's defaults describe.
    ///
    /// # Errors
    /// A task that does not exist.
    pub fn for_task(name: &str) -> Result<Self> {
        Request::of(name).check()
    }

    /// The same run, written into a folder.
    #[must_use]
    pub fn into_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.out = Some(path.into());
        self
    }

    /// The same run, whose clock began earlier: at the start of a process, say.
    #[must_use]
    pub fn begun_at(mut self, begun: Instant) -> Self {
        self.begun = begun;
        self
    }

    /// What the kernels of a GPU will have to do, and how they shall be laid out.
    pub(super) fn tuning(&self) -> Tuning {
        let workload = Workload {
            population: self.population as usize,
            episodes: self.episodes,
            noise: self.strategy.strays(),
        };
        let workload = (!self.strategy.grows()).then_some(workload);
        Tuning { variant: self.variant, kept: self.kept, workload }
    }

    /// The same run, whose GPU is opened with these options.
    #[must_use]
    pub fn with_device(mut self, options: Options) -> Self {
        self.device = options;
        self
    }

    /// The same run with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        (self.seed, self.decided.seed) = (seed, Some(seed));
        self
    }

    /// `runs/TASK-STRATEGY-SEED`: where the command writes a run when nothing else is said.
    pub fn default_folder(&self) -> PathBuf {
        let (task, strategy) = (&self.task.about().name, self.strategy.name);
        Path::new("runs").join(format!("{task}-{strategy}-{}", self.seed))
    }

    /// What it trains on.
    pub fn task(&self) -> &Arc<dyn Task> {
        &self.task
    }

    /// The folder that the run is written into.
    pub fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// The evaluations that so many individuals take: one an episode, and one for a data set, which
    /// is scored whole.
    pub(super) fn evaluations_of(&self, individuals: usize) -> u64 {
        individuals as u64 * u64::from(self.episodes)
    }

    /// The networks in a word or two: hidden layers, or `graph` where they grow.
    pub(super) fn network_name(&self) -> String {
        if self.strategy.grows() { GRAPH.into() } else { self.network.to_string() }
    }

    /// Everything random follows from it.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The held-out score that counts as solved.
    pub fn target(&self) -> Option<f32> {
        match self.until {
            Until::Score(score) => Some(score),
            Until::Solved | Until::Never => self.task.about().threshold.map(|score| score as f32),
        }
    }

    /// Whether a run ends when it reaches that score.
    pub fn stops_at_target(&self) -> bool {
        self.until != Until::Never
    }

    pub(super) fn reaches_target(&self, held_out: Option<f32>) -> bool {
        matches!((held_out, self.target()), (Some(score), Some(target)) if score >= target)
    }

    /// Whether observations are normalised: as asked for, or as the strategy demands it.
    pub(super) fn normalises(&self, strategy: &dyn Strategy) -> Result<bool> {
        const FLAG: &str = "--normalise-observations";
        let demanded = strategy.normalises();
        let normalises = self.normalise_observations.unwrap_or(demanded);
        if demanded && !normalises {
            let expected = "true, which these settings of the strategy stand for";
            return Err(Error::invalid(FLAG, expected, "false")
                .advise("leave it out, or choose other settings with --set"));
        }
        if normalises && !matches!(self.task.kind(), Kind::Control(_)) {
            let expected = "a control task, whose networks are shown observations";
            let subject = if demanded { "the strategy's normalised observations" } else { FLAG };
            return Err(Error::invalid(subject, expected, &self.task.about().name)
                .advise("the features of a file are standardised without it"));
        }
        Ok(normalises)
    }

    /// Refuses a recombination on a GPU that the population is not on.
    pub(super) fn check_recombine(&self, backend: &str) -> Result<()> {
        if self.recombine != Recombine::Gpu || backend == "gpu" {
            return Ok(());
        }
        let got = format!("gpu with the {backend} backend");
        Err(Error::invalid("--recombine", "auto or cpu", got)
            .advise("the noise can be summed on a GPU only with --backend gpu"))
    }
}

impl FromStr for Until {
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

impl FromStr for Recombine {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            other => Err(Error::Unknown {
                kind: "value of --recombine".into(),
                name: other.into(),
                known: ["auto", "cpu", "gpu"].map(String::from).into(),
            }),
        }
    }
}
