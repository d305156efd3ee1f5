//! The dialect of a CSV file: the separator of its columns, and the mark of its decimal numbers.
//!
//! # The rules
//!
//! All lines decide. A comma, a semicolon, a tab or `|` may be the separator if it splits at least
//! half of the lines like the first line. If several may be, the one that leaves the most numbers
//! is the separator. If they leave about as many numbers, the comma is the last choice, because it
//! may be a decimal mark.
//!
//! Where commas separate nothing, they may be decimal marks: if numbers of a column have them, all
//! numbers of the file must. A file with both `1.5` and `2,5` is refused, because one of them may
//! be a thousands separator.

use super::records::{Fault, Records, Scanner, TextCell};

/// The separators, most telling first.
const SEPARATORS: [char; 4] = ['\t', ';', '|', ','];
/// The share of lines that a separator must split like the first one.
const MIN_AGREEMENT: f64 = 0.5;
/// The differences in the share of numbers that tell nothing.
const SIMILAR_SHARES: f64 = 0.2;

/// The dialect of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The character between columns.
    pub separator: char,
    /// True if decimal numbers have a comma, false if they have a dot.
    pub has_decimal_commas: bool,
}

/// The records that a separator makes of a text.
struct Split {
    separator: char,
    /// The fraction of records that have as many cells as the first.
    agreement: f64,
    /// The fraction of cells that are numbers, in these records.
    numbers: f64,
}

/// Returns the character that separates the columns of a text.
pub fn separator_of(text: &str) -> char {
    let first_line = text.trim_start().lines().next().unwrap_or_default();
    let candidates = SEPARATORS.into_iter().filter(|&separator| first_line.contains(separator));
    let candidates: Vec<char> = candidates.collect();
    if let [] | [_] = candidates[..] {
        return candidates.first().copied().unwrap_or(',');
    }
    let splits: Vec<Split> = candidates.iter().filter_map(|&c| Split::of(text, c)).collect();
    let clear = |split: &&Split| split.agreement >= MIN_AGREEMENT;
    let most = splits.iter().filter(clear).map(|split| split.numbers).fold(0.0, f64::max);
    let best = splits.iter().filter(clear).find(|split| split.numbers >= most - SIMILAR_SHARES);
    best.or(splits.last()).map_or(',', |split| split.separator)
}

impl Split {
    /// Splits a text. Returns `None` if the first record is one cell.
    fn of(text: &str, separator: char) -> Option<Self> {
        let mut scanner = Scanner::new(text, separator);
        let (mut cells, mut width) = (Vec::new(), 0);
        let (mut records, mut agreeing, mut numbers) = (0, 0, 0);
        // A file with an error of quotes is judged by the records before it.
        while let Ok(Some(record)) = scanner.record(&mut cells) {
            if width == 0 {
                width = record.width;
            } else {
                records += 1;
                let has_loose_quotes =
                    |cell: &TextCell| !cell.is_quoted() && cell.text().contains('"');
                if record.width == width && !cells.iter().any(has_loose_quotes) {
                    agreeing += 1;
                    let is_number =
                        |cell: &&TextCell| is_number_with(&cell.text(), separator != ',');
                    numbers += cells.iter().filter(is_number).count();
                }
            }
            cells.clear();
        }
        let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
        (width > 1).then(|| Self {
            separator,
            agreement: share(agreeing, records),
            numbers: share(numbers, agreeing * width),
        })
    }
}

impl Dialect {
    /// Finds the decimal mark of records. Also returns the first number with a decimal comma.
    ///
    /// # Errors
    /// Returns the lines of two numbers with different marks.
    pub fn of_records<'a>(
        records: &Records<'a>,
        separator: char,
    ) -> Result<(Self, Option<TextCell<'a>>), Fault> {
        let dot = Self { separator, has_decimal_commas: false };
        if separator == ',' {
            return Ok((dot, None));
        }
        // Columns with other words have no numbers to tell the mark by.
        let mut is_numeric = vec![true; records.width()];
        for record in records.from(1) {
            for (cell, is_numeric) in record.iter().zip(&mut is_numeric) {
                *is_numeric &= cell.is_missing() || is_number_with(&cell.text(), true);
            }
        }
        let first = |mark: char| {
            records.from(1).find_map(|record| {
                let cells = record.iter().zip(&is_numeric);
                cells
                    .filter(|(_, numeric)| **numeric)
                    .map(|(cell, _)| *cell)
                    .find(|cell| !cell.is_missing() && cell.text().contains(mark))
            })
        };
        match (first('.'), first(',')) {
            (_, None) => Ok((dot, None)),
            (None, Some(comma)) => Ok((Self { separator, has_decimal_commas: true }, Some(comma))),
            (Some(dot), Some(comma)) => Err(Fault {
                line: records.line_of(comma),
                problem: format!(
                    "expected one decimal mark, got '{}' here and '{}' on line {}; if one of them \
                     is a thousands separator, remove it",
                    comma.text(),
                    dot.text(),
                    records.line_of(dot)
                ),
            }),
        }
    }

    /// Parses a number. It may be infinite or NaN.
    pub fn number(self, text: &str) -> Option<f64> {
        let text = text.trim();
        if !self.has_decimal_commas {
            return text.parse().ok();
        }
        if text.contains('.') { None } else { text.replacen(',', ".", 1).parse().ok() }
    }

    /// Parses a finite number.
    pub fn finite_number(self, text: &str) -> Option<f64> {
        self.number(text).filter(|number| number.is_finite())
    }

    /// A remark about a dialect other than commas and dots, with an example of a decimal comma.
    pub fn note(self, example: Option<(String, usize)>) -> Option<String> {
        if self.separator == ',' {
            return None;
        }
        let separator = format!("columns are separated by {:?}", self.separator);
        Some(match example {
            None => separator,
            Some((number, line)) => format!(
                "{separator}, and commas are decimal marks: '{number}' on line {line} is {}",
                number.replacen(',', ".", 1)
            ),
        })
    }
}

/// True if a text is a finite number, with a dot or, if commas are allowed, a comma.
fn is_number_with(text: &str, allows_comma: bool) -> bool {
    let is_finite = |text: &str| text.trim().parse::<f64>().is_ok_and(f64::is_finite);
    is_finite(text)
        || (allows_comma && !text.contains('.') && is_finite(&text.replacen(',', ".", 1)))
}
