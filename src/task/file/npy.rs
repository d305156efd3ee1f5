//! NumPy arrays: samples and targets in two `.npy` files, or in one `.npz` file.
//!
//! # Shapes
//!
//! Samples are `[samples][...]`. All dimensions except the first are the features of a sample, in C
//! order. Targets are `[samples]` or `[samples][1]`. Numbers may be `bool`, `u1` to `u8`, `i1` to
//! `i8`, `f2`, `f4` or `f8`, of either byte order, in C or Fortran order. Targets may also be
//! words, `S` (in UTF-8) or `U`. Arrays of Python objects are refused, because reading them can run
//! code.
//!
//! # Names in a `.npz` file
//!
//! `x` and `y`, or `x_train` and `y_train`. `x_test` and `y_test` are held-out samples if they
//! exist. Capital letters are allowed. `--target` selects another array of targets. Its samples are
//! then `x`, or `x_train` if the name of the targets ends in `_train`, or else the only other
//! array.

use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::checks::{ArrayLimits, check_end, checked_shape, max_content, open, padding_note};
use super::data_file::DataFile;
use super::npy_header::{ElementType, NpyHeader};
use super::numbers::{Endian, NumberType, Numbers};
use super::table::Table;
use super::target::Column;
use crate::error::{Error, Result};
use crate::network::NamedTensor;

/// An array of a file.
struct Array {
    /// The name, for messages.
    name: String,
    shape: Vec<usize>,
    element: ElementType,
    elements: Elements,
    /// A remark about zeros after the last element.
    note: Option<String>,
}

/// The elements of an array.
enum Elements {
    Numbers(Numbers),
    Words(Vec<String>),
}

/// Reads the table of two `.npy` files.
///
/// # Errors
/// Returns an error if there is no file of targets, if an array has another type, numbers that are
/// not finite, or no room in memory, or if the lengths differ.
pub(super) fn read(source: &DataFile) -> Result<Table> {
    let target = source.target.ok_or_else(|| {
        Error::invalid("--target", "the .npy file of the targets, one for each sample", "nothing")
    })?;
    let array = |path: &Path| {
        let (file, bytes) = open(path)?;
        let limits = ArrayLimits { memory: source.memory, content: max_content(bytes, false) };
        read_array(&mut BufReader::new(file), path, "the array", limits)
    };
    let (samples, targets) = (array(source.path)?, array(Path::new(target))?);
    let name = Path::new(target).file_name().unwrap_or_default().to_string_lossy();
    let table = table(samples, source.path, targets, Path::new(target))?;
    Ok(Table { target: name.into_owned(), target_location: target.to_owned(), ..table })
}

/// Reads the table of a `.npz` file.
///
/// # Errors
/// Returns the errors of [`read`], and one that lists the arrays if their names are ambiguous.
pub(super) fn read_archive(source: &DataFile) -> Result<Table> {
    let path = source.path;
    let (file, bytes) = open(path)?;
    let limits = ArrayLimits { memory: source.memory, content: max_content(bytes, true) };
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| fault(path, error.to_string()))?;
    let broken = |error: ZipError| fault(path, error.to_string());
    let mut names = Vec::new();
    for name in archive.file_names() {
        names.extend(name.map_err(broken)?.strip_suffix(".npy").map(str::to_owned));
    }
    names.sort();
    let [samples, targets] = choose(&names, source.target).map_err(|expected| {
        let known = if names.is_empty() { "none".into() } else { names.join(", ") };
        fault(path, format!("expected {expected}; its arrays are: {known}"))
    })?;
    let mut pair = |samples: &str, targets: &str| {
        let mut array = |name: &str| {
            let inside = archive.by_name(&format!("{name}.npy"));
            let mut inside = inside.map_err(|error| fault(path, format!("{name}: {error}")))?;
            read_array(&mut inside, path, &format!("array '{name}'"), limits)
        };
        let table = table(array(samples)?, path, array(targets)?, path)?;
        Ok(Table { target: targets.to_owned(), ..table })
    };
    let training = pair(samples, targets)?;
    let twin = |name: &str| {
        let twin = format!("{}_test", name.strip_suffix("_train")?);
        names.iter().find(|name| **name == twin)
    };
    match (twin(samples), twin(targets)) {
        (Some(samples), Some(targets)) if source.held_out.is_none() => {
            let note = format!("held-out part: arrays '{samples}' and '{targets}'");
            let held_out = pair(samples, targets)?;
            Ok(training.with_held_out(held_out, path)?.with_note(note))
        }
        _ => Ok(training),
    }
}

/// Returns the names of the arrays of samples and of targets.
///
/// # Errors
/// Returns the array that was expected, for a message.
fn choose<'a>(
    names: &'a [String],
    target: Option<&str>,
) -> std::result::Result<[&'a str; 2], String> {
    let find = |name: &str| names.iter().find(|known| *known == name).map(String::as_str);
    let first = |wanted: &[&str]| wanted.iter().find_map(|name| find(name));
    let targets = match target {
        Some(name) => find(name).ok_or_else(|| format!("an array '{name}', for --target")),
        None => first(&["y", "Y", "y_train", "Y_train"]).ok_or_else(|| {
            "an array 'y' or 'y_train', or the name of another with --target".to_owned()
        }),
    }?;
    let usual: &[&str] =
        if targets.ends_with("_train") { &["x_train", "X_train"] } else { &["x", "X"] };
    let others: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| *name != targets).collect();
    match (first(usual), &others[..]) {
        (Some(samples), _) => Ok([samples, targets]),
        (None, &[samples]) => Ok([samples, targets]),
        (None, _) => Err(format!("an array '{}' of samples beside '{targets}'", usual[0])),
    }
}

fn table(samples: Array, path: &Path, targets: Array, target_path: &Path) -> Result<Table> {
    let count = match samples.shape[..] {
        [count, ..] => count,
        [] => {
            let problem =
                format!("{}: expected a sample in each row, got one number", samples.name);
            return Err(fault(path, problem));
        }
    };
    match targets.shape[..] {
        [targets] | [targets, 1] if targets == count => {}
        _ => {
            let problem = format!(
                "{}: expected {count} targets, one for each sample of {}, got the shape {:?}",
                targets.name, samples.name, targets.shape
            );
            return Err(fault(target_path, problem));
        }
    }
    let inputs = samples.shape[1..].iter().product();
    for (array, path, width) in [(&samples, path, inputs), (&targets, target_path, 1)] {
        let Elements::Numbers(numbers) = &array.elements else { continue };
        if let Some(position) = numbers.first_not_finite() {
            let (row, column) = (position / width, position % width);
            let problem =
                format!("{}: expected finite numbers, got NaN or infinity in row", array.name);
            return Err(fault(path, format!("{problem} {row}, column {column}, from 0")));
        }
    }
    let Elements::Numbers(features) = samples.elements else {
        let problem = format!("{}: expected numbers as features, got words", samples.name);
        return Err(fault(path, problem));
    };
    Ok(Table {
        inputs,
        shared_unit: matches!(samples.element, ElementType::Number(NumberType::U8, _)),
        features,
        column: match targets.elements {
            Elements::Numbers(numbers) => numbers.into(),
            Elements::Words(words) => Column::Words(words),
        },
        target: String::new(),
        target_location: targets.name,
        line: 0,
        columns: Vec::new(),
        training: None,
        notes: samples.note.into_iter().chain(targets.note).collect(),
    })
}

fn read_array(
    reader: &mut impl Read,
    path: &Path,
    name: &str,
    limits: ArrayLimits,
) -> Result<Array> {
    let broken = |problem: String| fault(path, format!("{name}: {problem}"));
    let NpyHeader { element, is_fortran, shape } = NpyHeader::read(reader).map_err(broken)?;
    let sizes = [element.bytes_in_file(), bytes_in_memory(element)];
    let shape = checked_shape(path, name, &shape, sizes, limits)?;
    let count = shape.iter().product();
    let cut = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => {
            broken(format!("expected {count} elements as its header says, got the end of the file"))
        }
        _ => broken(error.to_string()),
    };
    let elements = match element {
        ElementType::Number(kind, endian) => {
            let numbers = Numbers::read(reader, count, kind, endian).map_err(cut)?;
            Elements::Numbers(if is_fortran { numbers.in_row_order(&shape) } else { numbers })
        }
        ElementType::Bytes { .. } | ElementType::CodePoints { .. } => {
            Elements::Words(read_words(reader, count, element).map_err(cut)?)
        }
    };
    let padding = check_end(reader, count).map_err(broken)?;
    let note = padding_note(path, padding);
    Ok(Array { name: name.to_owned(), shape, element, elements, note })
}

/// The size of an element in memory, in bytes.
fn bytes_in_memory(element: ElementType) -> u64 {
    match element {
        ElementType::Number(kind, _) => kind.bytes_in_memory(),
        ElementType::Bytes { .. } | ElementType::CodePoints { .. } => {
            size_of::<String>() as u64 + element.bytes_in_file()
        }
    }
}

/// Reads words, which are padded with zeros.
///
/// # Errors
/// Returns an error if the reader fails or ends too early, or if a word is empty or not text.
fn read_words(
    reader: &mut impl Read,
    count: usize,
    element: ElementType,
) -> std::io::Result<Vec<String>> {
    let mut bytes = vec![0; element.bytes_in_file() as usize];
    let mut words = Vec::new();
    for index in 0..count {
        reader.read_exact(&mut bytes)?;
        let word = match element {
            ElementType::CodePoints { endian, .. } => {
                let (points, _) = bytes.as_chunks::<4>();
                let point = |&bytes: &[u8; 4]| match endian {
                    Endian::Little => u32::from_le_bytes(bytes),
                    Endian::Big => u32::from_be_bytes(bytes),
                };
                points.iter().map(|bytes| char::from_u32(point(bytes))).collect()
            }
            ElementType::Bytes { .. } | ElementType::Number(..) => {
                str::from_utf8(&bytes).ok().map(str::to_owned)
            }
        };
        let word: Option<String> = word;
        let word = word.as_deref().map(|word| word.trim_end_matches('\0'));
        match word {
            Some(word) if !word.is_empty() => words.push(word.to_owned()),
            _ => {
                let got = if word.is_some() { "nothing" } else { "bytes that are no text" };
                let problem = format!("expected a word, got {got} at index {index}, from 0");
                return Err(std::io::Error::other(problem));
            }
        }
    }
    Ok(words)
}

fn fault(path: &Path, problem: String) -> Error {
    Error::File { path: path.into(), line: 0, problem }
}

/// Reads all arrays of numbers of a `.npz` file, as `f32`; arrays of words are left out.
///
/// # Errors
/// Returns an error if the file is no archive of arrays, or if its arrays do not fit in memory.
pub fn read_arrays(path: &Path, memory: u64) -> Result<Vec<NamedTensor>> {
    let (file, bytes) = open(path)?;
    let limits = ArrayLimits { memory, content: max_content(bytes, true) };
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| fault(path, error.to_string()))?;
    let broken = |error: ZipError| fault(path, error.to_string());
    let mut tensors = Vec::new();
    for index in 0..archive.len() {
        let mut inside = archive.by_index(index).map_err(broken)?;
        let name = inside.name().map_err(broken)?.into_owned();
        let Some(name) = name.strip_suffix(".npy") else { continue };
        let array = read_array(&mut inside, path, &format!("array '{name}'"), limits)?;
        let Elements::Numbers(numbers) = array.elements else { continue };
        let values = numbers.into_doubles().into_iter().map(|number| number as f32).collect();
        tensors.push(NamedTensor { name: name.into(), shape: array.shape, values });
    }
    Ok(tensors)
}
