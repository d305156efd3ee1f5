//! Options for a table: the columns that are read, and the treatment of words and missing values.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The columns of a table that are read, and the treatment of their values.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColumnOptions<'a> {
    /// The character between columns. `None` decides it from the lines of the file.
    pub delimiter: Option<Delimiter>,
    /// The columns to leave out: names, with commas between them.
    pub drop: Option<&'a str>,
    /// The columns to take as features: names, with commas between them. `None` takes all columns
    /// that are neither targets nor left out.
    pub features: Option<&'a str>,
    /// The treatment of columns of words.
    pub categories: Categories,
    /// The treatment of missing values.
    pub missing: MissingValues,
}

/// A character between the columns of a CSV file, in ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(pub(super) char);

/// The treatment of feature columns of words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Categories {
    /// A word is an error.
    #[default]
    Refuse,
    /// A column with words becomes an input for each of its words: 1 where the row has the word,
    /// else 0. A word that the file did not have is 0 in all of them.
    Auto,
}

/// The treatment of missing values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingValues {
    /// A missing value is an error.
    #[default]
    Error,
    /// Rows with a missing value are left out.
    Drop,
    /// A missing feature is the mean of the feature over the training samples. A missing target is
    /// an error.
    Mean,
}

impl ColumnOptions<'_> {
    /// Refuses options for a file without columns.
    ///
    /// # Errors
    /// Returns an error that names the first flag.
    pub(super) fn refuse(&self) -> Result<()> {
        let delimiter = self.delimiter.map(|Delimiter(letter)| letter.to_string());
        let categories = (self.categories != Categories::Refuse).then_some("auto");
        let missing = match self.missing {
            MissingValues::Error => None,
            MissingValues::Drop => Some("drop"),
            MissingValues::Mean => Some("mean"),
        };
        let flags = [
            ("--delimiter", delimiter.as_deref()),
            ("--drop", self.drop),
            ("--features", self.features),
            ("--categories", categories),
            ("--missing", missing),
        ];
        match flags.into_iter().find_map(|(flag, value)| Some((flag, value?))) {
            None => Ok(()),
            Some((flag, value)) => Err(Error::invalid(
                flag,
                "a table with columns, a CSV file, as the task",
                format!("'{value}' for an array"),
            )),
        }
    }
}

impl FromStr for Delimiter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let letter = match text {
            "tab" | "\\t" => Some('\t'),
            _ => text.parse::<char>().ok(),
        };
        // Numbers and words consist of the other characters, and a quote has a meaning of its own.
        let is_possible = |letter: &char| {
            let is_taken = letter.is_ascii_alphanumeric() || "+-._\"\n\r\0".contains(*letter);
            letter.is_ascii() && !is_taken
        };
        letter.filter(is_possible).map(Self).ok_or_else(|| {
            let expected = "one ASCII character that is no letter, no digit and none of + - . _ \"";
            Error::invalid("--delimiter", expected, format!("'{text}'"))
                .advise("usual ones are ',', ';', '|' and tab")
        })
    }
}

impl FromStr for Categories {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "auto" => Ok(Self::Auto),
            other => Err(Error::unknown("value of --categories", other, ["refuse", "auto"])),
        }
    }
}

impl FromStr for MissingValues {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "error" => Ok(Self::Error),
            "drop" => Ok(Self::Drop),
            "mean" => Ok(Self::Mean),
            other => Err(Error::unknown("value of --missing", other, ["error", "drop", "mean"])),
        }
    }
}
