//! The `deme` command: parses its arguments, runs a command, and returns the exit code.

mod cli;

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let started_at = Instant::now();
    silence_drivers();
    cli::run(started_at)
}

/// Turns off Mesa's device-selection layer on machines without a screen. There the layer finds no
/// display server and complains on standard error; it would only reorder adapters.
fn silence_drivers() {
    const SWITCH: &str = "NODEVICE_SELECT";
    if std::env::var_os(SWITCH).is_none() && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var(SWITCH, "1") };
    }
}
