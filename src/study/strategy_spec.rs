//! The spec of a strategy in a study: its name with its settings, as the user types it.
//!
//! A spec is `NAME`, followed by any number of `:KEY=VALUE`, as in `pgpe` and
//! `pgpe:sigma=0.2:population=64`. A key is a setting of the strategy, or `population`, which is
//! not a setting but may differ between strategies.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::run::Request;
use crate::strategy;

/// The key of the population, which is not a setting.
const POPULATION: &str = "population";

/// A strategy with its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategySpec {
    /// The strategy's name.
    pub strategy: String,
    /// The settings of the strategy.
    pub set: BTreeMap<String, String>,
    /// The population, if it differs from that of the request.
    pub population: Option<u64>,
}

impl StrategySpec {
    /// Returns the request with this strategy and its settings.
    pub(super) fn apply_to(&self, request: &Request) -> Request {
        Request {
            strategy: Some(self.strategy.clone()),
            set: self.set.clone(),
            population: self.population.or(request.population),
            ..request.clone()
        }
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
        let flags =
            [("--network", request.network.take()), ("--activation", request.activation.take())];
        let given: Vec<String> = flags
            .into_iter()
            .filter_map(|(flag, value)| Some(format!("{flag} {}", value?)))
            .collect();
        (!given.is_empty()).then(|| {
            let (given, name) = (given.join(" and "), &self.strategy);
            format!("only strategies with layers use {given}; {name} evolves its topology")
        })
    }
}

impl FromStr for StrategySpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = || {
            let expected = "NAME, or NAME:KEY=VALUE:KEY=VALUE, such as pgpe:population=64";
            Error::invalid("--strategies", expected, format!("'{text}'"))
        };
        let mut parts = text.split(':').map(str::trim);
        let name = parts.next().filter(|name| !name.is_empty()).ok_or_else(refused)?;
        let mut spec = Self { strategy: name.into(), set: BTreeMap::new(), population: None };
        for part in parts {
            let (key, value) = part.split_once('=').ok_or_else(refused)?;
            let (key, value) = (key.trim(), value.trim());
            let is_repeated = match key {
                "" => return Err(refused()),
                POPULATION => {
                    let individuals = value.parse().map_err(|_| {
                        let expected = format!("a whole number from 2 to {}", u32::MAX);
                        Error::invalid(format!("population of {name}"), expected, value)
                    })?;
                    spec.population.replace(individuals).is_some()
                }
                _ => spec.set.insert(key.into(), value.into()).is_some(),
            };
            if is_repeated {
                let got = format!("'{key}' twice in '{text}'");
                return Err(Error::invalid("--strategies", "each key once", got));
            }
        }
        Ok(spec)
    }
}

/// Formats the spec as it is typed, with sorted keys.
impl fmt::Display for StrategySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.strategy)?;
        let population = self.population.map(|individuals| individuals.to_string());
        let population = population.iter().map(|individuals| (POPULATION, individuals.as_str()));
        let set = self.set.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        population.chain(set).try_for_each(|(key, value)| write!(f, ":{key}={value}"))
    }
}
