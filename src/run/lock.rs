//! The lock of a run folder or a study's folder, which keeps other processes out while one works
//! in it.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::files;

/// The name of the file.
pub(crate) const LOCK: &str = ".lock";
/// The most digits of the number of a process.
const MAX_DIGITS: u64 = 10;

/// Locks a folder. The operating system releases the lock when the file is closed, even if this
/// process crashes.
///
/// The file holds the number of the process, for the message to others; nothing else depends on it.
/// A file with any other content was not made by deme, and is left as it is.
pub(crate) fn lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    let what = || folder.display().to_string();
    let opened = match files::open_to_append(&path)? {
        Some(file) => Ok(file),
        None => files::create_new(&path),
    };
    let mut file = opened.map_err(|error| match error {
        Error::Io { source, .. } if files::is_about_the_path(&source) => {
            Error::invalid(what(), "a folder to write to", source)
        }
        other => other,
    })?;
    let is_locked = match file.try_lock() {
        Ok(()) => false,
        // A run may go on without a lock if the file system has none.
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => false,
        Err(TryLockError::Error(source)) => return Err(files::io_error("locking", &path)(source)),
        Err(TryLockError::WouldBlock) => true,
    };
    // One byte more than a number can have shows that a file is something else.
    let mut process = Vec::new();
    let read = (&file).take(MAX_DIGITS + 1).read_to_end(&mut process);
    if is_locked {
        let got = format!("one that process {} works in", String::from_utf8_lossy(&process).trim());
        return Err(Error::invalid(what(), "a folder that no process works in", got)
            .advise("wait for that process, or end it"));
    }
    read.map_err(files::io_error("reading", &path))?;
    if process.len() as u64 > MAX_DIGITS || !process.iter().all(u8::is_ascii_digit) {
        let problem = "expected the number of a process, as deme writes it, got something else; \
                       remove the file if no process works in this folder";
        return Err(Error::File { path, line: 0, problem: problem.into() });
    }
    let _ = file.set_len(0);
    let _ = file.write_all(std::process::id().to_string().as_bytes());
    Ok(file)
}
