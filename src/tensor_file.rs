//! Tensor files: named tensors and metadata in the safetensors format, written atomically.
//!
//! - *Atomic*: [`files::replace`] writes them, so a reader finds the old file or the new one.
//! - *Reproducible*: metadata are in the order of their keys, so equal contents are equal bytes.
//! - *Checked*: the metadata `checksum` is the CRC-32, in hexadecimal, of the whole file with those
//!   eight digits as zeros. It detects accidents, not intent.
//!
//! # Source
//!
//! The safetensors format, <https://github.com/huggingface/safetensors>: eight bytes with the
//! header's length, a header in JSON, then the tensors.
//!
//! # Example
//!
//! ```
//! use deme::tensor_file::TensorFile;
//! let mut file = TensorFile::default();
//! file.set_metadata("task", "cartpole");
//! file.add_f32("weights", vec![2, 1], &[0.5, -0.5]);
//! let read = TensorFile::parse(&file.bytes()?)?;
//! assert_eq!(read.expect_f32("weights")?, [0.5, -0.5]);
//! # Ok::<(), String>(())
//! ```

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::error::{Error, Result};
use crate::files;

/// The start of the checksum's entry in a header.
const CHECKSUM: &str = "\"checksum\":\"";
/// The hexadecimal digits of a checksum.
const DIGITS: usize = 8;
/// The bytes of the length before a header.
const LENGTH_BYTES: usize = 8;

/// The content of a tensor file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TensorFile {
    metadata: BTreeMap<String, String>,
    /// The tensors by name.
    tensors: BTreeMap<String, StoredTensor>,
}

/// A tensor with its numbers as little-endian bytes.
#[derive(Clone, Debug, PartialEq)]
struct StoredTensor {
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl TensorFile {
    /// Sets a metadata entry.
    pub fn set_metadata(&mut self, key: &str, value: impl ToString) {
        self.metadata.insert(key.into(), value.to_string());
    }

    /// Adds a tensor of `f32`. It replaces one with the same name.
    pub fn add_f32(&mut self, name: &str, shape: Vec<usize>, values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.insert(name, Dtype::F32, shape, bytes);
    }

    /// Adds a vector of `f64`.
    pub fn add_f64(&mut self, name: &str, values: &[f64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.insert(name, Dtype::F64, vec![values.len()], bytes);
    }

    /// Adds a vector of bytes.
    pub fn add_bytes(&mut self, name: &str, bytes: Vec<u8>) {
        self.insert(name, Dtype::U8, vec![bytes.len()], bytes);
    }

    fn insert(&mut self, name: &str, kind: Dtype, shape: Vec<usize>, bytes: Vec<u8>) {
        self.tensors.insert(name.into(), StoredTensor { kind, shape, bytes });
    }

    /// The value of a metadata entry, if there is one.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// The value of a metadata entry.
    ///
    /// # Errors
    /// Returns an error if the entry is missing.
    pub fn expect_metadata(&self, key: &str) -> std::result::Result<&str, String> {
        self.metadata(key)
            .ok_or_else(|| format!("expected the metadata '{key}' in the header, got none"))
    }

    /// True if there is a tensor with a name.
    pub fn has_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The number of values in all tensors of `f32`.
    pub fn f32_count(&self) -> usize {
        let singles = self.tensors.values().filter(|tensor| tensor.kind == Dtype::F32);
        singles.map(|tensor| tensor.bytes.len() / 4).sum()
    }

    /// The numbers of a tensor of `f32`.
    ///
    /// # Errors
    /// Returns an error if the tensor is missing, has another type, or has a number that is not
    /// finite.
    pub fn expect_f32(&self, name: &str) -> std::result::Result<Vec<f32>, String> {
        let (bytes, _) = self.tensor(name, Dtype::F32)?.as_chunks::<4>();
        let numbers: Vec<f32> = bytes.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        check_finite(name, &numbers, |number| number.is_finite())?;
        Ok(numbers)
    }

    /// The numbers of a vector of `f64`.
    ///
    /// # Errors
    /// Returns an error if the vector is missing, has another type, or has a number that is not
    /// finite.
    pub fn expect_f64(&self, name: &str) -> std::result::Result<Vec<f64>, String> {
        let (bytes, _) = self.tensor(name, Dtype::F64)?.as_chunks::<8>();
        let numbers: Vec<f64> = bytes.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        check_finite(name, &numbers, |number| number.is_finite())?;
        Ok(numbers)
    }

    /// The bytes of a vector of bytes.
    ///
    /// # Errors
    /// Returns an error if the vector is missing or has another type.
    pub fn expect_bytes(&self, name: &str) -> std::result::Result<&[u8], String> {
        self.tensor(name, Dtype::U8)
    }

    fn tensor(&self, name: &str, kind: Dtype) -> std::result::Result<&[u8], String> {
        match self.tensors.get(name) {
            Some(tensor) if tensor.kind == kind => Ok(&tensor.bytes),
            Some(tensor) => {
                Err(format!("expected the tensor '{name}' as {kind:?}, got {:?}", tensor.kind))
            }
            None => Err(format!("expected a tensor '{name}', got none")),
        }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// Returns an error if a tensor's shape does not fit its numbers, which is a bug of the caller.
    pub fn bytes(&self) -> std::result::Result<Vec<u8>, String> {
        let broken = |problem: safetensors::SafeTensorError| problem.to_string();
        let views = self.tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(tensor.kind, tensor.shape.clone(), &tensor.bytes);
            Ok((name, view.map_err(broken)?))
        });
        let views = views.collect::<std::result::Result<Vec<_>, String>>()?;
        let mut metadata: HashMap<String, String> = self.metadata.clone().into_iter().collect();
        metadata.insert("checksum".into(), "0".repeat(DIGITS));
        let packed = safetensors::serialize(views, Some(metadata)).map_err(broken)?;
        let mut packed = sort_metadata(&packed)?;
        let at = checksum_position(&packed).ok_or("the header has no checksum")?;
        let sum = format!("{:0DIGITS$x}", crc32fast::hash(&packed));
        packed[at..at + DIGITS].copy_from_slice(sum.as_bytes());
        Ok(packed)
    }

    /// Reads the content from the bytes of a file.
    ///
    /// # Errors
    /// Returns an error if the bytes are not in the format, or if the checksum differs.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        let cut = |problem: safetensors::SafeTensorError| {
            format!("expected a whole safetensors file, got {} bytes: {problem}", bytes.len())
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(cut)?;
        check_checksum(bytes)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(cut)?;
        let mut metadata: BTreeMap<String, String> =
            header.metadata().clone().unwrap_or_default().into_iter().collect();
        metadata.remove("checksum");
        let stored = |view: TensorView<'_>| StoredTensor {
            kind: view.dtype(),
            shape: view.shape().to_vec(),
            bytes: view.data().to_vec(),
        };
        let tensors = tensors.tensors().into_iter();
        let tensors = tensors.map(|(name, view)| (name, stored(view))).collect();
        Ok(Self { metadata, tensors })
    }

    /// Writes the file into a folder, completely or not at all.
    ///
    /// # Errors
    /// Returns an error if writing fails. A previous file is then unchanged.
    pub fn write(&self, folder: &Path, name: &str) -> Result<()> {
        let bytes = self.bytes().map_err(|problem| {
            let source = std::io::Error::other(problem);
            Error::Io { doing: "packing", path: folder.join(name), source }
        })?;
        files::replace(folder, name, &bytes)
    }

    /// Reads a file, which is no link.
    ///
    /// # Errors
    /// Returns [`Error::File`] if the file is missing or damaged, and the errors of
    /// [`files::read`].
    pub fn read(path: &Path) -> Result<Self> {
        let damaged = |problem| Error::File { path: path.into(), line: 0, problem };
        let bytes = files::read(path)?;
        let bytes = bytes.ok_or_else(|| damaged("expected a file, got none".into()))?;
        Self::parse(&bytes).map_err(damaged)
    }
}

/// Checks that all numbers are finite.
fn check_finite<T: Copy + std::fmt::Display>(
    name: &str,
    numbers: &[T],
    is_finite: impl Fn(T) -> bool,
) -> std::result::Result<(), String> {
    match numbers.iter().position(|&number| !is_finite(number)) {
        None => Ok(()),
        Some(at) => {
            Err(format!("expected finite numbers in '{name}', got {} at {at}", numbers[at]))
        }
    }
}

/// Splits a file into its header and the tensors.
fn split(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_first_chunk::<LENGTH_BYTES>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// Sorts the metadata of a file by key.
fn sort_metadata(file: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let (header, numbers) = split(file).ok_or("no header")?;
    let mut header: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(header).map_err(|problem| problem.to_string())?;
    if let Some(serde_json::Value::Object(metadata)) = header.get_mut("__metadata__") {
        metadata.sort_keys();
    }
    let mut text = serde_json::to_vec(&header).map_err(|problem| problem.to_string())?;
    text.resize(text.len().next_multiple_of(LENGTH_BYTES), b' ');
    Ok([&(text.len() as u64).to_le_bytes()[..], &text, numbers].concat())
}

/// The position of the checksum's digits.
fn checksum_position(file: &[u8]) -> Option<usize> {
    let (header, _) = split(file)?;
    let found = header.windows(CHECKSUM.len()).position(|bytes| bytes == CHECKSUM.as_bytes())?;
    let at = found + CHECKSUM.len();
    (at + DIGITS <= header.len()).then_some(LENGTH_BYTES + at)
}

/// Checks the checksum of a file.
fn check_checksum(file: &[u8]) -> std::result::Result<(), String> {
    let at = checksum_position(file).ok_or("expected a checksum in the header, got none")?;
    let (before, digits, after) = (&file[..at], &file[at..at + DIGITS], &file[at + DIGITS..]);
    let mut sum = crc32fast::Hasher::new();
    sum.update(before);
    sum.update("0".repeat(DIGITS).as_bytes());
    sum.update(after);
    let sum = format!("{:0DIGITS$x}", sum.finalize());
    if sum.as_bytes() == digits {
        return Ok(());
    }
    let written = String::from_utf8_lossy(digits);
    Err(format!("expected the bytes of the checksum {written}, got those of {sum}"))
}

/// True if a file is in the safetensors format with a checksum of this crate, rather than the file
/// of another program.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub fn is_checked(path: &Path) -> Result<bool> {
    let bytes = std::fs::read(path).map_err(files::io_error("reading", path))?;
    let header = SafeTensors::read_metadata(&bytes).ok();
    let words = header.and_then(|(_, header)| header.metadata().clone());
    Ok(words.is_some_and(|words| words.contains_key("checksum")))
}
