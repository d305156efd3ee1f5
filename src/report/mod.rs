//! Reports: measurements as JSON, Markdown, CSV and a chart, one format a file.
//!
//! # Example
//!
//! ```
//! use deme::report::{Machine, Report, Row, markdown};
//! let row = Row { subject: "cartpole".into(), backend: "cpu".into(), ..Row::default() };
//! let report = Report { machine: Machine::this(), rows: vec![row] };
//! assert!(markdown::text(&report).contains("| cartpole |"));
//! ```

pub mod csv;
pub mod json;
pub mod markdown;
pub mod svg;

pub use crate::measure::{Machine, Row};

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};

/// What was measured, and where.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// The measurements.
    pub rows: Vec<Row>,
}

/// Writes a report's text to a file.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let refused = |source: std::io::Error| {
        Error::invalid(format!("{}", path.display()), "a file that can be written", source)
    };
    File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(refused)
}
