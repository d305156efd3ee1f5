//! Rows as comma-separated values: a header with the names of the JSON fields, then one line per
//! row. A field that is null in JSON is empty. The machine is left out.

use serde::Serialize;

use crate::error::{Error, Result};

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
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(|problem| failed(problem.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|problem| failed(problem.to_string()))?;
    String::from_utf8(bytes).map_err(|problem| failed(problem.to_string()))
}
