//! The file to read with its options, and the data set that it becomes.

use std::path::Path;

use super::column_options::ColumnOptions;
use super::target::Goal;
use crate::task::DataSet;

/// A data file, and the options for reading it.
#[derive(Clone, Copy, Debug)]
pub struct DataFile<'a> {
    /// The file.
    pub path: &'a Path,
    /// The target to predict: a column, an array, or another file, or a list of columns. `None`
    /// selects the usual one of the format.
    pub target: Option<&'a str>,
    /// True if the first line of a CSV file is a sample, not the names of the columns.
    pub no_header: bool,
    /// Classification or regression; `None` leaves the choice to the rule.
    pub goal: Option<Goal>,
    /// The fraction of samples to hold out. `None` takes those that the file sets apart, or a
    /// fifth.
    pub held_out: Option<f64>,
    /// The fraction of the other samples that choose the champion. `None` takes a fifth if that is
    /// enough of them, and else lets the training samples choose.
    pub validation: Option<f64>,
    /// The columns of a CSV file that are read.
    pub columns: ColumnOptions<'a>,
    /// The seed that selects the held-out samples and the validation samples.
    pub seed: u64,
    /// The available memory in bytes.
    pub memory: u64,
}

/// The data set of a file, and remarks about it.
#[derive(Clone, Debug)]
pub struct LoadedDataSet {
    /// The data set.
    pub data: DataSet,
    /// The fraction that was held out; `None` if the file sets samples apart.
    pub held_out: Option<f64>,
    /// The fraction of the other samples that was drawn for validation; 0 if none was.
    pub validation: f64,
    /// Remarks for people.
    pub notes: Vec<String>,
}

impl<'a> DataFile<'a> {
    /// Selects a file, with default options.
    pub fn new(path: &'a Path) -> Self {
        Self {
            path,
            target: None,
            no_header: false,
            goal: None,
            held_out: None,
            validation: None,
            columns: ColumnOptions::default(),
            seed: 1,
            memory: u64::MAX,
        }
    }
}
