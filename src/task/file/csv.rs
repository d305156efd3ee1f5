//! CSV files: a header, a finite number in every feature column, and a column to predict.
//!
//! Fields are separated by commas and may be quoted; spaces around them are ignored. A word in a
//! feature column is an error: only the owner of the table knows whether `red` should be 0, 1 or a
//! column of its own. For the same reason a missing value is an error.

use std::path::Path;

use super::checks::{check_memory, read_failed};
use super::numbers::Numbers;
use super::table::Table;
use super::target::{Column, Goal, are_classes};
use crate::error::{Error, Result};

/// The common marks of a missing value, in lower case.
const MISSING: [&str; 7] = ["", "na", "n/a", "nan", "null", "#n/a", "?"];

/// Reads the table of a file.
///
/// # Errors
/// Returns an error if the file cannot be read, does not fit in `memory` bytes, or does not parse.
pub(super) fn read(
    path: &Path,
    target: Option<&str>,
    goal: Option<Goal>,
    memory: u64,
) -> Result<Table> {
    let bytes = std::fs::metadata(path).map_err(read_failed(path))?.len();
    check_memory(path, "its text", bytes, 1, memory)?;
    let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::InvalidData => {
            let problem = "expected text in UTF-8, got other bytes".into();
            Error::File { path: path.into(), line: 0, problem }
        }
        _ => read_failed(path)(source),
    })?;
    let lines = text.bytes().filter(|&byte| byte == b'\n').count() as u64;
    let columns = text.lines().next().map_or(0, |line| line.matches(',').count() as u64);
    // A value takes 8 bytes as read, and 4 standardised.
    check_memory(path, &format!("a table of {lines} lines"), lines * columns, 12, memory - bytes)?;
    parse(&text, path, target, goal)
}

/// Parses the table of a text; `path` is only for messages. `target` is the column to predict, by
/// default the last one.
///
/// # Errors
/// Returns [`Error::File`] with the line of a row of the wrong length, of a value that is missing
/// or not a finite number, or of a header without names, with a repeated name, or without the
/// target.
pub(in super::super) fn parse(
    text: &str,
    path: &Path,
    target: Option<&str>,
    goal: Option<Goal>,
) -> Result<Table> {
    let fault = |line: usize, problem: String| Error::File { path: path.into(), line, problem };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| fault(1, error.to_string()))?.clone();
    let columns: Vec<&str> = header.iter().collect();
    let target = target_column(&columns, target).map_err(|problem| fault(1, problem))?;
    let (mut features, mut values) = (Vec::new(), TargetValues::default());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| fault(0, error.to_string()))? {
        // A line number is found by counting from the first line, so only on an error.
        let begins = record.position().map_or(0, csv::Position::byte);
        if record.len() != columns.len() {
            let problem = format!("expected {} values, got {}", columns.len(), record.len());
            return Err(fault(line_at(text, begins), problem));
        }
        for (column, value) in record.iter().enumerate() {
            let read = if column == target {
                values.push(value, begins)
            } else {
                number(value).map(|number| features.push(number))
            };
            read.map_err(|problem| {
                let name = columns[column];
                fault(line_at(text, begins), format!("column '{name}': {problem}"))
            })?;
        }
    }
    let name = columns[target];
    let column = values.into_column(goal).map_err(|(begins, problem)| {
        fault(line_at(text, begins), format!("column '{name}': {problem}"))
    })?;
    Ok(Table {
        inputs: columns.len() - 1,
        features: Numbers::Doubles(features),
        column,
        target: name.to_owned(),
        target_location: format!("column '{name}'"),
        line: 1,
        columns: columns
            .iter()
            .enumerate()
            .filter(|&(column, _)| column != target)
            .map(|(_, name)| (*name).to_owned())
            .collect(),
        training: None,
        shared_unit: false,
        notes: Vec::new(),
    })
}

/// Checks a header, and returns the index of the column to predict.
fn target_column(columns: &[&str], target: Option<&str>) -> std::result::Result<usize, String> {
    if columns.len() < 2 {
        let other = [';', '\t', '|'].into_iter().find(|&c| columns.concat().contains(c));
        let advice = other.map_or(String::new(), |c| {
            format!("; its columns seem to be separated by {c:?}: use commas")
        });
        let expected = "expected a header of at least two columns, a feature and the target";
        return Err(format!("{expected}, with commas between them{advice}"));
    }
    for (index, name) in columns.iter().enumerate() {
        if name.is_empty() {
            let number = index + 1;
            return Err(format!(
                "expected a name for every column, got none for column {number}; if it is an index \
                 of rows, remove it"
            ));
        }
        if columns[..index].contains(name) {
            return Err(format!("expected distinct names, got '{name}' twice"));
        }
    }
    if columns.iter().all(|name| name.parse::<f64>().is_ok()) {
        let header = columns.join(", ");
        return Err(format!("expected a header, the names of the columns, got numbers: {header}"));
    }
    match target {
        None => Ok(columns.len() - 1),
        Some(name) => columns.iter().position(|column| *column == name).ok_or_else(|| {
            let known = columns.join(", ");
            format!("no column '{name}' for --target; there are: {known}")
        }),
    }
}

/// Parses a finite number.
fn number(value: &str) -> std::result::Result<f64, String> {
    match value.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ if is_missing(value) => Err(missing(value)),
        _ => Err(format!("expected a number, got '{value}'")),
    }
}

fn is_missing(value: &str) -> bool {
    MISSING.iter().any(|missing| value.eq_ignore_ascii_case(missing))
}

fn missing(value: &str) -> String {
    let got = if value.is_empty() { "nothing".into() } else { format!("'{value}'") };
    format!("expected a value, got {got}; fill missing values in, or leave their rows out")
}

/// The target values in the order of the rows.
#[derive(Default)]
struct TargetValues {
    words: Vec<String>,
    /// The values that are numbers.
    numbers: Vec<f64>,
    /// The first value that is not a number, with the byte at which its record begins.
    first_word: Option<(u64, String)>,
}

impl TargetValues {
    fn push(&mut self, value: &str, begins: u64) -> std::result::Result<(), String> {
        if is_missing(value) {
            return Err(missing(value));
        }
        match value.parse::<f64>() {
            Ok(number) if number.is_finite() => self.numbers.push(number),
            Ok(_) => return Err(format!("expected a class or a finite number, got '{value}'")),
            _ if self.first_word.is_none() => self.first_word = Some((begins, value.to_owned())),
            _ => {}
        }
        self.words.push(value.to_owned());
        Ok(())
    }

    /// Returns words if any value is not a number. A word among numbers that are not classes is an
    /// error.
    fn into_column(self, goal: Option<Goal>) -> std::result::Result<Column, (u64, String)> {
        let Some((begins, word)) = self.first_word else {
            return Ok(Column::Numbers(self.numbers));
        };
        match goal {
            Some(Goal::Regression) => Err((begins, format!("expected a number, got '{word}'"))),
            None if !are_classes(&self.numbers) => Err((
                begins,
                format!(
                    "expected a number as in the other rows, got '{word}'; if these are classes, \
                     use --goal classification"
                ),
            )),
            None | Some(Goal::Classification) => Ok(Column::Words(self.words)),
        }
    }
}

/// Returns the line, counted from 1, of the record that begins at a byte or after the line breaks
/// there.
fn line_at(text: &str, byte: u64) -> usize {
    let (before, rest) = text.split_at(byte as usize);
    let skipped = &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()];
    1 + before.matches('\n').count() + skipped.matches('\n').count()
}
