//! Checks of files: they can be read, and their numbers fit in memory.

use std::path::Path;

use super::numbers::NumberType;
use crate::error::{Error, Result, readable};

/// Returns the error of a file that cannot be read, from the reason.
pub(super) fn read_failed(path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let what = format!("data file {}", path.display());
    move |source| Error::invalid(&what, "a file that can be read", source)
}

/// Checks that numbers of a certain size fit in memory.
pub(super) fn check_memory(
    path: &Path,
    what: &str,
    numbers: u64,
    bytes: u64,
    memory: u64,
) -> Result<()> {
    let needed = numbers.saturating_mul(bytes);
    if needed <= memory {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: format!("{}: {what}", path.display()),
        needed: format!("{numbers} x {bytes} bytes = {}", readable(needed)),
        available: format!("{} of memory are free", readable(memory)),
        largest: readable(memory),
    })
}

/// Returns the shape of an array if it fits in memory three times: as read, standardised, and in a
/// backend.
pub(super) fn checked_shape(
    path: &Path,
    name: &str,
    shape: &[u64],
    kind: NumberType,
    memory: u64,
) -> Result<Vec<usize>> {
    const COPIES_BYTES: u64 = 12;
    let count = shape.iter().try_fold(1u64, |count, &length| count.checked_mul(length));
    let count = count.unwrap_or(u64::MAX);
    let what = format!("{name} of shape {shape:?}");
    check_memory(path, &what, count, kind.bytes_in_memory() + COPIES_BYTES, memory)?;
    if count == 0 {
        let problem = format!("{name}: expected numbers, got none in the shape {shape:?}");
        return Err(Error::File { path: path.into(), line: 0, problem });
    }
    let length = |length: &u64| usize::try_from(*length).expect("a length below the memory's");
    Ok(shape.iter().map(length).collect())
}
