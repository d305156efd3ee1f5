//! A request for a run: the values as the user typed them, unchecked. The keys of a `--config` file
//! are the names of the flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize};

use crate::backend::TuningOptions;
use crate::error::{Error, Result};

/// A request for a run. The task's defaults fill in the fields that are left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Request {
    /// The name of a task, or the path of a data file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The parameters of a world, by name: numbers, or ranges such as `0.25..0.75`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "texts")]
    pub param: BTreeMap<String, String>,
    /// The target of a data file: a column of a CSV file or several with commas between them, an
    /// array of a .npz file, or another file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// True if the first line of a CSV file is a sample, not the names of the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_header: Option<bool>,
    /// The character between the columns of a CSV file: one ASCII character, `tab` or `\t`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The goal on a data file: `classification` or `regression`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// The fraction of a data file's samples that is held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_out: Option<f64>,
    /// The fraction of the other samples that chooses the champion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<f64>,
    /// The columns of a CSV file to leave out, with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<String>,
    /// The columns of a CSV file to learn from, with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<String>,
    /// The treatment of columns of words: `refuse` or `auto`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<String>,
    /// The treatment of missing values: `error`, `drop` or `mean`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// The name of a strategy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// The number of individuals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<u64>,
    /// The largest number of generations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generations: Option<u64>,
    /// The largest number of evaluations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluations: Option<u64>,
    /// The hidden layers, such as `16-16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The activation of layers that do not name one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<String>,
    /// The first weights: a distribution, `zero`, `normal:DEVIATION`, `xavier`, `orthogonal` or
    /// `constant:NUMBER`, or a run folder or a file of weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    /// The checksum of the weights in the file that `initial` names, by which a repetition of a run
    /// notices another file. It belongs to `initial` and has no flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_checksum: Option<String>,
    /// True to normalise observations by their running mean and standard deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalise_observations: Option<bool>,
    /// The number of episodes that an individual plays in a generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episodes: Option<u64>,
    /// The choice to optimise novelty instead of fitness: `true`, `false`, or the settings of
    /// novelty, `KEY=VALUE:KEY=VALUE`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub novelty: Option<String>,
    /// The condition that ends the run: a score, `solved` or `never`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub until: Option<String>,
    /// The number of generations without a better champion that ends the run, or `never`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub patience: Option<String>,
    /// The seed that everything random follows from, a whole number below 2^64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The backend that holds the population: `auto`, `cpu`, `gpu` or `reference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// A part of the GPU's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// The kernel variant of a GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The options of the autotuner, which chooses the variant if none is named.
    #[serde(skip)]
    pub tuning: TuningOptions,
    /// The number format of genes: `f32` or `f16`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<String>,
    /// The place where the noise is summed: `auto`, `cpu` or `gpu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recombine: Option<String>,
    /// The run folder; `None` writes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out: Option<PathBuf>,
    /// The checkpoint interval: generations, such as `100`, or seconds, such as `30s`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub checkpoint_every: Option<String>,
    /// The settings of the strategy.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "texts")]
    pub set: BTreeMap<String, String>,
}

impl Request {
    /// Returns a request that names only the task and leaves the rest to its defaults.
    pub fn for_task(task: impl Into<String>) -> Self {
        Self { task: Some(task.into()), ..Self::default() }
    }

    /// Reads a request from a TOML file.
    ///
    /// # Errors
    /// Returns an [`Error::File`] with the line of a key that does not exist or a value that does
    /// not fit.
    pub fn from_file(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| {
            let what = format!("--config {}", path.display());
            Error::invalid(what, "a readable TOML file in UTF-8", source)
        })?;
        Self::parse(&bytes, path)
    }

    /// Parses the bytes of a TOML file.
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|fault| Error::File {
            path: path.into(),
            line: line_of(bytes, fault.valid_up_to()),
            problem: "expected TOML in UTF-8, got another byte".into(),
        })?;
        toml::from_str(text).map_err(|fault| Error::File {
            path: path.into(),
            line: fault.span().map_or(0, |span| line_of(bytes, span.start)),
            problem: fault.message().to_owned(),
        })
    }

    /// Returns this request, with the fields that it leaves out taken from another.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let mut set = other.set;
        // Settings belong to a strategy, so those of another strategy are dropped.
        if self.strategy.as_ref().is_some_and(|name| other.strategy.as_ref() != Some(name)) {
            set.clear();
        }
        set.extend(self.set);
        // Parameters belong to a task in the same way.
        let mut param = other.param;
        if self.task.as_ref().is_some_and(|name| other.task.as_ref() != Some(name)) {
            param.clear();
        }
        param.extend(self.param);
        let initial_checksum = match &self.initial {
            Some(_) => self.initial_checksum,
            None => other.initial_checksum,
        };
        Self {
            task: self.task.or(other.task),
            param,
            target: self.target.or(other.target),
            no_header: self.no_header.or(other.no_header),
            delimiter: self.delimiter.or(other.delimiter),
            goal: self.goal.or(other.goal),
            held_out: self.held_out.or(other.held_out),
            validation: self.validation.or(other.validation),
            drop: self.drop.or(other.drop),
            features: self.features.or(other.features),
            categories: self.categories.or(other.categories),
            missing: self.missing.or(other.missing),
            strategy: self.strategy.or(other.strategy),
            population: self.population.or(other.population),
            generations: self.generations.or(other.generations),
            evaluations: self.evaluations.or(other.evaluations),
            network: self.network.or(other.network),
            activation: self.activation.or(other.activation),
            initial: self.initial.or(other.initial),
            initial_checksum,
            normalise_observations: self.normalise_observations.or(other.normalise_observations),
            episodes: self.episodes.or(other.episodes),
            novelty: self.novelty.or(other.novelty),
            until: self.until.or(other.until),
            patience: self.patience.or(other.patience),
            seed: self.seed.or(other.seed),
            backend: self.backend.or(other.backend),
            adapter: self.adapter.or(other.adapter),
            variant: self.variant.or(other.variant),
            tuning: self.tuning,
            precision: self.precision.or(other.precision),
            recombine: self.recombine.or(other.recombine),
            out: self.out.or(other.out),
            checkpoint_every: self.checkpoint_every.or(other.checkpoint_every),
            set,
        }
    }

    /// Returns the values of the request as texts by their keys. The key of a setting of the
    /// strategy is such as `set.sigma`.
    pub fn values(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        // The `toml` crate holds integers below 2^63 only.
        values.extend(self.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
        if let Ok(toml::Value::Table(table)) =
            toml::Value::try_from(Self { seed: None, ..self.clone() })
        {
            table.into_iter().for_each(|(key, value)| insert_values(&mut values, key, value));
        }
        values
    }

    /// Returns the request as the text of a TOML file. Settings that are numbers are written as
    /// numbers.
    pub(super) fn to_toml(&self) -> String {
        let mut table = match toml::Value::try_from(Self { seed: None, ..self.clone() }) {
            Ok(toml::Value::Table(table)) => table,
            _ => toml::Table::new(),
        };
        if let Some(toml::Value::Table(set)) = table.get_mut("set") {
            for value in set.iter_mut().map(|(_, value)| value) {
                *value = number_or_text(value.as_str().unwrap_or_default());
            }
        }
        // The `toml` crate holds integers below 2^63 only, but the text may contain larger ones.
        let seed = self.seed.map_or(String::new(), |seed| format!("seed = {seed}\n"));
        format!("{seed}{table}")
    }
}

/// Adds a value to those of a request; a table adds each of its values.
fn insert_values(values: &mut BTreeMap<String, String>, key: String, value: toml::Value) {
    match value {
        toml::Value::Table(table) => {
            table.into_iter().for_each(|(name, value)| {
                insert_values(values, format!("{key}.{name}"), value);
            });
        }
        toml::Value::String(text) => {
            values.insert(key, text);
        }
        value => {
            values.insert(key, value.to_string());
        }
    }
}

fn number_or_text(text: &str) -> toml::Value {
    if let Ok(whole) = text.parse() {
        return toml::Value::Integer(whole);
    }
    match text.parse() {
        Ok(number) => toml::Value::Float(number),
        Err(_) => toml::Value::String(text.to_owned()),
    }
}

fn line_of(text: &[u8], byte: usize) -> usize {
    1 + text[..byte].iter().filter(|&&byte| byte == b'\n').count()
}

/// Returns the text of a value, which may be written as a string, a number or a boolean.
fn text_of<E: serde::de::Error>(value: toml::Value) -> std::result::Result<String, E> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) => {
            Ok(value.to_string())
        }
        other => Err(E::custom(format!("expected a number or a string, got {}", other.type_str()))),
    }
}

fn text<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<String>, D::Error> {
    text_of(toml::Value::deserialize(from)?).map(Some)
}

fn texts<'de, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<BTreeMap<String, String>, D::Error> {
    let raw = BTreeMap::<String, toml::Value>::deserialize(from)?;
    raw.into_iter().map(|(key, value)| Ok((key, text_of(value)?))).collect()
}
