//! Backends: where a population lives and is scored.
//!
//! A backend has four verbs. [`spawn`](Backend::spawn) makes a population from a recipe,
//! [`score`](Backend::score) runs every individual on the task, [`recombine`](Backend::recombine)
//! sums the population's noise by weights, and [`individual`](Backend::individual) hands out one
//! genome. Beside them, [`normalise`](Backend::normalise) says how observations are shown to
//! networks. Three of them implement one truth: [`Reference`] for belief, [`Cpu`] and [`Gpu`] for
//! speed. Two stand around a GPU and change nothing about the result: [`Passes`] takes populations
//! that are larger than its memory, and [`Recovering`] opens it again when it is lost.

mod choose;
mod cpu;
mod gpu;
mod graphs;
mod passes;
pub mod plan;
mod recombine;
mod recovering;
mod reference;
mod spawn;

pub use choose::{Choice, Examiners, Opened, open};
pub use cpu::Cpu;
pub use gpu::{Gpu, Tuning, Variant, Why, Workload, kernels};
pub use passes::Passes;
pub use plan::{Limits, Plan, Shard, WORKGROUP};
pub use recombine::recombine_on_cpu;
pub use recovering::{Recovering, Reopen};
pub use reference::Reference;

use crate::error::{Error, Result};
use crate::network::{Normalisation, Seen};
use crate::population::{Moments, Proposal, Weights};
use crate::random::{Place, Stream};
use crate::task::{Kind, Part, Span, Task};

/// Which episodes a population is scored on; every individual meets the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Episodes {
    /// The run's seed.
    pub seed: u64,
    /// What they are for.
    pub purpose: Purpose,
    /// The generation whose episodes they are.
    pub generation: u32,
    /// How many; a data set takes its whole part whatever this says.
    pub count: u32,
    /// What is asked for.
    pub measure: Measure,
    /// Steps after which a control task's episode is cut off; its own limit where `None`.
    pub step_limit: Option<u32>,
    /// Run exactly so many steps instead, starting again at once whenever an episode ends.
    pub exact_steps: Option<u32>,
    /// Whether what individuals did is told too; nothing is, where a task has no word for it.
    pub behaviour: bool,
}

/// What episodes are for: each purpose has starts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To learn from.
    Training,
    /// To choose the champion by.
    Validation,
    /// To judge it by.
    HeldOut,
    /// To time.
    Benchmark,
    /// To verify with.
    Verification,
}

/// What a population is measured by. For a control task both are the mean return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// What a strategy climbs; of a data set, its objective.
    Fitness,
    /// What a person reads; of a data set, the share of samples hit.
    Score,
}

impl Episodes {
    /// Whole episodes for a purpose: fitness to learn from, scores to choose and judge by.
    pub fn new(seed: u64, purpose: Purpose, generation: u32, count: u32) -> Self {
        let measure = match purpose {
            Purpose::Validation | Purpose::HeldOut => Measure::Score,
            Purpose::Training | Purpose::Benchmark | Purpose::Verification => Measure::Fitness,
        };
        let (step_limit, exact_steps, behaviour) = (None, None, false);
        Self { seed, purpose, generation, count, measure, step_limit, exact_steps, behaviour }
    }

    /// The same, with what individuals did beside their scores.
    #[must_use]
    pub fn with_behaviour(self) -> Self {
        Self { behaviour: true, ..self }
    }

    /// Checks that there are episodes to take a mean of, and steps to take in them.
    ///
    /// # Errors
    /// None are asked for, or what was done in steps that are no whole episodes.
    pub fn check(&self) -> Result<()> {
        if self.behaviour && self.exact_steps.is_some() {
            let got = "exactly so many steps";
            return Err(Error::invalid("a behaviour", "whole episodes to tell it of", got));
        }
        let none = [Some(self.count), self.step_limit, self.exact_steps].contains(&Some(0));
        if none {
            let expected = "at least one of them, and of their steps";
            return Err(Error::invalid("the episodes of a score", expected, 0));
        }
        Ok(())
    }

    /// How far a rollout of these episodes goes in a task with this limit of its own.
    pub fn span(&self, limit: u32) -> Span {
        match self.exact_steps {
            Some(count) => Span::Steps { count, limit: self.step_limit.unwrap_or(limit) },
            None => Span::Episode(self.step_limit.unwrap_or(limit)),
        }
    }

    /// The place of the first episode's draws.
    pub fn first(&self) -> Place {
        let stream = match self.purpose {
            Purpose::Training => Stream::Training,
            Purpose::Validation => Stream::Validation,
            Purpose::HeldOut => Stream::HeldOut,
            Purpose::Benchmark => Stream::Benchmark,
            Purpose::Verification => Stream::Verification,
        };
        Place { seed: self.seed, stream, generation: self.generation, individual: 0 }
    }

    /// The part of a data set that serves the purpose.
    pub fn part(&self) -> Part {
        match self.purpose {
            Purpose::HeldOut => Part::HeldOut,
            _ => Part::Training,
        }
    }
}

/// What a population achieved.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// `f32[individuals]`: what was asked for, the mean over the episodes.
    pub values: Vec<f32>,
    /// Environment steps, over all individuals and episodes.
    pub steps: u64,
    /// What individuals saw, where observations are normalised.
    pub seen: Option<Seen>,
    /// `f32[individuals][behaviour]`: what individuals did, the mean over the episodes, where that
    /// was asked for; rows are as long as the task has numbers for it.
    pub behaviours: Option<Vec<f32>>,
}

impl Scores {
    /// Scores of individuals that took no steps.
    fn of_values(values: Vec<f32>, episodes: &Episodes) -> Self {
        let behaviours = episodes.behaviour.then(Vec::new);
        Self { values, steps: 0, seen: None, behaviours }
    }
}

/// Where a population lives and is scored.
pub trait Backend: Send {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// The device it runs on, for a person.
    fn adapter(&self) -> String;

    /// How its kernels are laid out, where there is more than one way.
    fn laid_out(&self) -> Option<Variant> {
        None
    }

    /// Normalises what networks see of a control task, from the next score on, and gathers what
    /// they saw with every score.
    ///
    /// # Errors
    /// A task without observations, numbers for another network, or a device that fails.
    fn normalise(&mut self, by: &Normalisation) -> Result<()>;

    /// Makes a population from a recipe, in place of the last one.
    ///
    /// # Errors
    /// A recipe that does not fit the network, or a device that fails.
    fn spawn(&mut self, proposal: &Proposal) -> Result<()>;

    /// Runs every individual of the last population on the task.
    ///
    /// # Errors
    /// No population, no episodes, or a device that fails.
    fn score(&mut self, episodes: &Episodes) -> Result<Scores>;

    /// Sums the noise of the last population by weights.
    ///
    /// # Errors
    /// A number of weights that is not the population's, or a device that fails.
    fn recombine(&mut self, weights: &Weights) -> Result<Moments>;

    /// One genome of the last population, `f32[genes]`; of a graph the weights of its enabled
    /// connections, in order.
    ///
    /// # Errors
    /// An index that is not in the population, or a device that fails.
    fn individual(&mut self, index: usize) -> Result<Vec<f32>>;

    /// The first so many genomes of the last population, `f32[count][genes]`.
    ///
    /// # Errors
    /// More than there are, graphs, or a device that fails.
    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        let mut genomes = Vec::new();
        for index in 0..count {
            genomes.extend(self.individual(index)?);
        }
        Ok(genomes)
    }

    /// Sentences that a person should know, since the last time.
    fn notes(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// A backend that can also hand out what its networks say.
pub trait Forward: Backend {
    /// The outputs of every individual of the last population for every sample of a data set's
    /// training part: `f32[individuals][samples][outputs]`.
    ///
    /// # Errors
    /// No population, a control task, or a device that fails.
    fn forward(&mut self) -> Result<Vec<f32>>;
}

/// Refuses a normalisation that a task has no use for.
fn check_normalisation(task: &dyn Task, by: &Normalisation) -> Result<()> {
    let Kind::Control(simulation) = task.kind() else {
        let name = &task.about().name;
        return Err(Error::invalid("a normalisation", "a control task, which is observed", name));
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
