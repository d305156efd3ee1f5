//! Reports as one JSON document: `{"machine": {...}, "rooflines": [...], "rows": [...],
//! "crossovers": [...], "warnings": [...]}`.

use super::Report;
use crate::error::{Error, Result};

/// The document.
///
/// # Errors
/// None that this crate's own reports can cause.
pub fn text(report: &Report) -> Result<String> {
    serde_json::to_string_pretty(report).map_err(|problem| Error::Io {
        doing: "writing JSON of",
        path: "a report".into(),
        source: problem.into(),
    })
}
