//! Interrupts: Ctrl-C, SIGTERM and SIGHUP let a run end its generation and save; once more, and the
//! process ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

use deme::error::{Error, Result};

use super::note;

/// Whether the run was asked to end.
static ASKED: AtomicBool = AtomicBool::new(false);

/// The exit code of a process that was ended at once: that of a shell for Ctrl-C.
const AT_ONCE: i32 = 130;

/// From here on, an interrupt only asks.
pub fn listen() -> Result<()> {
    let heard = || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(AT_ONCE);
        }
        note("\nnote: the generation is finished and saved; once more ends it at once");
    };
    ctrlc::set_handler(heard).map_err(|problem| Error::Io {
        doing: "listening for",
        path: "Ctrl-C".into(),
        source: std::io::Error::other(problem),
    })
}

/// Whether the run was asked to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
