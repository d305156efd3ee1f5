//! The header of a CSV file: a name for every column, in the first line.
//!
//! # Files without a header
//!
//! A first line that looks like a sample is refused, because a header would lose it. A name shows
//! that the line is a header if it is a word and all other values of its column are numbers. If no
//! name shows it, the line looks like a sample if it has only numbers, a number that is no name
//! (such as `-0.5`), or a word that is also a value of its column.

use std::collections::HashSet;

use super::dialect::Dialect;
use super::records::{Fault, Records, TextCell};
use crate::error::printable;
use crate::task::FeatureColumn;

/// The names of the columns, and the first record of samples.
pub struct Header {
    /// `[columns]`.
    pub names: Vec<String>,
    /// The index of the first record that is a sample.
    pub first_sample: usize,
    /// A remark about names that could be a sample.
    pub note: Option<String>,
}

impl Header {
    /// Returns the names `column1`, `column2` and so on, of a file without names.
    pub fn numbered(columns: usize) -> Self {
        let names = (1..=columns).map(|number| format!("column{number}")).collect();
        Self { names, first_sample: 0, note: None }
    }

    /// Takes the first record for names. It is not doubted if it has the names of some columns.
    ///
    /// # Errors
    /// Returns the errors of [`Header::of_records`].
    pub fn of_columns(
        records: &Records,
        dialect: Dialect,
        columns: &[FeatureColumn],
    ) -> Result<Self, Fault> {
        if records.count() > 0 {
            let names: Vec<String> =
                records.record(0).iter().map(|cell| cell.text().into_owned()).collect();
            if columns.iter().all(|column| names.contains(&column.name)) {
                return Ok(Self { names, first_sample: 1, note: None });
            }
        }
        Self::of_records(records, dialect)
    }

    /// Takes the first record for names.
    ///
    /// # Errors
    /// Returns an error if a name is missing or repeated, or if the record looks like a sample.
    pub fn of_records(records: &Records, dialect: Dialect) -> Result<Self, Fault> {
        let cells = records.record(0);
        let fault = |problem: String| Fault { line: records.line_of(cells[0]), problem };
        let names: Vec<String> = cells.iter().map(|cell| cell.text().into_owned()).collect();
        let may_be_sample = !has_name_of_numbers(records, dialect);
        if may_be_sample && is_like_sample(records, dialect) {
            let first: Vec<String> = names.iter().take(8).map(|name| printable(name)).collect();
            let more = if names.len() > first.len() { ", ..." } else { "" };
            return Err(fault(format!(
                "expected a header, the names of the columns, got what looks like a sample: \
                 {}{more}; if it is one, use --no-header, else name the columns in words",
                first.join(", ")
            )));
        }
        let mut known = HashSet::new();
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                let number = index + 1;
                let advice = match number == names.len() {
                    true => "if lines end with a separator, remove it",
                    false => "if it is an index of rows, remove it",
                };
                return Err(fault(format!(
                    "expected a name for every column, got none for column {number}; {advice}"
                )));
            }
            if !known.insert(name) {
                let name = printable(name);
                return Err(fault(format!("expected distinct names, got '{name}' twice")));
            }
        }
        let numeric = names.iter().find(|name| dialect.number(name).is_some());
        let note = numeric.filter(|_| may_be_sample).map(|name| {
            let name = printable(name);
            format!("the first line is taken for names, such as '{name}'; if not, use --no-header")
        });
        Ok(Self { names, first_sample: 1, note })
    }
}

/// True if a name is a word and all values of its column are numbers.
fn has_name_of_numbers(records: &Records, dialect: Dialect) -> bool {
    let is_number = |cell: TextCell| dialect.number(&cell.text()).is_some();
    let is_numeric = |column: usize| {
        let mut values = records.from(1).map(|record| record[column]).peekable();
        let mut has_numbers = false;
        values.all(|cell| {
            has_numbers |= is_number(cell);
            is_number(cell) || cell.is_missing()
        }) && has_numbers
    };
    let names = records.record(0).iter().enumerate();
    let mut words = names.filter(|(_, name)| !is_number(**name) && !name.is_missing());
    words.any(|(column, _)| is_numeric(column))
}

/// True if the first record looks like a sample, where no name tells the contrary.
fn is_like_sample(records: &Records, dialect: Dialect) -> bool {
    let names = records.record(0);
    let is_number = |name: &TextCell| dialect.number(&name.text()).is_some();
    let is_index = |name: &TextCell| name.text().bytes().all(|byte| byte.is_ascii_digit());
    let is_value = |(column, name): (usize, &TextCell)| {
        !name.is_missing()
            && !is_number(name)
            && records.from(1).any(|record| record[column].text() == name.text())
    };
    let is_number_or_gap = |name: &TextCell| is_number(name) || name.is_missing();
    (names.iter().all(is_number_or_gap) && names.iter().any(is_number))
        || names.iter().any(|name| is_number(name) && !is_index(name))
        || names.iter().enumerate().any(is_value)
}
