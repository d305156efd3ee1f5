//! The cells of a CSV file under the names of their columns, and the problems of single cells.

use super::dialect::Dialect;
use super::header::Header;
use super::records::{Fault, Records, TextCell};
use crate::error::printable;

/// The cells of a text with the names of their columns.
pub(super) struct TextTable<'a> {
    /// All records, with the header if there is one.
    pub records: Records<'a>,
    pub header: Header,
    pub dialect: Dialect,
    /// Remarks about the dialect and the header.
    pub notes: Vec<String>,
}

impl<'a> TextTable<'a> {
    /// Finds the decimal mark of records, and names the columns.
    ///
    /// # Errors
    /// Returns the lines of two numbers with different decimal marks, or the error of `header`.
    pub fn from_records(
        records: Records<'a>,
        separator: char,
        header: impl FnOnce(&Records, Dialect) -> std::result::Result<Header, Fault>,
    ) -> std::result::Result<Self, Fault> {
        let (dialect, comma) = Dialect::of_records(&records, separator)?;
        let example = comma.map(|cell| (cell.text().into_owned(), records.line_of(cell)));
        let header = header(&records, dialect)?;
        let long = records.first_with_line_end().map(|cell| {
            let (line, count) = (records.line_of(cell), cell.text().lines().count());
            format!("the value in quotes on line {line} goes on for {count} lines")
        });
        let notes = [dialect.note(example), header.note.clone(), long];
        let notes = notes.into_iter().flatten().collect();
        Ok(Self { records, header, dialect, notes })
    }

    /// Returns the problem of a cell, with its line and the name of its column.
    pub fn fault(&self, column: usize, cell: TextCell, problem: &str) -> Fault {
        let name = printable(&self.header.names[column]);
        let line = self.records.line_of(cell);
        Fault { line, problem: format!("column '{name}': {problem}") }
    }

    /// Returns the text of a target with a decimal dot if it is a number.
    pub fn target_text(&self, cell: TextCell) -> String {
        let text = cell.text();
        match self.dialect.has_decimal_commas && self.dialect.number(&text).is_some() {
            true => text.replacen(',', ".", 1),
            false => text.into_owned(),
        }
    }
}

/// Returns the problem of a missing value, and the flags that would allow it.
pub(super) fn missing(cell: TextCell, flags: &str) -> String {
    let text = cell.text();
    if text.is_empty() {
        return format!("expected a value, got nothing; fill missing values in, or use {flags}");
    }
    format!(
        "expected a value, got '{text}', which stands for a missing one; fill missing values in, \
         or use {flags}; if it is a word, put it in quotes: \"{text}\""
    )
}

/// Returns advice on texts that people take for numbers.
pub(super) fn number_advice(text: &str) -> &'static str {
    let digits: String = text.chars().filter(|c| !matches!(c, ',' | '.' | '\'' | ' ')).collect();
    let is_whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole(digits.trim_start_matches(['-', '+'])) {
        "; remove thousands separators, and use one decimal mark in the file"
    } else if text.ends_with('%') {
        "; remove the percent signs"
    } else if text.starts_with("0x") || text.starts_with("0X") {
        "; write it as a decimal number"
    } else {
        ""
    }
}
