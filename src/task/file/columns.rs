//! Columns: the choice of the features and the targets among the columns of a table.
//!
//! A list of columns is written as a row of a CSV file: names with commas between them, in quotes
//! if they have commas themselves. A name is looked up as a whole first, so a single name with a
//! comma needs no quotes.

use std::path::Path;

use super::data_file::DataFile;
use crate::error::{Error, Result};

/// The columns of a table that are read, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnChoice {
    /// The features, in the order of the table.
    pub features: Vec<usize>,
    /// The targets, in the order in which they were named.
    pub targets: Vec<usize>,
}

/// Chooses the columns of a table with these names. Without a list of targets, the last column that
/// is not left out is the target.
///
/// # Errors
/// Returns an error that names the flag and a column that does not exist, is named twice, or is
/// both a feature and a target, or if no feature is left.
pub(super) fn choose(path: &Path, names: &[String], source: &DataFile) -> Result<ColumnChoice> {
    let options = &source.columns;
    let names = ColumnNames { path, names, are_numbers: source.no_header };
    let list = |flag: &str, text: Option<&str>| text.map(|text| names.find(flag, text));
    let dropped = list("--drop", options.drop).transpose()?.unwrap_or_default();
    let features = list("--features", options.features).transpose()?;
    if features.is_some() && !dropped.is_empty() {
        let got = options.drop.unwrap_or_default();
        return Err(Error::invalid("--drop", "nothing beside --features", format!("'{got}'"))
            .advise("--features alone decides which columns are read"));
    }
    let targets = match list("--target", source.target).transpose()? {
        Some(targets) => targets,
        None => (0..names.names.len())
            .rev()
            .find(|column| !dropped.contains(column))
            .into_iter()
            .collect(),
    };
    for (flag, columns) in [("--drop", Some(&dropped)), ("--features", features.as_ref())] {
        let both = columns.and_then(|columns| columns.iter().find(|place| targets.contains(place)));
        if let Some(&place) = both {
            let advice = "choose another target with --target";
            let expected = "columns other than the target";
            return Err(
                Error::invalid(flag, expected, format!("'{}'", names.names[place])).advise(advice)
            );
        }
    }
    let is_feature = |place: &usize| match &features {
        Some(features) => features.contains(place),
        None => !targets.contains(place) && !dropped.contains(place),
    };
    let features: Vec<usize> = (0..names.names.len()).filter(is_feature).collect();
    if features.is_empty() {
        let expected = "a column beside the target, to learn from";
        return Err(Error::invalid(path.display().to_string(), expected, "none")
            .advise("leave fewer columns out"));
    }
    Ok(ColumnChoice { features, targets })
}

/// The names of a table's columns.
struct ColumnNames<'a> {
    path: &'a Path,
    names: &'a [String],
    /// True if a column may be called by its number, from 1, because the file has no names.
    are_numbers: bool,
}

impl ColumnNames<'_> {
    /// Returns the places of the columns of a list.
    fn find(&self, flag: &str, list: &str) -> Result<Vec<usize>> {
        if let Some(place) = self.place(list.trim()) {
            return Ok(vec![place]);
        }
        let mut places = Vec::new();
        for name in split(list) {
            let place =
                self.place(&name).ok_or_else(|| unknown(self.path, self.names, flag, &name));
            let place = place?;
            if places.contains(&place) {
                return Err(Error::invalid(flag, "distinct columns", format!("'{name}' twice")));
            }
            places.push(place);
        }
        Ok(places)
    }

    fn place(&self, name: &str) -> Option<usize> {
        let number = || name.parse::<usize>().ok()?.checked_sub(1);
        let number = || number().filter(|&place| self.are_numbers && place < self.names.len());
        self.names.iter().position(|known| known == name).or_else(number)
    }
}

/// Returns the error of a name that no column has, with the names that are closest.
pub(super) fn unknown(path: &Path, names: &[String], flag: &str, name: &str) -> Error {
    const MAX_NAMES: usize = 30;
    let mut names: Vec<&String> = names.iter().collect();
    if names.len() > MAX_NAMES {
        names.sort_by_cached_key(|known| strsim::levenshtein(known, name));
        names.truncate(MAX_NAMES);
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Error::unknown(format!("column of {file} for {flag}"), name, names)
}

/// Splits a list as a row of a CSV file.
fn split(list: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(list.as_bytes());
    let row = reader.records().next().and_then(std::result::Result::ok);
    row.map_or(vec![list.to_owned()], |row| row.iter().map(str::to_owned).collect())
}
