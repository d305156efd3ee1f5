//! Preprocessing: the conversion between the rows of a data file and the numbers of a network.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::MissingValues;
use crate::draw::number::counted;

/// The conversion between the numbers of a file and those of a network. A trained network is
/// useless without it, so the two are saved together. The network reads `(x - mean) * scale`.
/// A regression predicts `mean + y * deviation` for each of its outputs `y`.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing {
    /// The names of the features; empty if the file has no names.
    pub columns: Vec<String>,
    /// The columns of the table that the file holds; `None` for arrays.
    pub table: Option<TableColumns>,
    /// `f64[inputs]`: the means of the training samples.
    pub input_means: Vec<f64>,
    /// `f64[inputs]`: one over the standard deviations of the training samples; 0 for a constant.
    pub input_scales: Vec<f64>,
    /// The names of the targets: one for a classification, one for each output of a regression.
    pub targets: Vec<String>,
    /// The names of the classes, in the order of the outputs; empty for a regression.
    pub classes: Vec<String>,
    /// The scaling of each output of a regression; empty for a classification.
    pub outputs: Vec<OutputScaling>,
}

/// The columns of a table, as training read them. New rows are read alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableColumns {
    /// True if the first row holds the names of the columns, by which they are found in other
    /// files.
    pub has_header: bool,
    /// The number of columns; 0 if it is unknown.
    pub width: usize,
    /// The places of the targets, from 0.
    pub targets: Vec<usize>,
    /// The columns that become inputs, in the order of the inputs.
    pub features: Vec<FeatureColumn>,
    /// The treatment of missing values. A missing feature that is to become the mean is
    /// `input_means`.
    pub missing: MissingValues,
}

impl TableColumns {
    /// Checks the columns for a network with a number of inputs.
    ///
    /// # Errors
    /// Returns the problem if the columns have another number of inputs, or a place beyond the
    /// width of a table without names.
    pub fn check(&self, inputs: usize) -> Result<(), String> {
        let found: usize = self.features.iter().map(FeatureColumn::inputs).sum();
        if found != inputs {
            return Err(format!(
                "expected columns of {} in 'table', got {found}",
                counted(inputs as u64, "inputs")
            ));
        }
        let features = self.features.iter().map(|column| column.position);
        let places: BTreeSet<usize> = features.chain(self.targets.iter().copied()).collect();
        let count = self.features.len() + self.targets.len();
        let is_beyond = places.last().is_some_and(|&last| last >= self.width);
        if !self.has_header && (is_beyond || places.len() < count) {
            let width = self.width;
            return Err(format!(
                "expected distinct places below {width} in 'table', got {places:?}"
            ));
        }
        Ok(())
    }
}

/// A column of a table that becomes inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureColumn {
    /// The name of the column.
    pub name: String,
    /// The place of the column in the table, from 0.
    pub position: usize,
    /// The words of a column of categories, in the order of their inputs; empty for numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

impl FeatureColumn {
    /// Creates a column of numbers from its place and its name.
    pub fn number((position, name): (usize, &String)) -> Self {
        Self { name: name.clone(), position, words: Vec::new() }
    }

    /// Returns the number of inputs that the column becomes: one, or one for each word.
    pub fn inputs(&self) -> usize {
        self.words.len().max(1)
    }

    /// Returns the names of the inputs: that of the column, or `COLUMN=WORD` for each word.
    pub fn input_names(&self) -> Vec<String> {
        match &self.words[..] {
            [] => vec![self.name.clone()],
            words => words.iter().map(|word| format!("{}={word}", self.name)).collect(),
        }
    }
}

/// The scaling of an output: the network's `y` stands for `mean + y * deviation`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutputScaling {
    /// The mean of the training targets, in the target's unit.
    pub mean: f64,
    /// The standard deviation of the training targets, in the target's unit.
    pub deviation: f64,
}

impl OutputScaling {
    /// Converts an output of the network to the target's unit.
    pub fn apply(self, output: f64) -> f64 {
        self.mean + self.deviation * output
    }
}
