//! Preprocessing: splits the contents of a file into training, validation and held-out samples, and
//! standardises the numbers.

use std::borrow::Cow;
use std::path::Path;

use super::data_file::{DataFile, LoadedDataSet};
use super::numbers::Numbers;
use super::split::{self, SampleOrder};
use super::table::Table;
use super::target::{Column, Goal, Targets};
use super::{defaults, remarks};
use crate::draw::number::counted;
use crate::error::{Error, Result, printable};
use crate::task::{About, DataSet, Objective, OutputScaling, Preprocessing, Quantity, Split};

impl DataFile<'_> {
    /// Assigns each sample to a split, and standardises all numbers.
    ///
    /// # Errors
    /// Returns an error if the targets do not differ, if a requested split cannot be drawn, or if
    /// features are too large to standardise.
    pub(super) fn preprocess(&self, mut table: Table, goal: Option<Goal>) -> Result<LoadedDataSet> {
        let fault = |problem: String| Error::File {
            path: self.path.into(),
            line: table.line,
            problem: format!("{}: {problem}", table.target_location),
        };
        let column = std::mem::replace(&mut table.column, Column::Numbers(Vec::new()));
        // Fractional numbers can only be a regression.
        let guessed = goal.is_none() && column.is_whole();
        let targets = column.targets(goal).map_err(fault)?;
        let mut samples = self.split(&targets, table.training).map_err(fault)?;
        let mut remarks = match &targets {
            Targets::Classes { labels, names } => {
                remarks::of_classes(labels, names, &samples.are_held_out(), goal.is_none())
            }
            Targets::Numbers { .. } => Vec::new(),
        };
        let prepared = prepare_targets(targets, &table.targets, &samples).map_err(fault)?;
        table.features.fill_gaps(table.inputs, samples.training()).map_err(|column| {
            Error::File {
                path: self.path.into(),
                line: table.line,
                problem: format!(
                    "feature '{}': expected a value in the training samples, to take the mean of, \
                     got none; leave the column out with --drop",
                    table.columns[column]
                ),
            }
        })?;
        let data = self.data_set(&table, &samples, prepared)?;
        let mut notes = vec![summary(&data, &table.target_location, guessed)];
        notes.append(&mut samples.notes);
        notes.append(&mut table.notes);
        notes.append(&mut remarks);
        let preprocessing = data.preprocessing.as_ref();
        notes.extend(preprocessing.and_then(|preprocessing| {
            remarks::of_constants(&preprocessing.input_scales, &preprocessing.columns)
        }));
        let held_out = table.training.is_none().then(|| self.held_out.unwrap_or(split::HELD_OUT));
        Ok(LoadedDataSet { data, held_out, validation: samples.validation_share, notes })
    }

    fn data_set(
        &self,
        table: &Table,
        samples: &SampleOrder,
        prepared: PreparedTargets,
    ) -> Result<DataSet> {
        let inputs = table.inputs;
        let fault =
            |problem: String| Error::File { path: self.path.into(), line: table.line, problem };
        if inputs == 0 {
            return Err(fault("expected at least one number in a sample, got none".into()));
        }
        let scaling = table.features.scaling(inputs, samples.training(), table.shared_unit);
        let features = table.features.scaled(&samples.order, &scaling).map_err(|position| {
            let column = position % inputs;
            let name = table.columns.get(column).map_or(column.to_string(), String::clone);
            fault(format!(
                "feature '{name}': expected numbers of similar size, got far too large ones"
            ))
        })?;
        let about = about(self.path, samples, inputs, &prepared);
        let preprocessing = Preprocessing {
            columns: table.columns.clone(),
            table: table.table.clone(),
            input_means: scaling.means,
            input_scales: scaling.scales,
            targets: table.targets.clone(),
            classes: prepared.classes,
            outputs: prepared.outputs,
        };
        Ok(DataSet {
            about,
            inputs,
            outputs: preprocessing.classes.len().max(preprocessing.outputs.len()),
            features,
            targets: prepared.targets,
            training: samples.training,
            validation: samples.validation,
            objective: prepared.objective,
            held_out_is_training: samples.held_out().is_empty(),
            feature_labels: feature_labels(&preprocessing),
            output_labels: output_labels(&preprocessing),
            preprocessing: Some(preprocessing),
        })
    }
}

/// The columns of the file, or one label for all features if they have no names.
fn feature_labels(preprocessing: &Preprocessing) -> Vec<Quantity> {
    const MEANING: &str = "standardised: mean 0 and deviation 1 over the training samples";
    if preprocessing.columns.is_empty() {
        let count = preprocessing.input_means.len();
        return vec![Quantity::unbounded("feature", MEANING, "").times(count)];
    }
    let label = |name: &String| Quantity {
        name: Cow::Owned(name.clone()),
        ..Quantity::unbounded("", MEANING, "")
    };
    preprocessing.columns.iter().map(label).collect()
}

/// The classes, or the numbers to predict.
fn output_labels(preprocessing: &Preprocessing) -> Vec<Quantity> {
    if preprocessing.classes.is_empty() {
        let meaning = "the number to predict, standardised";
        let label = |name: &String| Quantity {
            name: Cow::Owned(name.clone()),
            ..Quantity::unbounded("", meaning, "")
        };
        return preprocessing.targets.iter().map(label).collect();
    }
    let meaning = "evidence for this class; the largest wins";
    let label = |name: &String| Quantity {
        name: Cow::Owned(name.clone()),
        ..Quantity::unbounded("", meaning, "")
    };
    preprocessing.classes.iter().map(label).collect()
}

/// The targets, training samples first, in the form that the objective needs.
struct PreparedTargets {
    targets: Vec<f32>,
    objective: Objective,
    classes: Vec<String>,
    /// The scaling of each output of a regression.
    outputs: Vec<OutputScaling>,
}

/// Converts the targets to classes or to standardised numbers, training samples first. `names` are
/// those of the targets.
fn prepare_targets(
    targets: Targets,
    names: &[String],
    samples: &SampleOrder,
) -> std::result::Result<PreparedTargets, String> {
    let (numbers, width) = match targets {
        Targets::Classes { labels, names } => {
            return Ok(PreparedTargets {
                targets: samples.order.iter().map(|&sample| labels[sample] as f32).collect(),
                objective: Objective::CrossEntropy,
                classes: names,
                outputs: Vec::new(),
            });
        }
        Targets::Numbers { numbers, width } => (Numbers::Doubles(numbers), width),
    };
    let training = samples.training().len();
    if training < 2 {
        let others = samples.order.len() - training;
        let advice = match (samples.held_out().len(), samples.validation) {
            (0, 0) => String::new(),
            (0, _) => format!("; {others} for validation: give more, or use --validation 0"),
            _ => format!("; {others} held out: give more samples, or use --held-out 0"),
        };
        return Err(format!("expected at least two samples to learn from, got {training}{advice}"));
    }
    let scaling = numbers.scaling(width, samples.training(), false);
    let targets = numbers.scaled(&samples.order, &scaling).unwrap_or_default();
    let mut outputs = Vec::new();
    for (output, (&mean, &scale)) in scaling.means.iter().zip(&scaling.scales).enumerate() {
        // Several targets are named; the location of the only one is the caller's.
        let name = names.get(output).filter(|_| width > 1);
        let of = name.map_or(String::new(), |name| format!(" of '{}'", printable(name)));
        // Constant numbers, and numbers whose squares overflow, have no scale.
        if scale == 0.0 || targets.is_empty() {
            return Err(format!(
                "expected numbers{of} that differ, to learn from, got a deviation of {} around \
                 {mean}",
                if targets.is_empty() { "too much" } else { "0" }
            ));
        }
        let held_out = &targets[targets.len() - samples.held_out().len() * width..];
        let mut held_out = held_out.iter().skip(output).step_by(width);
        let count = held_out.len();
        let first = held_out.next();
        if first.is_some_and(|first| held_out.all(|target| target == first)) {
            return Err(format!(
                "expected held-out numbers{of} that differ, because R^2 compares their \
                 differences, got {count} equal ones; hold out more with --held-out"
            ));
        }
        outputs.push(OutputScaling { mean, deviation: scale.recip() });
    }
    let classes = Vec::new();
    Ok(PreparedTargets { targets, objective: Objective::SquaredError, classes, outputs })
}

fn about(path: &Path, samples: &SampleOrder, inputs: usize, prepared: &PreparedTargets) -> About {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = ["csv", "tsv", "npy", "npz"].iter().find_map(|ending| {
        let (stem, last) = stem.rsplit_once('.')?;
        last.eq_ignore_ascii_case(ending).then_some(stem)
    });
    let what = match prepared.classes.len() {
        0 => match prepared.outputs.len() {
            1 => "a number to predict".into(),
            numbers => format!("{numbers} numbers to predict"),
        },
        classes => format!("{classes} classes"),
    };
    About {
        name: Cow::Owned(stem.unwrap_or(&name).to_owned()),
        summary: Cow::Owned(format!(
            "{} of {}, {what}",
            counted(samples.order.len() as u64, "samples"),
            counted(inputs as u64, "numbers")
        )),
        source: Cow::Owned(path.display().to_string()),
        threshold: None,
        defaults: defaults::for_sizes(
            samples.training,
            inputs,
            prepared.classes.len().max(prepared.outputs.len()),
        ),
    }
}

/// Describes the data set in a sentence, for people.
fn summary(data: &DataSet, target: &str, guessed: bool) -> String {
    let validation = match data.validation {
        0 => String::new(),
        samples => format!(", {samples} for validation"),
    };
    let held_out = match data.held_out_is_training {
        true => "none held out, so the score is that of the training samples".to_owned(),
        false => format!("{} held out", data.indices(Split::HeldOut).len()),
    };
    let (what, other) = match data.objective {
        Objective::SquaredError if data.outputs > 1 => {
            (format!("{} numbers", data.outputs), "classification")
        }
        Objective::SquaredError => ("a number".to_owned(), "classification"),
        Objective::CrossEntropy | Objective::Closeness => {
            (format!("one of {} classes", data.outputs), "regression")
        }
    };
    let advice =
        if guessed { format!(" (use --goal {other} to change this)") } else { String::new() };
    format!(
        "data: {} of {} to learn from{validation}, {held_out}; {target} is {what}{advice}",
        counted(data.training as u64, "samples"),
        counted(data.inputs as u64, "standardised numbers"),
    )
}
