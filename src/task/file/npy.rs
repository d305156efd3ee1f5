//! NumPy's arrays: samples and targets in two `.npy` files, or in one `.npz` file.
//!
//! # Shapes
//!
//! Samples are `[samples][...]`; all dimensions but the first are the numbers of a sample, in C
//! order. Targets are `[samples]` or `[samples][1]`. Numbers may be `bool`, `u1` to `u8`, `i1` to
//! `i8`, `f4` or `f8`, of either byte order, in C or Fortran order.
//!
//! # Names in a `.npz` file
//!
//! `x` and `y`, or `x_train` and `y_train`, with `x_test` and `y_test` to judge where they exist; a
//! capital is as good. `--target` names another array of targets; its samples are then `x`, or
//! `x_train` where the targets end in `_train`, or else the only other array.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};
use zip::ZipArchive;
use zip::result::ZipError;

use super::numbers::{Endian, Kind, Numbers};
use super::target::Column;
use super::{Source, Table, array_room, read_failed};
use crate::error::{Error, Result};

/// An array of a file.
struct Array {
    /// Its name, for messages.
    name: String,
    shape: Vec<usize>,
    kind: Kind,
    numbers: Numbers,
}

/// The table of two `.npy` files.
///
/// # Errors
/// No file of targets, arrays of other types, numbers that are not finite, lengths that differ, and
/// what does not fit in memory.
pub(super) fn read(source: &Source) -> Result<Table> {
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
    Ok(Table { target: name.into_owned(), place: target.to_owned(), ..table })
}

/// The table of a `.npz` file.
///
/// # Errors
/// As [`read`]; and where the names of the arrays do not say which is which, these names.
pub(super) fn read_archive(source: &Source) -> Result<Table> {
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
        let made = table(array(samples)?, path, array(targets)?, path)?;
        Ok(Table { target: targets.to_owned(), ..made })
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
            Ok(Table { notes: vec![note], ..training.judged_by(held_out, path)? })
        }
        _ => Ok(training),
    }
}

/// Which array has the samples, and which the targets; else what was expected.
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
        if let Some(place) = array.numbers.first_not_finite() {
            let (row, column) = (place / width, place % width);
            let problem = format!("{}: expected finite numbers, got another in row", array.name);
            return Err(fault(path, format!("{problem} {row}, column {column}, from 0")));
        }
    }
    Ok(Table {
        inputs,
        together: samples.kind == Kind::U8,
        features: samples.numbers,
        column: Column::Numbers(targets.numbers.into_doubles()),
        target: String::new(),
        place: targets.name,
        line: 0,
        columns: Vec::new(),
        training: None,
        notes: Vec::new(),
    })
}

fn read_array(reader: &mut impl Read, path: &Path, name: &str, memory: u64) -> Result<Array> {
    let broken = |problem: String| fault(path, format!("{name}: {problem}"));
    let header = NpyHeader::from_reader(&mut *reader).map_err(|error| broken(error.to_string()))?;
    let (kind, endian) = form(&header.dtype()).ok_or_else(|| {
        broken(format!(
            "expected numbers (f4, f8, i1 to i8, u1 to u8, bool), got {}",
            header.dtype().descr()
        ))
    })?;
    let shape = array_room(path, name, header.shape(), kind, memory)?;
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

/// How numbers of a type are written, if they are taken.
fn form(dtype: &DType) -> Option<(Kind, Endian)> {
    let DType::Plain(plain) = dtype else { return None };
    let kind = match (plain.type_char(), plain.size_field()) {
        (TypeChar::Bool, 1) => Kind::Bool,
        (TypeChar::Uint, 1) => Kind::U8,
        (TypeChar::Uint, 2) => Kind::U16,
        (TypeChar::Uint, 4) => Kind::U32,
        (TypeChar::Uint, 8) => Kind::U64,
        (TypeChar::Int, 1) => Kind::I8,
        (TypeChar::Int, 2) => Kind::I16,
        (TypeChar::Int, 4) => Kind::I32,
        (TypeChar::Int, 8) => Kind::I64,
        (TypeChar::Float, 4) => Kind::F32,
        (TypeChar::Float, 8) => Kind::F64,
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
