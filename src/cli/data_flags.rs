//! The flags of a data file, the same for every command that reads one as a task.

use std::path::Path;

use deme::run::Request;

use super::headings::TASK;
use super::names;

/// The columns of a data file, and the treatment of their values.
#[derive(clap::Args)]
#[command(next_help_heading = TASK)]
pub struct DataFlags {
    /// Column, array or file to predict
    ///
    /// A column of a CSV file [default: the last], an array of a .npz file [default: y or y_train],
    /// or a second file beside a .npy or IDX file. Several columns, with commas between them, are
    /// numbers to predict together; the score is then the mean of their R^2.
    #[arg(long, value_name = "NAMES")]
    target: Option<String>,
    /// First line of a CSV file is a sample
    ///
    /// The columns are then called column1, column2 and so on. [default: false, and a first line
    /// that looks like a sample is refused]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    no_header: Option<bool>,
    /// Separator of a CSV file's columns
    ///
    /// One ASCII character, such as ';', or tab. [default: decided by all lines]
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<String>,
    /// Columns of a CSV file to leave out
    ///
    /// Names, with commas between them. [default: none]
    #[arg(long, value_name = "NAMES")]
    drop: Option<String>,
    /// Columns of a CSV file to learn from
    ///
    /// Names, with commas between them. [default: all but the target]
    #[arg(long, value_name = "NAMES")]
    features: Option<String>,
    /// Treatment of columns of words
    ///
    /// auto makes an input for each word of a column, 1 in the rows that have the word and else 0.
    /// A word that training never saw is 0 in all of them. [default: refuse]
    #[arg(long, value_name = "NAME", value_parser = names::listed(&["refuse", "auto"]))]
    categories: Option<String>,
    /// Treatment of missing values
    ///
    /// drop leaves out rows with a missing value. mean replaces a missing feature by the mean of
    /// its column over the training samples. [default: error]
    #[arg(long, value_name = "NAME", value_parser = names::listed(&["error", "drop", "mean"]))]
    missing: Option<String>,
}

impl DataFlags {
    /// The file of the targets, if they have one of their own.
    pub fn target_file(&self) -> Option<&Path> {
        self.target.as_deref().map(Path::new)
    }

    /// Writes what was typed into a request.
    pub fn fill(&self, request: &mut Request) {
        request.target.clone_from(&self.target);
        request.no_header = self.no_header;
        request.delimiter.clone_from(&self.delimiter);
        request.drop.clone_from(&self.drop);
        request.features.clone_from(&self.features);
        request.categories.clone_from(&self.categories);
        request.missing.clone_from(&self.missing);
    }
}
