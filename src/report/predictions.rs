//! Predictions for the rows of a file, as comma-separated values or as JSON.
//!
//! # Columns
//!
//! `row` counts the rows of the file from 1. For classes, `prediction` is the most probable class,
//! and `probability_CLASS` the probability of each class. Numbers to predict are in `prediction`,
//! or in `prediction_TARGET` for each of several targets. If the file has targets, `target` or
//! `target_TARGET` follow.

use serde_json::{Map, Value, json};

use super::csv::cell;
use crate::error::{Error, Result};
use crate::play::{Answers, RowPredictions};

/// Writes predictions as comma-separated values: a header, then a line for each row.
///
/// # Errors
///
/// Returns an error if the CSV encoder fails, which no prediction causes.
pub fn csv(predictions: &RowPredictions) -> Result<String> {
    let failed = |problem: String| Error::Io {
        doing: "writing CSV of",
        path: "predictions".into(),
        source: std::io::Error::other(problem),
    };
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut write = |cells: Vec<String>| {
        writer
            .write_record(cells.iter().map(|text| cell(text).into_owned()))
            .map_err(|problem| failed(problem.to_string()))
    };
    write(header(predictions))?;
    for row in 0..predictions.len() {
        write(cells(predictions, row))?;
    }
    let bytes = writer.into_inner().map_err(|problem| failed(problem.to_string()))?;
    String::from_utf8(bytes).map_err(|problem| failed(problem.to_string()))
}

/// The names of the columns.
pub fn header(predictions: &RowPredictions) -> Vec<String> {
    let RowPredictions { classes, targets, answers, truths, .. } = predictions;
    let several = |word: &str| match &targets[..] {
        [_] => vec![word.to_owned()],
        names => names.iter().map(|name| format!("{word}_{name}")).collect(),
    };
    let answers = match answers {
        Answers::Numbers { .. } => several("prediction"),
        Answers::Classes { .. } => {
            let probabilities = classes.iter().map(|class| format!("probability_{class}"));
            std::iter::once("prediction".to_owned()).chain(probabilities).collect()
        }
    };
    let truths = truths.as_ref().map_or(Vec::new(), |_| several("target"));
    [vec!["row".to_owned()], answers, truths].concat()
}

/// The cells of a row, by its index.
pub fn cells(predictions: &RowPredictions, row: usize) -> Vec<String> {
    let RowPredictions { numbers, classes, targets, answers, truths, .. } = predictions;
    let answers = match answers {
        Answers::Numbers { numbers } => numbers[row * targets.len()..][..targets.len()]
            .iter()
            .map(|number| format!("{number:?}"))
            .collect(),
        Answers::Classes { choices, probabilities } => {
            let probabilities = &probabilities[row * classes.len()..][..classes.len()];
            let probabilities = probabilities.iter().map(|number| format!("{number:?}"));
            std::iter::once(classes[choices[row]].clone()).chain(probabilities).collect()
        }
    };
    let truths =
        truths.as_ref().map_or(&[][..], |truths| &truths[row * targets.len()..][..targets.len()]);
    [vec![numbers[row].to_string()], answers, truths.to_vec()].concat()
}

/// The rows as JSON objects: `row`, `prediction`, `probabilities` by class, and `target`. Of
/// several targets, `prediction` and `target` are objects by their names. A missing target is null.
pub fn json(predictions: &RowPredictions) -> Vec<Value> {
    let RowPredictions { numbers, classes, targets, answers, truths, .. } = predictions;
    let width = targets.len();
    let by_target = |values: Vec<Value>| match values.len() {
        1 => values.into_iter().next().unwrap_or_default(),
        _ => Value::Object(targets.iter().cloned().zip(values).collect()),
    };
    let row = |row: usize| {
        let mut object = Map::new();
        object.insert("row".into(), json!(numbers[row]));
        match answers {
            Answers::Numbers { numbers } => {
                let values = numbers[row * width..][..width].iter().map(|x| json!(x)).collect();
                object.insert("prediction".into(), by_target(values));
            }
            Answers::Classes { choices, probabilities } => {
                let all = &probabilities[row * classes.len()..][..classes.len()];
                let all: Map<String, Value> =
                    classes.iter().cloned().zip(all.iter().map(|x| json!(x))).collect();
                object.insert("prediction".into(), json!(classes[choices[row]]));
                object.insert("probabilities".into(), Value::Object(all));
            }
        }
        if let Some(truths) = truths {
            let value = |text: &String| match (text.as_str(), classes.is_empty()) {
                ("", _) => Value::Null,
                (text, true) => text.parse::<f64>().map_or(Value::Null, |number| json!(number)),
                (text, false) => json!(text),
            };
            let values = truths[row * width..][..width].iter().map(value).collect();
            object.insert("target".into(), by_target(values));
        }
        Value::Object(object)
    };
    (0..predictions.len()).map(row).collect()
}
