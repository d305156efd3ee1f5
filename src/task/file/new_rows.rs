//! New rows: a file that is read as training read its own, with or without the targets.
//!
//! The columns of a table with a header are found by their names; other columns are ignored, with a
//! note. Columns without names, and the features of an array, are found by their places.

use std::path::{Path, PathBuf};

use super::columns;
use super::csv;
use super::data_file::DataFile;
use super::features::{self, Features};
use super::format::{self, Format};
use super::header::Header;
use super::records::{Records, TextCell};
use super::table::SampleArray;
use super::target::Column;
use super::text_table::TextTable;
use super::{idx, npy};
use crate::draw::number::counted;
use crate::error::{Error, Result, printable};
use crate::task::{FILE_FORMATS, FeatureColumn, MissingValues, Preprocessing, TableColumns};

/// The rows of a file, as a champion reads them.
#[derive(Clone, Debug)]
pub struct NewRows {
    /// The file.
    pub path: PathBuf,
    /// The number of each row in the file, counted from 1. Rows may be left out.
    pub numbers: Vec<usize>,
    /// The number of features of a row.
    pub inputs: usize,
    /// `[rows][inputs]`, in the units of the file.
    pub features: Vec<f64>,
    /// `[rows][targets]`: the targets as the file writes them, empty where they are missing. `None`
    /// if the file has no targets.
    pub targets: Option<Vec<String>>,
    /// Remarks for people.
    pub notes: Vec<String>,
}

/// The columns of a table that are read, by their places in it.
struct Places {
    features: Vec<FeatureColumn>,
    targets: Option<Vec<usize>>,
    note: Option<String>,
}

impl DataFile<'_> {
    /// Reads rows as training read those that `preprocessing` is of. Without it, a row holds the
    /// numbers that the network reads, `inputs` of them, and one target at most. Of the options
    /// only the target, the delimiter and the absence of a header are used.
    ///
    /// # Errors
    /// Returns an error if a column is missing, or if a value is missing or not of the kind that
    /// training read.
    pub fn read_rows(
        &self,
        preprocessing: Option<&Preprocessing>,
        inputs: usize,
    ) -> Result<NewRows> {
        let name = self.path.to_string_lossy();
        let format = Format::from_name(&name)
            .ok_or_else(|| Error::invalid("FILE", FILE_FORMATS, format!("'{name}'")))?;
        format.check(self.path)?;
        if format != Format::Csv {
            self.columns.refuse()?;
        }
        match format {
            Format::Csv => self.read_table_rows(preprocessing, inputs),
            Format::Npy | Format::Npz | Format::Idx => self.read_array_rows(inputs, format),
        }
    }

    fn read_table_rows(
        &self,
        preprocessing: Option<&Preprocessing>,
        inputs: usize,
    ) -> Result<NewRows> {
        let path = self.path;
        let (text, separator) = csv::read_text(self, format::is_gzip(path))?;
        let records = Records::read(&text, separator).map_err(|fault| csv::in_file(path, fault))?;
        let known = preprocessing.and_then(|preprocessing| preprocessing.table.as_ref());
        let unnamed = unnamed_columns(inputs);
        let columns = known.unwrap_or(&unnamed);
        let table = TextTable::from_records(records, separator, |records, dialect| {
            match (columns.has_header, known) {
                _ if self.no_header => Ok(Header::numbered(records.width())),
                (true, _) => Header::of_columns(records, dialect, &columns.features),
                (false, Some(_)) => Ok(Header::numbered(records.width())),
                // A file for a champion of arrays may have names or not.
                (false, None) => Header::of_records(records, dialect)
                    .or_else(|_| Ok(Header::numbered(records.width()))),
            }
        })
        .map_err(|fault| csv::in_file(path, fault))?;
        let names = &table.header.names;
        let Places { features, targets, note } = match columns.has_header && !self.no_header {
            true => {
                let targets = preprocessing.map_or(&[][..], |preprocessing| &preprocessing.targets);
                places_by_name(path, names, columns, targets, self.target)?
            }
            false => places_by_order(path, names.len(), columns)?,
        };
        let used: Vec<usize> = features.iter().map(|column| column.position).collect();
        let (records, left_out) = table.kept_records(&used, columns.missing);
        if records.is_empty() {
            let problem = "expected rows to predict, got none".into();
            return Err(Error::File { path: path.into(), line: 0, problem });
        }
        let Features { numbers: mut features, notes } = table
            .features(&features, &records, columns.missing)
            .map_err(|fault| csv::in_file(path, fault))?;
        if let Some(preprocessing) = preprocessing {
            let means = preprocessing.input_means.iter().cycle();
            for (feature, mean) in features.iter_mut().zip(means).filter(|(x, _)| x.is_nan()) {
                *feature = *mean;
            }
        }
        let truth = |cell: TextCell| match cell.is_missing() {
            true => String::new(),
            false => table.target_text(cell),
        };
        let truths = |targets: Vec<usize>| {
            let rows = records.iter().map(|&record| table.records.record(record));
            rows.flat_map(|cells| {
                targets.iter().map(|&place| truth(cells[place])).collect::<Vec<_>>()
            })
            .collect()
        };
        let first = table.header.first_sample;
        Ok(NewRows {
            path: path.into(),
            numbers: records.iter().map(|record| record + 1 - first).collect(),
            inputs,
            features,
            targets: targets.map(truths),
            notes: table.notes.iter().cloned().chain(note).chain(left_out).chain(notes).collect(),
        })
    }

    /// Reads the rows of an array, and the targets if there are any.
    fn read_array_rows(&self, inputs: usize, format: Format) -> Result<NewRows> {
        let path = self.path;
        let SampleArray { inputs: width, features, targets, note } = match format {
            Format::Npz => npy::read_samples_of_archive(self)?,
            Format::Idx => idx::read_samples(self)?,
            Format::Npy | Format::Csv => npy::read_samples(self)?,
        };
        if width != inputs {
            let problem = format!(
                "expected rows of {}, as in training, got rows of {}",
                counted(inputs as u64, "numbers"),
                counted(width as u64, "numbers")
            );
            return Err(Error::File { path: path.into(), line: 0, problem });
        }
        let features = features.into_doubles();
        Ok(NewRows {
            path: path.into(),
            numbers: (1..=features.len() / inputs.max(1)).collect(),
            inputs,
            features,
            targets: targets.map(Column::into_texts),
            notes: note.into_iter().collect(),
        })
    }
}

/// The columns of a table that holds the inputs of a network, followed by one target or none.
fn unnamed_columns(inputs: usize) -> TableColumns {
    let column = |position: usize| FeatureColumn::number((position, &format!("input {position}")));
    TableColumns {
        has_header: false,
        width: inputs + 1,
        targets: vec![inputs],
        features: (0..inputs).map(column).collect(),
        missing: MissingValues::Error,
    }
}

/// Finds columns by their names. `target` names another column of the only target.
fn places_by_name(
    path: &Path,
    names: &[String],
    table: &TableColumns,
    targets: &[String],
    target: Option<&str>,
) -> Result<Places> {
    let place = |name: &str| names.iter().position(|known| known == name);
    let features = table.features.iter().filter_map(|column| {
        Some(FeatureColumn { position: place(&column.name)?, ..column.clone() })
    });
    let features: Vec<FeatureColumn> = features.collect();
    if features.len() < table.features.len() {
        let is_absent = |column: &&FeatureColumn| place(&column.name).is_none();
        let absent = table.features.iter().filter(is_absent);
        let absent = absent.map(|column| format!("'{}'", printable(&column.name)));
        let problem = format!(
            "expected the columns that training read, got none named {}; its columns are: {}",
            features::listed(absent),
            features::listed(names.iter().map(|name| printable(name)))
        );
        return Err(Error::File { path: path.into(), line: 1, problem });
    }
    let repeated = features
        .iter()
        .find(|column| names.iter().filter(|name| **name == column.name).count() > 1);
    if let Some(column) = repeated {
        let problem = format!("expected distinct names, got '{}' twice", printable(&column.name));
        return Err(Error::File { path: path.into(), line: 1, problem });
    }
    let targets: Vec<String> = match target {
        Some(name) if place(name).is_none() => {
            return Err(columns::unknown(path, names, "--target", name));
        }
        Some(name) => vec![name.to_owned()],
        None => targets.to_vec(),
    };
    let target_places: Option<Vec<usize>> = targets.iter().map(|name| place(name)).collect();
    let is_read = |name: &&String| {
        features.iter().any(|column| column.name == **name) || targets.contains(name)
    };
    let ignored = names.iter().filter(|name| !is_read(name)).map(|name| printable(name));
    let ignored = features::listed(ignored);
    let note = (!ignored.is_empty())
        .then(|| format!("columns that the champion does not read are ignored: {ignored}"));
    Ok(Places { features, targets: target_places, note })
}

/// Finds columns by their places. The targets may be absent.
fn places_by_order(path: &Path, width: usize, table: &TableColumns) -> Result<Places> {
    let without = table.width - table.targets.len();
    if width == table.width {
        let (features, targets) = (table.features.clone(), Some(table.targets.clone()));
        return Ok(Places { features, targets, note: None });
    }
    if width != without {
        let problem = format!(
            "expected {}, or {without} without the target, as in training, got {width}",
            counted(table.width as u64, "columns")
        );
        return Err(Error::File { path: path.into(), line: 1, problem });
    }
    let features = table.features.iter().map(|column| {
        let before = table.targets.iter().filter(|&&target| target < column.position).count();
        FeatureColumn { position: column.position - before, ..column.clone() }
    });
    Ok(Places { features: features.collect(), targets: None, note: None })
}
