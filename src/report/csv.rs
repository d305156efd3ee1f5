//! Rows as comma-separated values: a header with the names of the JSON fields, then one line per
//! row. A field that is null in JSON is empty. The machine is left out.
//!
//! A spreadsheet would run a text that begins with `=` as a formula. [`cell`] puts an apostrophe
//! before such texts, by which spreadsheets mark a text.
//!
//! # Source
//!
//! OWASP, CSV injection, <https://owasp.org/www-community/attacks/CSV_Injection>.

use std::borrow::Cow;

use serde::Serialize;

use crate::error::{Error, Result, escape_controls};

/// Writes the lines.
///
/// # Errors
///
/// Returns an error if the CSV encoder fails, which no report of this crate causes.
pub fn text(rows: &[impl Serialize]) -> Result<String> {
    let failed = |problem: String| Error::Io {
        doing: "writing CSV of",
        path: "a report".into(),
        source: std::io::Error::other(problem),
    };
    let mut raw = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        raw.serialize(row).map_err(|problem| failed(problem.to_string()))?;
    }
    let raw = raw.into_inner().map_err(|problem| failed(problem.to_string()))?;
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let mut lines = ::csv::ReaderBuilder::new().has_headers(false).from_reader(&raw[..]);
    for line in lines.records() {
        let line = line.map_err(|problem| failed(problem.to_string()))?;
        let written = writer.write_record(line.iter().map(|text| cell(text).into_owned()));
        written.map_err(|problem| failed(problem.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|problem| failed(problem.to_string()))?;
    String::from_utf8(bytes).map_err(|problem| failed(problem.to_string()))
}

/// Returns the text of a cell that no spreadsheet runs as a formula: a number as it is, and any
/// other text with its control characters visible, and after an apostrophe if it begins as a
/// formula does.
pub fn cell(text: &str) -> Cow<'_, str> {
    // The first characters of a formula; spreadsheets also take the wide ones of East Asia.
    const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.parse::<f64>().is_ok() {
        return text.into();
    }
    let text = escape_controls(text, |_| false);
    if text.trim_start().starts_with(FORMULA) { format!("'{text}").into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_texts_and_numbers_stay_numbers() {
        let texts = ["=1+1", "+a", "-a", "@a", "\t=1", " =1", "＝1", "'=1"];
        let safe = ["'=1+1", "'+a", "'-a", "'@a", "\\t=1", "' =1", "'＝1", "'=1"];
        assert_eq!(texts.map(|text| cell(text).into_owned()), safe);
        assert_eq!(["-0.5", "+3", "-1e-9", "a", ""].map(cell), ["-0.5", "+3", "-1e-9", "a", ""]);
        assert_eq!(text(&[("=a,\"b", -1.5)]).expect("lines"), "\"'=a,\"\"b\",-1.5\n");
    }
}
