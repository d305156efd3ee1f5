//! The command as users and scripts run it.

mod bad_input;
mod bench;
mod compare;
mod dump;
mod export;
mod files;
mod foreign_folder;
mod help;
mod hostile_text;
mod lists;
mod normalisation;
mod play;
mod predict;
mod report;
mod resume;
mod start;
mod threads;
mod train;
mod tuning;
mod vectors;

use std::path::Path;

use assert_cmd::Command;

/// The command, in a folder of its own. It times no kernels and reads no cache.
fn deme(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("deme").expect("the binary is built with the tests");
    command.current_dir(folder).args(arguments).env("DEME_NO_TUNE", "1");
    command
}

/// The standard output of a command that succeeds.
pub fn output(arguments: &[&str]) -> String {
    let output = deme(&std::env::temp_dir(), arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The output of a command, as text.
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

/// The exit code of a command, and its one JSON document.
pub fn json(arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let output = deme(&std::env::temp_dir(), arguments).output().expect("the command runs");
    let document = serde_json::from_slice(&output.stdout);
    let document = document.unwrap_or_else(|error| {
        panic!("{arguments:?}: {error}: {}{}", text(&output.stdout), text(&output.stderr))
    });
    (output.status.code(), document)
}
