//! The text of a file: UTF-8, compressed with gzip or not.

use std::io::{BufReader, Read};
use std::path::Path;

use super::checks::{check_memory, open, read_failed};
use super::gunzip::Gunzip;
use crate::error::{Error, Result};

/// Reads the text of a file, without a byte order mark.
///
/// # Errors
/// Returns an error if the file cannot be read or decompressed, if its text takes more than
/// `memory` bytes, or with the line of the first byte that is not text in UTF-8.
pub(super) fn read(path: &Path, is_compressed: bool, memory: u64) -> Result<String> {
    let fault = |line: usize, problem: String| Error::File { path: path.into(), line, problem };
    let file = BufReader::new(open(path)?.0);
    let reader: Box<dyn Read> =
        if is_compressed { Box::new(Gunzip::new(file)) } else { Box::new(file) };
    let mut bytes = Vec::new();
    // One more byte tells a text of that size from a longer one.
    reader.take(memory.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| {
        if is_compressed { fault(0, error.to_string()) } else { read_failed(path)(error) }
    })?;
    check_memory(path, "its text", bytes.len() as u64, 1, memory)?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(fault(1, "expected text in UTF-8, got UTF-16: save it as UTF-8".into()));
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(.."\u{feff}".len());
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        let problem =
            "expected text in UTF-8, got a zero byte; if this is UTF-16, save it as UTF-8";
        return Err(fault(line_at(&bytes, at), problem.into()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let problem = format!(
            "expected text in UTF-8, got the byte {:#04x}; if this is Latin-1 or Windows-1252, \
             save it as UTF-8",
            bytes[at]
        );
        fault(line_at(bytes, at), problem)
    })
}

/// Returns the line, counted from 1, of a byte of a text. Lines end with `\n`, `\r\n` or `\r`.
pub(super) fn line_at(text: &[u8], byte: usize) -> usize {
    let ends = |&at: &usize| match text[at] {
        b'\n' => true,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    1 + (0..byte).filter(ends).count()
}
