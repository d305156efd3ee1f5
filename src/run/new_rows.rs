//! The rows that a champion is to predict: those of a file, or the held-out samples of a built-in
//! data set.

use std::path::Path;

use super::memory_budget;
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::task::{
    self, ColumnOptions, DataFile, DataSet, Delimiter, FILE_FORMATS, Kind, NewRows, Split,
};

/// The options for reading new rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRowsOptions<'a> {
    /// The column, array or file of the targets. `None` selects the usual one of the format.
    pub target: Option<&'a str>,
    /// True if the first line of a CSV file is a row, even if that of training was a header.
    pub no_header: bool,
    /// The character between the columns of a CSV file. `None` decides it from the lines.
    pub delimiter: Option<Delimiter>,
}

/// Reads the rows of a file as training read its own, or the held-out samples of the data set of a
/// name.
///
/// # Errors
/// Returns an error if the champion is not of a data set, or if the file does not fit it.
pub fn read_new_rows(
    champion: &Champion,
    file: &Path,
    options: NewRowsOptions<'_>,
) -> Result<NewRows> {
    let name = file.to_string_lossy();
    let origin = champion.origin();
    let is_of_file = champion.preprocessing().is_some();
    if !is_of_file
        && let Ok(task) = task::by_name(&origin.task)
        && !matches!(task.kind(), Kind::Data(_))
    {
        let got = format!("one of the task {}", origin.task);
        return Err(Error::invalid("deme predict", "a champion of a data set", got)
            .advise("deme play shows this one"));
    }
    if task::is_data_file(&name) {
        let memory = memory_budget::available_bytes();
        let NewRowsOptions { target, no_header, delimiter } = options;
        let columns = ColumnOptions { delimiter, ..ColumnOptions::default() };
        let file = DataFile { target, no_header, columns, memory, ..DataFile::new(file) };
        return file.read_rows(champion.preprocessing(), champion.inputs());
    }
    if file.exists() {
        return Err(Error::invalid("FILE", FILE_FORMATS, format!("the file '{name}'")));
    }
    match task::by_name(&name)?.kind() {
        Kind::Data(data) if !is_of_file && *name == origin.task => Ok(held_out_rows(data)),
        Kind::Control(_) | Kind::Data(_) | Kind::Function(_) => {
            let expected = match is_of_file {
                true => FILE_FORMATS.to_owned(),
                false => format!("a file, or the data set of the champion, {}", origin.task),
            };
            Err(Error::invalid("FILE", expected, format!("the task {name}")))
        }
    }
}

/// The held-out samples of a built-in data set.
fn held_out_rows(data: &DataSet) -> NewRows {
    let samples = data.indices(Split::HeldOut);
    let features = samples.clone().flat_map(|sample| data.sample(sample));
    let targets = data.targets_of(samples.clone()).iter().map(f32::to_string);
    NewRows {
        path: data.about.name.as_ref().into(),
        numbers: (1..=samples.len()).collect(),
        inputs: data.inputs,
        features: features.copied().map(f64::from).collect(),
        targets: Some(targets.collect()),
        notes: vec![format!("the rows are the {} of {}", data.evaluation_unit(), data.about.name)],
    }
}
