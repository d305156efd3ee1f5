//! Reading a run folder: the log of its generations, its request and its summary.
//!
//! A log may be read while the run writes it. An incomplete last line is left for the next read.
//!
//! # Example
//!
//! ```
//! use deme::run::{self, LogReader, Request};
//! let folder = std::env::temp_dir().join(format!("deme-log-{}", std::process::id()));
//! let until = Some("never".into());
//! let request = Request { generations: Some(3), until, ..Request::for_task("xor") };
//! run::train(&request.check()?.with_folder(&folder), &mut ())?;
//! let mut log = LogReader::open(&folder)?;
//! assert_eq!(log.read_new()?.len(), 3);
//! assert_eq!(log.read_new()?.len(), 0);
//! # std::fs::remove_dir_all(&folder).expect("the folder of this example");
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::folder::{LOG, SUMMARY};
use super::{Record, Request};
use crate::error::{Error, Result};
use crate::tensor_file::io_error;

/// A reader of a run's log.
pub struct LogReader {
    path: PathBuf,
    /// The number of bytes read so far.
    bytes: u64,
    /// The number of lines read so far.
    lines: usize,
}

impl LogReader {
    /// Opens the log of a run folder.
    ///
    /// # Errors
    /// Returns an error if the folder has no log.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(LOG);
        if !path.is_file() {
            let what = folder.display().to_string();
            let got = if folder.is_dir() { "one without log.jsonl" } else { "none" };
            return Err(Error::invalid(what, "a run folder of deme train", got));
        }
        Ok(Self { path, bytes: 0, lines: 0 })
    }

    /// Reads the generations that were logged since the last call. If the log has become shorter,
    /// because the run was resumed, it is read again from its beginning.
    ///
    /// # Errors
    /// Returns an error with the number of a line that is not a generation.
    pub fn read_new(&mut self) -> Result<Vec<Record>> {
        let mut file = File::open(&self.path).map_err(io_error("reading", &self.path))?;
        let length = file.metadata().map_err(io_error("reading", &self.path))?.len();
        if length < self.bytes {
            (self.bytes, self.lines) = (0, 0);
        }
        file.seek(SeekFrom::Start(self.bytes)).map_err(io_error("reading", &self.path))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(io_error("reading", &self.path))?;
        let mut records = Vec::new();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            self.lines += 1;
            records.push(serde_json::from_str(line).map_err(|problem| Error::File {
                path: self.path.clone(),
                line: self.lines,
                problem: format!("expected a generation as JSON: {problem}"),
            })?);
            self.bytes += line.len() as u64;
        }
        Ok(records)
    }

    /// Returns the number of bytes read so far. It decreases if the log has begun again.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// A run that was read from its folder, whether or not it has ended.
#[derive(Clone, Debug)]
pub struct SavedRun {
    /// The run folder.
    pub folder: PathBuf,
    /// The completed request of the run.
    pub request: Request,
    /// The record of every generation.
    pub records: Vec<Record>,
    /// The fields of `summary.json`; `None` until the run has ended.
    pub summary: Option<serde_json::Value>,
}

impl SavedRun {
    /// Reads a run folder.
    ///
    /// # Errors
    /// Returns an error if the folder is not a run folder, or a file in it cannot be parsed.
    pub fn read(folder: &Path) -> Result<Self> {
        let records = LogReader::open(folder)?.read_new()?;
        let request = Request::from_folder(folder)?;
        let path = folder.join(SUMMARY);
        let summary = match std::fs::read(&path) {
            Ok(text) => Some(serde_json::from_slice(&text).map_err(|problem| Error::File {
                path,
                line: problem.line(),
                problem: problem.to_string(),
            })?),
            Err(_) => None,
        };
        Ok(Self { folder: folder.into(), request, records, summary })
    }
}
