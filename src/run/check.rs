//! Checks of a request: they fill in every default, check every value, and return a configuration.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::config::{DEFAULT_PATIENCE, DEFAULT_SEED, GRAPH};
use super::initial_weights::{FIRST_POINT, InitialWeights};
use super::{
    CheckpointInterval, Config, LoadedTask, Request, StopCondition, lesson, memory_budget,
};
use crate::backend::Variant;
use crate::error::{Error, Result};
use crate::gpu::DeviceOptions;
use crate::network::{Activation, Initialisation, Network, Precision};
use crate::strategy::{self, Entry, NoveltyRules, Settings};
use crate::task::{self, Defaults, Kind, Task, range_text};

/// The largest number of episodes of an individual in a generation.
const LARGEST_EPISODES: u32 = 1_000_000;

impl Request {
    /// Checks everything that can be checked before a device is opened.
    ///
    /// # Errors
    /// Returns an error that names the flag of the first value that does not fit.
    pub fn check(self) -> Result<Config> {
        let loaded = self.load_task()?;
        self.check_with_loaded_task(&loaded)
    }

    /// Checks the request for its task, which was loaded before.
    pub(crate) fn check_with_loaded_task(self, loaded: &LoadedTask) -> Result<Config> {
        let LoadedTask { task, held_out, validation, notes } = loaded;
        let request = Self { held_out: *held_out, validation: *validation, ..self };
        let mut config = request.check_with_task(Arc::clone(task))?;
        config.notes.splice(0..0, notes.iter().cloned());
        Ok(config)
    }

    /// Checks the request for a task of the caller's own.
    ///
    /// # Errors
    /// Returns the errors of [`Request::check`].
    pub fn check_with_task(self, task: Arc<dyn Task>) -> Result<Config> {
        let defaults = task.about().defaults;
        let strategy = strategy::by_name(self.strategy.as_deref().unwrap_or(defaults.strategy))?;
        refuse_function_without_points(task.as_ref(), strategy)?;
        let settings = self.choose_settings(task.as_ref(), strategy)?;
        let network = self.choose_network(&task, &defaults, strategy)?;
        let (episodes, note) = self.choose_episodes(task.as_ref(), &defaults, strategy)?;
        let mut notes: Vec<String> = note.into_iter().collect();
        let population = self.choose_population(task.as_ref(), strategy, &network);
        memory_budget::check_memory(population, network.parameters() as u64, strategy)?;
        let least = if strategy.follows_gradient() { 1 } else { 2 };
        let population = check_count("--population", population, least)?;
        memory_budget::check_outcomes(population, episodes)?;
        lesson::check_lesson(task.as_ref(), strategy, &network)?;
        let lesson_evaluations = strategy.lesson_evaluations(&settings);
        let each = u64::from(population) * u64::from(episodes) + lesson_evaluations;
        let evaluations = self.evaluations.map(|budget| check_budget(budget, each)).transpose()?;
        // A budget of evaluations replaces the default budget of generations.
        let generations = match (self.generations, evaluations) {
            (None, Some(_)) => None,
            (requested, _) => Some(check_count(
                "--generations",
                requested.unwrap_or(defaults.generations.into()),
                1,
            )?),
        };
        let novelty = self.choose_novelty(task.as_ref())?;
        if novelty.is_none() {
            strategy.check_fitness(&settings, &task.about().name, task.fitness_range())?;
        }
        let until = self.until.as_deref().unwrap_or("solved").parse()?;
        check_until(until, task.as_ref())?;
        if let Some(rules) = &novelty {
            notes.push(format!("the strategy optimises novelty instead of fitness: {rules}"));
        }
        let initial = self.choose_initial(task.as_ref(), strategy, &network, &mut notes)?;
        let by_default = defaults.normalise_observations.then_some(true);
        let mut config = Config {
            strategy,
            settings,
            network,
            initial,
            normalise_observations: self.normalise_observations.or(by_default),
            population,
            generations,
            evaluations,
            episodes,
            lesson_evaluations,
            novelty,
            until,
            patience: self.choose_patience(task.as_ref(), until)?,
            seed: self.seed.unwrap_or(DEFAULT_SEED),
            backend: self.backend.as_deref().unwrap_or("auto").parse()?,
            adapter: self.adapter.clone(),
            tuning: self.tuning.clone(),
            variant: self.variant.as_deref().map(Variant::by_name).transpose()?,
            saved_variant: None,
            recombine: self.recombine.as_deref().unwrap_or("auto").parse()?,
            out: self.out.clone(),
            numbers_folders: false,
            device: DeviceOptions::default(),
            checkpoint_interval: self
                .checkpoint_every
                .as_deref()
                .map_or(Ok(CheckpointInterval::default()), str::parse)?,
            notes,
            samples: match task.kind() {
                Kind::Data(data) => Some(data.checksum()),
                Kind::Control(simulation) if simulation.is_world() => {
                    simulation.shape().wgsl.map(|text| crc32fast::hash(text.as_bytes()))
                }
                Kind::Control(_) | Kind::Function(_) => None,
            },
            started_at: Instant::now(),
            resolved: Request::default(),
            task,
        };
        config.resolved = self.resolve(&config);
        Ok(config)
    }

    /// Returns the number of episodes, with a note for the user if the request for a number has no
    /// effect.
    fn choose_episodes(
        &self,
        task: &dyn Task,
        defaults: &Defaults,
        strategy: &Entry,
    ) -> Result<(u32, Option<String>)> {
        // The score of the network that follows a gradient only shows how it does.
        let by_default = if strategy.follows_gradient() { 1 } else { defaults.episodes };
        let requested = self.episodes.unwrap_or(by_default.into());
        let subject = match task.kind() {
            Kind::Control(_) => return Ok((check_episodes(requested)?, None)),
            Kind::Data(_) => "a data set",
            Kind::Function(_) => "a function",
        };
        let Some(episodes) = self.episodes.filter(|&episodes| episodes != 1) else {
            return Ok((1, None));
        };
        check_episodes(episodes)?;
        let note = format!("--episodes {episodes} has no effect: {subject} is scored whole, once");
        Ok((1, Some(note)))
    }

    /// Returns the number of generations without a better champion that ends the run. A data set
    /// without a published threshold, which would end it, has a default.
    fn choose_patience(&self, task: &dyn Task, until: StopCondition) -> Result<Option<u32>> {
        let has_end = task.about().threshold.is_some() || until == StopCondition::Never;
        match (self.patience.as_deref(), task.kind()) {
            (Some("never"), _) => Ok(None),
            (Some(text), _) => {
                let count = text.parse().ok().filter(|&count| count > 0u32);
                let expected = || format!("a whole number from 1 to {}, or 'never'", u32::MAX);
                let error = || Error::invalid("--patience", expected(), format!("'{text}'"));
                count.ok_or_else(error).map(Some)
            }
            (None, Kind::Data(_)) if !has_end => Ok(Some(DEFAULT_PATIENCE)),
            (None, _) => Ok(None),
        }
    }

    /// Returns the number of individuals. A request for a number comes first, then the default of
    /// a strategy that is not the task's own, then the default of the task. For a strategy that is
    /// not the task's own, the task's default is rounded up to an even number, because the strategy
    /// may need pairs.
    fn choose_population(&self, task: &dyn Task, strategy: &Entry, network: &Network) -> u64 {
        let defaults = task.about().defaults;
        let is_other = strategy.name != defaults.strategy;
        let by_strategy = strategy.default_population.filter(|_| is_other);
        let by_strategy = by_strategy.map(|population| population(network.parameters()) as u64);
        let for_points = match task.kind() {
            Kind::Function(_) => strategy.points.population.filter(|_| is_other),
            Kind::Control(_) | Kind::Data(_) => None,
        };
        let by_strategy = for_points.map(u64::from).or(by_strategy);
        if strategy.follows_gradient() {
            return self.population.unwrap_or(1);
        }
        let by_task = u64::from(defaults.population);
        let by_task = if is_other { by_task.next_multiple_of(2) } else { by_task };
        self.population.or(by_strategy).unwrap_or(by_task)
    }

    /// Returns the complete settings: the requested ones first, then the task's, then the
    /// strategy's own defaults for tasks of its kind.
    fn choose_settings(&self, task: &dyn Task, strategy: &Entry) -> Result<Settings> {
        let mut settings = Settings::default();
        if let Kind::Function(function) = task.kind() {
            for default in strategy.points.settings {
                let (key, value) = default.for_deviation(function.deviation());
                settings.set(key, value);
            }
        }
        let defaults = task.about().defaults;
        if strategy.name == defaults.strategy {
            for &(key, value) in defaults.settings {
                settings.set(key, value);
            }
        }
        for (key, value) in &self.set {
            settings.set(key, value);
        }
        strategy.complete(&settings)
    }

    /// Returns the rules of novelty, if the strategy is to optimise novelty.
    fn choose_novelty(&self, task: &dyn Task) -> Result<Option<NoveltyRules>> {
        let rules = match self.novelty.as_deref() {
            None | Some("false") => return Ok(None),
            Some("true") => NoveltyRules::default(),
            Some(settings) => settings.parse()?,
        };
        if task.behaviour() > 0 {
            return Ok(Some(rules));
        }
        let tasks = task::all().into_iter().filter(|task| task.behaviour() > 0);
        let names: Vec<String> = tasks.map(|task| task.about().name.to_string()).collect();
        let expected = format!("a task with a behaviour: {}", names.join(", "));
        Err(Error::invalid("--novelty", expected, &task.about().name)
            .advise("leave it out, or give the task a behaviour"))
    }

    /// Returns the origin of the first genome, and adds notes about a file.
    fn choose_initial(
        &self,
        task: &dyn Task,
        strategy: &Entry,
        network: &Network,
        notes: &mut Vec<String>,
    ) -> Result<InitialWeights> {
        let text = self.initial.as_ref().filter(|text| *text != FIRST_POINT);
        if let (None, Kind::Function(function)) = (text, task.kind()) {
            let Some(gene) = function.initial_gene() else {
                return Ok(InitialWeights::FirstPoint(function.initial_point().into()));
            };
            return Ok(InitialWeights::Random(Initialisation::Constant(gene.into())));
        }
        let Some(text) = &self.initial else {
            return Ok(InitialWeights::Random(match task.initial_gene() {
                Some(gene) => Initialisation::Constant(gene.into()),
                None if strategy.evolves_topology() => Initialisation::Zero,
                None => Initialisation::Xavier,
            }));
        };
        let checksum = self.initial_checksum.as_deref();
        let (initial, more) = InitialWeights::parse(text, checksum, strategy, network)?;
        notes.extend(more);
        Ok(initial)
    }

    fn choose_network(
        &self,
        task: &Arc<dyn Task>,
        defaults: &Defaults,
        strategy: &Entry,
    ) -> Result<Network> {
        if strategy.evolves_topology() {
            return self.choose_network_of_graphs(task, strategy);
        }
        let activation =
            self.activation.as_deref().map_or(Ok(Activation::Tanh), Activation::by_name)?;
        let spec = self.network.as_deref().unwrap_or(defaults.network);
        let network = task.network(spec, activation)?;
        Ok(network.with_precision(self.choose_precision()?))
    }

    fn choose_precision(&self) -> Result<Precision> {
        self.precision.as_deref().map_or(Ok(Precision::default()), str::parse)
    }

    /// Returns the network that corresponds to the smallest graph: one without hidden layers.
    fn choose_network_of_graphs(&self, task: &Arc<dyn Task>, strategy: &Entry) -> Result<Network> {
        let name = strategy.name;
        let network = self.network.as_deref().filter(|spec| *spec != GRAPH);
        let flags = [("--network", network), ("--activation", self.activation.as_deref())];
        if let Some((flag, Some(value))) = flags.into_iter().find(|(_, value)| value.is_some()) {
            let expected = format!("nothing, because {name} evolves the topology itself");
            return Err(Error::invalid(flag, expected, format!("'{value}'"))
                .advise("choose the activation of nodes with --set activation"));
        }
        if self.choose_precision()? != Precision::Single {
            let expected = format!("f32, because the graphs of {name} have no packed genomes");
            return Err(Error::invalid("--precision", expected, Precision::Half.name()));
        }
        task.network("", Activation::Linear)
    }

    /// Returns the request that `config.toml` holds, with every default filled in. It leaves out
    /// the folder, because a repetition needs another one.
    fn resolve(self, config: &Config) -> Self {
        let name = self.task_name().ok().flatten();
        Self {
            target: self.target.map(|target| match &self.task {
                Some(task) if task::has_separate_targets(task) => absolute(target),
                _ => target,
            }),
            task: Some(match name {
                Some(task) if task::is_data_file(&task) || task::is_world_file(&task) => {
                    absolute(task)
                }
                Some(task) => task,
                None => config.task.about().name.to_string(),
            }),
            param: BTreeMap::new(),
            no_header: self.no_header,
            delimiter: self.delimiter,
            goal: self.goal,
            held_out: self.held_out,
            validation: self.validation,
            drop: self.drop,
            features: self.features,
            categories: self.categories,
            missing: self.missing,
            strategy: Some(config.strategy.name.into()),
            population: Some(config.population.into()),
            generations: config.generations.map(u64::from),
            evaluations: config.evaluations,
            network: Some(config.network_name()),
            activation: None,
            initial: Some(config.initial.to_string()),
            initial_checksum: config.initial.checksum(),
            normalise_observations: self.normalise_observations,
            episodes: Some(config.episodes.into()),
            novelty: config.novelty.map(|rules| rules.to_string()),
            until: Some(self.until.unwrap_or("solved".into())),
            patience: Some(config.patience.map_or("never".into(), |count| count.to_string())),
            seed: Some(config.seed),
            backend: Some(self.backend.unwrap_or("auto".into())),
            adapter: self.adapter,
            variant: self.variant,
            tuning: self.tuning,
            precision: Some(self.precision.unwrap_or(Precision::default().name().into())),
            recombine: Some(self.recombine.unwrap_or("auto".into())),
            out: None,
            checkpoint_every: Some(config.checkpoint_interval.to_string()),
            set: config.settings.pairs().map(|(key, value)| (key.into(), value.into())).collect(),
        }
    }
}

/// Refuses a strategy of graphs on a function, whose genomes are points and not weights. Graphs
/// that generate weights would even find a minimum at the origin at once: by drawing nothing.
fn refuse_function_without_points(task: &dyn Task, strategy: &Entry) -> Result<()> {
    if !(matches!(task.kind(), Kind::Function(_)) && strategy.needs_network()) {
        return Ok(());
    }
    let expected = "a strategy that searches points, because a function has no network";
    Err(Error::invalid("--strategy", expected, strategy.name)
        .advise("choose cma-es, or any other strategy except neat and hyperneat"))
}

/// Refuses a target that no network can miss, or that none can reach.
fn check_until(until: StopCondition, task: &dyn Task) -> Result<()> {
    let StopCondition::Score(score) = until else { return Ok(()) };
    let range = task.score_range();
    if (range[0]..=range[1]).contains(&f64::from(score)) {
        return Ok(());
    }
    let expected = format!(
        "a score from the range of {}, {} ({}), or 'solved', or 'never'",
        task.about().name,
        range_text(range),
        task.score_name()
    );
    Err(Error::invalid("--until", expected, score))
}

/// Returns the absolute path, so that a repetition finds the file from any directory.
fn absolute(path: String) -> String {
    std::path::absolute(&path).map_or(path, |path| path.display().to_string())
}

/// Checks that a number is from `least` to 2^32 - 1.
fn check_count(flag: &str, value: u64, least: u32) -> Result<u32> {
    let fits = u32::try_from(value).ok().filter(|&value| value >= least);
    let expected = || format!("a whole number from {least} to {}", u32::MAX);
    fits.ok_or_else(|| Error::invalid(flag, expected(), value))
}

/// Checks the number of episodes, which a backend has outcomes for in memory.
fn check_episodes(episodes: u64) -> Result<u32> {
    let fits = u32::try_from(episodes).ok().filter(|count| (1..=LARGEST_EPISODES).contains(count));
    let expected = || format!("a whole number from 1 to {LARGEST_EPISODES}");
    fits.ok_or_else(|| Error::invalid("--episodes", expected(), episodes))
}

/// Checks that a budget of evaluations suffices for one generation.
fn check_budget(budget: u64, a_generation: u64) -> Result<u64> {
    if budget >= a_generation {
        return Ok(budget);
    }
    let expected = format!("at least {a_generation}, the evaluations of one generation");
    Err(Error::invalid("--evaluations", expected, budget)
        .advise("raise it, or lower --population or --episodes"))
}
