//! Data files of the user: CSV, NumPy's `.npy` and `.npz`, and IDX.
//!
//! # From a file to a data set
//!
//! The name of a file determines its format, and its first bytes must agree. The caller chooses
//! between classification and regression; by default the rule in [`Goal`]'s file does. Some samples
//! are held out: those that the file itself sets apart, or else a fraction that is drawn within
//! each class. Features are standardised by the mean and the standard deviation of the training
//! samples, and so are the targets of a regression. [`Preprocessing`] keeps both with the trained
//! network.
//!
//! # Errors
//!
//! [`Error::File`] names the file and the line or the array. Values are never filled in, coded or
//! dropped: a missing value or a word among numbers is an error. A file whose header announces more
//! data than the allowed memory is refused before it is read.
//!
//! # Example
//!
//! ```
//! use deme::task::{DataFile, Objective};
//! let path = std::env::temp_dir().join("deme-example.csv");
//! std::fs::write(&path, "size,kind\n1,small\n2,small\n8,large\n9,large\n").expect("a new file");
//! let loaded = DataFile { target: Some("kind"), ..DataFile::new(&path) }.read()?;
//! assert_eq!(loaded.data.objective, Objective::CrossEntropy);
//! assert_eq!(loaded.data.preprocessing.expect("it is a file").classes, ["large", "small"]);
//! # Ok::<(), deme::error::Error>(())
//! ```

pub(super) mod csv;
mod defaults;
mod format;
mod idx;
mod npy;
pub(super) mod numbers;
mod preprocess;
mod split;
pub(super) mod target;

use std::path::Path;

use self::format::Format;
use self::numbers::{NumberType, Numbers};
use self::target::Column;
use super::DataSet;
use crate::error::{Error, Result, readable};

pub use self::format::{FORMATS, has_separate_targets, is_data_file};
pub use self::target::Goal;

/// A data file, and the options for reading it.
#[derive(Clone, Copy, Debug)]
pub struct DataFile<'a> {
    /// The file.
    pub path: &'a Path,
    /// The target to predict: a column, an array, or another file. `None` selects the usual one of
    /// the format.
    pub target: Option<&'a str>,
    /// Classification or regression; `None` leaves the choice to the rule.
    pub goal: Option<Goal>,
    /// The fraction of samples to hold out. `None` takes those that the file sets apart, or a
    /// fifth.
    pub held_out: Option<f64>,
    /// The seed that selects the held-out samples.
    pub seed: u64,
    /// The available memory in bytes.
    pub memory: u64,
}

/// The data set of a file, and remarks about it.
#[derive(Clone, Debug)]
pub struct LoadedDataSet {
    /// The data set.
    pub data: DataSet,
    /// The fraction that was held out; `None` if the file sets samples apart.
    pub held_out: Option<f64>,
    /// Remarks for people.
    pub notes: Vec<String>,
}

/// The contents of a file before samples are held out.
pub(super) struct Table {
    /// The number of features of a sample.
    pub inputs: usize,
    /// `[samples][inputs]`.
    pub features: Numbers,
    /// `[samples]`: the target.
    pub column: Column,
    /// The name of the target.
    pub target: String,
    /// The location of the target, for messages.
    pub target_location: String,
    /// The line that names the target, or 0.
    pub line: usize,
    /// The names of the feature columns; empty if they have no names.
    pub columns: Vec<String>,
    /// The number of training samples, if the file sets the others apart.
    pub training: Option<usize>,
    /// True if all features share a unit, and therefore a mean and a standard deviation.
    pub shared_unit: bool,
    /// Remarks for people.
    pub notes: Vec<String>,
}

impl<'a> DataFile<'a> {
    /// Selects a file, with default options.
    pub fn new(path: &'a Path) -> Self {
        Self { path, target: None, goal: None, held_out: None, seed: 1, memory: u64::MAX }
    }

    /// Reads the file as a data set.
    ///
    /// # Errors
    /// Returns an error if the file or an option is not valid; see the module.
    pub fn read(&self) -> Result<LoadedDataSet> {
        if self.held_out.is_some_and(|share| !(0.0..1.0).contains(&share)) {
            let got = self.held_out.unwrap_or_default();
            return Err(Error::invalid("--held-out", "a share from 0 up to, but not, 1", got));
        }
        let name = self.path.to_string_lossy();
        let format = Format::from_name(&name)
            .ok_or_else(|| Error::invalid("the data", FORMATS, format!("'{name}'")))?;
        format.check(self.path)?;
        let table = match format {
            Format::Csv => csv::read(self.path, self.target, self.goal, self.memory),
            Format::Npy => npy::read(self),
            Format::Npz => npy::read_archive(self),
            Format::Idx => idx::read(self),
        }?;
        // IDX files of labels contain classes.
        let goal = self.goal.or((format == Format::Idx).then_some(Goal::Classification));
        self.preprocess(table, goal)
    }
}

impl Table {
    /// Appends held-out samples.
    fn with_held_out(self, others: Self, path: &Path) -> Result<Self> {
        if self.inputs != others.inputs {
            let problem = format!(
                "expected {} numbers in a held-out sample, as in the others, got {}",
                self.inputs, others.inputs
            );
            return Err(Error::File { path: path.into(), line: 0, problem });
        }
        let training = self.column.len();
        let mut column = self.column.into_numbers();
        column.extend(others.column.into_numbers());
        Ok(Self {
            features: self.features.followed_by(others.features),
            column: Column::Numbers(column),
            training: Some(training),
            ..self
        })
    }
}

fn read_failed(path: &Path) -> impl Fn(std::io::Error) -> Error + use<> {
    let what = format!("data file {}", path.display());
    move |source| Error::invalid(&what, "a file that can be read", source)
}

/// Checks that numbers of a certain size fit in memory.
fn check_memory(path: &Path, what: &str, numbers: u64, bytes: u64, memory: u64) -> Result<()> {
    let needed = numbers.saturating_mul(bytes);
    if needed <= memory {
        return Ok(());
    }
    Err(Error::TooLarge {
        what: format!("{}: {what}", path.display()),
        needed: format!("{numbers} x {bytes} bytes = {}", readable(needed)),
        available: format!("{} of memory are free", readable(memory)),
        largest: readable(memory),
    })
}

/// Returns the shape of an array if it fits in memory three times: as read, standardised, and in a
/// backend.
fn checked_shape(
    path: &Path,
    name: &str,
    shape: &[u64],
    kind: NumberType,
    memory: u64,
) -> Result<Vec<usize>> {
    const COPIES_BYTES: u64 = 12;
    let count = shape.iter().try_fold(1u64, |count, &length| count.checked_mul(length));
    let count = count.unwrap_or(u64::MAX);
    let what = format!("{name} of shape {shape:?}");
    check_memory(path, &what, count, kind.bytes_in_memory() + COPIES_BYTES, memory)?;
    if count == 0 {
        let problem = format!("{name}: expected numbers, got none in the shape {shape:?}");
        return Err(Error::File { path: path.into(), line: 0, problem });
    }
    let length = |length: &u64| usize::try_from(*length).expect("a length below the memory's");
    Ok(shape.iter().map(length).collect())
}
