//! The choice of a run folder that is free. A run never overwrites another one.
//!
//! The command's default folder is `runs/TASK-STRATEGY-SEED`. If another experiment has it, with
//! other settings, the folder gets a number: `runs/TASK-STRATEGY-SEED-2`. If the very same run has
//! it, the run is refused, because a repetition gives the same result.

use std::path::{Path, PathBuf};

use super::checkpoint::Checkpoint;
use super::decisions::Decisions;
use super::{Config, Request};
use crate::error::{Error, Result};
use crate::files;

/// The keys that may differ between two requests for the very same run.
const INCIDENTAL: [&str; 2] = ["checkpoint-every", "out"];

/// Returns the run folder of a configuration that is free; `None` if nothing is to be written.
///
/// # Errors
/// Returns [`Error::Exists`] if the folder that the user named exists, or if a default folder holds
/// the very same run.
pub(super) fn choose(config: &Config) -> Result<Option<PathBuf>> {
    let Some(first) = &config.out else { return Ok(None) };
    let mut folder = first.clone();
    let mut number = 2;
    while files::exists(&folder) {
        let is_same_run = holds(&folder, config);
        if is_same_run || !config.numbers_folders {
            return Err(Error::Exists { path: folder, is_same_run });
        }
        folder = numbered(first, number);
        number += 1;
    }
    Ok(Some(folder))
}

/// Returns a path whose last name ends with a number.
fn numbered(path: &Path, number: u64) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    path.with_file_name(name)
}

/// True if a folder holds the run of a configuration: with the same values and the same samples.
fn holds(folder: &Path, config: &Config) -> bool {
    let Ok(other) = Request::from_folder(folder) else { return false };
    let [mine, theirs] = [&config.resolved, &other].map(Decisions::from_request);
    // Notes are on values that differ, which is too much here.
    mine.compare(&theirs, &INCIDENTAL).is_ok_and(|notes| notes.is_empty())
        && Checkpoint::samples(folder).is_none_or(|samples| samples == config.samples)
}
