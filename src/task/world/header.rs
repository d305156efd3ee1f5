//! The header of a world: `//!` lines that hold TOML.
//!
//! WGSL reads them as comments. A person finds the sizes, names, units and defaults of a world in
//! one place, above its functions.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::task::ActionPart;

/// The prefix of a line of the header.
const PREFIX: &str = "//!";

/// The declarations of a world.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorldHeader {
    /// The task of a network, in a few words.
    pub summary: String,
    /// The origin of the world.
    #[serde(default)]
    pub source: String,
    /// The count of numbers in a state.
    pub state: usize,
    /// The count of uniforms that a start needs.
    #[serde(default)]
    pub draws: usize,
    /// The count of uniforms that a step needs.
    #[serde(default)]
    pub step_draws: usize,
    /// The length of the list of starts, if starts are listed rather than drawn.
    pub starts: Option<u32>,
    /// The number of steps after which an episode is cut off.
    pub step_limit: u32,
    /// The length of the behaviour descriptor: the head of an episode's last state.
    #[serde(default)]
    pub behaviour: usize,
    /// The mean return from which on the world counts as solved.
    pub threshold: Option<f64>,
    /// The smallest and the largest return of an episode.
    #[serde(default = "any_return")]
    pub returns: [f64; 2],
    /// The reward of a step, as a sentence.
    #[serde(default)]
    pub reward: String,
    /// The conditions that end an episode, as a sentence.
    #[serde(default)]
    pub ends: String,
    /// The numbers that a network observes, in order.
    pub observations: Vec<Number>,
    /// The numbers of an action, in order.
    pub actions: Vec<ActionNumber>,
    /// The ranges of the parameters that each episode draws, unless the user sets them.
    #[serde(default)]
    pub parameters: BTreeMap<String, [f32; 2]>,
    /// Parameters that differ in training, such as a bonus that guides the search. Validation and
    /// held-out episodes score networks without them.
    #[serde(default)]
    pub training: BTreeMap<String, f32>,
    /// The picture, if the text has a function for it.
    pub picture: Option<PictureHeader>,
    /// The defaults of a run.
    #[serde(default)]
    pub defaults: RunDefaults,
}

/// The region of a world that its picture shows, in the world's own units; y points upward.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PictureHeader {
    pub left: f64,
    pub bottom: f64,
    pub right: f64,
    pub top: f64,
    /// The duration of a step in seconds.
    pub step_seconds: f64,
    /// The texts that `picture_text` writes.
    #[serde(default)]
    pub texts: Vec<String>,
}

/// A number that a network observes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// A short name, such as "angle".
    pub name: String,
    /// The meaning, in a few words.
    #[serde(default)]
    pub meaning: String,
    /// The unit.
    #[serde(default)]
    pub unit: String,
    /// The smallest value.
    #[serde(default = "minus_infinity")]
    pub low: f64,
    /// The largest value.
    #[serde(default = "infinity")]
    pub high: f64,
    /// The count of numbers that the entry stands for.
    #[serde(default = "one")]
    pub count: usize,
}

/// A number of an action: one of several choices, a number with a range, or else a plain output.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionNumber {
    /// A short name, such as "torque".
    pub name: String,
    /// The meaning, in a few words.
    #[serde(default)]
    pub meaning: String,
    /// The unit.
    #[serde(default)]
    pub unit: String,
    /// The choices, if the number is the index of one.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// The smallest value, if the number has a range.
    pub low: Option<f64>,
    /// The largest value.
    pub high: Option<f64>,
}

/// One of several choices: its name, or its name and its meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Choice {
    /// A name.
    Name(String),
    /// A name, and the meaning in a few words.
    Described {
        /// The name.
        name: String,
        /// The meaning.
        meaning: String,
    },
}

impl Choice {
    /// The name.
    pub fn name(&self) -> &str {
        let (Self::Name(name) | Self::Described { name, .. }) = self;
        name
    }

    /// The meaning, or an empty text.
    pub fn meaning(&self) -> &str {
        match self {
            Self::Name(_) => "",
            Self::Described { meaning, .. } => meaning,
        }
    }
}

impl ActionNumber {
    /// Returns how the outputs of a network decide the number.
    pub fn part(&self) -> std::result::Result<ActionPart, String> {
        let wrong = |problem: &str| Err(format!("the action '{}': {problem}", self.name));
        match (&self.choices[..], self.low, self.high) {
            ([], None, None) => Ok(ActionPart::Output),
            ([], Some(low), Some(high)) if is_single_range(low, high) => {
                Ok(ActionPart::Range { low, high })
            }
            ([], Some(low), Some(high)) => {
                wrong(&format!("expected low < high, both below 3e38, got {low} and {high}"))
            }
            ([], _, _) => wrong("expected low and high, or neither, got one of them"),
            ([_], None, None) => wrong("expected two choices or more, got one"),
            (choices, None, None) => Ok(ActionPart::Choice { count: choices.len() }),
            _ => wrong("expected choices, or low and high, got both"),
        }
    }
}

/// The defaults of a run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct RunDefaults {
    /// The name of a strategy.
    pub strategy: String,
    /// The spec of the hidden layers.
    pub network: String,
    /// The number of individuals.
    pub population: u32,
    /// The largest number of generations.
    pub generations: u32,
    /// The episodes of an individual in each generation.
    pub episodes: u32,
    /// True if observations are normalised.
    pub normalise_observations: bool,
    /// The settings that differ from those of the strategy.
    pub settings: toml::Table,
}

impl Default for RunDefaults {
    fn default() -> Self {
        Self {
            strategy: "openai-es".into(),
            network: "16-16".into(),
            population: 64,
            generations: 500,
            episodes: 4,
            normalise_observations: false,
            settings: toml::Table::new(),
        }
    }
}

fn any_return() -> [f64; 2] {
    [f64::NEG_INFINITY, f64::INFINITY]
}

fn minus_infinity() -> f64 {
    f64::NEG_INFINITY
}

fn infinity() -> f64 {
    f64::INFINITY
}

fn one() -> usize {
    1
}

impl WorldHeader {
    /// Reads the header of a world's text.
    ///
    /// # Errors
    /// Returns an error with the line that is not valid.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        // Lines of WGSL become empty, so that lines keep their numbers.
        let header: Vec<&str> =
            text.lines().map(|line| line.trim_start().strip_prefix(PREFIX).unwrap_or("")).collect();
        let header = header.join("\n");
        toml::from_str(&header).map_err(|error| {
            let line = match error.span() {
                Some(span) if span.start > 0 => header[..span.start].matches('\n').count() + 1,
                _ => 0,
            };
            let problem = format!("in the header of //! lines: {}", error.message());
            Error::File { path: path.to_owned(), line, problem }
        })
    }
}

/// True if a range has a middle and a length above 0 in single precision.
fn is_single_range(low: f64, high: f64) -> bool {
    let [middle, half] = ActionPart::middle_and_half(low, high);
    middle.is_finite() && half.is_finite() && half > 0.0
}
