//! Files of the user's own as data sets: CSV, NumPy's `.npy` and `.npz`, and IDX.
//!
//! # What is made of a file
//!
//! A name says which format it is, and the first bytes must agree. What is learned of the target,
//! classes or a number, the rule in [`Goal`]'s file decides, unless the caller does. A part is held
//! out: what the file itself sets apart, or else a share that is drawn within each class. Features
//! are standardised by the mean and the deviation of the training part, and so are targets that are
//! numbers; [`Preparation`] keeps both with the trained network.
//!
//! # Errors
//!
//! [`Error::File`] names the file and the line or the array. Nothing is filled in, coded or left
//! out: a value that is missing or no number is an error. What would not fit in the memory that the
//! caller allows is refused by its header, before it is read.
//!
//! # Example
//!
//! ```
//! use deme::task::{Objective, Source};
//! let path = std::env::temp_dir().join("deme-example.csv");
//! std::fs::write(&path, "size,kind\n1,small\n2,small\n8,large\n9,large\n").expect("a new file");
//! let read = Source { target: Some("kind"), ..Source::of(&path) }.read()?;
//! assert_eq!(read.data.objective, Objective::CrossEntropy);
//! assert_eq!(read.data.preparation.expect("it is a file's").classes, ["large", "small"]);
//! # Ok::<(), deme::error::Error>(())
//! ```

pub(super) mod csv;
mod defaults;
mod format;
mod idx;
mod npy;
pub(super) mod numbers;
mod prepare;
mod split;
pub(super) mod target;

use std::path::Path;

use self::format::Format;
use self::numbers::{Kind, Numbers};
use self::target::Column;
use super::DataSet;
use crate::error::{Error, Result, readable};

pub use self::format::{NAMES, has_a_file_of_targets, is_file};
pub use self::target::Goal;

/// A file, and what is to be made of it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file.
    pub path: &'a Path,
    /// What to predict: a column, an array, or another file; none where the format has a usual one.
    pub target: Option<&'a str>,
    /// What to learn of it; none for the rule's choice.
    pub goal: Option<Goal>,
    /// The share to hold out; none for what the file sets apart, or else a fifth.
    pub held_out: Option<f64>,
    /// What a share is drawn by.
    pub seed: u64,
    /// Bytes of memory that there are.
    pub memory: u64,
}

/// What was made of a file.
#[derive(Clone, Debug)]
pub struct Read {
    /// The data set.
    pub data: DataSet,
    /// The share that was drawn; none where the file sets a part apart.
    pub held_out: Option<f64>,
    /// Sentences that a person may want to know.
    pub notes: Vec<String>,
}

/// What a file holds, before any of it is held out.
pub(super) struct Table {
    /// Numbers in a sample.
    pub inputs: usize,
    /// `[samples][inputs]`.
    pub features: Numbers,
    /// `[samples]`.
    pub column: Column,
    /// What the target is called.
    pub target: String,
    /// Where it stands, for messages.
    pub place: String,
    /// The line that names it, or 0.
    pub line: usize,
    /// What the columns of features are called; empty where they have no names.
    pub columns: Vec<String>,
    /// Samples of the training part, where the file sets the others apart.
    pub training: Option<usize>,
    /// Whether all features share a unit.
    pub together: bool,
    /// Sentences that a person may want to know.
    pub notes: Vec<String>,
}

impl<'a> Source<'a> {
    /// A file, of which everything else is left to itself.
    pub fn of(path: &'a Path) -> Self {
        Self { path, target: None, goal: None, held_out: None, seed: 1, memory: u64::MAX }
    }

    /// Reads the file, and makes a data set of it.
    ///
    /// # Errors
    /// As the module says.
    pub fn read(&self) -> Result<Read> {
        if self.held_out.is_some_and(|share| !(0.0..1.0).contains(&share)) {
            let got = self.held_out.unwrap_or_default();
            return Err(Error::invalid("--held-out", "a share from 0 up to, but not, 1", got));
        }
        let name = self.path.to_string_lossy();
        let format = Format::of(&name)
            .ok_or_else(|| Error::invalid("the data", NAMES, format!("'{name}'")))?;
        format.check(self.path)?;
        let table = match format {
            Format::Csv => csv::read(self.path, self.target, self.goal, self.memory),
            Format::Npy => npy::read(self),
            Format::Npz => npy::read_archive(self),
            Format::Idx => idx::read(self),
        }?;
        // The labels of IDX are classes by their name.
        let goal = self.goal.or((format == Format::Idx).then_some(Goal::Classification));
        self.prepare(table, goal)
    }
}

impl Table {
    /// These samples, and others to judge.
    fn judged_by(self, others: Self, path: &Path) -> Result<Self> {
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

/// Refuses so many numbers of so many bytes where they do not fit.
fn room(path: &Path, what: &str, numbers: u64, bytes: u64, memory: u64) -> Result<()> {
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

/// The shape of an array that fits: its numbers as they are kept, as they are standardised, and as
/// a backend keeps them.
fn array_room(
    path: &Path,
    name: &str,
    shape: &[u64],
    kind: Kind,
    memory: u64,
) -> Result<Vec<usize>> {
    const BESIDE: u64 = 12;
    let count = shape.iter().try_fold(1u64, |count, &length| count.checked_mul(length));
    let count = count.unwrap_or(u64::MAX);
    let what = format!("{name} of shape {shape:?}");
    room(path, &what, count, kind.kept_bytes() + BESIDE, memory)?;
    if count == 0 {
        let problem = format!("{name}: expected numbers, got none in the shape {shape:?}");
        return Err(Error::File { path: path.into(), line: 0, problem });
    }
    let length = |length: &u64| usize::try_from(*length).expect("a length below the memory's");
    Ok(shape.iter().map(length).collect())
}
