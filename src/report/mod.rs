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
mod machine;
pub mod markdown;
pub mod svg;

pub use machine::Machine;

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

/// One measurement; a field that has no meaning for it is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// A task, `forward` or `generation`.
    pub subject: String,
    /// Layers.
    pub network: Option<String>,
    /// Parameters of an individual.
    pub parameters: Option<u64>,
    /// Individuals.
    pub population: Option<u64>,
    /// Samples that all individuals share.
    pub batch: Option<u64>,
    /// Environment steps of every individual.
    pub steps: Option<u64>,
    /// The backend's name.
    pub backend: String,
    /// The device.
    pub adapter: Option<String>,
    /// Timed repetitions.
    pub samples: u64,
    /// The median repetition.
    pub seconds_median: f64,
    /// The fastest repetition.
    pub seconds_min: f64,
    /// The slowest repetition.
    pub seconds_max: f64,
    /// Individuals scored a second.
    pub evaluations_per_second: Option<f64>,
    /// Environment steps a second, over all individuals.
    pub steps_per_second: Option<f64>,
    /// Billions of floating-point operations a second.
    pub gflops: Option<f64>,
    /// Billions of bytes moved a second.
    pub gbytes_per_second: Option<f64>,
    /// The share reached of what the machine can do at most.
    pub roofline_fraction: Option<f64>,
    /// What limits it: `compute` or `memory`.
    pub roofline_bound: Option<String>,
    /// Whose clock: `device` or `host`.
    pub timing: String,
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
