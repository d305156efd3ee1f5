//! CSV files: tables of text, with feature columns and columns to predict.
//!
//! The first line has the names of the columns, unless the caller says that it is a sample. The
//! columns may also be separated by semicolons, tabs or `|`, and decimal numbers may have commas;
//! `dialect.rs` has the rules. By default a word in a feature column is an error, because only the
//! owner of the table knows whether `red` should be 0, 1 or a column of its own. For the same
//! reason a missing value is an error. [`ColumnOptions`](super::ColumnOptions) change both rules.

use std::path::Path;

use super::checks::check_memory;
use super::column_options::Delimiter;
use super::columns;
use super::data_file::DataFile;
use super::dialect::separator_of;
use super::features::Features;
use super::header::Header;
use super::numbers::Numbers;
use super::records::{Fault, Records, TextCell};
use super::table::Table;
use super::target::{Column, Goal, are_classes};
use super::text;
use super::text_table::{Likeness, TextTable, missing};
use crate::error::{Error, Result, printable};
use crate::task::{FeatureColumn, TableColumns};

/// Reads the table of a file.
///
/// # Errors
/// Returns an error if the file cannot be read, does not fit in memory, or does not parse.
pub(super) fn read(source: &DataFile, is_compressed: bool) -> Result<Table> {
    let (text, separator) = read_text(source, is_compressed)?;
    parse(&text, separator, source)
}

/// Reads the text of a file, and finds the separator of its columns.
///
/// # Errors
/// Returns an error if the file cannot be read, or if its table does not fit in memory.
pub(super) fn read_text(source: &DataFile, is_compressed: bool) -> Result<(String, char)> {
    let path = source.path;
    let text = text::read(path, is_compressed, source.memory)?;
    let delimiter = source.columns.delimiter;
    let separator = delimiter.map_or_else(|| separator_of(&text), |Delimiter(letter)| letter);
    let ends = |byte: &u8| *byte == separator as u8 || matches!(byte, b'\n' | b'\r');
    let cells = text.bytes().filter(ends).count() as u64;
    // A value takes 8 bytes as read, and 4 standardised.
    let bytes = size_of::<TextCell>() as u64 + 12;
    let free = source.memory - text.len() as u64;
    check_memory(path, &format!("a table of {cells} values"), cells, bytes, free)?;
    Ok((text, separator))
}

/// Parses the table of a text; the path is only for messages.
///
/// # Errors
/// Returns [`Error::File`] with the line of a record that does not parse or has the wrong length,
/// of a value that is missing or not a finite number, or of a header without names or with a
/// repeated name, and the errors of [`columns::choose`].
pub(in super::super) fn parse(text: &str, separator: char, source: &DataFile) -> Result<Table> {
    TextTable::parse(text, separator, source)?.with_targets(source)
}

impl<'a> TextTable<'a> {
    /// Splits a text into cells, and names the columns.
    ///
    /// # Errors
    /// Returns the errors of [`parse`] about records and names.
    fn parse(text: &'a str, separator: char, source: &DataFile) -> Result<Self> {
        let in_file = |fault| in_file(source.path, fault);
        let records = Records::read(text, separator).map_err(in_file)?;
        if records.width() < 2 {
            let first = text.trim_start().lines().next().unwrap_or_default();
            let expected = "expected a header of at least two columns, a feature and the target";
            let separators = match source.columns.delimiter {
                Some(Delimiter(letter)) => format!("{letter:?} (--delimiter)"),
                None => "commas, semicolons, tabs or |".into(),
            };
            let problem =
                format!("{expected}, with {separators} between them, got '{}'", printable(first));
            return Err(in_file(Fault { line: 1, problem }));
        }
        Self::from_records(records, separator, |records, dialect| match source.no_header {
            true => Ok(Header::numbered(records.width())),
            false => Header::of_records(records, dialect),
        })
        .map_err(in_file)
    }

    /// Converts the columns to features and targets.
    fn with_targets(self, source: &DataFile) -> Result<Table> {
        let (path, names) = (source.path, &self.header.names);
        let in_file = |fault| in_file(path, fault);
        let choice = columns::choose(path, names, source)?;
        let missing = source.columns.missing;
        let used = [&choice.features[..], &choice.targets].concat();
        let (rows, left_out) = self.kept_records(&used, missing);
        let features = self
            .feature_columns(&choice.features, &rows, source.columns.categories)
            .map_err(in_file)?;
        let Features { numbers, notes } =
            self.features(&features, &rows, missing).map_err(in_file)?;
        let mut notes: Vec<String> =
            self.notes.iter().cloned().chain(left_out).chain(notes).collect();
        let column = match choice.targets[..] {
            [target] => self.target_column(target, &rows, source.goal, &mut notes),
            ref targets => self.target_vectors(targets, &rows),
        };
        let targets: Vec<String> =
            choice.targets.iter().map(|&place| names[place].clone()).collect();
        let shown: Vec<String> = targets.iter().map(|name| printable(name)).collect();
        let inputs: Vec<String> = features.iter().flat_map(FeatureColumn::input_names).collect();
        Ok(Table {
            inputs: inputs.len(),
            features: Numbers::Doubles(numbers),
            column: column.map_err(in_file)?,
            target_location: match &shown[..] {
                [name] => format!("column '{name}'"),
                _ => format!("columns '{}'", shown.join("', '")),
            },
            targets,
            line: 1,
            columns: inputs,
            table: Some(TableColumns {
                has_header: !source.no_header,
                width: names.len(),
                targets: choice.targets,
                features,
                missing,
            }),
            training: None,
            shared_unit: false,
            notes,
        })
    }

    /// Returns the values of several targets, which are numbers.
    fn target_vectors(
        &self,
        targets: &[usize],
        rows: &[usize],
    ) -> std::result::Result<Column, Fault> {
        let mut numbers = Vec::new();
        for &row in rows {
            for &target in targets {
                let cell = self.records.record(row)[target];
                let number = self.dialect.finite_number(&cell.text());
                numbers.push(number.ok_or_else(|| {
                    let got = printable(&cell.text());
                    let problem = match cell.is_missing() {
                        true => missing(cell, "--missing drop"),
                        false => format!(
                            "expected a number, because several targets are numbers, got '{got}'"
                        ),
                    };
                    self.fault(target, cell, &problem)
                })?);
            }
        }
        Ok(Column::Vectors { numbers, width: targets.len() })
    }

    /// Returns the values of the target: words if any value is a word, and otherwise numbers. A
    /// word among numbers that are not classes is an error.
    fn target_column(
        &self,
        column: usize,
        rows: &[usize],
        goal: Option<Goal>,
        notes: &mut Vec<String>,
    ) -> std::result::Result<Column, Fault> {
        let cells = || rows.iter().map(|&row| self.records.record(row)[column]);
        let (mut numbers, mut first_word) = (Vec::new(), None);
        for cell in cells() {
            if cell.is_missing() {
                return Err(self.fault(column, cell, &missing(cell, "--missing drop")));
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
                None => {
                    let cells: Vec<TextCell> = cells().collect();
                    notes.extend(self.likeness_note(column, &cells));
                    Ok(words())
                }
                Some(Goal::Classification) => Ok(words()),
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

impl TextTable<'_> {
    /// Returns a note on a target whose words are mostly numbers or dates in the eyes of people.
    fn likeness_note(&self, column: usize, cells: &[TextCell]) -> Option<String> {
        let like = |kind: Likeness| {
            let is_like = |cell: &&TextCell| Likeness::of_text(&cell.text()) == Some(kind);
            (cells.iter().filter(is_like).count(), cells.iter().find(is_like), kind)
        };
        let (count, first, kind) =
            [Likeness::Number, Likeness::Date].map(like).into_iter().max_by_key(|like| like.0)?;
        let first = first.filter(|_| count * 2 > cells.len())?;
        let [plural, advice] = kind.advice();
        Some(format!(
            "column '{}' has words, of which most look like {plural}, such as '{}' on line {}; \
             {advice}",
            printable(&self.header.names[column]),
            printable(&first.text()),
            self.records.line_of(*first)
        ))
    }
}

/// Returns the error of a problem in a file.
pub(super) fn in_file(path: &Path, Fault { line, problem }: Fault) -> Error {
    Error::File { path: path.into(), line, problem }
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
