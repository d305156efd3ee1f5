//! Checks of files: they can be read, they hold what they announce, and their numbers fit in
//! memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result, readable};

/// Returns the error of a file that cannot be read, from the reason.
pub(super) fn read_failed(path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let what = format!("data file {}", path.display());
    move |source| Error::invalid(&what, "a file that can be read", source)
}

/// Opens a file, and returns its size in bytes, too.
///
/// # Errors
/// Returns an error if the file cannot be read, or if it is a folder, a pipe or a device, which may
/// never end.
pub(super) fn open(path: &Path) -> Result<(File, u64)> {
    let failed = read_failed(path);
    let metadata = std::fs::metadata(path).map_err(&failed)?;
    if !metadata.is_file() {
        let got = if metadata.is_dir() { "a folder" } else { "a pipe or a device" };
        let problem = format!("expected a file, got {got}");
        return Err(Error::File { path: path.into(), line: 0, problem });
    }
    Ok((File::open(path).map_err(failed)?, metadata.len()))
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

/// The largest ratio of the size of a text to that of the text compressed by DEFLATE, the method of
/// gzip and zip (zlib's technical details: "1032:1").
const MAX_COMPRESSION: u64 = 1032;

/// The bytes that the contents of a file can have at most, from the size of the file.
pub(super) fn max_content(file_bytes: u64, is_compressed: bool) -> u64 {
    if is_compressed { file_bytes.saturating_mul(MAX_COMPRESSION) } else { file_bytes }
}

/// The limits that an array must keep.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArrayLimits {
    /// The free memory in bytes.
    pub memory: u64,
    /// The bytes that the array's file can hold at most.
    pub content: u64,
}

/// Returns the shape of an array if its file can hold it, and if it fits in memory three times: as
/// read, standardised, and in a backend. The sizes are those of an element.
pub(super) fn checked_shape(
    path: &Path,
    name: &str,
    shape: &[u64],
    [bytes_in_file, bytes_in_memory]: [u64; 2],
    limits: ArrayLimits,
) -> Result<Vec<usize>> {
    const COPIES_BYTES: u64 = 12;
    let fault = |problem| Error::File { path: path.into(), line: 0, problem };
    let count = shape.iter().try_fold(1u64, |count, &length| count.checked_mul(length));
    let count = count.unwrap_or(u64::MAX);
    let what = format!("{name} of shape {shape:?}");
    check_memory(path, &what, count, bytes_in_memory + COPIES_BYTES, limits.memory)?;
    if count == 0 {
        return Err(fault(format!("{name}: expected numbers, got none in the shape {shape:?}")));
    }
    let needed = count.saturating_mul(bytes_in_file);
    if needed > limits.content {
        return Err(fault(format!(
            "{what}: expected {}, as its header says, got a file that can hold {} at most",
            readable(needed),
            readable(limits.content)
        )));
    }
    let length = |length: &u64| {
        usize::try_from(*length).map_err(|_| fault(format!("{what}: expected smaller lengths")))
    };
    shape.iter().map(length).collect()
}

/// Checks that only zeros follow the last element of an array, and returns their number. Tapes and
/// some tools pad files with zeros.
pub(super) fn check_end(reader: &mut impl Read, count: usize) -> std::result::Result<u64, String> {
    let (mut padding, mut buffer) = (0, [0; 4096]);
    loop {
        let length = reader.read(&mut buffer).map_err(|error| error.to_string())?;
        if length == 0 {
            return Ok(padding);
        }
        if buffer[..length].iter().any(|&byte| byte != 0) {
            let expected = format!("expected its end after {count} elements, as its header says");
            return Err(format!("{expected}, or zeros, got more bytes"));
        }
        padding += length as u64;
    }
}

/// A remark about zeros after the last element of an array, if there are any.
pub(super) fn padding_note(path: &Path, padding: u64) -> Option<String> {
    (padding > 0)
        .then(|| format!("{}: {padding} zero bytes at its end are ignored", path.display()))
}
