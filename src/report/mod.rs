//! Reports: measurements and studies as JSON, Markdown, CSV and a chart, one format a file.
//!
//! # Example
//!
//! ```
//! use deme::report::{Machine, Report, Row, markdown};
//! let row = Row { subject: "cartpole".into(), backend: "cpu".into(), ..Row::default() };
//! let report = Report::new(Machine::this(), vec![], vec![row], vec![]);
//! assert!(markdown::text(&report).contains("| cartpole |"));
//! ```

pub mod csv;
pub mod events;
pub mod json;
pub mod markdown;
pub mod runs;
pub mod svg;

pub use crate::measure::{Crossover, Machine, Roofline, Row};

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::measure::crossovers;
use crate::packed;

/// What was measured, and where.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// What its backends can do at most.
    pub rooflines: Vec<Roofline>,
    /// The measurements.
    pub rows: Vec<Row>,
    /// Where one backend overtakes another; they follow from the rows.
    pub crossovers: Vec<Crossover>,
    /// What to know before believing the numbers.
    pub warnings: Vec<String>,
}

impl Report {
    /// A report of measurements.
    pub fn new(
        machine: Machine,
        rooflines: Vec<Roofline>,
        rows: Vec<Row>,
        warnings: Vec<String>,
    ) -> Self {
        Self { machine, rooflines, crossovers: crossovers(&rows), rows, warnings }
    }
}

/// A score that counts as solved: as it was named, a tiny one with an exponent.
fn threshold(score: f32) -> String {
    if score != 0.0 && score.abs() < 1e-3 { format!("{score:e}") } else { score.to_string() }
}

/// Writes a report's text, or other bytes, to a file.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    let refused = |source: std::io::Error| {
        Error::invalid(format!("{}", path.display()), "a file that can be written", source)
    };
    File::create(path).and_then(|mut file| file.write_all(text.as_ref())).map_err(refused)
}

/// Replaces a file, whole or not at all.
///
/// # Errors
/// A disk that refuses; what stood there before is still there.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    packed::replace(path.parent().unwrap_or(Path::new(".")), name, bytes)
}

/// Refuses a file that cannot be written, before the work that it is for.
///
/// # Errors
/// A folder that is not there, or a folder in the file's place.
pub fn expect_writable(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
        let got = if path.is_dir() { "a folder" } else { "a file in a folder that is not there" };
        return Err(Error::invalid(path.display().to_string(), "a file that can be written", got));
    }
    Ok(())
}
