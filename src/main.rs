//! The `deme` command: parse, check, do.

mod cli;

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let begun = Instant::now();
    quiet_drivers();
    cli::run(begun)
}

/// Keeps Mesa's device-selection layer, which asks a display server that a machine without a screen
/// does not have, from complaining on standard error. It would only reorder adapters.
fn quiet_drivers() {
    const SWITCH: &str = "NODEVICE_SELECT";
    if std::env::var_os(SWITCH).is_none() && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var(SWITCH, "1") };
    }
}
