//! The command as a user or a script meets it.

mod bad_input;
mod lists;
mod train;

use std::path::Path;

use assert_cmd::Command;

/// The command, in a folder of its own.
fn deme(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("deme").expect("the binary is built with the tests");
    command.current_dir(folder).args(arguments);
    command
}

/// What a command writes, as text.
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}
