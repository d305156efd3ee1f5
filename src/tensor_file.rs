//! TensorFile files: named tensors and words in the safetensors format, whole, repeatable and checked.
//!
//! - *Whole*: [`replace_file`] writes under another name, syncs and renames, so a reader meets the old
//!   file or the new one and never half of one, whenever the process or the machine dies.
//! - *Repeatable*: words stand in the order of their keys, so equal contents are equal bytes.
//! - *Checked*: the word `checksum` is the CRC-32, in hexadecimal, of the whole file with those
//!   eight digits as zeros. It is a guard against accidents, not against intent.
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
//! let mut packed = TensorFile::default();
//! packed.set_metadata("task", "cartpole");
//! packed.add_f32("weights", vec![2, 1], &[0.5, -0.5]);
//! let read = TensorFile::parse(&packed.bytes()?)?;
//! assert_eq!(read.expect_f32("weights")?, [0.5, -0.5]);
//! # Ok::<(), String>(())
//! ```

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::error::{Error, Result};

/// The key of the checksum, as it stands in a header.
const CHECKSUM: &str = "\"checksum\":\"";
/// Hexadecimal digits of a checksum.
const DIGITS: usize = 8;
/// Bytes in front of a header.
const LENGTH_BYTES: usize = 8;

/// What a packed file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TensorFile {
    words: BTreeMap<String, String>,
    parts: Vec<Part>,
}

/// A tensor: its numbers as little-endian bytes.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    name: String,
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl TensorFile {
    /// Adds a word.
    pub fn set_metadata(&mut self, key: &str, value: impl ToString) {
        self.words.insert(key.into(), value.to_string());
    }

    /// Adds a tensor of `f32`, in place of one of the same name.
    pub fn add_f32(&mut self, name: &str, shape: Vec<usize>, values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.put(name, Dtype::F32, shape, bytes);
    }

    /// Adds a row of `f64`.
    pub fn add_f64(&mut self, name: &str, values: &[f64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.put(name, Dtype::F64, vec![values.len()], bytes);
    }

    /// Adds bytes.
    pub fn add_bytes(&mut self, name: &str, bytes: Vec<u8>) {
        self.put(name, Dtype::U8, vec![bytes.len()], bytes);
    }

    fn put(&mut self, name: &str, kind: Dtype, shape: Vec<usize>, bytes: Vec<u8>) {
        self.parts.retain(|part| part.name != name);
        self.parts.push(Part { name: name.into(), kind, shape, bytes });
    }

    /// A word, if it is there.
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.words.get(key).map(String::as_str)
    }

    /// A word that must be there.
    ///
    /// # Errors
    /// It is missing.
    pub fn expect_metadata(&self, key: &str) -> std::result::Result<&str, String> {
        self.metadata(key)
            .ok_or_else(|| format!("expected the word '{key}' in the header, got none"))
    }

    /// Whether there is a tensor of that name.
    pub fn has_tensor(&self, name: &str) -> bool {
        self.parts.iter().any(|part| part.name == name)
    }

    /// Numbers of all tensors of `f32` together.
    pub fn f32_count(&self) -> usize {
        let singles = self.parts.iter().filter(|part| part.kind == Dtype::F32);
        singles.map(|part| part.bytes.len() / 4).sum()
    }

    /// The numbers of a tensor of `f32` that must be there and finite.
    ///
    /// # Errors
    /// It is missing, of another type, or has a number that is none.
    pub fn expect_f32(&self, name: &str) -> std::result::Result<Vec<f32>, String> {
        let (bytes, _) = self.part(name, Dtype::F32)?.as_chunks::<4>();
        let numbers: Vec<f32> = bytes.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        finite(name, &numbers, |number| number.is_finite())?;
        Ok(numbers)
    }

    /// The numbers of a row of `f64` that must be there and finite.
    ///
    /// # Errors
    /// As [`TensorFile::expect_f32`].
    pub fn expect_f64(&self, name: &str) -> std::result::Result<Vec<f64>, String> {
        let (bytes, _) = self.part(name, Dtype::F64)?.as_chunks::<8>();
        let numbers: Vec<f64> = bytes.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        finite(name, &numbers, |number| number.is_finite())?;
        Ok(numbers)
    }

    /// Bytes that must be there.
    ///
    /// # Errors
    /// They are missing.
    pub fn expect_bytes(&self, name: &str) -> std::result::Result<&[u8], String> {
        self.part(name, Dtype::U8)
    }

    fn part(&self, name: &str, kind: Dtype) -> std::result::Result<&[u8], String> {
        let part = self.parts.iter().find(|part| part.name == name);
        match part {
            Some(part) if part.kind == kind => Ok(&part.bytes),
            Some(part) => {
                Err(format!("expected the tensor '{name}' as {kind:?}, got {:?}", part.kind))
            }
            None => Err(format!("expected a tensor '{name}', got none")),
        }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// Sizes that do not fit their numbers, which is the caller's fault.
    pub fn bytes(&self) -> std::result::Result<Vec<u8>, String> {
        let broken = |problem: safetensors::SafeTensorError| problem.to_string();
        let views = self.parts.iter().map(|part| {
            let view = TensorView::new(part.kind, part.shape.clone(), &part.bytes);
            Ok((part.name.as_str(), view.map_err(broken)?))
        });
        let views = views.collect::<std::result::Result<Vec<_>, String>>()?;
        let mut words: HashMap<String, String> = self.words.clone().into_iter().collect();
        words.insert("checksum".into(), "0".repeat(DIGITS));
        let packed = safetensors::serialize(views, Some(words)).map_err(broken)?;
        let mut packed = in_order(&packed)?;
        let at = checksum_at(&packed).ok_or("the header has lost its checksum")?;
        let sum = format!("{:0DIGITS$x}", crc32fast::hash(&packed));
        packed[at..at + DIGITS].copy_from_slice(sum.as_bytes());
        Ok(packed)
    }

    /// What a file's bytes hold.
    ///
    /// # Errors
    /// Bytes that are not in the format, or not those that were written.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        let cut = |problem: safetensors::SafeTensorError| {
            format!("expected a whole safetensors file, got {} bytes: {problem}", bytes.len())
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(cut)?;
        check(bytes)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(cut)?;
        let mut words: BTreeMap<String, String> =
            header.metadata().clone().unwrap_or_default().into_iter().collect();
        words.remove("checksum");
        let mut parts: Vec<Part> = tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| Part {
                name,
                kind: view.dtype(),
                shape: view.shape().to_vec(),
                bytes: view.data().to_vec(),
            })
            .collect();
        parts.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { words, parts })
    }

    /// Writes a file into a folder, whole or not at all.
    ///
    /// # Errors
    /// A disk that refuses; what stood there before is still there.
    pub fn write(&self, folder: &Path, name: &str) -> Result<()> {
        let bytes = self.bytes().map_err(|problem| {
            let source = std::io::Error::other(problem);
            Error::Io { doing: "packing", path: folder.join(name), source }
        })?;
        replace_file(folder, name, &bytes)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] says what of it is damaged.
    pub fn read(path: &Path) -> Result<Self> {
        let damaged = |problem| Error::File { path: path.into(), line: 0, problem };
        let bytes = fs::read(path).map_err(|source| {
            damaged(format!("expected a file that can be read, got: {source}"))
        })?;
        Self::parse(&bytes).map_err(damaged)
    }
}

/// Refuses numbers that are none.
fn finite<T: Copy + std::fmt::Display>(
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

/// The header of a file, and what follows.
fn split(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_first_chunk::<LENGTH_BYTES>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

/// The same file with its words in the order of their keys.
fn in_order(file: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let (header, numbers) = split(file).ok_or("no header")?;
    let mut header: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(header).map_err(|problem| problem.to_string())?;
    if let Some(serde_json::Value::Object(words)) = header.get_mut("__metadata__") {
        words.sort_keys();
    }
    let mut text = serde_json::to_vec(&header).map_err(|problem| problem.to_string())?;
    text.resize(text.len().next_multiple_of(LENGTH_BYTES), b' ');
    Ok([&(text.len() as u64).to_le_bytes()[..], &text, numbers].concat())
}

/// Where the digits of the checksum stand.
fn checksum_at(file: &[u8]) -> Option<usize> {
    let (header, _) = split(file)?;
    let found = header.windows(CHECKSUM.len()).position(|bytes| bytes == CHECKSUM.as_bytes())?;
    let at = found + CHECKSUM.len();
    (at + DIGITS <= header.len()).then_some(LENGTH_BYTES + at)
}

/// Refuses bytes that are not those that were written.
fn check(file: &[u8]) -> std::result::Result<(), String> {
    let at = checksum_at(file).ok_or("expected a checksum in the header, got none")?;
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

/// Writes a whole file, or nothing.
///
/// # Errors
/// A disk that refuses; what stood there before is still there, and nothing beside it.
pub fn replace_file(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let (path, draft) = (folder.join(name), folder.join(format!(".{name}.part")));
    let write = || {
        let mut file = File::create(&draft).map_err(io_error("creating", &draft))?;
        file.write_all(bytes).map_err(io_error("writing", &path))?;
        file.sync_all().map_err(io_error("syncing", &path))?;
        fs::rename(&draft, &path).map_err(io_error("renaming", &draft))
    };
    let written = write();
    if written.is_err() {
        // A draft takes room that the disk may not have; that it stays is no second failure.
        let _ = fs::remove_file(&draft);
    }
    // The name is on the disk when its folder is; not every system lets a folder be opened.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    written
}

/// What the system said while something was done to a file.
pub(crate) fn io_error(
    doing: &'static str,
    path: &Path,
) -> impl Fn(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { doing, path: path.clone(), source }
}
