//! Interrupts: after Ctrl-C, SIGTERM or SIGHUP a run finishes its generation and saves. A second
//! interrupt ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};

use deme::error::{Error, Result};

use super::output::note;

/// True after the first interrupt.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// The exit code after a second interrupt: the one that shells use for Ctrl-C.
const EXIT_AT_ONCE: i32 = 130;

/// Handles interrupts from here on. `doing` says what follows the first one.
pub fn listen(doing: &'static str) -> Result<()> {
    let handler = move || {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            std::process::exit(EXIT_AT_ONCE);
        }
        note(&format!("\nnote: {doing}; interrupt again to stop at once"));
    };
    ctrlc::set_handler(handler).map_err(|problem| Error::Io {
        doing: "installing the handler of",
        path: "Ctrl-C".into(),
        source: std::io::Error::other(problem),
    })
}

/// True if an interrupt asked the run to end.
pub fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
