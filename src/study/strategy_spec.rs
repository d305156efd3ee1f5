//! Contestants: a strategy with its settings, as it is typed.
//!
//! `NAME`, then `:KEY=VALUE` as often as needed: `pgpe`, `pgpe:sigma=0.2:population=64`. A key is a
//! setting of the strategy, or `population`, which is no setting but differs between strategies.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::run::Request;
use crate::strategy;

/// The key that is no setting.
const POPULATION: &str = "population";

/// A strategy with settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategySpec {
    /// The strategy's name.
    pub strategy: String,
    /// Its settings.
    pub set: BTreeMap<String, String>,
    /// Its population, where it has one of its own.
    pub population: Option<u64>,
}

impl StrategySpec {
    /// The request of this contestant, in place of strategy and settings.
    pub(super) fn of(&self, request: &Request) -> Request {
        Request {
            strategy: Some(self.strategy.clone()),
            set: self.set.clone(),
            population: self.population.or(request.population),
            ..request.clone()
        }
    }

    /// Whether its strategy grows networks, which have no layers to name.
    pub(super) fn grows(&self) -> bool {
        strategy::by_name(&self.strategy).is_ok_and(|entry| entry.evolves_topology())
    }

    /// Takes the flags on layers out of the request of a contestant that grows its networks, where
    /// others have layers; gives back a sentence on that, if there were any.
    pub(super) fn leave_out_layers(&self, request: &mut Request, all_grow: bool) -> Option<String> {
        if !self.grows() || all_grow {
            return None;
        }
        let flags =
            [("--network", request.network.take()), ("--activation", request.activation.take())];
        let given: Vec<String> = flags
            .into_iter()
            .filter_map(|(flag, value)| Some(format!("{flag} {}", value?)))
            .collect();
        (!given.is_empty()).then(|| {
            let verb = if given.len() == 1 { "is" } else { "are" };
            let (given, name) = (given.join(" and "), &self.strategy);
            format!("{given} {verb} for the strategies with layers; {name} grows its networks")
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
        let mut contestant = Self { strategy: name.into(), set: BTreeMap::new(), population: None };
        for part in parts {
            let (key, value) = part.split_once('=').ok_or_else(refused)?;
            let (key, value) = (key.trim(), value.trim());
            let known = match key {
                "" => return Err(refused()),
                POPULATION => {
                    let individuals = value.parse().map_err(|_| {
                        let expected = "a whole number of individuals";
                        Error::invalid(format!("population of {name}"), expected, value)
                    })?;
                    contestant.population.replace(individuals).is_some()
                }
                _ => contestant.set.insert(key.into(), value.into()).is_some(),
            };
            if known {
                let got = format!("'{key}' twice in '{text}'");
                return Err(Error::invalid("--strategies", "each key once", got));
            }
        }
        Ok(contestant)
    }
}

/// As it is typed, keys in their order.
impl fmt::Display for StrategySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.strategy)?;
        let population = self.population.map(|individuals| individuals.to_string());
        let population = population.iter().map(|individuals| (POPULATION, individuals.as_str()));
        let set = self.set.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        population.chain(set).try_for_each(|(key, value)| write!(f, ":{key}={value}"))
    }
}
