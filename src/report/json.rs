//! Reports as one JSON document. Of measurements: `{"machine": {...}, "rooflines": [...],
//! "rows": [...], "crossovers": [...], "warnings": [...]}`; of a study, the fields of
//! [`StudyResults`](crate::study::StudyResults).

use serde::Serialize;

use crate::error::{Error, Result};

/// Writes the document.
///
/// # Errors
///
/// Returns an error if the JSON encoder fails, which no report of this crate causes.
pub fn text(report: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(report).map_err(|problem| Error::Io {
        doing: "writing JSON of",
        path: "a report".into(),
        source: problem.into(),
    })
}
