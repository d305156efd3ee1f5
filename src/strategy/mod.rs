//! Strategies: they propose individuals and learn from their fitness.
//!
//! A strategy sees genes and fitness, never a task or a device. It is asked for a [`Proposal`],
//! a recipe; told the fitness of the individuals that were made from it; and where it wants the
//! population's noise summed, it says by which [`Weights`], and gets the [`Moments`].
//!
//! To add one: a file, and a line in [`all`].
//!
//! # Example
//!
//! One generation on a function, with the reference recombination:
//!
//! ```
//! use deme::strategy::{self, Fitness, Start};
//! let mut strategy = strategy::named("openai-es")?.begin(
//!     &strategy::Settings::default(),
//!     Start { genes: 8, centre: vec![1.0; 8], population: 64, seed: 1 },
//! )?;
//! let proposal = strategy.ask();
//! let fitness = Fitness::new(vec![0.0; 64]);
//! let weights = strategy.weights(&fitness);
//! let moments = weights.map(|w| deme::backend::recombine_on_cpu(&proposal, &w)).transpose()?;
//! strategy.tell(&fitness, moments.as_ref())?;
//! # Ok::<(), deme::error::Error>(())
//! ```

mod ars;
mod breeding;
mod cem;
mod cloud;
mod cma_es;
mod cosyne;
mod cr_fm_nes;
mod criteria;
mod cumulation;
mod fitness;
mod ga;
mod genewise;
mod hyperneat;
mod lm_ma_es;
mod natural;
pub mod neat;
mod noise;
mod novelty;
mod openai_es;
mod optimiser;
mod pgpe;
mod plateau;
mod random_search;
mod restarts;
mod save;
mod schedule;
mod sep_cma_es;
mod settings;
mod simple_ga;
mod snes;
mod stop;
mod xnes;

pub use fitness::Fitness;
pub use novelty::{NOVELTY_SETTINGS, Novelty, NoveltyRules};
pub use optimiser::Optimiser;
pub use save::Save;
pub use settings::{Domain, Setting, Settings};
pub use stop::Stop;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::{Graph, Network, Ports};
use crate::population::{Moments, NoiseKey, Proposal, Weights};

/// What every strategy begins with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Genes of an individual.
    pub genes: usize,
    /// `f32[genes]`: the first guess.
    pub centre: Vec<f32>,
    /// Individuals in a generation.
    pub population: usize,
    /// Everything random follows from it.
    pub seed: u64,
}

/// The network a strategy would hand to its user now.
#[derive(Clone, Debug, PartialEq)]
pub enum Recommendation {
    /// A genome of its own: the centre of a distribution.
    Genome(Vec<f32>),
    /// An individual of the population that was told last.
    Individual(usize),
    /// A graph of its own.
    Graph(Arc<Graph>),
}

/// A search in progress: ask, score, weigh, tell; again.
pub trait Strategy: Save + Send {
    /// The recipe of this generation; asked twice, it is the same. A strategy that restarts may
    /// ask for another number of individuals than before.
    fn ask(&self) -> Proposal;

    /// The weights by which the noise is to be summed, for a strategy that learns from that.
    fn weights(&self, fitness: &Fitness) -> Option<Weights>;

    /// Learns from the fitness, and ends the generation. `moments` are those of `weights`.
    ///
    /// # Errors
    /// A number of fitnesses that is not the population's, or moments that are missing.
    fn tell(&mut self, fitness: &Fitness, moments: Option<&Moments>) -> Result<()>;

    /// What it would hand to its user; before the first `tell`, the first guess.
    fn recommend(&self) -> Recommendation;

    /// A number that says how widely it searches, for a person: sigma, or the mutation's.
    fn spread(&self) -> f64;

    /// Whether it is meant for normalised observations, so that a run has to see to them.
    fn normalises(&self) -> bool {
        false
    }

    /// The species of the population that is asked for, each by a number that no other of the
    /// search has, later ones larger, and how many individuals it has; none where there are no
    /// species.
    fn species(&self) -> Vec<(u32, u32)> {
        Vec::new()
    }

    /// Why there is no use in going on, for a strategy that can tell.
    fn stop(&self) -> Option<Stop> {
        None
    }
}

/// A setting that stands for others.
pub struct Preset {
    /// Its key.
    pub key: &'static str,
    /// The value that stands for others.
    pub value: &'static str,
    /// Keys of others, and their values then.
    pub others: &'static [(&'static str, &'static str)],
}

/// Begins a search of graphs.
type Grow = fn(&Settings, Start, Ports) -> Result<Box<dyn Strategy>>;

/// Begins a search of graphs that paint the weights of a network.
type Paint = fn(&Settings, Start, &Network) -> Result<Box<dyn Strategy>>;

/// A strategy of the registry.
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The paper.
    pub source: &'static str,
    /// What can be set.
    pub settings: &'static [Setting],
    /// Whether its individuals are children of the last population, which must then be kept.
    pub breeds: bool,
    /// Where proposals are written out: the bytes that a gene of an individual takes, in this
    /// generation's genomes, in the next one's, and in what they are made from. None otherwise.
    pub written_bytes: u64,
    /// The population that its source advises for so many genes; none where a task's own will do.
    pub population: Option<fn(usize) -> usize>,
    /// Settings that stand for others: a key, a value, and what others are then, unless they are
    /// set.
    pub preset: &'static [Preset],
    /// How a search of graphs begins; none where networks have layers, which stay as they are.
    grows: Option<Grow>,
    /// How a search of what graphs paint begins; none where weights are searched themselves.
    paints: Option<Paint>,
    begin: fn(&Settings, Start) -> Result<Box<dyn Strategy>>,
    resume: save::Resume,
}

impl Entry {
    /// Begins a search.
    ///
    /// # Errors
    /// A setting that does not exist or is out of its range, a population that is too small, or a
    /// first guess that is no genome.
    pub fn begin(&self, settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
        let settings = self.complete(settings)?;
        start.check()?;
        (self.begin)(&settings, start)
    }

    /// Begins a search of such networks. Where it is one of graphs with these ports, the first
    /// guess is the genome of a network without hidden layers; where graphs paint the weights, the
    /// layers say where these are.
    ///
    /// # Errors
    /// As [`Entry::begin`].
    pub fn begin_with(
        &self,
        settings: &Settings,
        start: Start,
        ports: Ports,
        network: &Network,
    ) -> Result<Box<dyn Strategy>> {
        let settings = self.complete(settings)?;
        start.check()?;
        match (self.grows, self.paints) {
            (Some(grow), _) => grow(&settings, start, ports),
            (None, Some(paint)) => paint(&settings, start, network),
            (None, None) => (self.begin)(&settings, start),
        }
    }

    /// Whether it searches graphs, which grow, and not the parameters of layers.
    pub fn grows(&self) -> bool {
        self.grows.is_some()
    }

    /// Whether its generations are noise around a centre, and neither bred nor written out.
    pub fn strays(&self) -> bool {
        !self.breeds && self.written_bytes == 0 && !self.grows() && self.paints.is_none()
    }

    /// Every setting: what was set, what presets say, and the defaults of the rest.
    ///
    /// # Errors
    /// As [`Settings::complete`].
    pub fn complete(&self, settings: &Settings) -> Result<Settings> {
        let complete = settings.complete(self.name, self.settings)?;
        let mut settings = settings.clone();
        for preset in self.preset.iter().filter(|preset| complete.word(preset.key) == preset.value)
        {
            for &(key, value) in preset.others {
                if settings.pairs().all(|(set, _)| set != key) {
                    settings.set(key, value);
                }
            }
        }
        settings.complete(self.name, self.settings)
    }

    /// Goes on with a search whose state [`Save::save`] wrote, to the same bits.
    ///
    /// # Errors
    /// Bytes that are no state of this strategy.
    pub fn resume(&self, state: &[u8]) -> Result<Box<dyn Strategy>> {
        (self.resume)(self.name, state)
    }
}

/// Every strategy, in the order of the documentation.
pub fn all() -> &'static [Entry] {
    const ALL: &[Entry] = &[
        openai_es::ENTRY,
        pgpe::ENTRY,
        ars::ENTRY,
        snes::ENTRY,
        xnes::ENTRY,
        cma_es::ENTRY,
        sep_cma_es::ENTRY,
        cr_fm_nes::ENTRY,
        lm_ma_es::ENTRY,
        cem::ENTRY,
        simple_ga::ENTRY,
        ga::ENTRY,
        cosyne::ENTRY,
        neat::ENTRY,
        hyperneat::ENTRY,
        random_search::ENTRY,
    ];
    ALL
}

/// The strategy of a name.
///
/// # Errors
/// [`Error::Unknown`] lists the names that exist.
pub fn named(name: &str) -> Result<&'static Entry> {
    all().iter().find(|entry| entry.name == name).ok_or_else(|| Error::Unknown {
        kind: "strategy".into(),
        name: name.into(),
        known: all().iter().map(|entry| entry.name.to_owned()).collect(),
    })
}

impl Start {
    /// What no strategy can do without.
    fn check(&self) -> Result<()> {
        if self.genes == 0 {
            return Err(Error::invalid("a strategy's start", "at least one gene", 0));
        }
        if self.centre.len() != self.genes {
            let expected = format!("{} genes", self.genes);
            return Err(Error::invalid("a strategy's first guess", expected, self.centre.len()));
        }
        if let Some(gene) = self.centre.iter().position(|value| !value.is_finite()) {
            let got = format!("{} as gene {gene}", self.centre[gene]);
            return Err(Error::invalid("a strategy's first guess", "finite genes", got));
        }
        if self.population < 2 {
            let expected = "at least 2 individuals to choose between";
            return Err(Error::invalid("--population", expected, self.population));
        }
        Ok(())
    }

    /// Mirrored sampling has no use for an odd one.
    fn expect_pairs(&self) -> Result<()> {
        if self.population.is_multiple_of(2) {
            return Ok(());
        }
        let expected = "an even number, for individuals come in mirrored pairs";
        Err(Error::invalid("--population", expected, self.population))
    }

    /// Where the noise of the first generation comes from.
    fn noise(&self) -> NoiseKey {
        NoiseKey { seed: self.seed, generation: 0 }
    }
}

/// The weighted sum of noise that a strategy has asked for, `f64[genes]`.
fn expect_sum(moments: Option<&Moments>, genes: usize) -> Result<&[f64]> {
    let subject = "the moments of a generation";
    match moments.map(|moments| moments.first.as_slice()) {
        Some(sum) if sum.len() == genes => Ok(sum),
        Some(sum) => Err(Error::invalid(subject, format!("{genes} sums, one a gene"), sum.len())),
        None => Err(Error::invalid(subject, "those of the strategy's weights", "none")),
    }
}

/// The weighted sum of squared noise that a strategy has asked for, `f64[genes]`.
fn expect_squares(moments: Option<&Moments>, genes: usize) -> Result<&[f64]> {
    let subject = "the moments of a generation";
    match moments.map(|moments| moments.second.as_deref()) {
        Some(Some(sum)) if sum.len() == genes => Ok(sum),
        Some(Some(sum)) => {
            Err(Error::invalid(subject, format!("{genes} sums of squares, one a gene"), sum.len()))
        }
        _ => Err(Error::invalid(subject, "those of the squares as well", "none")),
    }
}
