//! Tables: the samples and targets that every format is read into.

use std::path::Path;

use super::numbers::Numbers;
use super::target::Column;
use crate::draw::number::counted;
use crate::error::{Error, Result};
use crate::task::TableColumns;

/// The contents of a file before samples are held out.
pub struct Table {
    /// The number of features of a sample.
    pub inputs: usize,
    /// `[samples][inputs]`.
    pub features: Numbers,
    /// `[samples]`: the targets.
    pub column: Column,
    /// The names of the targets.
    pub targets: Vec<String>,
    /// The location of the target, for messages.
    pub target_location: String,
    /// The line that names the target, or 0.
    pub line: usize,
    /// The names of the features; empty if they have no names.
    pub columns: Vec<String>,
    /// The columns of the table; `None` for an array.
    pub table: Option<TableColumns>,
    /// The number of training samples, if the file sets the others apart.
    pub training: Option<usize>,
    /// True if all features share a unit, and therefore a mean and a standard deviation.
    pub shared_unit: bool,
    /// Remarks for people.
    pub notes: Vec<String>,
}

/// The samples of an array, with or without targets.
pub struct SampleArray {
    /// The number of features of a sample.
    pub inputs: usize,
    /// `[samples][inputs]`.
    pub features: Numbers,
    /// `[samples]`: the targets, if there are any.
    pub targets: Option<Column>,
    /// A remark for people.
    pub note: Option<String>,
}

impl From<Table> for SampleArray {
    fn from(table: Table) -> Self {
        Self {
            inputs: table.inputs,
            features: table.features,
            targets: Some(table.column),
            note: table.notes.into_iter().next(),
        }
    }
}

impl Table {
    /// Appends held-out samples.
    pub fn with_held_out(self, others: Self, path: &Path) -> Result<Self> {
        if self.inputs != others.inputs {
            let problem = format!(
                "expected {} in a held-out sample, as in the others, got {}",
                counted(self.inputs as u64, "numbers"),
                others.inputs
            );
            return Err(Error::File { path: path.into(), line: 0, problem });
        }
        let training = self.column.len();
        let location = &self.target_location;
        let column = self.column.followed_by(others.column).map_err(|problem| Error::File {
            path: path.into(),
            line: 0,
            problem: format!("{location}: {problem}"),
        })?;
        let mut notes = self.notes;
        notes.extend(others.notes);
        Ok(Self {
            features: self.features.followed_by(others.features),
            column,
            training: Some(training),
            notes,
            ..self
        })
    }

    /// Adds a remark.
    #[must_use]
    pub fn with_note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }
}
