//! NumPy arrays: samples and targets in two `.npy` files, or in one `.npz` file.
//!
//! # Shapes
//!
//! Samples are `[samples][...]`. All dimensions except the first are the features of a sample, in C
//! order. Targets are `[samples]` or `[samples][1]`. Numbers may be `bool`, `u1` to `u8`, `i1` to
//! `i8`, `f4` or `f8`, of either byte order, in C or Fortran order.
//!
//! # Names in a `.npz` file
//!
//! `x` and `y`, or `x_train` and `y_train`. `x_test` and `y_test` are held-out samples if they
//! exist. Capital letters are allowed. `--target` selects another array of targets. Its samples are
//! then `x`, or `x_train` if the name of the targets ends in `_train`, or else the only other
//! array.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};
use zip::ZipArchive;
use zip::result::ZipError;

use super::checks::{checked_shape, read_failed};
use super::data_file::DataFile;
use super::numbers::{Endian, NumberType, Numbers};
use super::table::Table;
use super::target::Column;
use crate::error::{Error, Result};

/// An array of a file.
struct Array {
    /// The name, for messages.
    name: String,
    shape: Vec<usize>,
    kind: NumberType,
    numbers: Numbers,
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
        let mut reader = BufReader::new(File::open(path).map_err(read_failed(path))?);
        read_array(&mut reader, path, "the array", source.memory)
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
    let file = BufReader::new(File::open(path).map_err(read_failed(path))?);
    let mut archive = ZipArchive::new(file).map_err(|error| fault(path, error.to_string()))?;
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
            read_array(&mut inside, path, &format!("array '{name}'"), source.memory)
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
            Ok(Table { notes: vec![note], ..training.with_held_out(held_out, path)? })
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
        if let Some(position) = array.numbers.first_not_finite() {
            let (row, column) = (position / width, position % width);
            let problem =
                format!("{}: expected finite numbers, got NaN or infinity in row", array.name);
            return Err(fault(path, format!("{problem} {row}, column {column}, from 0")));
        }
    }
    Ok(Table {
        inputs,
        shared_unit: samples.kind == NumberType::U8,
        features: samples.numbers,
        column: Column::Numbers(targets.numbers.into_doubles()),
        target: String::new(),
        target_location: targets.name,
        line: 0,
        columns: Vec::new(),
        training: None,
        notes: Vec::new(),
    })
}

fn read_array(reader: &mut impl Read, path: &Path, name: &str, memory: u64) -> Result<Array> {
    let broken = |problem: String| fault(path, format!("{name}: {problem}"));
    let header = NpyHeader::from_reader(&mut *reader).map_err(|error| broken(error.to_string()))?;
    let (kind, endian) = number_format(&header.dtype()).ok_or_else(|| {
        broken(format!(
            "expected numbers (f4, f8, i1 to i8, u1 to u8, bool), got {}",
            header.dtype().descr()
        ))
    })?;
    let shape = checked_shape(path, name, header.shape(), kind, memory)?;
    let count = shape.iter().product();
    let numbers = Numbers::read(reader, count, kind, endian)
        .map_err(|error| broken(format!("expected {count} numbers as its header says, {error}")))?;
    if reader.read(&mut [0]).map_err(|error| broken(error.to_string()))? > 0 {
        let problem = format!("expected its end after {count} numbers, as its header says");
        return Err(broken(format!("{problem}, got more bytes")));
    }
    let numbers = match header.order() {
        Order::C => numbers,
        Order::Fortran => numbers.in_row_order(&shape),
    };
    Ok(Array { name: name.to_owned(), shape, kind, numbers })
}

/// Returns the number type and byte order of a NumPy type, if it is supported.
fn number_format(dtype: &DType) -> Option<(NumberType, Endian)> {
    let DType::Plain(plain) = dtype else { return None };
    let kind = match (plain.type_char(), plain.size_field()) {
        (TypeChar::Bool, 1) => NumberType::Bool,
        (TypeChar::Uint, 1) => NumberType::U8,
        (TypeChar::Uint, 2) => NumberType::U16,
        (TypeChar::Uint, 4) => NumberType::U32,
        (TypeChar::Uint, 8) => NumberType::U64,
        (TypeChar::Int, 1) => NumberType::I8,
        (TypeChar::Int, 2) => NumberType::I16,
        (TypeChar::Int, 4) => NumberType::I32,
        (TypeChar::Int, 8) => NumberType::I64,
        (TypeChar::Float, 4) => NumberType::F32,
        (TypeChar::Float, 8) => NumberType::F64,
        _ => return None,
    };
    let endian = match plain.endianness() {
        Endianness::Big => Endian::Big,
        Endianness::Little | Endianness::Irrelevant => Endian::Little,
    };
    Some((kind, endian))
}

fn fault(path: &Path, problem: String) -> Error {
    Error::File { path: path.into(), line: 0, problem }
}
