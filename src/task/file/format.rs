//! File formats. The name of a file determines its format, and its first bytes must agree.

use std::io::Read;
use std::path::Path;

use super::checks::{open, read_failed};
use crate::error::{Error, Result};

/// The format of a data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV or TSV, compressed with gzip or not: the rows of a table.
    Csv,
    /// NumPy: one array.
    Npy,
    /// NumPy: an archive of arrays.
    Npz,
    /// IDX: one array, as in MNIST.
    Idx,
}

/// True if a name is that of a data file that can be read.
pub fn is_data_file(name: &str) -> bool {
    Format::from_name(name).is_some()
}

/// True if the targets of a data file are in a separate file.
pub fn has_separate_targets(name: &str) -> bool {
    matches!(Format::from_name(name), Some(Format::Npy | Format::Idx))
}

/// The names of data files, for messages.
pub const FORMATS: &str =
    "a file: .csv or .tsv (also .gz), .npy, .npz, or IDX such as train-images-idx3-ubyte.gz";

impl Format {
    /// Returns the format that a file name stands for.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = Path::new(name).file_name()?.to_str()?.to_ascii_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        if let Some((stem, "csv" | "tsv")) = plain.rsplit_once('.')
            && !stem.is_empty()
        {
            return Some(Self::Csv);
        }
        match name.rsplit_once('.') {
            Some((stem, "npy")) if !stem.is_empty() => return Some(Self::Npy),
            Some((stem, "npz")) if !stem.is_empty() => return Some(Self::Npz),
            _ => {}
        }
        // IDX: as in train-images-idx3-ubyte.gz, train-images.idx3-ubyte and images.idx.
        let is_mark = |part: &str| {
            part.strip_prefix("idx").is_some_and(|end| matches!(end.as_bytes(), [] | [b'1'..=b'9']))
        };
        plain.split(['-', '.']).skip(1).any(is_mark).then_some(Self::Idx)
    }

    /// Checks that the first bytes of a file are those of the format.
    ///
    /// # Errors
    /// Returns an error if they are not, or if the file is empty or cannot be read.
    pub fn check(self, path: &Path) -> Result<()> {
        let fault =
            |problem: &str| Error::File { path: path.into(), line: 0, problem: problem.into() };
        let begins = |bytes: &[u8]| begins_with(path, bytes);
        if open(path)?.1 == 0 {
            return Err(fault("expected data, got an empty file"));
        }
        let (npy, zip) = (begins(NPY)?, begins(ZIP)? || begins(EMPTY_ZIP)?);
        match self {
            Self::Csv if npy => Err(fault("expected CSV text, got a NumPy array: name it .npy")),
            Self::Csv if zip => Err(fault("expected CSV text, got an archive: unpack it first")),
            Self::Csv if begins(GZIP)? != is_gzip(path) => Err(fault(if is_gzip(path) {
                "expected gzip, got other bytes: if it is text, name it without .gz"
            } else {
                "expected CSV text, got gzip: name it with .gz at the end"
            })),
            Self::Npy if !npy => Err(fault(
                "expected a NumPy array, which begins with \\x93NUMPY, got other bytes: save one \
                 with numpy.save",
            )),
            Self::Npz if !zip => Err(fault(
                "expected an archive, which begins with PK, got other bytes: save one with \
                 numpy.savez",
            )),
            Self::Csv | Self::Npy | Self::Npz | Self::Idx => Ok(()),
        }
    }
}

/// True if the name of a file ends in `.gz`.
pub(super) fn is_gzip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"))
}

const NPY: &[u8] = b"\x93NUMPY";
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
pub(super) const GZIP: &[u8] = &[0x1f, 0x8b];

/// True if a file begins with certain bytes.
pub(super) fn begins_with(path: &Path, bytes: &[u8]) -> Result<bool> {
    let mut first = Vec::new();
    let (file, _) = open(path)?;
    file.take(bytes.len() as u64).read_to_end(&mut first).map_err(read_failed(path))?;
    Ok(first == bytes)
}
