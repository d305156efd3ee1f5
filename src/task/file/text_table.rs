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

/// A quantity that a text stands for in the eyes of people, although it is no number here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// A number with a sign of currency, a percent sign or thousands separators.
    Number,
    /// A date, perhaps with a time.
    Date,
}

impl Likeness {
    /// Returns the likeness of a text, if it has one.
    pub fn of_text(text: &str) -> Option<Self> {
        let are_digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let day = text.split(['T', ' ']).next().unwrap_or_default();
        let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
        if let [first, second, third] = parts[..]
            && [first, second, third].into_iter().all(are_digits)
            && second.len() <= 2
            && (matches!((first.len(), third.len()), (4, 1..=2) | (1..=2, 4)))
        {
            return Some(Self::Date);
        }
        let is_sign = |letter: char| "$€£¥%".contains(letter);
        let unsigned = text.trim_start_matches(['-', '+']);
        let bare = unsigned.trim_matches(|letter: char| is_sign(letter) || letter == ' ');
        let bare = bare.trim_start_matches(['-', '+']);
        let mut groups = bare.split([',', '.', '\'', ' ']);
        let is_first = groups.next().is_some_and(are_digits);
        let rest: Vec<&str> = groups.collect();
        if !is_first || !rest.iter().copied().all(are_digits) {
            return None;
        }
        let are_thousands = rest.split_last().is_some_and(|(last, others)| {
            others.iter().all(|group| group.len() == 3) && (last.len() == 3 || !others.is_empty())
        });
        (text.contains(is_sign) || are_thousands).then_some(Self::Number)
    }

    /// The plural of the quantity, and how to write it in the file.
    pub fn advice(self) -> [&'static str; 2] {
        match self {
            Self::Number => [
                "numbers",
                "to predict numbers, write them without currency, percent signs and thousands \
                 separators, and use --goal regression",
            ],
            Self::Date => [
                "dates",
                "to predict a time, write it as a number, such as that of days, and use --goal \
                 regression",
            ],
        }
    }
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
