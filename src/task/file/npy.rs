//! NumPy arrays: samples and targets in two `.npy` files, or in one `.npz` file.
//!
//! # Shapes
//!
//! Samples are `[samples][...]`. All dimensions except the first are the features of a sample, in C
//! order. Targets are `[samples]`, or `[samples][targets]` for a regression of several numbers.
//! Numbers may be `bool`, `u1` to `u8`, `i1` to `i8`, `f2`, `f4` or `f8`, of either byte order, in
//! C or Fortran order. Targets may also be words, `S` (in UTF-8) or `U`. Arrays of Python objects
//! are refused, because reading them can run code.
//!
//! # Names in a `.npz` file
//!
//! `x` and `y`, or `x_train` and `y_train`. `x_test` and `y_test` are held-out samples if they
//! exist; one of them alone is refused. Capital letters are allowed. `--target` selects another
//! array of targets. Its samples are then `x`, or `x_train` if the name of the targets ends in
//! `_train`. Without an array of these names the samples are the only other array, with a note.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::checks::{ArrayLimits, check_end, checked_shape, max_content, open, padding_note};
use super::data_file::DataFile;
use super::npy_header::{ElementType, NpyHeader};
use super::numbers::{Endian, NumberType, Numbers};
use super::table::{SampleArray, Table};
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
    let array = |path: &Path| read_file(path, source.memory);
    let (samples, targets) = (array(source.path)?, array(Path::new(target))?);
    let name = Path::new(target).file_name().unwrap_or_default().to_string_lossy();
    let table = table(samples, source.path, targets, Path::new(target))?;
    let targets = target_names(&name, table.column.width());
    Ok(Table { targets, target_location: target.to_owned(), ..table })
}

/// Reads the samples of a `.npy` file, with the targets of another one if it is named.
///
/// # Errors
/// Returns the errors of [`read`].
pub(super) fn read_samples(source: &DataFile) -> Result<SampleArray> {
    if source.target.is_some() {
        return read(source).map(SampleArray::from);
    }
    let path = source.path;
    samples_alone(read_file(path, source.memory)?, path)
}

/// Reads the samples of a `.npz` file, with their targets if it has any: those that are called `x`
/// and `y`, or else `x_test` and `y_test`, or else the only array.
///
/// # Errors
/// Returns the errors of [`read_archive`].
pub(super) fn read_samples_of_archive(source: &DataFile) -> Result<SampleArray> {
    let mut archive = Archive::open(source)?;
    let names = archive.names.clone();
    let first = |wanted: &[&str]| names.iter().find(|name| wanted.contains(&name.as_str()));
    let samples = first(&["x", "X"]).or_else(|| first(&["x_test", "X_test"]));
    let samples = match (samples, &names[..]) {
        (Some(samples), _) => samples,
        (None, [only]) => only,
        (None, _) => {
            return Err(archive.fault("an array 'x' or 'x_test' of the rows to predict"));
        }
    };
    let targets = match source.target {
        Some(target) => Some(target.to_owned()),
        None => {
            let twin = samples.replacen(['x', 'X'], "y", 1);
            names.iter().find(|name| name.eq_ignore_ascii_case(&twin)).cloned()
        }
    };
    match targets {
        None => samples_alone(archive.array(samples)?, source.path),
        Some(targets) => {
            if !names.contains(&targets) {
                return Err(archive.fault(&format!("an array '{targets}', for --target")));
            }
            let (samples, targets) = (archive.array(samples)?, archive.array(&targets)?);
            table(samples, source.path, targets, source.path).map(SampleArray::from)
        }
    }
}

/// Returns samples without targets.
fn samples_alone(array: Array, path: &Path) -> Result<SampleArray> {
    let inputs = array.shape.get(1..).map_or(0, |shape| shape.iter().product());
    let numbers = match array.elements {
        Elements::Numbers(numbers) if inputs > 0 => numbers,
        Elements::Numbers(_) | Elements::Words(_) => {
            let problem = format!("{}: expected rows of numbers to predict", array.name);
            return Err(fault(path, format!("{problem}, got the shape {:?}", array.shape)));
        }
    };
    if let Some(position) = numbers.first_not_finite() {
        let problem = format!("{}: expected finite numbers, got NaN or infinity", array.name);
        return Err(fault(path, format!("{problem} in row {}, from 0", position / inputs)));
    }
    Ok(SampleArray { inputs, features: numbers, targets: None, note: array.note })
}

/// Reads the table of a `.npz` file.
///
/// # Errors
/// Returns the errors of [`read`], and one that lists the arrays if their names are ambiguous.
pub(super) fn read_archive(source: &DataFile) -> Result<Table> {
    let path = source.path;
    let mut archive = Archive::open(source)?;
    let names = archive.names.clone();
    let [samples, targets] =
        choose(&names, source.target).map_err(|expected| archive.fault(&expected))?;
    let mut pair = |samples: &str, targets: &str| {
        let table = table(archive.array(samples)?, path, archive.array(targets)?, path)?;
        Ok(Table { targets: target_names(targets, table.column.width()), ..table })
    };
    let mut training = pair(samples, targets)?;
    if !["x", "X", "x_train", "X_train"].contains(&samples) {
        training = training.with_note(format!(
            "the samples are the array '{samples}', the only one beside the targets; the usual \
             name is x or x_train"
        ));
    }
    let twins = [samples, targets]
        .map(|name| format!("{}_test", name.strip_suffix("_train").unwrap_or(name)));
    let [test_samples, test_targets] = &twins;
    match twins.each_ref().map(|twin| names.contains(twin)) {
        _ if source.held_out.is_some() => Ok(training),
        [false, false] => Ok(training),
        [true, true] => {
            let note = format!("held-out part: arrays '{test_samples}' and '{test_targets}'");
            let held_out = pair(test_samples, test_targets)?;
            Ok(training.with_held_out(held_out, path)?.with_note(note))
        }
        [has_samples, _] => {
            let (there, missing) = match has_samples {
                true => (test_samples, test_targets),
                false => (test_targets, test_samples),
            };
            Err(archive.fault(&format!(
                "an array '{missing}' beside '{there}', or --held-out SHARE, which leaves out the \
                 arrays of a test part"
            )))
        }
    }
}

/// An open `.npz` file.
struct Archive<'a> {
    path: &'a Path,
    file: ZipArchive<BufReader<File>>,
    /// The names of its arrays, in alphabetical order.
    names: Vec<String>,
    limits: ArrayLimits,
}

impl<'a> Archive<'a> {
    fn open(source: &DataFile<'a>) -> Result<Self> {
        let path = source.path;
        let (file, bytes) = open(path)?;
        let limits = ArrayLimits { memory: source.memory, content: max_content(bytes, true) };
        let broken = |error: ZipError| fault(path, error.to_string());
        let file = ZipArchive::new(BufReader::new(file)).map_err(broken)?;
        let mut names = Vec::new();
        for name in file.file_names() {
            names.extend(name.map_err(broken)?.strip_suffix(".npy").map(str::to_owned));
        }
        names.sort();
        Ok(Self { path, file, names, limits })
    }

    fn array(&mut self, name: &str) -> Result<Array> {
        let inside = self.file.by_name(&format!("{name}.npy"));
        let mut inside = inside.map_err(|error| fault(self.path, format!("{name}: {error}")))?;
        read_array(&mut inside, self.path, &format!("array '{name}'"), self.limits)
    }

    /// Returns the error of an array that is not there.
    fn fault(&self, expected: &str) -> Error {
        let known = if self.names.is_empty() { "none".into() } else { self.names.join(", ") };
        fault(self.path, format!("expected {expected}; its arrays are: {known}"))
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
    let targets_per_sample = match targets.shape[..] {
        [targets] if targets == count => 1,
        [targets, width] if targets == count => width,
        _ => {
            let problem = format!(
                "{}: expected {count} targets, one for each sample of {}, or {count} rows of \
                 targets, got the shape {:?}",
                targets.name, samples.name, targets.shape
            );
            return Err(fault(target_path, problem));
        }
    };
    let inputs = samples.shape[1..].iter().product();
    for (array, path, width) in
        [(&samples, path, inputs), (&targets, target_path, targets_per_sample)]
    {
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
    let column = match targets.elements {
        Elements::Numbers(numbers) if targets_per_sample > 1 => {
            Column::Vectors { numbers: numbers.into_doubles(), width: targets_per_sample }
        }
        Elements::Numbers(numbers) => numbers.into(),
        Elements::Words(_) if targets_per_sample > 1 => {
            let problem =
                format!("{}: expected one word for each sample, got several", targets.name);
            return Err(fault(target_path, problem));
        }
        Elements::Words(words) => Column::Words(words),
    };
    let one_hot = column.is_one_hot().then(|| {
        format!(
            "{} has a single 1 in each row, and is learnt as {targets_per_sample} numbers; for a \
             classification, give the number of each sample's class",
            targets.name
        )
    });
    Ok(Table {
        inputs,
        shared_unit: matches!(samples.element, ElementType::Number(NumberType::U8, _)),
        features,
        column,
        targets: Vec::new(),
        target_location: targets.name,
        line: 0,
        columns: Vec::new(),
        table: None,
        training: None,
        notes: samples.note.into_iter().chain(targets.note).chain(one_hot).collect(),
    })
}

/// Returns the names of the targets of an array: its own, or one for each of its columns.
fn target_names(array: &str, width: usize) -> Vec<String> {
    match width {
        1 => vec![array.to_owned()],
        _ => (0..width).map(|column| format!("{array}[{column}]")).collect(),
    }
}

/// Reads the array of a `.npy` file.
fn read_file(path: &Path, memory: u64) -> Result<Array> {
    let (file, bytes) = open(path)?;
    let limits = ArrayLimits { memory, content: max_content(bytes, false) };
    read_array(&mut BufReader::new(file), path, "the array", limits)
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
