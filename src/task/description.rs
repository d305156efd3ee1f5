//! Descriptions of tasks for people: what a network reads and gives, and what it is scored by.
//!
//! Each control task defines its [`Labels`] once, beside its constants. [`Task`]s of every kind
//! turn into a [`Description`], which is all that a table of inputs and outputs needs.
//!
//! # Example
//!
//! ```
//! let description = deme::task::by_name("cartpole")?.description();
//! assert_eq!(description.inputs[2].name, "angle");
//! assert_eq!(description.inputs[2].unit, "rad");
//! assert_eq!(description.inputs[2].range(), "-0.209 to 0.209");
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::borrow::Cow;

use super::{DataSet, Function, Kind, Simulation, Task};

/// The name, unit and range of a number that a network reads or gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// A short name, such as "angle".
    pub name: Cow<'static, str>,
    /// The meaning, in a few words.
    pub meaning: Cow<'static, str>,
    /// The unit; empty for a number without one. "4.8 m" means that 1 stands for 4.8 m.
    pub unit: &'static str,
    /// The smallest value within an episode, or minus infinity.
    pub low: f64,
    /// The largest value within an episode, or infinity.
    pub high: f64,
    /// The number of inputs or outputs that this entry stands for, such as 64 pixels.
    pub count: usize,
}

impl Quantity {
    /// A number between two limits.
    pub const fn between(
        name: &'static str,
        meaning: &'static str,
        unit: &'static str,
        low: f64,
        high: f64,
    ) -> Self {
        let (name, meaning) = (Cow::Borrowed(name), Cow::Borrowed(meaning));
        Self { name, meaning, unit, low, high, count: 1 }
    }

    /// A number between `-limit` and `limit`.
    pub const fn bounded(
        name: &'static str,
        meaning: &'static str,
        unit: &'static str,
        limit: f64,
    ) -> Self {
        Self::between(name, meaning, unit, -limit, limit)
    }

    /// A number without limits.
    pub const fn unbounded(name: &'static str, meaning: &'static str, unit: &'static str) -> Self {
        Self::bounded(name, meaning, unit, f64::INFINITY)
    }

    /// One of several choices: the action with this index.
    pub const fn choice(index: u32, name: &'static str, meaning: &'static str) -> Self {
        Self::between(name, meaning, "", index as f64, index as f64)
    }

    /// Makes the entry stand for several inputs or outputs.
    #[must_use]
    pub const fn times(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// Returns the range for a person: "-2.4 to 2.4", "0 or more", "any".
    pub fn range(&self) -> String {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) if self.low == self.high => short(self.low),
            (true, true) => format!("{} to {}", short(self.low), short(self.high)),
            (true, false) => format!("{} or more", short(self.low)),
            (false, true) => format!("{} or less", short(self.high)),
            (false, false) => "any".into(),
        }
    }
}

/// A number to three decimal places, without trailing zeros.
fn short(number: f64) -> String {
    ((number * 1000.0).round() / 1000.0).to_string()
}

/// The observations, actions and rules of a control task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labels {
    /// The observations, in the order in which a network reads them.
    pub observations: &'static [Quantity],
    /// The choices, or the forces, in the order in which a network gives them.
    pub actions: &'static [Quantity],
    /// The reward of a step, as a sentence.
    pub reward: &'static str,
    /// The conditions that end an episode, as a sentence.
    pub ends: &'static str,
}

/// A task's inputs, outputs and rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The kind of input: "observation", "feature" or "gene".
    pub input_heading: &'static str,
    /// The inputs, in the order in which a network reads them.
    pub inputs: Vec<Quantity>,
    /// The kind of output: "action", "output" or "value".
    pub output_heading: &'static str,
    /// The outputs, in the order in which a network gives them.
    pub outputs: Vec<Quantity>,
    /// Further facts, each a title and a sentence, in the order in which to show them.
    pub facts: Vec<(&'static str, String)>,
}

impl dyn Task + '_ {
    /// Describes the task for a person.
    pub fn description(&self) -> Description {
        let mut description = match self.kind() {
            Kind::Control(simulation) => describe_control(simulation),
            Kind::Data(data) => describe_data(data),
            Kind::Function(function) => describe_function(function),
        };
        description.facts.push(("source", self.about().source.to_string()));
        description
    }
}

fn describe_control(simulation: &dyn Simulation) -> Description {
    let labels = simulation.labels();
    Description {
        input_heading: "observation",
        inputs: labels.observations.to_vec(),
        output_heading: "action",
        outputs: labels.actions.to_vec(),
        facts: vec![("reward", labels.reward.into()), ("ends", labels.ends.into())],
    }
}

fn describe_data(data: &DataSet) -> Description {
    let (training, all) = (data.training, data.targets.len());
    let samples = match data.held_out_is_training {
        true => format!("{training}, used for both training and testing."),
        false => format!("{all}: {training} for training, {} held out.", all - training),
    };
    Description {
        input_heading: "feature",
        inputs: data.feature_labels.clone(),
        output_heading: "output",
        outputs: data.output_labels.clone(),
        facts: vec![
            ("objective", data.objective.description().into()),
            ("score", data.objective.score_description().into()),
            ("samples", samples),
        ],
    }
}

fn describe_function(function: &Function) -> Description {
    let formula = function.formula();
    let dimensions = function.dimensions();
    let rotation = match function.is_rotated() {
        true => "z = R (x - s), where R is an orthogonal matrix that is the same in every run.",
        false => "None: z = x - s.",
    };
    let shift = match function.is_shifted() {
        true => "Every number of s is drawn from [-4, 4) and is the same in every run.",
        false => "None: s = 0.",
    };
    let domain = format!(
        "All {dimensions} numbers are unbounded; a run starts at {} in each.",
        function.initial_gene()
    );
    Description {
        input_heading: "gene",
        inputs: vec![Quantity::unbounded("x", "coordinate of the point", "").times(dimensions)],
        output_heading: "value",
        outputs: vec![Quantity::between(
            "f(x)",
            "value at the point; the fitness is minus this value",
            "",
            0.0,
            f64::INFINITY,
        )],
        facts: vec![
            ("formula", format!("f = {}", formula.expression())),
            ("domain", domain),
            ("optimum", format!("0 at {}.", formula.optimum())),
            ("rotation", rotation.into()),
            ("shift", shift.into()),
        ],
    }
}
