//! Formats: a file's name says which one it is, and its first bytes must agree.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::read_failed;
use crate::error::{Error, Result};

/// A format, by the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A header, and rows of numbers.
    Csv,
    /// One array of NumPy.
    Npy,
    /// An archive of such arrays.
    Npz,
    /// One array, as MNIST has it.
    Idx,
}

/// Whether a name is one of a file that can be read.
pub fn is_file(name: &str) -> bool {
    Format::of(name).is_some()
}

/// Whether the target of such a file is another file.
pub fn has_a_file_of_targets(name: &str) -> bool {
    matches!(Format::of(name), Some(Format::Npy | Format::Idx))
}

/// What a file's name must be like, for messages.
pub const NAMES: &str = "a file: .csv, .npy, .npz, or IDX such as train-images-idx3-ubyte.gz";

impl Format {
    /// The format of a name.
    pub fn of(name: &str) -> Option<Self> {
        let name = Path::new(name).file_name()?.to_str()?.to_ascii_lowercase();
        match name.rsplit_once('.') {
            Some((stem, "csv")) if !stem.is_empty() => return Some(Self::Csv),
            Some((stem, "npy")) if !stem.is_empty() => return Some(Self::Npy),
            Some((stem, "npz")) if !stem.is_empty() => return Some(Self::Npz),
            _ => {}
        }
        // As in train-images-idx3-ubyte.gz, train-images.idx3-ubyte and images.idx.
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let is_mark = |part: &str| {
            part.strip_prefix("idx").is_some_and(|end| matches!(end.as_bytes(), [] | [b'1'..=b'9']))
        };
        plain.split(['-', '.']).skip(1).any(is_mark).then_some(Self::Idx)
    }

    /// Refuses a file whose first bytes are not those of the format.
    ///
    /// # Errors
    /// That, an empty file, and one that cannot be read.
    pub fn check(self, path: &Path) -> Result<()> {
        let fault =
            |problem: &str| Error::File { path: path.into(), line: 0, problem: problem.into() };
        let begins = |bytes: &[u8]| begins_with(path, bytes);
        if std::fs::metadata(path).map_err(read_failed(path))?.len() == 0 {
            return Err(fault("expected data, got an empty file"));
        }
        let (npy, zip) = (begins(NPY)?, begins(ZIP)? || begins(EMPTY_ZIP)?);
        match self {
            Self::Csv if npy => Err(fault("expected CSV text, got a NumPy array: name it .npy")),
            Self::Csv if zip => Err(fault("expected CSV text, got an archive")),
            Self::Csv if begins(GZIP)? => Err(fault("expected CSV text, got gzip: unpack it")),
            Self::Npy if !npy => Err(fault("expected a NumPy array, which begins with \\x93NUMPY")),
            Self::Npz if !zip => Err(fault("expected an archive, which begins with PK")),
            Self::Csv | Self::Npy | Self::Npz | Self::Idx => Ok(()),
        }
    }
}

const NPY: &[u8] = b"\x93NUMPY";
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
pub(super) const GZIP: &[u8] = &[0x1f, 0x8b];

pub(super) fn begins_with(path: &Path, bytes: &[u8]) -> Result<bool> {
    let mut first = Vec::new();
    let file = File::open(path).map_err(read_failed(path))?;
    file.take(bytes.len() as u64).read_to_end(&mut first).map_err(read_failed(path))?;
    Ok(first == bytes)
}
