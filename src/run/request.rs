//! A request: what was typed, before anything is checked. The keys of a `--config` file are the
//! names of the flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, Result};

/// What is asked of a run; what is left out is decided by the task's defaults.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Request {
    /// A task's name, or the path of a file of samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// What to predict: a column of a CSV file, an array of a .npz file, or another file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Of a file: `classification` or `regression`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// Of a file: the share of samples that is held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<f64>,
    /// A strategy's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// Individuals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<u64>,
    /// Generations at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations: Option<u64>,
    /// Evaluations at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluations: Option<u64>,
    /// Hidden layers, `16-16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The activation of layers that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<String>,
    /// How the first weights are chosen: `zero`, `normal:DEVIATION`, `xavier` or `orthogonal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    /// Whether networks see observations in deviations from their running mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalise_observations: Option<bool>,
    /// Episodes of an individual in a generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episodes: Option<u64>,
    /// Whether strategies are told novelty in place of fitness: `true`, `false`, or its settings,
    /// `KEY=VALUE:KEY=VALUE`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "word")]
    pub novelty: Option<String>,
    /// A score, `solved` or `never`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "word")]
    pub until: Option<String>,
    /// Everything random follows from it; a whole number below 2^64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Where the population lives: `auto`, `cpu`, `gpu` or `reference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// A part of a GPU's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// How kernels on a GPU are laid out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// What genes are kept in: `f32` or `f16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// Where the noise is summed: `auto`, `cpu` or `gpu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recombine: Option<String>,
    /// The run folder; none where nothing is to be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,
    /// How often a checkpoint is saved: generations, `100`, or seconds, `30s`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "word")]
    pub checkpoint_every: Option<String>,
    /// Settings of the strategy.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "words")]
    pub set: BTreeMap<String, String>,
}

impl Request {
    /// A request that names the task, and leaves all else to its defaults.
    pub fn of(task: impl Into<String>) -> Self {
        Self { task: Some(task.into()), ..Self::default() }
    }

    /// The request of a TOML file.
    ///
    /// # Errors
    /// [`Error::File`] names the line of a key that does not exist or a value that does not fit.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_as(path, format!("--config {}", path.display()))
    }

    /// What was decided for the run of a folder.
    ///
    /// # Errors
    /// As [`Request::read`].
    pub fn of_folder(folder: &Path) -> Result<Self> {
        super::folder::check(folder)?;
        let path = folder.join(super::folder::CONFIG);
        Self::read_as(&path, path.display().to_string())
    }

    fn read_as(path: &Path, what: String) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::invalid(what, "a readable TOML file in UTF-8", source))?;
        toml::from_str(&text).map_err(|fault| Error::File {
            path: path.into(),
            line: fault.span().map_or(0, |span| line_of(&text, span.start)),
            problem: fault.message().to_owned(),
        })
    }

    /// This request, and where it says nothing, the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut set = other.set;
        // Settings belong to a strategy: another strategy's are of no use.
        if self.strategy.as_ref().is_some_and(|name| other.strategy.as_ref() != Some(name)) {
            set.clear();
        }
        set.extend(self.set);
        Self {
            task: self.task.or(other.task),
            target: self.target.or(other.target),
            goal: self.goal.or(other.goal),
            held_out: self.held_out.or(other.held_out),
            strategy: self.strategy.or(other.strategy),
            population: self.population.or(other.population),
            generations: self.generations.or(other.generations),
            evaluations: self.evaluations.or(other.evaluations),
            network: self.network.or(other.network),
            activation: self.activation.or(other.activation),
            initial: self.initial.or(other.initial),
            normalise_observations: self.normalise_observations.or(other.normalise_observations),
            episodes: self.episodes.or(other.episodes),
            novelty: self.novelty.or(other.novelty),
            until: self.until.or(other.until),
            seed: self.seed.or(other.seed),
            backend: self.backend.or(other.backend),
            adapter: self.adapter.or(other.adapter),
            variant: self.variant.or(other.variant),
            precision: self.precision.or(other.precision),
            recombine: self.recombine.or(other.recombine),
            out: self.out.or(other.out),
            checkpoint_every: self.checkpoint_every.or(other.checkpoint_every),
            set,
        }
    }

    /// The request as a TOML file, settings as numbers where they are.
    pub(super) fn to_toml(&self) -> String {
        let mut table = match toml::Value::try_from(Self { seed: None, ..self.clone() }) {
            Ok(toml::Value::Table(table)) => table,
            _ => toml::Table::new(),
        };
        if let Some(toml::Value::Table(set)) = table.get_mut("set") {
            for value in set.iter_mut().map(|(_, value)| value) {
                *value = number_or_word(value.as_str().unwrap_or_default());
            }
        }
        // TOML's own numbers end at 2^63; its text may hold a larger one.
        let seed = self.seed.map_or(String::new(), |seed| format!("seed = {seed}\n"));
        format!("{seed}{table}")
    }
}

fn number_or_word(text: &str) -> toml::Value {
    if let Ok(whole) = text.parse() {
        return toml::Value::Integer(whole);
    }
    match text.parse() {
        Ok(number) => toml::Value::Float(number),
        Err(_) => toml::Value::String(text.to_owned()),
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|&byte| byte == b'\n').count()
}

/// A word that may have been written as a number.
fn plain<E: serde::de::Error>(value: toml::Value) -> std::result::Result<String, E> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => {
            Ok(value.to_string())
        }
        other => Err(E::custom(format!("expected a number or a word, got {}", other.type_str()))),
    }
}

fn word<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<String>, D::Error> {
    plain(toml::Value::deserialize(from)?).map(Some)
}

fn words<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<BTreeMap<String, String>, D::Error> {
    let raw = BTreeMap::<String, toml::Value>::deserialize(from)?;
    raw.into_iter().map(|(key, value)| Ok((key, plain(value)?))).collect()
}
