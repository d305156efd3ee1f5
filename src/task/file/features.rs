//! Features: the chosen columns of a table as the numbers that a network reads.
//!
//! # Words
//!
//! With [`Categories::Auto`], a column of words becomes an input for each of its words, in
//! alphabetical order: 1 where the row has the word, else 0. A word that is not among them is 0 in
//! all of them.
//!
//! # Missing values
//!
//! See [`MissingValues`]. A feature whose value is to become a mean is NaN until the samples are
//! standardised.

use std::collections::{BTreeMap, BTreeSet};

use super::column_options::{Categories, MissingValues};
use super::records::{Fault, TextCell};
use super::text_table::{TextTable, missing, number_advice};
use crate::error::printable;
use crate::task::FeatureColumn;

/// The largest number of different words in a feature column.
const MAX_WORDS: usize = 100;
/// The largest number of names that a remark lists.
const MAX_NAMES: usize = 8;

/// The features of rows.
pub(super) struct Features {
    /// `[rows][inputs]`.
    pub numbers: Vec<f64>,
    /// Remarks for people.
    pub notes: Vec<String>,
}

impl TextTable<'_> {
    /// Returns the records that are read: all, or with [`MissingValues::Drop`] those without a
    /// missing value in some columns, and a remark if others are left out.
    pub fn kept_records(
        &self,
        columns: &[usize],
        treatment: MissingValues,
    ) -> (Vec<usize>, Option<String>) {
        let all = self.header.first_sample..self.records.count();
        if treatment != MissingValues::Drop {
            return (all.collect(), None);
        }
        let mut gaps = BTreeMap::new();
        let rows = all.len();
        let is_kept = |record: &usize| {
            let cells = self.records.record(*record);
            let missing = columns.iter().filter(|&&column| cells[column].is_missing());
            missing.fold(true, |_, &column| {
                *gaps.entry(column).or_insert(0) += 1;
                false
            })
        };
        let kept: Vec<usize> = all.filter(is_kept).collect();
        let note = (kept.len() < rows).then(|| {
            format!(
                "--missing drop: {} of {rows} rows are left out, with missing values: {}",
                rows - kept.len(),
                self.counts(&gaps)
            )
        });
        (kept, note)
    }

    /// Returns the feature columns with the words of each one; a column of numbers has none.
    ///
    /// # Errors
    /// Returns the line of the first word of a column that has fractions or too many words, too.
    pub fn feature_columns(
        &self,
        columns: &[usize],
        records: &[usize],
        categories: Categories,
    ) -> Result<Vec<FeatureColumn>, Fault> {
        let feature = |&position: &usize| {
            let words = match categories {
                Categories::Refuse => Vec::new(),
                Categories::Auto => self.words_of(position, records)?,
            };
            Ok(FeatureColumn { name: self.header.names[position].clone(), position, words })
        };
        columns.iter().map(feature).collect()
    }

    /// Returns the words of a column, or nothing for numbers.
    fn words_of(&self, column: usize, records: &[usize]) -> Result<Vec<String>, Fault> {
        let cells = || records.iter().map(|&record| self.records.record(record)[column]);
        let present = || cells().filter(|cell| !cell.is_missing());
        let number = |cell: TextCell| self.dialect.number(&cell.text());
        let Some(word) = present().find(|&cell| number(cell).is_none()) else {
            return Ok(Vec::new());
        };
        let got = printable(&word.text());
        if present().filter_map(number).any(|number| number.fract() != 0.0) {
            let problem = format!("expected a number as in other rows, got '{got}'");
            return Err(self.fault(column, word, &problem));
        }
        let mut words = BTreeSet::new();
        for cell in present() {
            words.insert(cell.text().into_owned());
            if words.len() > MAX_WORDS {
                let problem = format!(
                    "expected numbers, or at most {MAX_WORDS} different words, got '{got}' and \
                     more than {MAX_WORDS} others; leave the column out with --drop"
                );
                return Err(self.fault(column, word, &problem));
            }
        }
        Ok(words.into_iter().collect())
    }

    /// Returns the features of records.
    ///
    /// # Errors
    /// Returns the line of a value that is missing, or that is a word in a column of numbers.
    pub fn features(
        &self,
        columns: &[FeatureColumn],
        records: &[usize],
        treatment: MissingValues,
    ) -> Result<Features, Fault> {
        let mut numbers = Vec::new();
        let (mut gaps, mut unknown) = (BTreeMap::new(), BTreeMap::new());
        for &record in records {
            let cells = self.records.record(record);
            for FeatureColumn { position, words, .. } in columns {
                let (column, cell) = (*position, cells[*position]);
                let fault = |problem: String| self.fault(column, cell, &problem);
                if cell.is_missing() {
                    if treatment != MissingValues::Mean {
                        return Err(fault(missing(cell, "--missing drop or --missing mean")));
                    }
                    *gaps.entry(column).or_insert(0) += 1;
                    numbers.extend(std::iter::repeat_n(f64::NAN, words.len().max(1)));
                } else if words.is_empty() {
                    numbers.push(self.feature(cell).map_err(fault)?);
                } else {
                    let text = cell.text();
                    if !words.iter().any(|word| *word == text) {
                        *unknown.entry((column, text.clone())).or_insert(0) += 1;
                    }
                    numbers.extend(words.iter().map(|word| f64::from(u8::from(*word == text))));
                }
            }
        }
        let filled = (!gaps.is_empty()).then(|| {
            format!(
                "--missing mean: missing values become the mean of their column over the training \
                 samples: {}",
                self.counts(&gaps)
            )
        });
        let unknown = (!unknown.is_empty()).then(|| {
            let word = |((column, word), rows): (&(usize, _), &usize)| {
                let column = printable(&self.header.names[*column]);
                let word: &std::borrow::Cow<str> = word;
                format!("'{}' in '{column}' ({rows})", printable(word))
            };
            format!(
                "words that training never saw, and the number of their rows; the inputs of their \
                 column are 0: {}",
                listed(unknown.iter().map(word))
            )
        });
        Ok(Features { numbers, notes: filled.into_iter().chain(unknown).collect() })
    }

    /// Parses a number of a feature.
    fn feature(&self, cell: TextCell) -> Result<f64, String> {
        let text = cell.text();
        if let Some(number) = self.dialect.finite_number(&text) {
            return Ok(number);
        }
        let advice = match number_advice(&text) {
            "" if self.dialect.number(&text).is_none() => {
                "; if the column has categories, use --categories auto; if it is no feature, use \
                 --drop"
            }
            advice => advice,
        };
        Err(format!("expected a number, got '{}'{advice}", printable(&text)))
    }

    /// The number of missing values in each column, as a list.
    fn counts(&self, gaps: &BTreeMap<usize, usize>) -> String {
        let names = &self.header.names;
        let count = |(&column, count): (&usize, &usize)| {
            format!("{count} in '{}'", printable(&names[column]))
        };
        listed(gaps.iter().map(count))
    }
}

/// Joins parts of a remark; the last one counts those that are too many.
pub(super) fn listed(parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.collect();
    let others = parts.len().saturating_sub(MAX_NAMES);
    parts.truncate(MAX_NAMES);
    if others > 0 {
        parts.push(format!("and {others} more"));
    }
    parts.join(", ")
}
