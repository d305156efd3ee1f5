//! IDX files, the format of MNIST: one array each, optionally compressed with gzip.
//!
//! # Shapes
//!
//! ```text
//! 0  0  type  dimensions    type: 8 u8, 9 i8, 11 i16, 12 i32, 13 f32, 14 f64
//! u32 of each dimension     all numbers big-endian
//! the numbers               the last dimension changes fastest
//! ```
//!
//! # Source
//!
//! Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits", the file
//! format at the end of its page.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::checks::{ArrayLimits, check_end, checked_shape, max_content, open, padding_note};
use super::data_file::DataFile;
use super::format::{GZIP, begins_with};
use super::gunzip::Gunzip;
use super::numbers::{Endian, NumberType, Numbers};
use super::table::{SampleArray, Table};
use crate::draw::number::counted;
use crate::error::{Error, Result};

/// The words that replace `train` in the name of the file of held-out samples.
const HELD_OUT_NAMES: [&str; 2] = ["t10k", "test"];

/// An array of a file.
struct Array {
    shape: Vec<usize>,
    kind: NumberType,
    numbers: Numbers,
    /// A remark about zeros after the last number.
    note: Option<String>,
}

/// Reads a file of samples and one of labels. If both have a held-out counterpart, reads that too.
///
/// # Errors
/// Returns an error if there is no file of labels, if a file is not IDX, is too short or too long,
/// has numbers that are not finite, or does not fit in memory, or if the lengths differ.
pub(super) fn read(source: &DataFile) -> Result<Table> {
    let labels = Path::new(source.target.ok_or_else(|| no_labels(source.path))?);
    let table = pair(source.path, labels, source.memory)?;
    if source.held_out.is_some() {
        return Ok(table);
    }
    let (held_out, note) = match held_out_files(source.path, labels) {
        [Some(samples), Some(labels)] => {
            let names = format!("{} and {}", samples.display(), labels.display());
            (pair(&samples, &labels, source.memory)?, format!("held-out part: {names}"))
        }
        [Some(alone), None] | [None, Some(alone)] => {
            let note = format!(
                "{} is not read, because its samples or its labels are missing",
                alone.display()
            );
            return Ok(table.with_note(note));
        }
        [None, None] => return Ok(table),
    };
    Ok(table.with_held_out(held_out, source.path)?.with_note(note))
}

/// Reads the samples of a file, with the labels of another one if it is named.
///
/// # Errors
/// Returns the errors of [`read`].
pub(super) fn read_samples(source: &DataFile) -> Result<SampleArray> {
    if let Some(labels) = source.target {
        return pair(source.path, Path::new(labels), source.memory).map(SampleArray::from);
    }
    let array = finite_array(source.path, source.memory)?;
    Ok(SampleArray {
        inputs: array.shape[1..].iter().product(),
        features: array.numbers,
        targets: None,
        note: array.note,
    })
}

/// Reads an array of finite numbers.
fn finite_array(path: &Path, memory: u64) -> Result<Array> {
    let array = read_array(path, memory)?;
    match array.numbers.first_not_finite() {
        None => Ok(array),
        Some(position) => {
            let got = format!("got NaN or infinity at index {position}");
            Err(fault(path, format!("expected finite numbers, {got}")))
        }
    }
}

fn pair(samples: &Path, labels: &Path, memory: u64) -> Result<Table> {
    let array = finite_array(samples, memory)?;
    let targets = read_array(labels, memory)?;
    if targets.shape.len() != 1 {
        let got = format!("{:?}", targets.shape);
        return Err(fault(labels, format!("expected one label a sample, got the shape {got}")));
    }
    let count = array.shape[0];
    if targets.shape[0] != count {
        let problem = format!(
            "expected {}, one for each sample of {}, got {}",
            counted(count as u64, "labels"),
            samples.display(),
            targets.shape[0]
        );
        return Err(fault(labels, problem));
    }
    Ok(Table {
        inputs: array.shape[1..].iter().product(),
        shared_unit: array.kind == NumberType::U8,
        features: array.numbers,
        column: targets.numbers.into(),
        targets: vec![name_of(labels)],
        target_location: labels.display().to_string(),
        line: 0,
        columns: Vec::new(),
        table: None,
        training: None,
        notes: array.note.into_iter().chain(targets.note).collect(),
    })
}

fn read_array(path: &Path, memory: u64) -> Result<Array> {
    let (file, bytes) = open(path)?;
    let is_compressed = begins_with(path, GZIP)?;
    let limits = ArrayLimits { memory, content: max_content(bytes, is_compressed) };
    let file = BufReader::new(file);
    let mut reader: Box<dyn Read> =
        if is_compressed { Box::new(BufReader::new(Gunzip::new(file))) } else { Box::new(file) };
    let broken = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            fault(path, "expected more bytes, got the end of the file".into())
        }
        _ => fault(path, error.to_string()),
    };
    let mut begin = [0; 4];
    reader.read_exact(&mut begin).map_err(broken)?;
    let (code, dimensions) = match begin {
        [0, 0, code, dimensions] if dimensions > 0 => (code, dimensions),
        _ => {
            let problem = format!("expected an IDX file, which begins with 0 0, got {begin:?}");
            return Err(fault(path, problem));
        }
    };
    let kind = kind(code).ok_or_else(|| {
        fault(path, format!("expected a type from 8 to 14 (not 10) in its third byte, got {code}"))
    })?;
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        let mut length = [0; 4];
        reader.read_exact(&mut length).map_err(broken)?;
        shape.push(u64::from(u32::from_be_bytes(length)));
    }
    let sizes = [kind.bytes_in_file(), kind.bytes_in_memory()];
    let shape = checked_shape(path, "the array", &shape, sizes, limits)?;
    let count = shape.iter().product();
    let numbers = Numbers::read(&mut reader, count, kind, Endian::Big).map_err(broken)?;
    let padding = check_end(&mut reader, count).map_err(|problem| fault(path, problem))?;
    let note = padding_note(path, padding);
    Ok(Array { shape, kind, numbers, note })
}

fn kind(code: u8) -> Option<NumberType> {
    match code {
        0x08 => Some(NumberType::U8),
        0x09 => Some(NumberType::I8),
        0x0B => Some(NumberType::I16),
        0x0C => Some(NumberType::I32),
        0x0D => Some(NumberType::F32),
        0x0E => Some(NumberType::F64),
        _ => None,
    }
}

/// Returns the held-out counterparts of two files, if they exist.
fn held_out_files(samples: &Path, labels: &Path) -> [Option<PathBuf>; 2] {
    let twin = |path: &Path, held_out: &str| {
        let name = path.file_name()?.to_str()?;
        let plain = name.strip_suffix(".gz").unwrap_or(name);
        let plain = plain.contains("train").then(|| plain.replacen("train", held_out, 1))?;
        let packed = format!("{plain}.gz");
        let both = if name.ends_with(".gz") { [packed, plain] } else { [plain, packed] };
        both.into_iter().map(|name| path.with_file_name(name)).find(|path| path.is_file())
    };
    let found = HELD_OUT_NAMES.map(|name| [twin(samples, name), twin(labels, name)]);
    let most = |pair: &&[Option<PathBuf>; 2]| pair.iter().flatten().count();
    // The first of two equal pairs wins.
    found.iter().rev().max_by_key(most).cloned().unwrap_or_default()
}

fn no_labels(path: &Path) -> Error {
    let error = Error::invalid("--target", "the IDX file of the labels", "nothing");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let labels = path.with_file_name(name.replace("images", "labels").replace("idx3", "idx1"));
    if labels != path && labels.is_file() {
        return error.advise(format!("--target {} seems to be the file", labels.display()));
    }
    error
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn fault(path: &Path, problem: String) -> Error {
    Error::File { path: path.into(), line: 0, problem }
}
