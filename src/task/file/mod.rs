//! Data files of the user: CSV and TSV, NumPy's `.npy` and `.npz`, and IDX.
//!
//! # From a file to a data set
//!
//! The name of a file determines its format, and its first bytes must agree. The caller chooses
//! between classification and regression; by default the rule in [`Goal`]'s file does. Some samples
//! are held out: those that the file itself sets apart, or else a fraction that is drawn within
//! each class. A fraction of the others is drawn for validation, if there are enough of them.
//! Features are standardised by the mean and the standard deviation of the training samples, and so
//! are the targets of a regression. [`Preprocessing`] keeps both with the trained network.
//!
//! # Errors
//!
//! [`Error::File`] names the file and the line or the array. Values are filled in, coded or dropped
//! only if [`ColumnOptions`] say so: otherwise a missing value or a word among numbers is an error.
//! A file whose header announces more data than the allowed memory is refused before it is read.
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

mod checks;
mod column_options;
mod columns;
pub(super) mod csv;
mod data_file;
mod defaults;
mod dialect;
mod features;
mod format;
mod gunzip;
mod header;
mod idx;
mod new_rows;
mod npy;
mod npy_header;
pub(super) mod numbers;
mod preprocess;
mod records;
mod remarks;
mod split;
mod table;
pub(super) mod target;
mod text;
mod text_table;

use self::format::Format;
use crate::error::{Error, Result};

pub use self::column_options::{Categories, ColumnOptions, Delimiter, MissingValues};
pub use self::data_file::{DataFile, LoadedDataSet};
pub use self::format::{FORMATS, has_separate_targets, is_data_file};
pub use self::new_rows::NewRows;
pub use self::npy::read_arrays;
pub use self::target::Goal;

impl DataFile<'_> {
    /// Reads the file as a data set.
    ///
    /// # Errors
    /// Returns an error if the file or an option is not valid; see the module.
    pub fn read(&self) -> Result<LoadedDataSet> {
        for (flag, share) in [("--held-out", self.held_out), ("--validation", self.validation)] {
            if let Some(got) = share.filter(|share| !(0.0..1.0).contains(share)) {
                return Err(Error::invalid(flag, "a share of at least 0 and below 1", got));
            }
        }
        let name = self.path.to_string_lossy();
        let format = Format::from_name(&name)
            .ok_or_else(|| Error::invalid("the data", FORMATS, format!("'{name}'")))?;
        format.check(self.path)?;
        if format != Format::Csv {
            self.columns.refuse()?;
        }
        let table = match format {
            Format::Csv => csv::read(self, format::is_gzip(self.path)),
            Format::Npy => npy::read(self),
            Format::Npz => npy::read_archive(self),
            Format::Idx => idx::read(self),
        }?;
        // IDX files of labels contain classes.
        let goal = self.goal.or((format == Format::Idx).then_some(Goal::Classification));
        self.preprocess(table, goal)
    }
}
