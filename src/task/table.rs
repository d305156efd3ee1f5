//! Tables of labelled samples from CSV text: a header, a number in every feature column, and a
//! target column whose distinct values are the classes.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::{About, DataSet, Defaults, Objective};
use crate::error::{Error, Result};

/// Of so many samples of a class, the last goes to the held-out part.
const HELD_OUT_EVERY: usize = 5;

/// A parsed table.
pub(super) struct Table {
    /// Numbers in a sample.
    pub inputs: usize,
    /// `f32[samples][inputs]`.
    pub features: Vec<f32>,
    /// The target column: an index into `classes` for each sample.
    pub labels: Vec<u32>,
    /// The distinct values of the target column, numbers in numeric order.
    pub classes: Vec<String>,
}

/// The data set of a CSV file; features are scaled to mean 0 and variance 1 over the training part.
///
/// `target` names the column to predict; the last one if none is named.
///
/// # Errors
/// [`Error::File`] names the line of a ragged row, of a value that is not a finite number, of a
/// missing column.
pub fn read_csv(path: &Path, target: Option<&str>) -> Result<DataSet> {
    let text = std::fs::read_to_string(path).map_err(|source| {
        Error::invalid(
            format!("data file {}", path.display()),
            "a readable CSV file in UTF-8",
            source,
        )
    })?;
    let table = Table::parse(&text, path, target)?;
    let name = path.file_stem().map_or("data".into(), |stem| stem.to_string_lossy().into_owned());
    let about = About {
        summary: Cow::Owned(format!(
            "{} samples of {} numbers in {} classes",
            table.labels.len(),
            table.inputs,
            table.classes.len()
        )),
        source: Cow::Owned(path.display().to_string()),
        name: Cow::Owned(name),
        threshold: None,
        defaults: Defaults {
            strategy: "openai-es",
            network: "32",
            population: 256,
            generations: 300,
            episodes: 1,
            settings: &[],
        },
    };
    let mut data = stratified(about, table);
    standardise(&mut data);
    Ok(data)
}

impl Table {
    /// The table of a text; `path` is only for messages.
    pub(super) fn parse(text: &str, path: &Path, target: Option<&str>) -> Result<Self> {
        let fault = |line: usize, problem: String| Error::File { path: path.into(), line, problem };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| fault(1, error.to_string()))?.clone();
        let columns: Vec<&str> = header.iter().collect();
        if columns.len() < 2 {
            let problem = "expected a header of at least two columns, a feature and the target";
            return Err(fault(1, problem.into()));
        }
        let target = match target {
            None => columns.len() - 1,
            Some(name) => columns.iter().position(|column| *column == name).ok_or_else(|| {
                let known = columns.join(", ");
                fault(1, format!("no column '{name}' for --target; there are: {known}"))
            })?,
        };
        let (mut features, mut targets) = (Vec::new(), Vec::new());
        for record in reader.records() {
            let record = record.map_err(|error| fault(0, error.to_string()))?;
            // To find a line is to count from the first: only for the one that is at fault.
            let line = || record.position().map_or(0, |position| line_at(text, position.byte()));
            if record.len() != columns.len() {
                let problem = format!("expected {} values, got {}", columns.len(), record.len());
                return Err(fault(line(), problem));
            }
            for (column, value) in record.iter().enumerate() {
                if column == target {
                    targets.push(value.to_owned());
                    continue;
                }
                let number = value.parse().ok().filter(|number: &f32| number.is_finite());
                features.push(number.ok_or_else(|| {
                    let column = columns[column];
                    fault(line(), format!("expected a number in column '{column}', got '{value}'"))
                })?);
            }
        }
        let classes = classes_of(&targets);
        if classes.len() < 2 {
            let problem = format!(
                "expected at least two classes in column '{}', got {}",
                columns[target],
                classes.len()
            );
            return Err(fault(1, problem));
        }
        let label_of: HashMap<&String, u32> = classes.iter().zip(0..).collect();
        let labels = targets.iter().map(|value| label_of[value]).collect();
        Ok(Self { inputs: columns.len() - 1, features, labels, classes })
    }
}

/// The line, counted from 1, of the record that begins at a byte, or behind the line ends there.
fn line_at(text: &str, byte: u64) -> usize {
    let (before, rest) = text.split_at(byte as usize);
    let skipped = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
    1 + before.matches('\n').count() + skipped.matches('\n').count()
}

fn classes_of(targets: &[String]) -> Vec<String> {
    let distinct: BTreeSet<&String> = targets.iter().collect();
    let mut classes: Vec<String> = distinct.into_iter().cloned().collect();
    let number = |class: &String| class.parse::<f64>().ok().filter(|number| !number.is_nan());
    if classes.iter().all(|class| number(class).is_some()) {
        classes.sort_by(|a, b| number(a).partial_cmp(&number(b)).expect("no class is NaN"));
    }
    classes
}

/// The data set whose held-out part is every fifth sample of each class.
pub(super) fn stratified(about: About, table: Table) -> DataSet {
    let mut met = vec![0usize; table.classes.len()];
    let (mut order, mut held_out) = (Vec::new(), Vec::new());
    for (sample, &label) in table.labels.iter().enumerate() {
        met[label as usize] += 1;
        let last = met[label as usize].is_multiple_of(HELD_OUT_EVERY);
        if last { held_out.push(sample) } else { order.push(sample) }
    }
    let (training, held_out_is_training) = (order.len(), held_out.is_empty());
    order.extend(held_out);
    let row = |sample: &usize| table.features[sample * table.inputs..][..table.inputs].to_vec();
    DataSet {
        about,
        inputs: table.inputs,
        outputs: table.classes.len(),
        features: order.iter().flat_map(row).collect(),
        labels: order.iter().map(|&sample| table.labels[sample]).collect(),
        training,
        objective: Objective::CrossEntropy,
        held_out_is_training,
    }
}

/// Scales each feature by the training part's mean and deviation; a constant one becomes zero.
fn standardise(data: &mut DataSet) {
    let count = data.training as f64;
    for input in 0..data.inputs {
        let values = || data.features[input..].iter().step_by(data.inputs).take(data.training);
        let mean = values().copied().map(f64::from).sum::<f64>() / count;
        let variance = values().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
        let scale = if variance > 0.0 { variance.sqrt().recip() } else { 0.0 };
        for x in data.features[input..].iter_mut().step_by(data.inputs) {
            *x = ((f64::from(*x) - mean) * scale) as f32;
        }
    }
}
