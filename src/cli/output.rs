//! The output of a command: results, notes, and its outcome.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use deme::error::{Error, Result, escape_controls, is_control};
use deme::report;

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

/// Checks the files for a table, before the work whose result they will hold: those of `--csv`,
/// `--markdown` and `--svg`. None of them may be one of the inputs.
pub fn expect_table_files(files: [&Option<PathBuf>; 3], inputs: &[&Path]) -> Result<()> {
    let formats =
        [("--csv", report::CSV), ("--markdown", report::MARKDOWN), ("--svg", report::SVG)];
    files.into_iter().zip(formats).try_for_each(|(path, (flag, endings))| {
        let Some(path) = path else { return Ok(()) };
        report::expect_output(flag, path, endings)?;
        expect_no_input(flag, path, inputs)
    })
}

/// Refuses an output that is also an input, under its own name or through a link.
pub fn expect_no_input(flag: &str, output: &Path, inputs: &[&Path]) -> Result<()> {
    let Ok(target) = output.canonicalize() else { return Ok(()) };
    let is_target = |input: &&&Path| input.canonicalize().is_ok_and(|input| input == target);
    let Some(input) = inputs.iter().find(is_target) else { return Ok(()) };
    let got = format!("{}, which is read", input.display());
    Err(Error::invalid(format!("{flag} {}", output.display()), "another file than the input", got)
        .advise("name a new file"))
}

/// Writes a result and a newline to standard output. Control characters, which a name or a file may
/// contain, are escaped, except line breaks and tabs.
pub fn print(text: &str) -> Result<()> {
    write_line(&escape_controls(text, |letter| matches!(letter, '\n' | '\t')))
}

/// Writes a value as one JSON document.
pub fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|problem| Error::Io {
        doing: "writing JSON to",
        path: "standard output".into(),
        source: problem.into(),
    })?;
    print_json_text(&text)
}

/// Writes a JSON document. The control characters that JSON allows in a string are escaped as JSON
/// does, so that the document means the same.
pub fn print_json_text(document: &str) -> Result<()> {
    if !document.contains(|letter| is_control(letter) && letter != '\n') {
        return write_line(document);
    }
    let mut escaped = String::with_capacity(document.len() + 16);
    for letter in document.chars() {
        if letter == '\n' || !is_control(letter) {
            escaped.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    write_line(&escaped)
}

/// Writes a text and a newline to standard output. A closed pipe is no error: its reader has seen
/// enough.
fn write_line(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => {
            Err(Error::Io { doing: "writing to", path: "standard output".into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes lines that fit the terminal to standard error, and ignores a failure to do so. Control
/// characters, which a name or a file may contain, are escaped.
pub fn note(lines: &str) {
    let lines = escape_controls(lines, |letter| letter == '\n');
    let lines = terminal::fit_words(&lines, terminal::error_width(), 2);
    let _ = writeln!(std::io::stderr().lock(), "{lines}");
}
