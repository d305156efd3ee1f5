//! Reports as one JSON document. Of measurements: `{"machine": {...}, "rooflines": [...],
//! "rows": [...], "crossovers": [...], "warnings": [...]}`; of a study, the fields of
//! [`Findings`](crate::study::Findings).

use serde::Serialize;

use crate::error::{Error, Result};

/// The document.
///
/// # Errors
/// None that this crate's own reports can cause.
pub fn text(report: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(report).map_err(|problem| Error::Io {
        doing: "writing JSON of",
        path: "a report".into(),
        source: problem.into(),
    })
}
