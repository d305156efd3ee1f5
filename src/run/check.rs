//! Checks: a request, with every default filled in and every value looked at, becomes a
//! configuration.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::config::{DEFAULT_SEED, GRAPH};
use super::{Config, Every, Opened, Request, memory};
use crate::backend::Variant;
use crate::error::{Error, Result};
use crate::gpu::Options;
use crate::network::{Activation, Initial, Network, Precision};
use crate::strategy::{self, Entry, NoveltyRules, Settings};
use crate::task::{self, Defaults, FILE_NAMES, Kind, Source, Task};

impl Request {
    /// Checks everything that can be known before a device is opened.
    ///
    /// # Errors
    /// The first value that does not fit, by the name of its flag.
    pub fn check(self) -> Result<Config> {
        let Opened { task, held_out, notes } = self.open()?;
        let mut config = Self { held_out, ..self }.check_for(task)?;
        config.notes.splice(0..0, notes);
        Ok(config)
    }

    /// The task that is asked for; a file is read.
    ///
    /// # Errors
    /// A name that is none, a file that cannot be understood, or a flag that is about files and
    /// stands beside a name.
    pub fn open(&self) -> Result<Opened> {
        let expected = || format!("a task's name, or {FILE_NAMES}");
        let name = self.task.as_deref();
        let name = name.ok_or_else(|| Error::invalid("TASK", expected(), "nothing"))?;
        if !task::is_file(name) {
            if Path::new(name).is_file() {
                return Err(Error::invalid("TASK", expected(), format!("the file '{name}'")));
            }
            let task = task::named(name)?.into();
            self.refuse_flags_of_files(name)?;
            return Ok(Opened { task, held_out: None, notes: Vec::new() });
        }
        let source = Source {
            path: Path::new(name),
            target: self.target.as_deref(),
            goal: self.goal.as_deref().map(str::parse).transpose()?,
            held_out: self.held_out,
            seed: self.seed.unwrap_or(DEFAULT_SEED),
            memory: memory::available_bytes(),
        };
        let task::Read { data, held_out, notes } = source.read()?;
        Ok(Opened { task: Arc::new(data), held_out, notes })
    }

    fn refuse_flags_of_files(&self, name: &str) -> Result<()> {
        let flags = [
            ("--target", self.target.clone()),
            ("--goal", self.goal.clone()),
            ("--held-out", self.held_out.map(|share| share.to_string())),
        ];
        for (flag, value) in flags {
            if let Some(value) = value {
                let expected = format!("{FILE_NAMES} as the task");
                return Err(Error::invalid(flag, expected, format!("'{value}' for {name}")));
            }
        }
        Ok(())
    }

    /// As [`Request::check`], for a task of the caller's own.
    ///
    /// # Errors
    /// As [`Request::check`].
    pub fn check_for(self, task: Arc<dyn Task>) -> Result<Config> {
        let defaults = task.about().defaults;
        let strategy = strategy::named(self.strategy.as_deref().unwrap_or(defaults.strategy))?;
        let settings = self.settings(strategy, &defaults)?;
        let network = self.network_of(&task, &defaults, strategy)?;
        let mut notes = Vec::new();
        let episodes = match (self.episodes, task.kind()) {
            (Some(1) | None, Kind::Data(_) | Kind::Function(_)) => 1,
            (Some(episodes), kind) if !matches!(kind, Kind::Control(_)) => {
                count("--episodes", episodes, 1)?;
                let what = if matches!(kind, Kind::Data(_)) { "a data set" } else { "a function" };
                notes.push(format!(
                    "--episodes {episodes} has no effect: {what} is scored whole, once"
                ));
                1
            }
            (asked, _) => count("--episodes", asked.unwrap_or(defaults.episodes.into()), 1)?,
        };
        let population = self.population_of(strategy, &network, &defaults);
        memory::check(population, network.parameters() as u64, strategy)?;
        let population = count("--population", population, 2)?;
        let each = u64::from(population) * u64::from(episodes);
        let evaluations = self.evaluations.map(|most| enough(most, each)).transpose()?;
        // Whoever names a budget of evaluations alone means that one.
        let generations = match (self.generations, evaluations) {
            (None, Some(_)) => None,
            (asked, _) => {
                Some(count("--generations", asked.unwrap_or(defaults.generations.into()), 1)?)
            }
        };
        let novelty = self.novelty_on(task.as_ref())?;
        notes.extend(novelty.map(|rules| {
            format!("the strategy is told how novel individuals are, not how fit: {rules}")
        }));
        let mut config = Config {
            strategy,
            settings,
            network,
            initial: match (&self.initial, task.start()) {
                (Some(how), _) => how.parse()?,
                (None, Some(gene)) => Initial::Constant(gene.into()),
                (None, None) if strategy.grows() => Initial::Zero,
                (None, None) => Initial::Xavier,
            },
            normalise_observations: self.normalise_observations,
            population,
            generations,
            evaluations,
            episodes,
            novelty,
            until: self.until.as_deref().unwrap_or("solved").parse()?,
            seed: self.seed.unwrap_or(DEFAULT_SEED),
            backend: self.backend.as_deref().unwrap_or("auto").parse()?,
            adapter: self.adapter.clone(),
            variant: self.variant.as_deref().map(Variant::named).transpose()?,
            kept: None,
            recombine: self.recombine.as_deref().unwrap_or("auto").parse()?,
            out: self.out.clone(),
            device: Options::default(),
            every: self.checkpoint_every.as_deref().map_or(Ok(Every::default()), str::parse)?,
            notes,
            samples: match task.kind() {
                Kind::Data(data) => Some(data.checksum()),
                Kind::Control(_) | Kind::Function(_) => None,
            },
            begun: Instant::now(),
            decided: Request::default(),
            task,
        };
        config.decided = self.decide(&config);
        Ok(config)
    }

    /// Individuals as asked for; else the task's, where the strategy is the task's as well or has
    /// no population of its own; else the strategy's. Another strategy than the task's may want
    /// pairs, and has an even one.
    fn population_of(&self, strategy: &Entry, network: &Network, defaults: &Defaults) -> u64 {
        let is_other = strategy.name != defaults.strategy;
        let advised = strategy.population.filter(|_| is_other);
        let advised = advised.map(|of| of(network.parameters()) as u64);
        let of_task = u64::from(defaults.population);
        let of_task = if is_other { of_task.next_multiple_of(2) } else { of_task };
        self.population.or(advised).unwrap_or(of_task)
    }

    /// Settings as asked for, above those that suit the task, above the strategy's own.
    fn settings(&self, strategy: &Entry, defaults: &Defaults) -> Result<Settings> {
        let mut settings = Settings::default();
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

    /// How novelty is measured, where it was asked for.
    fn novelty_on(&self, task: &dyn Task) -> Result<Option<NoveltyRules>> {
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
        let expected = format!("a task that says what individuals did: {}", names.join(", "));
        Err(Error::invalid("--novelty", expected, &task.about().name)
            .advise("leave it out, or give the task a behaviour"))
    }

    fn network_of(
        &self,
        task: &Arc<dyn Task>,
        defaults: &Defaults,
        strategy: &Entry,
    ) -> Result<Network> {
        if strategy.grows() {
            return self.network_of_graphs(task, strategy);
        }
        let activation =
            self.activation.as_deref().map_or(Ok(Activation::Tanh), Activation::named)?;
        let spec = self.network.as_deref().unwrap_or(defaults.network);
        let network = task.network(spec, activation)?;
        Ok(network.with_precision(self.precision_of_genes()?))
    }

    fn precision_of_genes(&self) -> Result<Precision> {
        self.precision.as_deref().map_or(Ok(Precision::default()), str::parse)
    }

    /// The network that stands for the smallest graph: without hidden layers.
    fn network_of_graphs(&self, task: &Arc<dyn Task>, strategy: &Entry) -> Result<Network> {
        let name = strategy.name;
        if let Kind::Function(_) = task.kind() {
            let expected = "one that moves points; a function has no network to grow";
            return Err(Error::invalid("--strategy", expected, name));
        }
        let network = self.network.as_deref().filter(|spec| *spec != GRAPH);
        let flags = [("--network", network), ("--activation", self.activation.as_deref())];
        if let Some((flag, Some(value))) = flags.into_iter().find(|(_, value)| value.is_some()) {
            let expected = format!("nothing, for {name} grows its networks");
            return Err(Error::invalid(flag, expected, format!("'{value}'"))
                .advise("what nodes compute is said by --set activation"));
        }
        if self.precision_of_genes()? != Precision::Single {
            let expected = format!("f32, for the graphs of {name} have no packed genomes");
            return Err(Error::invalid("--precision", expected, Precision::Half.name()));
        }
        task.network("", Activation::Linear)
    }

    /// What `config.toml` holds. The folder is left out: a repetition needs another.
    fn decide(self, config: &Config) -> Self {
        Self {
            target: self.target.map(|target| match &self.task {
                Some(task) if task::has_a_file_of_targets(task) => absolute(target),
                _ => target,
            }),
            task: Some(match self.task {
                Some(task) if task::is_file(&task) => absolute(task),
                Some(task) => task,
                None => config.task.about().name.to_string(),
            }),
            goal: self.goal,
            held_out: self.held_out,
            strategy: Some(config.strategy.name.into()),
            population: Some(config.population.into()),
            generations: config.generations.map(u64::from),
            evaluations: config.evaluations,
            network: Some(config.network_name()),
            activation: None,
            initial: Some(config.initial.to_string()),
            normalise_observations: self.normalise_observations,
            episodes: Some(config.episodes.into()),
            novelty: config.novelty.map(|rules| rules.to_string()),
            until: Some(self.until.unwrap_or("solved".into())),
            seed: Some(config.seed),
            backend: Some(self.backend.unwrap_or("auto".into())),
            adapter: self.adapter,
            variant: self.variant,
            precision: Some(self.precision.unwrap_or(Precision::default().name().into())),
            recombine: Some(self.recombine.unwrap_or("auto".into())),
            out: None,
            checkpoint_every: Some(config.every.to_string()),
            set: config.settings.pairs().map(|(key, value)| (key.into(), value.into())).collect(),
        }
    }
}

/// A path from the root, so that a repetition finds the file from anywhere.
fn absolute(path: String) -> String {
    std::path::absolute(&path).map_or(path, |path| path.display().to_string())
}

/// A whole number from `least` to 2^32 - 1.
fn count(flag: &str, value: u64, least: u32) -> Result<u32> {
    let fits = u32::try_from(value).ok().filter(|&value| value >= least);
    let expected = || format!("a whole number from {least} to {}", u32::MAX);
    fits.ok_or_else(|| Error::invalid(flag, expected(), value))
}

/// A budget of evaluations that one generation fits into.
fn enough(most: u64, a_generation: u64) -> Result<u64> {
    if most >= a_generation {
        return Ok(most);
    }
    let expected = format!("at least {a_generation}, the evaluations of one generation");
    Err(Error::invalid("--evaluations", expected, most)
        .advise("raise it, or lower --population or --episodes"))
}
