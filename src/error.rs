//! The one error of the crate: a variant for each thing a caller can act on.
//!
//! Every message says what was expected, what came, and what to do about it, and names the flag,
//! the file or the line it speaks of.

use std::path::{Path, PathBuf};

/// What went wrong, by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that is not in a registry: choose one of `known`.
    #[error("unknown {kind} '{name}'; known: {}", known.join(", "))]
    Unknown {
        /// What was named: "task", "strategy", "setting of ga", ...
        kind: String,
        /// The name that came.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },

    /// A value outside its domain: change the input that `what` names.
    #[error("{what}: expected {expected}, got {got}{}", said(advice))]
    Invalid {
        /// The flag, setting, file or argument.
        what: String,
        /// What would have been accepted.
        expected: String,
        /// What came.
        got: String,
        /// What to do, or empty where `expected` says it all.
        advice: String,
    },

    /// A file that could not be understood: mend it at `place`.
    #[error("{}: {problem}", place(path, *line))]
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1; 0 where the fault has no line.
        line: usize,
        /// What was expected and what came.
        problem: String,
    },

    /// A size that does not fit: choose a smaller one.
    #[error("{what} needs {needed}, but {available}; the largest that fits is {largest}")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// The arithmetic of what it needs.
        needed: String,
        /// What there is.
        available: String,
        /// The largest value that would have been accepted.
        largest: String,
    },

    /// A run folder that exists already: choose another, nothing is overwritten.
    #[error(
        "--out: {} exists already, and a run never overwrites anything; \
         name another with --out, or remove it",
        .0.display()
    )]
    Exists(PathBuf),

    /// No adapter of the asked-for kind: install a driver, or use another backend.
    #[error("no GPU adapter: {0}")]
    NoAdapter(String),

    /// The device refused or failed.
    #[error("the GPU failed while {doing}: {problem}")]
    Device {
        /// What was being done.
        doing: String,
        /// What the device said.
        problem: String,
    },

    /// The device has no room: choose a smaller population or network, or another backend.
    #[error(
        "the GPU is out of memory while {doing}: {needed} are needed beside the {held} that are \
         held already; use a smaller --population or --network, or --backend cpu"
    )]
    OutOfMemory {
        /// What was being done.
        doing: String,
        /// The bytes that were asked for.
        needed: String,
        /// The bytes that the process held on the device.
        held: String,
    },

    /// The device is gone, and all that was on it: open it anew, and begin again what it did.
    #[error("the GPU was lost while {doing} ({reason}); {advice}")]
    DeviceLost {
        /// What was being done.
        doing: String,
        /// What the driver said.
        reason: String,
        /// What to do.
        advice: String,
    },

    /// The device takes a command for invalid: a fault of this crate.
    #[error(
        "the GPU refused {doing} as invalid: {problem}; this is a fault of deme, which a report \
         would help to mend; until then use --backend cpu"
    )]
    Rejected {
        /// What was being done.
        doing: String,
        /// What was said of it.
        problem: String,
    },

    /// The operating system refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An [`Error::Invalid`] whose `expected` says what to do.
    pub fn invalid(
        what: impl Into<String>,
        expected: impl Into<String>,
        got: impl ToString,
    ) -> Self {
        Self::Invalid {
            what: what.into(),
            expected: expected.into(),
            got: got.to_string(),
            advice: String::new(),
        }
    }

    /// The same error with a sentence on what to do.
    #[must_use]
    pub fn advise(mut self, sentence: impl Into<String>) -> Self {
        if let Self::Invalid { advice, .. } = &mut self {
            *advice = sentence.into();
        }
        self
    }

    /// The same [`Error::Invalid`], of one individual of a population.
    #[must_use]
    pub(crate) fn of_individual(mut self, index: usize) -> Self {
        if let Self::Invalid { what, .. } = &mut self {
            *what = format!("{what}, of individual {index}");
        }
        self
    }

    /// Whether the input is at fault (exit code 2), and not the machine (exit code 1).
    pub fn is_input(&self) -> bool {
        !matches!(
            self,
            Self::Device { .. }
                | Self::OutOfMemory { .. }
                | Self::DeviceLost { .. }
                | Self::Rejected { .. }
                | Self::Io { .. }
        )
    }
}

/// A file, and the line where there is one.
fn place(path: &Path, line: usize) -> String {
    let path = path.display();
    if line == 0 { path.to_string() } else { format!("{path}:{line}") }
}

/// Bytes for a person.
pub(crate) fn readable(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

fn said(sentence: &str) -> String {
    if sentence.is_empty() { String::new() } else { format!("; {sentence}") }
}
