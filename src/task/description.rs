//! Descriptions of tasks for people: what a network reads and gives, and what it is scored by.
//!
//! [`Task`]s of every kind turn into a [`Description`], which is all that a table of inputs and
//! outputs needs.
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

use super::{
    ControlShape, DataSet, DrawnParameter, Formula, Function, Kind, Quantity, Simulation, Task,
    parameters,
};

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
        // A world whose training is guided by other parameters is described as it is scored.
        let scored = self.evaluation_tasks().map(|tasks| tasks.held_out);
        let mut description = match self.kind() {
            Kind::Control(simulation) if simulation.is_world() => {
                match scored.as_ref().map(|task| task.kind()) {
                    Some(Kind::Control(scored)) => describe_control(scored),
                    _ => describe_control(simulation),
                }
            }
            Kind::Control(simulation) => describe_control(simulation),
            Kind::Data(data) => describe_data(data),
            Kind::Function(function) => describe_function(function),
        };
        description.facts.push(("source", self.about().source.to_string()));
        // A world of a user need not say everything.
        description.facts.retain(|(_, text)| !text.is_empty());
        description
    }
}

/// Returns a range for a person: "0 to 500", "0 or less".
pub(crate) fn range_text([low, high]: [f64; 2]) -> String {
    Quantity::between("", "", "", low, high).range()
}

fn describe_control(simulation: &dyn Simulation) -> Description {
    let labels = simulation.labels();
    Description {
        input_heading: "observation",
        inputs: labels.observations.to_vec(),
        output_heading: "action",
        outputs: labels.actions.to_vec(),
        facts: [
            Some(("reward", labels.reward.into())),
            Some(("return", format!("{} in an episode.", range_text(labels.returns)))),
            Some(("ends", labels.ends.into())),
            describe_parameters(simulation.shape()).map(|text| ("parameters", text)),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// Returns the parameters of a world with their values, if it has any.
fn describe_parameters(shape: ControlShape) -> Option<String> {
    let drawn =
        shape.parameters.iter().map(|DrawnParameter { name, range: [low, high], .. }| {
            format!("{name} {low}..{high}, drawn in each episode")
        });
    let fixed = parameters(shape.wgsl.unwrap_or_default()).into_iter().map(|parameter| {
        let note = if parameter.note.is_empty() { String::new() } else { " ".to_owned() };
        format!("{} {}{note}{}", parameter.name, parameter.value, parameter.note)
    });
    let all: Vec<String> = drawn.chain(fixed).collect();
    (!all.is_empty()).then(|| format!("{}. --param sets them.", all.join("; ")))
}

fn describe_data(data: &DataSet) -> Description {
    let (training, validation, all) = (data.training, data.validation, data.len());
    let held_out = all - training - validation;
    let samples = match (data.held_out_is_training, validation) {
        (true, 0) => format!("{training}, used for both training and testing."),
        (true, _) => format!(
            "{all}: {training} for training and testing, {validation} to choose the champion."
        ),
        (false, 0) => format!("{all}: {training} for training, {held_out} held out."),
        (false, _) => format!(
            "{all}: {training} for training, {validation} to choose the champion, {held_out} held \
             out."
        ),
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
    let dimensions = function.dimensions();
    let formula = function.formula();
    let value = match formula {
        Some(_) => ("f(x)", "value at the point; the fitness is minus this value", 0.0),
        None => ("fitness", "fitness of the point", f64::NEG_INFINITY),
    };
    let start = match function.initial_gene() {
        Some(gene) => format!("{gene} in each"),
        None => format!("({})", listed(&function.initial_point())),
    };
    let domain = format!(
        "All {dimensions} numbers are unbounded; a run starts at {start}, and searches with a \
         first standard deviation of about {}.",
        function.deviation()
    );
    let mut facts = vec![("domain", domain)];
    if let Some(trap) = formula.and_then(Formula::trap) {
        facts.push(("trap", trap.into()));
    }
    if let Some(formula) = formula {
        facts.insert(0, ("formula", format!("f = {}", formula.expression())));
        facts.push(("optimum", format!("0 at {}.", formula.optimum())));
        facts.extend(describe_frame(function).map(|(title, text)| (title, text.into())));
    }
    let (name, meaning, low) = value;
    Description {
        input_heading: "gene",
        inputs: vec![Quantity::unbounded("x", "coordinate of the point", "").times(dimensions)],
        output_heading: "value",
        outputs: vec![Quantity::between(name, meaning, "", low, f64::INFINITY)],
        facts,
    }
}

/// Returns the first and the last numbers of a point.
fn listed(point: &[f32]) -> String {
    let text = |gene: &f32| match gene.abs() {
        small if small > 0.0 && small < 1e-3 => format!("{gene:e}"),
        _ => gene.to_string(),
    };
    match point {
        [first, second, third, .., last] if point.len() > 4 => {
            format!("{}, {}, {}, ..., {}", text(first), text(second), text(third), text(last))
        }
        all => all.iter().map(text).collect::<Vec<_>>().join(", "),
    }
}

/// Returns the rotation and the shift of a formula's points.
fn describe_frame(function: &Function) -> [(&'static str, &'static str); 2] {
    let rotation = match function.is_rotated() {
        true => "z = R (x - s), where R is an orthogonal matrix that is the same in every run.",
        false => "None: z = x - s.",
    };
    let shift = match function.is_shifted() {
        true => "Every number of s is drawn from [-4, 4) and is the same in every run.",
        false => "None: s = 0.",
    };
    [("rotation", rotation), ("shift", shift)]
}
