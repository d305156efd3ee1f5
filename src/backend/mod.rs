//! Backends: where a population lives and is scored.
//!
//! A backend has four main operations: [`spawn`](Backend::spawn) creates a population from a
//! proposal, [`score`](Backend::score) evaluates every individual on the task,
//! [`recombine`](Backend::recombine) sums the population's noise, weighted by utilities, and
//! [`individual`](Backend::individual) returns one genome. [`normalise`](Backend::normalise) sets
//! how observations are scaled before networks receive them.
//!
//! Three backends compute the same results: [`Reference`] is slow and simple, so that the others
//! can be checked against it; [`Cpu`] and [`Gpu`] are fast. Two more wrap a GPU without changing
//! any result: [`MultiPassGpu`] evaluates populations that are larger than its memory, and
//! [`RecoveringBackend`] reopens a device that was lost.

mod cpu;
mod gpu;
mod graphs;
mod multi_pass;
pub mod plan;
mod recombine;
mod recovery;
mod reference;
mod selection;
mod spawn;
mod threads;

pub use cpu::Cpu;
pub use gpu::{Gpu, SelectionReason, Tuning, TuningOptions, Variant, Workload, kernels};
pub use multi_pass::MultiPassGpu;
pub use plan::{Limits, Shard, ShardPlan, WORKGROUP};
pub use recombine::recombine_on_cpu;
pub use recovery::{RecoveringBackend, Reopener};
pub use reference::Reference;
pub use selection::{BackendChoice, EvaluationBackends, RunBackends, open};
pub(crate) use threads::start_pool;
pub use threads::{MOST_THREADS, start_threads};

use crate::error::{Error, Result};
use crate::network::{Normalisation, ObservationSums};
use crate::population::{Moments, Proposal, Utilities};
use crate::random::{Counter, Stream};
use crate::task::{Kind, Span, Split, Task};

/// The episodes that a population is scored on. Every individual is scored on the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episodes {
    /// The run's seed.
    pub seed: u64,
    /// The purpose of the episodes.
    pub purpose: Purpose,
    /// The generation that the episodes belong to.
    pub generation: u32,
    /// The number of episodes. A data set ignores it and evaluates its whole split.
    pub count: u32,
    /// The quantity that is returned.
    pub metric: Metric,
    /// Steps after which an episode of a control task is cut off. `None` means the task's limit.
    pub step_limit: Option<u32>,
    /// Runs exactly this many steps and starts a new episode whenever one ends, if set.
    pub exact_steps: Option<u32>,
    /// True if behaviours are returned too. A task that defines no behaviour returns none.
    pub behaviour: bool,
}

/// The purpose of episodes. Each purpose draws its own initial states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Learning.
    Training,
    /// The choice of the champion.
    Validation,
    /// The reported score of the champion.
    HeldOut,
    /// Timing.
    Benchmark,
    /// Comparison of a backend with the reference.
    Verification,
}

impl Purpose {
    /// Returns the purpose in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::Validation => "validation",
            Self::HeldOut => "held-out",
            Self::Benchmark => "benchmark",
            Self::Verification => "verification",
        }
    }
}

/// The quantity that a score returns. For a control task both are the mean return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The quantity that a strategy maximises: for a data set, its objective.
    Fitness,
    /// The quantity that is reported to people: for a data set, its accuracy or R^2.
    Score,
}

impl Metric {
    /// Returns the name of the quantity.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fitness => "fitness",
            Self::Score => "score",
        }
    }
}

impl Episodes {
    /// Creates whole episodes. Validation and held-out episodes return scores, all others fitness.
    pub fn new(seed: u64, purpose: Purpose, generation: u32, count: u32) -> Self {
        let metric = match purpose {
            Purpose::Validation | Purpose::HeldOut => Metric::Score,
            Purpose::Training | Purpose::Benchmark | Purpose::Verification => Metric::Fitness,
        };
        let (step_limit, exact_steps, behaviour) = (None, None, false);
        Self { seed, purpose, generation, count, metric, step_limit, exact_steps, behaviour }
    }

    /// Requests behaviours in addition to the scores.
    #[must_use]
    pub fn with_behaviour(self) -> Self {
        Self { behaviour: true, ..self }
    }

    /// Checks that there is at least one episode and one step, and that behaviours are requested
    /// for whole episodes only.
    ///
    /// # Errors
    /// Returns an error that names the field at fault.
    pub fn check(&self) -> Result<()> {
        if self.behaviour && self.exact_steps.is_some() {
            let got = "a fixed number of steps";
            return Err(Error::invalid("a behaviour", "whole episodes", got));
        }
        let none = [Some(self.count), self.step_limit, self.exact_steps].contains(&Some(0));
        if none {
            let expected = "at least one episode of at least one step";
            return Err(Error::invalid("the episodes of a score", expected, 0));
        }
        Ok(())
    }

    /// The length of a rollout on a task whose own step limit is `limit`.
    pub fn rollout_span(&self, limit: u32) -> Span {
        match self.exact_steps {
            Some(count) => Span::Steps { count, limit: self.step_limit.unwrap_or(limit) },
            None => Span::Episode(self.step_limit.unwrap_or(limit)),
        }
    }

    /// The random counter of the first episode.
    pub fn first_counter(&self) -> Counter {
        let stream = match self.purpose {
            Purpose::Training => Stream::Training,
            Purpose::Validation => Stream::Validation,
            Purpose::HeldOut => Stream::HeldOut,
            Purpose::Benchmark => Stream::Benchmark,
            Purpose::Verification => Stream::Verification,
        };
        Counter { seed: self.seed, stream, generation: self.generation, individual: 0 }
    }

    /// The split of a data set that serves the purpose.
    pub fn split(&self) -> Split {
        match self.purpose {
            Purpose::Training | Purpose::Benchmark | Purpose::Verification => Split::Training,
            Purpose::Validation => Split::Validation,
            Purpose::HeldOut => Split::HeldOut,
        }
    }
}

/// The scores of a population.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// `f32[individuals]`: the metric, averaged over the episodes.
    pub values: Vec<f32>,
    /// Environment steps, over all individuals and episodes.
    pub steps: u64,
    /// Sums of the observations of each individual, if observations are normalised.
    pub observation_sums: Option<ObservationSums>,
    /// `f32[individuals][behaviour]`: the behaviours, averaged over the episodes, if they were
    /// requested. The task sets the length of a row, which may be 0.
    pub behaviours: Option<Vec<f32>>,
}

impl Scores {
    /// Creates the scores of individuals that took no steps.
    fn from_values(values: Vec<f32>, episodes: &Episodes) -> Self {
        let behaviours = episodes.behaviour.then(Vec::new);
        Self { values, steps: 0, observation_sums: None, behaviours }
    }
}

/// A device that holds a population and scores it.
pub trait Backend: Send {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// The device, described for a person.
    fn adapter(&self) -> String;

    /// The kernel variant in use, if the backend has more than one.
    fn kernel_variant(&self) -> Option<Variant> {
        None
    }

    /// Normalises the observations of a control task from the next score on, and makes every score
    /// return the sums of the observations.
    ///
    /// # Errors
    /// Returns an error if the task has no observations, if the normalisation has another number
    /// of inputs, or if the device fails.
    fn normalise(&mut self, by: &Normalisation) -> Result<()>;

    /// Replaces the population by the one that a proposal describes.
    ///
    /// # Errors
    /// Returns an error if the proposal does not fit the network, or if the device fails.
    fn spawn(&mut self, proposal: &Proposal) -> Result<()>;

    /// Evaluates every individual of the population on the task.
    ///
    /// # Errors
    /// Returns an error if there is no population, if the episodes are invalid, or if the device
    /// fails.
    fn score(&mut self, episodes: &Episodes) -> Result<Scores>;

    /// Sums the noise of the population, weighted by utilities.
    ///
    /// # Errors
    /// Returns an error unless there is one utility for each individual, or if the device fails.
    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments>;

    /// Returns one genome, `f32[genes]`. The genome of a graph is the weights of its enabled
    /// connections, in order.
    ///
    /// # Errors
    /// Returns an error if the index is out of range, or if the device fails.
    fn individual(&mut self, index: usize) -> Result<Vec<f32>>;

    /// Returns the first `count` genomes, `f32[count][genes]`.
    ///
    /// # Errors
    /// Returns an error if there are fewer individuals, if they are graphs, or if the device fails.
    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        let mut genomes = Vec::new();
        for index in 0..count {
            genomes.extend(self.individual(index)?);
        }
        Ok(genomes)
    }

    /// Returns the messages for the user that arose since the last call.
    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// A backend that can also return the outputs of its networks.
pub trait ForwardBackend: Backend {
    /// Returns the outputs of every individual for every training sample of a data set:
    /// `f32[individuals][samples][outputs]`.
    ///
    /// # Errors
    /// Returns an error if there is no population, if the task is not a data set, or if the device
    /// fails.
    fn forward(&mut self) -> Result<Vec<f32>>;
}

/// Checks that a task has observations, as many as a normalisation has inputs.
fn check_normalisation(task: &dyn Task, by: &Normalisation) -> Result<()> {
    let Kind::Control(simulation) = task.kind() else {
        let name = &task.about().name;
        return Err(Error::invalid(
            "a normalisation",
            "a control task, which has observations",
            name,
        ));
    };
    by.check(simulation.shape().observations)
}

fn check_count(count: usize, individuals: usize) -> Result<()> {
    if count <= individuals {
        return Ok(());
    }
    Err(Error::invalid("a number of genomes", format!("{individuals} at most"), count))
}

fn no_samples() -> Error {
    Error::invalid("a forward pass", "a data set", "a control task")
}

fn no_genomes() -> Error {
    Error::invalid("a backend", "a population of genomes of one length", "graphs")
}

fn no_population() -> Error {
    Error::invalid("a backend", "a population spawned before this", "none")
}
