//! Hyperparameters: the settings of `neat` as numbers.

use serde::{Deserialize, Serialize};

use super::super::state_limits::{are_non_negative, are_positive, are_shares};
use super::super::{Fitness, Settings};
use super::settings::ANY;
use crate::error::{Error, Result};
use crate::network::{Activation, Aggregation, Ports};

/// The rule by which excess and disjoint genes are inherited from parents of equal fitness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TieRule {
    /// Inherits those of the parent with fewer genes.
    Smaller,
    /// Inherits each of either parent's with probability 1/2.
    Random,
}

/// The value that individuals share within their species.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FitnessSharing {
    /// The rank: the population for the best individual, 1 for the worst.
    Ranks,
    /// The fitness above the lowest one.
    Shifted,
    /// The fitness itself.
    Fitness,
}

/// The settings of a search, as numbers. `settings.rs` says what each means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // The settings document every field.
pub struct Hyperparameters {
    pub excess: f64,
    pub disjoint: f64,
    pub weights: f64,
    pub small: usize,
    pub threshold: f64,
    pub species: usize,
    pub threshold_step: f64,
    pub sharing: FitnessSharing,
    pub survivors: f64,
    pub champion: usize,
    pub stagnation: u32,
    pub refocus: u32,
    pub restart: u32,
    pub elite_species: usize,
    pub mutate_only: f64,
    pub interspecies: f64,
    pub disabled: f64,
    pub ties: TieRule,
    pub weight_mutation: f64,
    pub weight_new: f64,
    pub weight_power: f64,
    pub weight_share: f64,
    pub weight_range: f64,
    pub weight_limit: f64,
    pub add_connection: f64,
    pub add_node: f64,
    /// The share of recurrent connections, 0 if the task's steps have no order.
    pub recurrent: f64,
    pub hidden_nodes: usize,
    pub connections: usize,
    /// `None` draws from all.
    pub activation: Option<Activation>,
    pub activation_mutation: f64,
    /// `None` draws from all.
    pub aggregation: Option<Aggregation>,
    pub aggregation_mutation: f64,
    pub response: f32,
    pub output_response: f32,
}

impl Hyperparameters {
    /// Parses complete settings.
    ///
    /// # Errors
    /// Returns an error if an activation or an aggregation is unknown.
    pub fn from_settings(settings: &Settings, ports: Ports) -> Result<Self> {
        let number = |key| settings.number(key);
        let generations = |key| settings.generations(key);
        Ok(Self {
            excess: number("excess"),
            disjoint: number("disjoint"),
            weights: number("weights"),
            small: settings.count("small"),
            threshold: number("threshold"),
            species: settings.count("species"),
            threshold_step: number("threshold-step"),
            sharing: match settings.word("sharing") {
                "ranks" => FitnessSharing::Ranks,
                "shifted" => FitnessSharing::Shifted,
                "fitness" => FitnessSharing::Fitness,
                other => unreachable!("sharing '{other}' has passed the check of its domain"),
            },
            survivors: number("survivors"),
            champion: settings.count("champion"),
            stagnation: generations("stagnation"),
            refocus: generations("refocus"),
            restart: generations("restart"),
            elite_species: settings.count("elite-species"),
            mutate_only: number("mutate-only"),
            interspecies: number("interspecies"),
            disabled: number("disabled"),
            ties: match settings.word("ties") {
                "smaller" => TieRule::Smaller,
                "random" => TieRule::Random,
                other => unreachable!("ties '{other}' has passed the check of its domain"),
            },
            weight_mutation: number("weight-mutation"),
            weight_new: number("weight-new"),
            weight_power: number("weight-power"),
            weight_share: number("weight-share"),
            weight_range: number("weight-range"),
            weight_limit: number("weight-limit"),
            add_connection: number("add-connection"),
            add_node: number("add-node"),
            recurrent: if ports.ordered { number("recurrent") } else { 0.0 },
            hidden_nodes: settings.count("hidden-nodes"),
            connections: settings.count("connections"),
            activation: unless_any(settings.word("activation"), Activation::by_name)?,
            activation_mutation: number("activation-mutation"),
            aggregation: unless_any(settings.word("aggregation"), Aggregation::by_name)?,
            aggregation_mutation: number("aggregation-mutation"),
            response: number("response") as f32,
            output_response: number("output-response") as f32,
        })
    }
}

impl Hyperparameters {
    /// True if every number lies in the domain of its setting.
    pub(super) fn is_valid(&self) -> bool {
        let responses = [f64::from(self.response), f64::from(self.output_response)];
        let shares = [
            self.survivors,
            self.mutate_only,
            self.interspecies,
            self.disabled,
            self.weight_mutation,
            self.weight_new,
            self.weight_share,
            self.add_connection,
            self.add_node,
            self.recurrent,
            self.activation_mutation,
            self.aggregation_mutation,
        ];
        let positive = [
            self.threshold,
            self.threshold_step,
            self.survivors,
            self.weight_power,
            self.weight_range,
            self.weight_limit,
        ];
        are_shares(&shares)
            && are_positive(&positive)
            && are_positive(&responses)
            && are_non_negative(&[self.excess, self.disjoint, self.weights])
    }
}

/// Returns the function of a name, or `None` for [`ANY`].
fn unless_any<T>(word: &str, by_name: fn(&str) -> Result<T>) -> Result<Option<T>> {
    if word == ANY { Ok(None) } else { by_name(word).map(Some) }
}

impl FitnessSharing {
    /// Returns the contribution of each individual to its species; none is negative.
    ///
    /// # Errors
    /// Returns an error if the fitness itself is shared and one is negative.
    pub fn contributions(self, fitness: &Fitness) -> Result<Vec<f64>> {
        let count = fitness.len() as f64;
        let finite = fitness.values().iter().map(|&value| {
            let value = f64::from(value);
            value.is_finite().then_some(value)
        });
        let contributions: Vec<f64> = match self {
            Self::Ranks => fitness.utilities(|rank| count - rank as f64),
            Self::Shifted => {
                let lowest = finite.clone().flatten().fold(f64::INFINITY, f64::min);
                finite.map(|value| value.map_or(0.0, |value| value - lowest)).collect()
            }
            Self::Fitness => finite.map(|value| value.unwrap_or(0.0)).collect(),
        };
        match contributions.iter().find(|value| **value < 0.0) {
            None => Ok(contributions),
            Some(value) => Err(Error::invalid(
                "--set sharing=fitness",
                "a fitness of 0 or above; --set sharing=ranks accepts any",
                value,
            )),
        }
    }
}
