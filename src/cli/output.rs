//! The output of a command: results, notes, and its outcome.

use std::io::{ErrorKind, Write};

use deme::error::{Error, Result};

use super::terminal;

/// The outcome of a command that broke nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Exit code 0.
    Success,
    /// Exit code 1: a verification that failed, a run that was interrupted.
    Failure,
}

/// Writes a result and a newline to standard output. A closed pipe is no error: its reader has seen
/// enough.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io { doing: "writing to", path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a value as one JSON document.
pub fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|problem| Error::Io {
        doing: "writing JSON to",
        path: "standard output".into(),
        source: problem.into(),
    })?;
    print(&text)
}

/// Writes lines that fit the terminal to standard error, and ignores a failure to do so. Control
/// characters, which a name or a file may contain, are escaped.
pub fn note(lines: &str) {
    let lines = terminal::without_controls(lines);
    let lines = terminal::fit_words(&lines, terminal::error_width(), 2);
    let _ = writeln!(std::io::stderr().lock(), "{lines}");
}
