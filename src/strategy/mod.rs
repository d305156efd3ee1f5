//! Strategies: they propose individuals and learn from their fitness.
//!
//! A strategy sees genes and fitness, never a task or a device. A generation takes two calls.
//! [`Strategy::ask`] returns a [`Proposal`], the recipe of a population. [`Strategy::tell`]
//! receives the fitness of the individuals that were made from it, and a [`Recombination`] with
//! which the strategy requests weighted sums of the population's noise. A strategy that follows an
//! exact gradient then gets it in a [`Lesson`], by [`Strategy::learn`].
//!
//! To add a strategy, write one file and add one line to `registry.rs`.
//!
//! # Example
//!
//! One generation on a function, with the recombination of the CPU:
//!
//! ```
//! use deme::backend::recombine_on_cpu;
//! use deme::strategy::{self, Fitness, Start};
//! let mut strategy = strategy::by_name("openai-es")?.begin(
//!     &strategy::Settings::default(),
//!     Start { genes: 8, centre: vec![1.0; 8], population: 64, seed: 1 },
//! )?;
//! let proposal = strategy.ask();
//! let fitness = Fitness::new(vec![0.0; 64]);
//! strategy.tell(&fitness, &mut |utilities| recombine_on_cpu(&proposal, utilities))?;
//! # Ok::<(), deme::error::Error>(())
//! ```

mod ars;
mod cem;
mod cma_es;
mod cosyne;
mod cr_fm_nes;
mod descent;
mod diagonal_gaussian;
mod entry;
mod fitness;
mod ga;
mod hyperneat;
mod lm_ma_es;
mod natural_gradient;
pub mod neat;
mod noise;
mod novelty;
mod offspring;
mod openai_es;
mod optimiser;
mod pgpe;
mod plateau;
mod ppo;
mod random_search;
mod recombination;
mod reduction;
mod registry;
mod restarts;
mod restricted_gaussian;
mod save;
mod schedule;
mod sep_cma_es;
mod settings;
mod simple_ga;
mod snes;
mod state_limits;
mod step_size;
mod stop_reason;
mod termination;
mod xnes;

pub use entry::{Entry, LessonKind, PointDefault, PointDefaults, Preset};
pub use fitness::Fitness;
pub use novelty::{NOVELTY_SETTINGS, Novelty, NoveltyRules};
pub use optimiser::Optimiser;
pub use recombination::Recombination;
pub use registry::{all, by_name};
pub use save::Save;
pub use settings::{Domain, Setting, Settings};
pub use stop_reason::StopReason;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::gradient::Lesson;
use crate::network::Graph;
use crate::population::{NoiseKey, Proposal};

/// A search in progress: ask, score, tell, repeat.
pub trait Strategy: Save + Send {
    /// Returns the recipe of this generation. Repeated calls return the same recipe. A strategy
    /// that restarts may ask for another number of individuals than before.
    fn ask(&self) -> Proposal;

    /// Learns from the fitness and ends the generation.
    ///
    /// A strategy that needs weighted sums of the population's noise calls `recombine` once, with
    /// a utility for each individual. It does so before it changes any of its own state: after an
    /// error of `recombine` the strategy is as it was, and the call may be repeated.
    ///
    /// # Errors
    /// Returns an error if there is not one fitness for each individual, if `recombine` fails or
    /// returns moments of another length, or if the update would leave the range of `f32`.
    fn tell(&mut self, fitness: &Fitness, recombine: &mut Recombination<'_>) -> Result<()>;

    /// Learns from a lesson after [`Strategy::tell`]: from the kind that its entry asks for. After
    /// an error the search cannot go on.
    ///
    /// # Errors
    /// Returns an error if the lesson is of another kind, or if the update would leave the range of
    /// `f32`.
    fn learn(&mut self, _lesson: Lesson<'_>) -> Result<()> {
        Ok(())
    }

    /// Returns the network that the strategy would return now. Before the first generation it
    /// is the first guess.
    fn recommend(&self) -> Recommendation;

    /// Returns the width of the search as one number, for a person to follow: the mean standard
    /// deviation of a gene, or the size of a mutation.
    fn step_size(&self) -> f64;

    /// True if the strategy is meant for normalised observations, which the run then provides.
    fn needs_normalisation(&self) -> bool {
        false
    }

    /// Returns the number and the size of each species of the proposed population. Numbers are
    /// unique within a search, and later species have larger ones. The list is empty for a
    /// strategy without species.
    fn species(&self) -> Vec<(u32, u32)> {
        Vec::new()
    }

    /// Returns the number of generations after which the cost of a generation repeats, such as the
    /// number from one decomposition of a matrix to the next.
    fn cost_period(&self) -> usize {
        1
    }

    /// Returns the reason to stop the search, once the strategy has found one.
    fn stop_reason(&self) -> Option<StopReason> {
        None
    }
}

/// The network that a strategy would hand to its user.
#[derive(Clone, Debug, PartialEq)]
pub enum Recommendation {
    /// A genome of its own, such as the centre of a distribution.
    Genome(Vec<f32>),
    /// The index of an individual of the last population that was scored.
    Individual(usize),
    /// A graph of its own.
    Graph(Arc<Graph>),
}

/// The inputs that every strategy begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// The number of genes of an individual.
    pub genes: usize,
    /// The first guess, `f32[genes]`.
    pub centre: Vec<f32>,
    /// The number of individuals in a generation.
    pub population: usize,
    /// The seed that everything random follows from.
    pub seed: u64,
}

impl Start {
    /// Refuses a start that no strategy can use.
    fn check(&self) -> Result<()> {
        if self.genes == 0 {
            return Err(Error::invalid("a strategy's start", "at least one gene", 0));
        }
        if self.centre.len() != self.genes {
            let expected = counted(self.genes as u64, "genes");
            return Err(Error::invalid("a strategy's first guess", expected, self.centre.len()));
        }
        if let Some(gene) = self.centre.iter().position(|value| !value.is_finite()) {
            let got = format!("{} as gene {gene}", self.centre[gene]);
            return Err(Error::invalid("a strategy's first guess", "finite genes", got));
        }
        Ok(())
    }

    /// Refuses an odd population, for strategies that sample mirrored pairs.
    fn expect_pairs(&self) -> Result<()> {
        if self.population.is_multiple_of(2) {
            return Ok(());
        }
        let expected = "an even number, because individuals come in mirrored pairs";
        Err(Error::invalid("--population", expected, self.population))
    }

    /// Returns the key of the first generation's noise.
    fn noise(&self) -> NoiseKey {
        NoiseKey { seed: self.seed, generation: 0 }
    }
}
