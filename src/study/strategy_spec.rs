//! The spec of a strategy in a study: its name with its settings, as the user types it.
//!
//! A spec is `NAME`, followed by any number of `:KEY=VALUE`, as in `pgpe` and
//! `pgpe:sigma=0.2:population=64`. A key is a setting of the strategy, or an *option* of its runs:
//!
//! | option | flag of `deme train` |
//! |---|---|
//! | `population`, `episodes` | of the same name |
//! | `network`, `initial` | of the same name; values keep their colons, as in `network=8:relu-8` |
//! | `normalise-observations` | of the same name; `true` or `false` |
//! | `novelty` | of the same name: `true`, `false`, or settings, as in `novelty=threshold=6` |
//!
//! An option of a spec wins over the flag of the study.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::run::Request;
use crate::strategy::{self, NOVELTY_SETTINGS};

const NETWORK: &str = "network";
const NOVELTY: &str = "novelty";
const POPULATION: &str = "population";
/// The options of a run that may differ between strategies.
pub(super) const OPTIONS: [&str; 6] =
    ["episodes", "initial", NETWORK, "normalise-observations", NOVELTY, POPULATION];
/// The options whose values may contain colons.
const WITH_COLONS: [&str; 2] = [NETWORK, "initial"];
const FORM: &str = "NAME, or NAME:KEY=VALUE:KEY=VALUE, such as pgpe:population=64";

/// A strategy with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategySpec {
    /// The strategy's name.
    pub strategy: String,
    /// The settings of the strategy.
    pub set: BTreeMap<String, String>,
    /// The options of its runs that differ from those of the request.
    pub options: BTreeMap<String, String>,
}

impl StrategySpec {
    /// Returns the request with this strategy, its settings and its options.
    ///
    /// # Errors
    /// Returns an error if the value of an option has another type.
    pub(super) fn apply_to(&self, request: &Request) -> Result<Request> {
        let text = |key: &str, flag: &Option<String>| {
            self.options.get(key).cloned().or_else(|| flag.clone())
        };
        let whole = format!("a whole number up to {}", u32::MAX);
        Ok(Request {
            strategy: Some(self.strategy.clone()),
            set: self.set.clone(),
            population: self.option(POPULATION, &whole)?.or(request.population),
            episodes: self.option("episodes", &whole)?.or(request.episodes),
            network: text(NETWORK, &request.network),
            initial: text("initial", &request.initial),
            normalise_observations: self
                .option("normalise-observations", "true or false")?
                .or(request.normalise_observations),
            novelty: text(NOVELTY, &request.novelty),
            ..request.clone()
        })
    }

    /// Returns the value of an option, if there is one.
    fn option<T: FromStr>(&self, key: &str, expected: &str) -> Result<Option<T>> {
        let Some(text) = self.options.get(key) else { return Ok(None) };
        let what = || format!("{key} of {}", self.strategy);
        text.parse().map(Some).map_err(|_| Error::invalid(what(), expected, format!("'{text}'")))
    }

    /// True if the strategy evolves the topology of networks, which then have no layers.
    pub(super) fn evolves_topology(&self) -> bool {
        strategy::by_name(&self.strategy).is_ok_and(|entry| entry.evolves_topology())
    }

    /// Removes the flags of layers from the request of a strategy without layers, if other
    /// strategies of the study have layers. Returns a note for the user if it removed a flag.
    pub(super) fn drop_layer_flags(
        &self,
        request: &mut Request,
        none_has_layers: bool,
    ) -> Option<String> {
        if !self.evolves_topology() || none_has_layers {
            return None;
        }
        // A network of the spec itself is refused, as in a run.
        let has_own = self.options.contains_key(NETWORK);
        let network = request.network.take_if(|_| !has_own);
        let flags = [("--network", network), ("--activation", request.activation.take())];
        let given: Vec<String> = flags
            .into_iter()
            .filter_map(|(flag, value)| Some(format!("{flag} {}", value?)))
            .collect();
        (!given.is_empty()).then(|| {
            let (given, name) = (given.join(" and "), &self.strategy);
            format!("only strategies with layers use {given}; {name} evolves its topology")
        })
    }

    /// True if the strategy follows a gradient with one network, and has no population.
    pub(super) fn follows_gradient(&self) -> bool {
        strategy::by_name(&self.strategy).is_ok_and(|entry| entry.follows_gradient())
    }

    /// Removes the flag of the population from the request of a strategy without one, if other
    /// strategies of the study have one. Returns a note for the user if it removed the flag.
    pub(super) fn drop_population_flag(
        &self,
        request: &mut Request,
        none_has_population: bool,
    ) -> Option<String> {
        // A population of the spec itself is refused, as in a run.
        if !self.follows_gradient() || none_has_population || self.options.contains_key(POPULATION)
        {
            return None;
        }
        let (population, name) = (request.population.take()?, &self.strategy);
        Some(format!(
            "only strategies with a population use --population {population}; {name} trains one \
             network"
        ))
    }

    /// Adds a part of the text. `last` is the key of the part before it.
    fn add_part(&mut self, part: &str, last: Option<&str>) -> std::result::Result<String, String> {
        let pair = part.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
        // A part may continue the value of the part before it.
        let continues = match (last, pair) {
            (Some(last), None) => WITH_COLONS.contains(&last),
            (Some(NOVELTY), Some((key, _))) => NOVELTY_SETTINGS.iter().any(|s| s.key == key),
            _ => false,
        };
        if let (Some(last), true) = (last, continues) {
            let value = self.options.entry(last.into()).or_default();
            *value = match value.as_str() {
                "true" if last == NOVELTY => part.into(),
                _ => format!("{value}:{part}"),
            };
            return Ok(last.into());
        }
        let (key, value) = pair.filter(|(key, _)| !key.is_empty()).ok_or("")?;
        let is_option = OPTIONS.contains(&key);
        let pairs = if is_option { &mut self.options } else { &mut self.set };
        match pairs.insert(key.into(), value.into()) {
            Some(_) => Err(format!("'{key}' twice")),
            None => Ok(key.into()),
        }
    }
}

impl FromStr for StrategySpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = |problem: String| match problem.as_str() {
            "" => Error::invalid("--strategies", FORM, format!("'{text}'")),
            _ => Error::invalid("--strategies", "each key once", format!("{problem} in '{text}'")),
        };
        let mut parts = text.split(':').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty());
        let strategy = name.ok_or_else(|| refused(String::new()))?.to_owned();
        let mut spec = Self { strategy, set: BTreeMap::new(), options: BTreeMap::new() };
        let mut last = None;
        for part in parts {
            last = Some(spec.add_part(part, last.as_deref()).map_err(refused)?);
        }
        spec.apply_to(&Request::default())?;
        Ok(spec)
    }
}

/// Formats the spec as it is typed, with sorted keys.
impl fmt::Display for StrategySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.strategy)?;
        let mut pairs = self.options.iter().chain(&self.set);
        pairs.try_for_each(|(key, value)| write!(f, ":{key}={value}"))
    }
}
