//! Registry entries: everything about a strategy that is known before a search begins.
//!
//! An entry carries the strategy's documentation as data, so that the command line and the guide
//! print the same text, its settings, and what a run must know to plan for it. A strategy names
//! only the fields in which it differs from [`Entry::of`]; a new field with a default therefore
//! changes this file alone.
//!
//! # Errors
//!
//! Beginning a search refuses unknown or invalid settings, and a [`Start`] that no strategy can
//! use.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::save::restore;
use super::state_limits::StateLimits;
use super::{Setting, Settings, Start, Strategy};
use crate::error::{Error, Result};
use crate::network::{Network, Ports};

/// The smallest population of a strategy: two individuals, to select between.
const LEAST_POPULATION: usize = 2;

/// The setting that gives the number of episodes of a lesson.
pub(super) const ACTORS: &str = "actors";

/// A strategy of the registry.
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// One line that says how the strategy searches.
    pub summary: &'static str,
    /// A paragraph of plain sentences: what a generation does, and why that works.
    pub idea: &'static str,
    /// The cases in which to use the strategy, and those in which to avoid it.
    pub when: &'static str,
    /// The paper.
    pub source: &'static str,
    /// The settings that `--set` accepts.
    pub settings: &'static [Setting],
    /// True if individuals are offspring of the last population, which the backend must then keep.
    pub breeds: bool,
    /// Host memory in bytes that each gene of each individual takes where proposals are written
    /// out: the genomes of this generation, those of the next, and what they are made from. It is 0
    /// for strategies whose proposals are recipes.
    pub written_bytes: u64,
    /// The population that the source advises for a number of genes, if it advises one.
    pub default_population: Option<fn(usize) -> usize>,
    /// The smallest population from which the strategy can learn.
    pub least_population: usize,
    /// The kind of lesson that the strategy learns from beside the fitness.
    pub lesson: LessonKind,
    /// Settings whose value changes the defaults of others.
    pub presets: &'static [Preset],
    /// The defaults on functions, whose genomes are points and not weights.
    pub points: PointDefaults,
    /// A setting and its value that need a fitness of 0 or above.
    pub(super) non_negative: Option<(&'static str, &'static str)>,
    /// Begins a search of graphs with given ports, for strategies that evolve the topology.
    pub(super) grow: Option<GraphConstructor>,
    /// A function that begins a search of graphs that generate the weights of a given network.
    pub(super) generate: Option<CppnConstructor>,
    /// Begins a search without a given network.
    pub(super) begin: fn(&Settings, Start) -> Result<Box<dyn Strategy>>,
    /// Resumes a search from its saved state.
    pub(super) resume: StateReader,
}

/// The kind of lesson that a strategy learns from beside the fitness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LessonKind {
    /// No lesson: the strategy learns from fitness alone.
    None,
    /// The gradient of a loss, of a data set or a function.
    Loss,
    /// The steps of episodes, of a control task.
    Episodes,
}

/// A setting whose value changes the defaults of others.
pub struct Preset {
    /// The key of the setting.
    pub key: &'static str,
    /// The value for which the preset applies.
    pub value: &'static str,
    /// Keys of other settings, and their defaults under the preset.
    pub others: &'static [(&'static str, &'static str)],
}

/// The defaults of a strategy on functions.
pub struct PointDefaults {
    /// The population; `None` keeps the one for networks.
    pub population: Option<u32>,
    /// Defaults of settings that differ from those for networks.
    pub settings: &'static [PointDefault],
}

/// A default of a setting on functions.
pub enum PointDefault {
    /// A key, and its default as a multiple of the function's deviation: the distance from the
    /// first guess within which the minimum is expected.
    Deviations(&'static str, f64),
    /// A key and its default.
    Value(&'static str, &'static str),
}

impl PointDefault {
    /// Returns the key, and the default for a function with this deviation.
    pub fn for_deviation(&self, deviation: f32) -> (&'static str, String) {
        match *self {
            Self::Deviations(key, factor) => {
                // Three digits, so that a tenth of 0.1 is 0.01.
                let rounded = format!("{:.2e}", factor * f64::from(deviation));
                (key, rounded.parse().map_or(rounded, |value: f64| value.to_string()))
            }
            Self::Value(key, value) => (key, value.to_owned()),
        }
    }
}

/// A function that begins a search of graphs.
pub(super) type GraphConstructor = fn(&Settings, Start, Ports) -> Result<Box<dyn Strategy>>;

/// A function that begins a search of graphs that generate the weights of a network.
pub(super) type CppnConstructor = fn(&Settings, Start, &Network) -> Result<Box<dyn Strategy>>;

/// A function that resumes a search from the name of its strategy and its saved state.
type StateReader = fn(&str, &[u8], &StateLimits) -> Result<Box<dyn Strategy>>;

/// A strategy that the registry can begin, save and resume.
pub(super) trait Begin: Strategy + Serialize + DeserializeOwned + Sized + 'static {
    /// Begins a search. The settings are complete, and the start has been checked.
    ///
    /// # Errors
    /// Returns an error if settings, genes or population do not suit this strategy.
    fn begin(settings: &Settings, start: Start) -> Result<Self>;

    /// True if a search of these sizes can have this state, which may have been forged.
    fn is_valid(&self, limits: &StateLimits) -> bool;
}

impl Entry {
    /// An entry without text whose fields have their defaults: a recipe for each generation,
    /// a fixed topology, and the task's own population.
    pub(super) const fn of<T: Begin>() -> Self {
        Self {
            name: "",
            summary: "",
            idea: "",
            when: "",
            source: "",
            settings: &[],
            breeds: false,
            written_bytes: 0,
            default_population: None,
            least_population: LEAST_POPULATION,
            lesson: LessonKind::None,
            presets: &[],
            points: PointDefaults { population: None, settings: &[] },
            non_negative: None,
            grow: None,
            generate: None,
            begin: begin::<T>,
            resume: resume::<T>,
        }
    }

    /// Begins a search.
    ///
    /// # Errors
    /// Returns an error if a setting is unknown or out of its domain, the population is too small,
    /// or the first guess is not a genome of finite numbers.
    pub fn begin(&self, settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
        let settings = self.complete(settings)?;
        self.check_start(&start)?;
        (self.begin)(&settings, start)
    }

    /// Begins a search for a network and its ports. A strategy that evolves the topology searches
    /// graphs with these ports and takes the first guess for the genome of a network without hidden
    /// layers. A strategy whose graphs generate weights reads the layers from the network.
    ///
    /// # Errors
    /// Returns an error in the cases of [`Entry::begin`].
    pub fn begin_for_network(
        &self,
        settings: &Settings,
        start: Start,
        ports: Ports,
        network: &Network,
    ) -> Result<Box<dyn Strategy>> {
        let settings = self.complete(settings)?;
        self.check_start(&start)?;
        match (self.grow, self.generate) {
            (Some(grow), _) => grow(&settings, start, ports),
            (None, Some(generate)) => generate(&settings, start, network),
            (None, None) => (self.begin)(&settings, start),
        }
    }

    /// Refuses a start that this strategy cannot use.
    fn check_start(&self, start: &Start) -> Result<()> {
        start.check()?;
        let (least, got) = (self.least_population, start.population);
        if self.follows_gradient() && got != 1 {
            let expected = format!("1, because {} trains one network", self.name);
            return Err(Error::invalid("--population", expected, got).advise("leave it out"));
        }
        if got >= least {
            return Ok(());
        }
        if got < LEAST_POPULATION {
            let expected = "at least 2 individuals, to select between";
            return Err(Error::invalid("--population", expected, got));
        }
        let expected = format!("at least {least}, the fewest that {} can learn from", self.name);
        Err(Error::invalid("--population", expected, got))
    }

    /// Refuses settings that need a fitness of 0 or above, for a task whose fitness can be lower.
    /// `range` is the smallest and the largest fitness of the task.
    ///
    /// # Errors
    /// Returns an error that names the setting.
    pub fn check_fitness(&self, settings: &Settings, task: &str, range: [f64; 2]) -> Result<()> {
        let Some((key, value)) = self.non_negative else { return Ok(()) };
        if settings.word(key) != value || range[0] >= 0.0 {
            return Ok(());
        }
        let got = format!("{task}, whose fitness can be as low as {:.1}", range[0]);
        Err(Error::invalid(format!("--set {key}={value}"), "a task without negative fitness", got)
            .advise(format!("choose another value for --set {key}")))
    }

    /// True if the strategy follows a gradient, with one network, and learns little from fitness.
    pub fn follows_gradient(&self) -> bool {
        self.lesson != LessonKind::None
    }

    /// Returns the evaluations that a lesson counts as, in a generation of complete settings. A
    /// gradient is one pass forward and one backward, which counts twice.
    pub fn lesson_evaluations(&self, settings: &Settings) -> u64 {
        match self.lesson {
            LessonKind::None => 0,
            LessonKind::Loss => 3,
            LessonKind::Episodes => settings.count(ACTORS) as u64,
        }
    }

    /// True if the strategy searches networks only, and no points of a function.
    pub fn needs_network(&self) -> bool {
        self.grow.is_some() || self.generate.is_some()
    }

    /// True if the strategy searches graphs that grow, and not the parameters of fixed layers.
    pub fn evolves_topology(&self) -> bool {
        self.grow.is_some()
    }

    /// True if the strategy searches the weights of layers directly, and begins at given weights.
    pub fn searches_layers(&self) -> bool {
        self.grow.is_none() && self.generate.is_none()
    }

    /// True if a generation is Gaussian noise around a centre, neither bred nor written out.
    pub fn is_gaussian(&self) -> bool {
        let is_recipe = !self.breeds && self.written_bytes == 0 && !self.follows_gradient();
        is_recipe && !self.evolves_topology() && self.generate.is_none()
    }

    /// Returns a value for every setting: the one that was set, else that of a preset, else the
    /// default.
    ///
    /// # Errors
    /// Returns an error in the cases of [`Settings::complete`].
    pub fn complete(&self, settings: &Settings) -> Result<Settings> {
        let complete = settings.complete(self.name, self.settings)?;
        let mut settings = settings.clone();
        let applies = |preset: &&Preset| complete.word(preset.key) == preset.value;
        for preset in self.presets.iter().filter(applies) {
            for &(key, value) in preset.others {
                if settings.pairs().all(|(set, _)| set != key) {
                    settings.set(key, value);
                }
            }
        }
        settings.complete(self.name, self.settings)
    }

    /// Resumes a search from the bytes that [`super::Save::save`] wrote, bit for bit. `genes` and
    /// `population` are those of its start.
    ///
    /// # Errors
    /// Returns an error if the bytes are not the state of such a search.
    pub fn resume(
        &self,
        state: &[u8],
        genes: usize,
        population: usize,
    ) -> Result<Box<dyn Strategy>> {
        let population = population..=population;
        let limits = StateLimits { genes, population, settings: self.settings };
        (self.resume)(self.name, state, &limits)
    }
}

fn begin<T: Begin>(settings: &Settings, start: Start) -> Result<Box<dyn Strategy>> {
    Ok(Box::new(T::begin(settings, start)?))
}

fn resume<T: Begin>(name: &str, state: &[u8], limits: &StateLimits) -> Result<Box<dyn Strategy>> {
    let search = restore::<T>(name, state)?;
    if search.is_valid(limits) {
        return Ok(Box::new(search));
    }
    let got = "one with a number that no search of this size has";
    Err(Error::invalid("a saved search", format!("the state of {name}"), got))
}
