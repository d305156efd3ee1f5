//! The error type of the crate, with one variant for each remedy that a caller has.
//!
//! Every message says what was expected, what came, and what to do about it. It names the flag,
//! the file or the line that it refers to. What it repeats of the input is escaped and shortened
//! (see [`printable`]).

mod printable;
mod shell;
mod suggestion;

pub use printable::{escape_controls, is_control, printable};
pub use shell::{quoted_path, quoted_word};

use std::path::{Path, PathBuf};

/// An error, classified by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that is not in a registry: choose one of `known`.
    #[error(
        "unknown {} '{}'{}; known: {}",
        shown(kind),
        printable(name),
        suggestion::text(name, known),
        listed(known)
    )]
    Unknown {
        /// The kind of thing that was named: "task", "strategy", "setting of ga", ...
        kind: String,
        /// The name that came.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },

    /// A value outside its domain: change the input that `what` names.
    #[error("{}: expected {}, got {}{}", shown(what), shown(expected), shown(got), clause(advice))]
    Invalid {
        /// The flag, setting, file or argument.
        what: String,
        /// The values that are accepted.
        expected: String,
        /// The value that came.
        got: String,
        /// The remedy, or empty if `expected` is enough.
        advice: String,
    },

    /// A file that cannot be parsed: correct it at `line`.
    #[error("{}: {}", location(path, *line), shown(problem))]
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1; 0 if the problem is not on a line.
        line: usize,
        /// The expected content and the content that came.
        problem: String,
    },

    /// A size that does not fit: choose a smaller one.
    #[error("{} needs {needed}, but {available}; the largest that fits is {largest}", shown(what))]
    TooLarge {
        /// The request.
        what: String,
        /// The memory or count that it needs, with the arithmetic.
        needed: String,
        /// The memory or count that is available.
        available: String,
        /// The largest value that fits.
        largest: String,
    },

    /// A run that failed on its way, after its folder had been made: change its settings.
    #[error("in generation {generation}: {source}")]
    Generation {
        /// The generation, counted from 1.
        generation: u32,
        /// The failure.
        source: Box<Error>,
    },

    /// A run folder that exists already: choose another one. A run overwrites nothing.
    #[error("--out: {} exists already, {}", printable_path(path), existing(path, *is_same_run))]
    Exists {
        /// The folder.
        path: PathBuf,
        /// True if it holds the very run that was asked for, which can be resumed.
        is_same_run: bool,
    },

    /// No adapter of the requested kind: install a driver, or use another backend.
    #[error("no GPU adapter: {0}")]
    NoAdapter(String),

    /// The device refused an operation or failed.
    #[error("the GPU failed while {doing}: {problem}")]
    Device {
        /// The operation.
        doing: String,
        /// The message of the device.
        problem: String,
    },

    /// The device is out of memory: choose a smaller population or network, or another backend.
    #[error(
        "the GPU is out of memory while {doing}: {needed} are needed in addition to the {held} \
         already allocated; use a smaller --population or --network, or --backend cpu"
    )]
    OutOfMemory {
        /// The operation.
        doing: String,
        /// The bytes that were requested.
        needed: String,
        /// The bytes that the process had allocated on the device.
        held: String,
    },

    /// The device is lost with everything on it: open it again and repeat the work.
    #[error("the GPU was lost while {doing} ({reason}); {advice}")]
    DeviceLost {
        /// The operation.
        doing: String,
        /// The reason that the driver gave.
        reason: String,
        /// The remedy.
        advice: String,
    },

    /// The device rejected a command as invalid: a bug of this crate.
    #[error(
        "the GPU rejected {doing} as invalid: {problem}; this is a bug in deme, please report it; \
         until it is fixed, use --backend cpu"
    )]
    Rejected {
        /// The operation.
        doing: String,
        /// The message of the device.
        problem: String,
    },

    /// The system starts no more threads: allow more processes, or ask for fewer threads.
    #[error(
        "expected the system to start the threads of the CPU, got: {problem}; allow more processes \
         (ulimit -u, or the limit of a container), or use fewer --threads"
    )]
    Threads {
        /// The error of the system.
        problem: String,
    },

    /// The operating system refused a file operation.
    #[error("{doing} {}: {source}", printable_path(path))]
    Io {
        /// The operation.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Builds an [`Error::Unknown`]. Its message suggests the closest of the known names.
    pub fn unknown(
        kind: impl Into<String>,
        name: impl Into<String>,
        known: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let known = known.into_iter().map(Into::into).collect();
        Self::Unknown { kind: kind.into(), name: name.into(), known }
    }

    /// Builds an [`Error::Invalid`] without advice: `expected` alone says what to do.
    pub fn invalid(
        what: impl Into<String>,
        expected: impl Into<String>,
        got: impl ToString,
    ) -> Self {
        Self::Invalid {
            what: what.into(),
            expected: expected.into(),
            got: printable(&got.to_string()),
            advice: String::new(),
        }
    }

    /// Adds a sentence that says what to do.
    #[must_use]
    pub fn advise(mut self, sentence: impl Into<String>) -> Self {
        if let Self::Invalid { advice, .. } = &mut self {
            *advice = sentence.into();
        }
        self
    }

    /// Marks an error of bad input as one of a run that had begun, with its generation. Others
    /// stay as they are.
    #[must_use]
    pub(crate) fn in_generation(self, generation: u32) -> Self {
        match self.is_input() {
            true => Self::Generation { generation, source: Box::new(self) },
            false => self,
        }
    }

    /// Adds the individual of a population that an [`Error::Invalid`] is about.
    #[must_use]
    pub(crate) fn with_individual(mut self, index: usize) -> Self {
        if let Self::Invalid { what, .. } = &mut self {
            *what = format!("{what}, of individual {index}");
        }
        self
    }

    /// True if the input is at fault (exit code 2) rather than the machine (exit code 1).
    pub fn is_input(&self) -> bool {
        !matches!(
            self,
            Self::Device { .. }
                | Self::OutOfMemory { .. }
                | Self::DeviceLost { .. }
                | Self::Rejected { .. }
                | Self::Generation { .. }
                | Self::Threads { .. }
                | Self::Io { .. }
        )
    }
}

/// Returns the item of a registry that has a name. `kind` says what the registry lists.
///
/// # Errors
/// Returns [`Error::Unknown`] with the names of all items if no item has that name.
///
/// # Examples
///
/// ```
/// use deme::error::by_name;
/// let sizes = [("small", 8), ("large", 64)];
/// assert_eq!(by_name("size", "large", sizes, |item| item.0)?.1, 64);
/// let error = by_name("size", "Larg", sizes, |item| item.0).expect_err("no such size");
/// assert_eq!(
///     error.to_string(),
///     "unknown size 'Larg' (did you mean 'large'?); known: small, large"
/// );
/// # Ok::<(), deme::error::Error>(())
/// ```
pub fn by_name<T>(
    kind: &str,
    name: &str,
    items: impl IntoIterator<Item = T>,
    name_of: impl Fn(&T) -> &str,
) -> Result<T> {
    let mut known = Vec::new();
    for item in items {
        if name_of(&item) == name {
            return Ok(item);
        }
        known.push(name_of(&item).to_owned());
    }
    Err(Error::unknown(kind, name, known))
}

/// A file, followed by the line if there is one.
fn location(path: &Path, line: usize) -> String {
    let path = printable_path(path);
    if line == 0 { path } else { format!("{path}:{line}") }
}

/// The characters of a sentence or path that a message repeats.
const LONGEST_SENTENCE: usize = 1000;
/// The names that a message lists.
const MOST_NAMES: usize = 60;

/// A part of a message that may hold text of the input. Line breaks are kept: some messages quote
/// lines of a file.
fn shown(text: &str) -> String {
    printable::shortened(text, LONGEST_SENTENCE, |letter| letter == '\n')
}

/// A path, without control characters.
fn printable_path(path: &Path) -> String {
    printable::shortened(&path.to_string_lossy(), LONGEST_SENTENCE, |_| false)
}

/// Names, separated by commas. A long list ends with the count of the names that are left out.
fn listed(names: &[String]) -> String {
    let mut shown: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| printable(name)).collect();
    if names.len() > MOST_NAMES {
        shown.push(format!("and {} more", names.len() - MOST_NAMES));
    }
    shown.join(", ")
}

/// The remedy for a run folder that exists.
fn existing(path: &Path, is_same_run: bool) -> String {
    if !is_same_run {
        return "and a run never overwrites anything; name another folder with --out, or remove \
                this one"
            .into();
    }
    format!(
        "and it holds this very run; continue it with deme resume {}, or choose another --seed or \
         another folder with --out",
        quoted_path(path)
    )
}

/// Formats a number of bytes for a person.
pub(crate) fn readable(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A clause that continues a message, or nothing for an empty one.
fn clause(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("; {}", shown(text)) }
}
