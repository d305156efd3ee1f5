//! Reports: measurements, studies and runs as JSON, Markdown, CSV, HTML and charts, one format
//! per file.
//!
//! # Example
//!
//! ```
//! use deme::report::{BenchmarkReport, Machine, Measurement, markdown};
//! let (subject, backend) = ("cartpole".into(), "cpu".into());
//! let row = Measurement { subject, backend, ..Measurement::default() };
//! let report = BenchmarkReport::new(Machine::current(), vec![], vec![row], vec![]);
//! assert!(markdown::text(&report).contains("| cartpole |"));
//! ```

pub mod chart;
pub mod csv;
mod ending;
pub mod json;
pub mod markdown;
pub mod predictions;
pub mod runs;
pub mod tensorboard;

pub use self::ending::expect_ending;
pub use crate::measure::{BackendCrossover, Machine, Measurement, Roofline};

use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::files;
use crate::measure::crossovers;

/// The measurements of a benchmark, and the machine that they were made on.
#[derive(Clone, Debug, Serialize)]
pub struct BenchmarkReport {
    /// The machine.
    pub machine: Machine,
    /// The peak arithmetic and bandwidth of its backends.
    pub rooflines: Vec<Roofline>,
    /// The measurements.
    pub rows: Vec<Measurement>,
    /// The populations from which one backend is faster than another, computed from the rows.
    pub crossovers: Vec<BackendCrossover>,
    /// Reasons to doubt the numbers.
    pub warnings: Vec<String>,
}

impl BenchmarkReport {
    /// Creates a report and computes its crossovers.
    pub fn new(
        machine: Machine,
        rooflines: Vec<Roofline>,
        rows: Vec<Measurement>,
        warnings: Vec<String>,
    ) -> Self {
        Self { machine, rooflines, crossovers: crossovers(&rows), rows, warnings }
    }
}

/// The endings of a CSV file's name.
pub const CSV: &[&str] = &["csv"];
/// The endings of a Markdown file's name.
pub const MARKDOWN: &[&str] = &["md", "markdown"];
/// The endings of an SVG file's name.
pub const SVG: &[&str] = &["svg"];
/// The endings of an HTML file's name.
pub const HTML: &[&str] = &["html", "htm"];
/// The endings of a GIF file's name.
pub const GIF: &[&str] = &["gif"];

/// Writes a text, or other bytes, to a file, completely or not at all.
///
/// # Errors
///
/// Returns the errors of [`files::write`].
pub fn write(path: &Path, text: impl AsRef<[u8]>) -> Result<()> {
    files::write(path, text.as_ref())
}

/// Checks that an output can be written to a file, before the work whose result it will hold.
///
/// # Errors
///
/// Returns the errors of [`expect_ending`] and [`expect_writable`].
pub fn expect_output(flag: &str, path: &Path, endings: &[&str]) -> Result<()> {
    expect_ending(flag, path, endings)?;
    expect_writable(path)
}

/// Checks that a file can be written, before the work whose result it will hold.
///
/// # Errors
///
/// Returns an error if the path is a folder, or if its parent folder does not exist.
pub fn expect_writable(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
        let got = if path.is_dir() { "a folder" } else { "a file in a folder that is not there" };
        return Err(Error::invalid(path.display().to_string(), "a file that can be written", got));
    }
    Ok(())
}
