//! Rules: every setting of `neat`, ours and the paper's.

use serde::{Deserialize, Serialize};

use super::super::{Domain, Entry, Fitness, Preset, Setting, Settings, save};
use super::Neat;
use crate::error::{Error, Result};
use crate::network::{Activation, Aggregation, Ports};

pub(in crate::strategy) const ENTRY: Entry = Entry {
    name: "neat",
    summary: "networks that grow, in species, by historical markings",
    source: "Stanley and Miikkulainen 2002, Evolutionary Computation 10(2)",
    settings: &settings("tanh", "0"),
    breeds: false,
    written_bytes: 0,
    population: Some(|_| 150),
    preset: &[Preset { key: "paper", value: "true", others: PAPER }],
    grows: Some(super::grow),
    paints: None,
    begin: super::begin,
    resume: save::resume::<Neat>,
};

/// What differs from our own defaults.
const PAPER: &[(&str, &str)] = &[
    ("sharing", "fitness"),
    ("ties", "random"),
    ("elite-species", "0"),
    ("refocus", "20"),
    ("survivors", "0.2"),
    ("activation", "sigmoid"),
    ("response", "4.9"),
    ("output-response", "4.9"),
    ("weight-mutation", "0.8"),
    ("weight-power", "8"),
    ("weight-range", "8"),
    ("weight-share", "1"),
    ("weight-limit", "8"),
];

const WORDS: &[&str] =
    &["tanh", "relu", "sigmoid", "linear", "gelu", "silu", "sin", "softsign", "any"];

macro_rules! setting {
    ($key:literal, $default:expr, $domain:expr, $meaning:literal) => {
        Setting { key: $key, meaning: $meaning, default: $default, domain: $domain }
    };
}

pub(in crate::strategy) const COUNT: usize = 36;

/// Every setting, with the defaults of those two that painting graphs have others of.
pub(in crate::strategy) const fn settings(
    activation: &'static str,
    activation_mutation: &'static str,
) -> [Setting; COUNT] {
    [
        setting!(
            "paper",
            "false",
            Domain::Word(&["true", "false"]),
            "whether all that is not set is the paper's"
        ),
        setting!(
            "excess",
            "1",
            Domain::NotNegative,
            "c1: what a gene beyond the other genome's last counts in a distance"
        ),
        setting!(
            "disjoint",
            "1",
            Domain::NotNegative,
            "c2: what any other gene that only one has counts"
        ),
        setting!(
            "weights",
            "0.4",
            Domain::NotNegative,
            "c3: what the mean difference of the weights of shared genes counts"
        ),
        setting!(
            "small",
            "20",
            Domain::Count(0),
            "genes below which excess and disjoint ones are not divided by their number"
        ),
        setting!(
            "threshold",
            "3",
            Domain::Positive,
            "distance up to which genomes are of one species"
        ),
        setting!(
            "species",
            "0",
            Domain::Count(0),
            "species that the threshold is moved towards; 0 leaves it where it is"
        ),
        setting!(
            "threshold-step",
            "0.1",
            Domain::Positive,
            "by how much it is moved after a generation"
        ),
        setting!(
            "sharing",
            "ranks",
            Domain::Word(&["ranks", "shifted", "fitness"]),
            "what species share: ranks, the fitness above the worst one's, or fitness, which must \
             not be negative"
        ),
        setting!(
            "survivors",
            "0.1",
            Domain::Share,
            "share of a species that may have children, above 0"
        ),
        setting!(
            "champion",
            "5",
            Domain::Count(0),
            "members above which the best of a species goes on unchanged"
        ),
        setting!(
            "stagnation",
            "15",
            Domain::Count(1),
            "generations without improvement after which a species has no children"
        ),
        setting!(
            "refocus",
            "1000",
            Domain::Count(1),
            "the same of the whole population, after which only the two best species have some"
        ),
        setting!(
            "restart",
            "0",
            Domain::Count(0),
            "the same, after which the search begins anew; 0 for never"
        ),
        setting!("elite-species", "1", Domain::Count(0), "best species that stagnation spares"),
        setting!(
            "mutate-only",
            "0.25",
            Domain::Share,
            "share of the children that have one parent"
        ),
        setting!(
            "interspecies",
            "0.001",
            Domain::Share,
            "probability that the other parent is of another species"
        ),
        setting!(
            "disabled",
            "0.75",
            Domain::Share,
            "probability that a gene is disabled that is so in either parent"
        ),
        setting!(
            "ties",
            "smaller",
            Domain::Word(&["smaller", "random"]),
            "whose unshared genes the child of equals inherits: the smaller one's, or either's"
        ),
        setting!(
            "weight-mutation",
            "0.9",
            Domain::Share,
            "probability that the weights of a child mutate"
        ),
        setting!(
            "weight-new",
            "0.1",
            Domain::Share,
            "share of the weights that are then drawn anew; the others are moved"
        ),
        setting!(
            "weight-power",
            "2",
            Domain::Positive,
            "by how much a weight is moved at most, evenly"
        ),
        setting!(
            "weight-share",
            "0.5",
            Domain::Share,
            "share of a child's weights that mutate where they do, moved or drawn anew"
        ),
        setting!(
            "weight-range",
            "2.5",
            Domain::Positive,
            "how far from 0 a weight is that is drawn, at most"
        ),
        setting!("weight-limit", "30", Domain::Positive, "how far from 0 a weight may be moved"),
        setting!(
            "add-connection",
            "0.05",
            Domain::Share,
            "probability that a child has a new connection"
        ),
        setting!(
            "add-node",
            "0.03",
            Domain::Share,
            "probability that a connection of a child is split by a new node"
        ),
        setting!(
            "recurrent",
            "0.2",
            Domain::Share,
            "share of new connections that are recurrent, on tasks whose steps have an order"
        ),
        setting!(
            "hidden-nodes",
            "500",
            Domain::Count(0),
            "hidden nodes beyond which a genome has no new ones"
        ),
        setting!(
            "connections",
            "2000",
            Domain::Count(1),
            "connections beyond which a genome has no new ones"
        ),
        setting!(
            "activation",
            activation,
            Domain::Word(WORDS),
            "of hidden nodes; any draws one for each"
        ),
        setting!(
            "activation-mutation",
            activation_mutation,
            Domain::Share,
            "probability that a hidden node of a child draws another activation, with any"
        ),
        setting!(
            "aggregation",
            "sum",
            Domain::Word(&["sum", "product", "maximum", "minimum", "mean", "any"]),
            "how hidden nodes join what comes in; any draws one for each"
        ),
        setting!(
            "aggregation-mutation",
            "0",
            Domain::Share,
            "probability that a hidden node of a child draws another aggregation, with any"
        ),
        setting!(
            "response",
            "2.5",
            Domain::Positive,
            "what a hidden node multiplies its sum by, before the activation"
        ),
        setting!("output-response", "1", Domain::Positive, "the same of an output"),
    ]
}

/// Whose unshared genes the child of equals inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ties {
    /// The smaller parent's.
    Smaller,
    /// Either's, each with even chances.
    Random,
}

/// What species share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sharing {
    /// Ranks: as many as there are individuals for the best, 1 for the worst.
    Ranks,
    /// The fitness above the least one.
    Shifted,
    /// The fitness itself.
    Fitness,
}

/// The settings of a search, as numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // Each is explained where it can be set.
pub struct Rules {
    pub excess: f64,
    pub disjoint: f64,
    pub weights: f64,
    pub small: usize,
    pub threshold: f64,
    pub species: usize,
    pub threshold_step: f64,
    pub sharing: Sharing,
    pub survivors: f64,
    pub champion: usize,
    pub stagnation: u32,
    pub refocus: u32,
    pub restart: u32,
    pub elite_species: usize,
    pub mutate_only: f64,
    pub interspecies: f64,
    pub disabled: f64,
    pub ties: Ties,
    pub weight_mutation: f64,
    pub weight_new: f64,
    pub weight_power: f64,
    pub weight_share: f64,
    pub weight_range: f64,
    pub weight_limit: f64,
    pub add_connection: f64,
    pub add_node: f64,
    /// Zero where steps have no order.
    pub recurrent: f64,
    pub hidden_nodes: usize,
    pub connections: usize,
    /// None to draw from all.
    pub activation: Option<Activation>,
    pub activation_mutation: f64,
    /// None to draw from all.
    pub aggregation: Option<Aggregation>,
    pub aggregation_mutation: f64,
    pub response: f32,
    pub output_response: f32,
}

impl Rules {
    /// Complete settings as numbers.
    ///
    /// # Errors
    /// A share of survivors that is 0.
    pub fn of(settings: &Settings, ports: Ports) -> Result<Self> {
        let number = |key| settings.number(key);
        let generations = |key| settings.generations(key);
        settings.part("survivors", 1)?;
        Ok(Self {
            excess: number("excess"),
            disjoint: number("disjoint"),
            weights: number("weights"),
            small: settings.count("small"),
            threshold: number("threshold"),
            species: settings.count("species"),
            threshold_step: number("threshold-step"),
            sharing: match settings.word("sharing") {
                "ranks" => Sharing::Ranks,
                "shifted" => Sharing::Shifted,
                "fitness" => Sharing::Fitness,
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
                "smaller" => Ties::Smaller,
                "random" => Ties::Random,
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
            activation: one_of(settings.word("activation"), Activation::named)?,
            activation_mutation: number("activation-mutation"),
            aggregation: one_of(settings.word("aggregation"), Aggregation::named)?,
            aggregation_mutation: number("aggregation-mutation"),
            response: number("response") as f32,
            output_response: number("output-response") as f32,
        })
    }
}

/// The one that is named, or none for any.
fn one_of<T>(word: &str, named: fn(&str) -> Result<T>) -> Result<Option<T>> {
    if word == "any" { Ok(None) } else { named(word).map(Some) }
}

impl Sharing {
    /// What each individual brings to its species, none of it negative.
    ///
    /// # Errors
    /// A negative fitness, where that itself is shared.
    pub fn shares(self, fitness: &Fitness) -> Result<Vec<f64>> {
        let count = fitness.len() as f64;
        let finite = fitness.values().iter().map(|&value| {
            let value = f64::from(value);
            value.is_finite().then_some(value)
        });
        let shares: Vec<f64> = match self {
            Self::Ranks => fitness.utilities(|place| count - place as f64),
            Self::Shifted => {
                let least = finite.clone().flatten().fold(f64::INFINITY, f64::min);
                finite.map(|value| value.map_or(0.0, |value| value - least)).collect()
            }
            Self::Fitness => finite.map(|value| value.unwrap_or(0.0)).collect(),
        };
        match shares.iter().find(|share| **share < 0.0) {
            None => Ok(shares),
            Some(share) => Err(Error::invalid(
                "a fitness that is shared as it is",
                "none below 0, or --set sharing=ranks, which takes any",
                share,
            )),
        }
    }
}
