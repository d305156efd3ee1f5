//! The run folders in a choice of paths, such as `runs` or `runs/*`.
//!
//! A path may be a run folder or a folder of run folders, at any depth that people use. Anything
//! else is passed over with a note, so that a file of notes among the runs is no obstacle.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::folder::{CONFIG, LOG};
use crate::error::{Error, Result};
use crate::files;

/// The most folders between a path and a run folder in it.
const MAX_DEPTH: usize = 6;

/// The run folders in some paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFolders {
    /// The run folders, in the order of the paths, and by name within a folder of runs.
    pub folders: Vec<PathBuf>,
    /// Notes for the user on paths that were passed over, a sentence each.
    pub notes: Vec<String>,
}

impl RunFolders {
    /// Finds the run folders in some paths. A link is followed only if it is one of the paths.
    ///
    /// # Errors
    /// Returns an error if a path does not exist, or if there is no run folder at all.
    pub fn find(paths: &[impl AsRef<Path>]) -> Result<Self> {
        let mut found = Self::default();
        let mut passed = Vec::new();
        for path in paths.iter().map(AsRef::as_ref) {
            if !path.exists() {
                return Err(refusal(path, "none"));
            }
            let has_runs = found.add(path, MAX_DEPTH, &mut passed);
            if !has_runs && !passed.contains(&path.to_owned()) {
                passed.push(path.to_owned());
            }
        }
        if let ([], Some(path)) = (&found.folders[..], passed.first()) {
            return Err(refusal(path, missing(path)));
        }
        found.notes = passed
            .iter()
            .map(|path| {
                let (path, got) = (path.display(), missing(path));
                format!("{path} is passed over: expected a run folder of deme train, got {got}")
            })
            .collect();
        Ok(found)
    }

    /// Adds a run folder, or those in a folder. `passed` receives folders that have part of a run.
    /// Returns true if there is a run, even one that is known.
    fn add(&mut self, path: &Path, depth: usize, passed: &mut Vec<PathBuf>) -> bool {
        let has = |name: &str| files::exists(&path.join(name));
        match (has(CONFIG), has(LOG)) {
            (true, true) => {
                if !self.folders.iter().any(|known| is_same(known, path)) {
                    self.folders.push(path.into());
                }
                true
            }
            (false, false) if depth > 0 => {
                let entries = path.read_dir().into_iter().flatten().flatten();
                let inner = entries.filter(|entry| entry.file_type().is_ok_and(|it| it.is_dir()));
                let mut inner: Vec<PathBuf> = inner.map(|entry| entry.path()).collect();
                inner.sort();
                let found = |path: &PathBuf| self.add(path, depth - 1, passed);
                inner.iter().map(found).fold(false, |any, has_runs| any | has_runs)
            }
            (false, false) => false,
            _ => {
                if !passed.iter().any(|known| is_same(known, path)) {
                    passed.push(path.into());
                }
                false
            }
        }
    }

    /// Returns the folder whose log was written to last.
    pub fn latest(&self) -> Option<&Path> {
        let written = |folder: &&PathBuf| {
            let log = folder.join(LOG).symlink_metadata().and_then(|log| log.modified());
            log.unwrap_or(SystemTime::UNIX_EPOCH)
        };
        self.folders.iter().max_by_key(written).map(PathBuf::as_path)
    }
}

/// True if two paths lead to one folder.
fn is_same(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Returns the reason for which a path is no run folder, in words.
fn missing(path: &Path) -> &'static str {
    let has = |name: &str| files::exists(&path.join(name));
    match (path.is_dir(), has(CONFIG), has(LOG)) {
        (false, ..) => "a file",
        (_, false, true) => "one without config.toml",
        (_, true, false) => "one without log.jsonl",
        _ => "one without config.toml, and without runs in it",
    }
}

fn refusal(path: &Path, got: &str) -> Error {
    let expected = "a run folder of deme train, or a folder of them";
    Error::invalid(path.display().to_string(), expected, got)
}
