//! CSV files: a header, a finite number in every feature column, and a column to predict.
//!
//! The columns may also be separated by semicolons, tabs or `|`, and decimal numbers may have
//! commas; `dialect.rs` has the rules. A word in a feature column is an error: only the owner of
//! the table knows whether `red` should be 0, 1 or a column of its own. For the same reason a
//! missing value is an error.

use super::checks::check_memory;
use super::data_file::DataFile;
use super::dialect::{Dialect, separator_of};
use super::header::Header;
use super::numbers::Numbers;
use super::records::{Fault, Records, TextCell};
use super::table::Table;
use super::target::{Column, Goal, are_classes};
use super::text;
use crate::error::{Error, Result, printable};

/// The cells of a text with the names of their columns.
pub(super) struct TextTable<'a> {
    /// All records, with the header if there is one.
    pub records: Records<'a>,
    pub header: Header,
    pub dialect: Dialect,
    /// Remarks about the dialect and the header.
    pub notes: Vec<String>,
}

/// Reads the table of a file.
///
/// # Errors
/// Returns an error if the file cannot be read, does not fit in memory, or does not parse.
pub(super) fn read(source: &DataFile, is_compressed: bool) -> Result<Table> {
    let path = source.path;
    let text = text::read(path, is_compressed, source.memory)?;
    let separator = separator_of(&text);
    let ends = |byte: &u8| *byte == separator as u8 || matches!(byte, b'\n' | b'\r');
    let cells = text.bytes().filter(ends).count() as u64;
    // A value takes 8 bytes as read, and 4 standardised.
    let bytes = size_of::<TextCell>() as u64 + 12;
    let free = source.memory - text.len() as u64;
    check_memory(path, &format!("a table of {cells} values"), cells, bytes, free)?;
    parse(&text, separator, source)
}

/// Parses the table of a text; the path is only for messages.
///
/// # Errors
/// Returns [`Error::File`] with the line of a record that does not parse or has the wrong length,
/// of a value that is missing or not a finite number, or of a header without names, with a repeated
/// name, or without the target.
pub(in super::super) fn parse(text: &str, separator: char, source: &DataFile) -> Result<Table> {
    let in_file = |Fault { line, problem }| Error::File { path: source.path.into(), line, problem };
    let table = TextTable::parse(text, separator, source.no_header).map_err(in_file)?;
    table.with_target(source).map_err(in_file)
}

impl<'a> TextTable<'a> {
    /// Splits a text into cells, and names the columns.
    fn parse(text: &'a str, separator: char, no_header: bool) -> std::result::Result<Self, Fault> {
        let records = Records::read(text, separator)?;
        if records.width() < 2 {
            let first = text.trim_start().lines().next().unwrap_or_default();
            let expected = "expected a header of at least two columns, a feature and the target";
            let problem = format!(
                "{expected}, with commas, semicolons, tabs or | between them, got '{}'",
                printable(first)
            );
            return Err(Fault { line: 1, problem });
        }
        let (dialect, comma) = Dialect::of_records(&records, separator)?;
        let example = comma.map(|cell| (cell.text().into_owned(), records.line_of(cell)));
        let header = match no_header {
            true => Header::numbered(records.width()),
            false => Header::of_records(&records, dialect)?,
        };
        let long = records.first_with_line_end().map(|cell| {
            let (line, count) = (records.line_of(cell), cell.text().lines().count());
            format!("the value in quotes on line {line} goes on for {count} lines")
        });
        let notes = [dialect.note(example), header.note.clone(), long];
        let notes = notes.into_iter().flatten().collect();
        Ok(Self { records, header, dialect, notes })
    }

    /// Converts the columns to features and the target, by default the last column.
    fn with_target(self, source: &DataFile) -> std::result::Result<Table, Fault> {
        let names = &self.header.names;
        let target = match source.target {
            None => names.len() - 1,
            Some(target) => names.iter().position(|name| name == target).ok_or_else(|| {
                let line = self.records.line_of(self.records.record(0)[0]);
                Fault { line, problem: unknown_target(target, names) }
            })?,
        };
        let mut features = Vec::new();
        for record in self.records.from(self.header.first_sample) {
            for (column, &cell) in record.iter().enumerate() {
                if column != target {
                    let number =
                        self.number(cell).map_err(|text| self.fault(column, cell, &text))?;
                    features.push(number);
                }
            }
        }
        let mut notes = Vec::new();
        let column = self.target_column(target, source.goal, &mut notes)?;
        notes.splice(0..0, self.notes);
        let mut columns = self.header.names;
        let target = columns.remove(target);
        Ok(Table {
            inputs: columns.len(),
            features: Numbers::Doubles(features),
            column,
            target_location: format!("column '{}'", printable(&target)),
            target,
            line: 1,
            columns,
            training: None,
            shared_unit: false,
            notes,
        })
    }

    /// Returns the problem of a cell, with its line and the name of its column.
    fn fault(&self, column: usize, cell: TextCell, problem: &str) -> Fault {
        let name = printable(&self.header.names[column]);
        let line = self.records.line_of(cell);
        Fault { line, problem: format!("column '{name}': {problem}") }
    }

    /// Parses a finite number.
    fn number(&self, cell: TextCell) -> std::result::Result<f64, String> {
        match self.dialect.finite_number(&cell.text()) {
            Some(number) => Ok(number),
            None if cell.is_missing() => Err(missing(cell)),
            None => {
                let (got, advice) = (printable(&cell.text()), number_advice(&cell.text()));
                Err(format!("expected a number, got '{got}'{advice}"))
            }
        }
    }

    /// Returns the values of the target: words if any value is a word, and otherwise numbers. A
    /// word among numbers that are not classes is an error.
    fn target_column(
        &self,
        column: usize,
        goal: Option<Goal>,
        notes: &mut Vec<String>,
    ) -> std::result::Result<Column, Fault> {
        let cells = || self.records.from(self.header.first_sample).map(|record| record[column]);
        let (mut numbers, mut first_word) = (Vec::new(), None);
        for cell in cells() {
            if cell.is_missing() {
                return Err(self.fault(column, cell, &missing(cell)));
            }
            match self.dialect.number(&cell.text()) {
                Some(number) if number.is_finite() => numbers.push(number),
                Some(_) if !cell.is_quoted() => {
                    let got = printable(&cell.text());
                    let problem = format!("expected a class or a finite number, got '{got}'");
                    return Err(self.fault(column, cell, &problem));
                }
                _ => first_word = first_word.or(Some(cell)),
            }
        }
        let words = || Column::Words(cells().map(|cell| cell.text().into_owned()).collect());
        if let Some(word) = first_word {
            let got = printable(&word.text());
            return match goal {
                Some(Goal::Regression) => {
                    Err(self.fault(column, word, &format!("expected a number, got '{got}'")))
                }
                None if !are_classes(&numbers) => Err(self.fault(
                    column,
                    word,
                    &format!(
                        "expected a number as in the other rows, got '{got}'; if these are \
                         classes, use --goal classification"
                    ),
                )),
                None | Some(Goal::Classification) => Ok(words()),
            };
        }
        if goal == Some(Goal::Regression) {
            return Ok(Column::Numbers(numbers));
        }
        if let Some(code) = cells().find(|cell| is_code(&cell.text())) {
            notes.push(format!(
                "column '{}' has words, because zeros begin '{}' on line {}; use --goal \
                 regression if it has numbers",
                printable(&self.header.names[column]),
                printable(&code.text()),
                self.records.line_of(code)
            ));
            return Ok(words());
        }
        let whole: Option<Vec<i128>> = cells().map(|cell| whole_number(&cell.text())).collect();
        Ok(match whole {
            Some(whole) if whole.iter().all(has_64_bits) => Column::Whole(whole),
            // Classes that are fractions or longer whole numbers are exact as words only.
            _ if goal.is_some() || are_classes(&numbers) => {
                Column::Words(cells().map(|cell| plain_decimal(&cell.text())).collect())
            }
            _ => Column::Numbers(numbers),
        })
    }
}

/// Returns the problem of a name that no column has, with the names that are closest.
fn unknown_target(target: &str, names: &[String]) -> String {
    const MAX_NAMES: usize = 30;
    let mut names: Vec<&String> = names.iter().collect();
    if names.len() > MAX_NAMES {
        names.sort_by_cached_key(|name| strsim::levenshtein(name, target));
        names.truncate(MAX_NAMES);
    }
    Error::unknown("column of --target", target, names).to_string()
}

/// Returns the problem of a missing value.
fn missing(cell: TextCell) -> String {
    let text = cell.text();
    if text.is_empty() {
        return "expected a value, got nothing; fill missing values in, or leave their rows out"
            .into();
    }
    format!(
        "expected a value, got '{text}', which stands for a missing one; fill missing values in, \
         or leave their rows out; if it is a class, put it in quotes: \"{text}\""
    )
}

/// Returns advice on texts that people take for numbers.
fn number_advice(text: &str) -> &'static str {
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

/// True if a text is digits with zeros before them, as in a postcode.
fn is_code(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the whole number that a text is exactly, such as `7`, `7.0` or `7e3`.
fn whole_number(text: &str) -> Option<i128> {
    const EXACT: f64 = (1u64 << 53) as f64;
    let text = text.trim();
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if fraction.bytes().all(|digit| digit == b'0')
        && let Ok(number) = whole.parse()
    {
        return Some(number);
    }
    let number = text.parse::<f64>().ok()?;
    (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as i128)
}

/// Returns a number with a decimal dot, and without a plus sign and zeros that say nothing.
fn plain_decimal(text: &str) -> String {
    let text = text.trim().trim_start_matches('+').replacen(',', ".", 1);
    if text.contains('.') && text.bytes().all(|byte| !byte.is_ascii_alphabetic()) {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// True if a whole number is one of 64 bits, signed or not.
fn has_64_bits(number: &i128) -> bool {
    i64::try_from(*number).is_ok() || u64::try_from(*number).is_ok()
}
