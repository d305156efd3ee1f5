//! Records: a text in cells, by the quoting rules of CSV.
//!
//! # Format
//!
//! A record is a line. Spaces around a cell are ignored, and so are empty lines. A cell that begins
//! with a quote ends with the next single quote; in between, two quotes stand for one, and line
//! ends and separators are text. Only a separator or a line end may follow the closing quote. A
//! quote elsewhere in a cell, as in `5" pipe`, is text.
//!
//! # Source
//!
//! Y. Shafranovich, "Common Format and MIME Type for CSV Files", RFC 4180.

use std::borrow::Cow;

use super::text::line_at;

/// The common marks of a missing value, in lower case.
const MISSING: [&str; 7] = ["", "na", "n/a", "nan", "null", "#n/a", "?"];

/// A cell as the text has it: without spaces around it, and with its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextCell<'a>(&'a str);

/// Cells of records that all have the same number of them.
#[derive(Debug)]
pub struct Records<'a> {
    text: &'a str,
    /// The number of cells of a record.
    width: usize,
    /// `[records][width]`.
    cells: Vec<TextCell<'a>>,
}

/// A problem with the text, and its line, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub problem: String,
}

impl<'a> TextCell<'a> {
    /// True if the cell is in quotes.
    pub fn is_quoted(self) -> bool {
        self.0.starts_with('"')
    }

    /// The text without quotes.
    pub fn text(self) -> Cow<'a, str> {
        match self.0.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) {
            Some(quoted) if quoted.contains('"') => quoted.replace("\"\"", "\"").into(),
            Some(quoted) => quoted.into(),
            None => self.0.into(),
        }
    }

    /// True if the cell is empty or, without quotes, has a common mark of a missing value. In
    /// quotes `"NA"` is a word, such as the code of Namibia.
    pub fn is_missing(self) -> bool {
        let text = self.text();
        text.is_empty() || (!self.is_quoted() && is_missing_mark(&text))
    }
}

/// True if a text is a common mark of a missing value.
pub fn is_missing_mark(text: &str) -> bool {
    MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing))
}

impl<'a> Records<'a> {
    /// Splits a text into cells.
    ///
    /// # Errors
    /// Returns the line of a quote that does not close, of text after a closing quote, or of a
    /// record that has another number of cells than the first.
    pub fn read(text: &'a str, separator: char) -> Result<Self, Fault> {
        let mut scanner = Scanner::new(text, separator);
        let (mut width, mut cells) = (0, Vec::new());
        while let Some(record) = scanner.record(&mut cells)? {
            if width == 0 {
                width = record.width;
            }
            if record.width != width {
                let first = cells[cells.len() - record.width];
                let advice = comment_advice(first, "the").or(comment_advice(cells[0], "the first"));
                let values = if width == 1 { "value" } else { "values" };
                let advice = advice.unwrap_or_default();
                let problem = format!("expected {width} {values}, got {}{advice}", record.width);
                return Err(Fault { line: line_at(text.as_bytes(), record.begins), problem });
            }
        }
        Ok(Self { text, width, cells })
    }

    /// The number of cells of a record.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of records.
    pub fn count(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }

    /// The cells of a record.
    pub fn record(&self, index: usize) -> &[TextCell<'a>] {
        &self.cells[index * self.width..][..self.width]
    }

    /// The cells of all records from an index on, record by record.
    pub fn from(&self, index: usize) -> impl Iterator<Item = &[TextCell<'a>]> {
        self.cells.chunks_exact(self.width.max(1)).skip(index)
    }

    /// Returns the first cell that goes on for several lines.
    pub fn first_with_line_end(&self) -> Option<TextCell<'a>> {
        let has_line_end = |cell: &&TextCell| cell.is_quoted() && cell.0.contains(['\n', '\r']);
        self.cells.iter().find(has_line_end).copied()
    }

    /// Returns the line of a cell, counted from 1. It counts from the first line, so only messages
    /// should need it.
    pub fn line_of(&self, cell: TextCell) -> usize {
        let at = cell.0.as_ptr() as usize - self.text.as_ptr() as usize;
        line_at(self.text.as_bytes(), at)
    }
}

/// Returns advice if the first cell of a line shows that the line is no record.
fn comment_advice(first: TextCell, line: &str) -> Option<String> {
    // Spreadsheets write `sep=;` as the first line of a file.
    let is_comment = first.0.starts_with('#') || first.0.starts_with("sep=");
    is_comment.then(|| format!("; deme knows no comments: remove {line} line"))
}

/// The place and the size of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordExtent {
    /// The byte of the text at which the record begins.
    pub begins: usize,
    /// The number of its cells.
    pub width: usize,
}

/// A reader of records, one at a time.
pub struct Scanner<'a> {
    text: &'a str,
    separator: u8,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Begins at the first record of a text. The separator is an ASCII character.
    pub fn new(text: &'a str, separator: char) -> Self {
        Self { text, separator: separator as u8, at: 0 }
    }

    /// Appends the cells of the next record, if there is one.
    ///
    /// # Errors
    /// Returns the line of a quote that does not close, or of text after a closing quote.
    pub fn record(&mut self, cells: &mut Vec<TextCell<'a>>) -> Result<Option<RecordExtent>, Fault> {
        let before = cells.len();
        loop {
            let begins = self.at;
            self.skip_blanks();
            match self.peek() {
                None => return Ok(None),
                Some(b'\n' | b'\r') => self.at += 1,
                Some(_) => {
                    self.at = begins;
                    while self.cell(cells)? {}
                    return Ok(Some(RecordExtent { begins, width: cells.len() - before }));
                }
            }
        }
    }

    /// Appends the next cell. Returns true if another one of the same record follows.
    fn cell(&mut self, cells: &mut Vec<TextCell<'a>>) -> Result<bool, Fault> {
        self.skip_blanks();
        let begins = self.at;
        if self.peek() == Some(b'"') {
            self.skip_quoted()?;
            cells.push(TextCell(&self.text[begins..self.at]));
            self.skip_blanks();
            if !self.is_at_end_of_cell() {
                let rest = &self.text[self.at..];
                let rest = rest.lines().next().unwrap_or_default();
                let problem = format!(
                    "expected a separator after the value in quotes that begins here, got {}; \
                     write a quote inside quotes twice",
                    crate::error::printable(rest)
                );
                return Err(self.fault(begins, problem));
            }
        } else {
            while !self.is_at_end_of_cell() {
                self.at += 1;
            }
            let cell = &self.text[begins..self.at];
            cells.push(TextCell(
                cell.trim_end_matches(|c: char| c.is_ascii() && self.is_blank(c as u8)),
            ));
        }
        let has_more = self.peek() == Some(self.separator);
        self.at += usize::from(self.peek().is_some());
        Ok(has_more)
    }

    /// Moves past a value in quotes.
    fn skip_quoted(&mut self) -> Result<(), Fault> {
        let begins = self.at;
        loop {
            self.at += 1;
            match self.text.as_bytes()[self.at..].iter().position(|&byte| byte == b'"') {
                None => {
                    let problem = "expected a closing quote, got the end of the file; the quote \
                                   begins here";
                    return Err(self.fault(begins, problem.into()));
                }
                Some(quote) => self.at += quote + 1,
            }
            if self.peek() != Some(b'"') {
                return Ok(());
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| self.is_blank(byte)) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.separator
    }

    fn is_at_end_of_cell(&self) -> bool {
        self.peek().is_none_or(|byte| byte == self.separator || matches!(byte, b'\n' | b'\r'))
    }

    fn fault(&self, at: usize, problem: String) -> Fault {
        Fault { line: line_at(self.text.as_bytes(), at), problem }
    }
}
