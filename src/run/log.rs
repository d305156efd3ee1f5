//! Logs: the generations of a run as its folder has them, for those who look on from outside.
//!
//! A log may be read while it is written: a last line that is torn is left for later.
//!
//! # Example
//!
//! ```
//! use deme::run::{self, Log, Request};
//! let folder = std::env::temp_dir().join(format!("deme-log-{}", std::process::id()));
//! let until = Some("never".into());
//! let request = Request { generations: Some(3), until, ..Request::of("xor") };
//! run::train(&request.check()?.into_folder(&folder), &mut ())?;
//! let mut log = Log::open(&folder)?;
//! assert_eq!(log.more()?.len(), 3);
//! assert_eq!(log.more()?.len(), 0);
//! # std::fs::remove_dir_all(&folder).expect("the folder of this example");
//! # Ok::<(), deme::error::Error>(())
//! ```

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::folder::{LOG, SUMMARY};
use super::{Record, Request};
use crate::error::{Error, Result};
use crate::packed::failed;

/// A log that is being read.
pub struct Log {
    path: PathBuf,
    /// Bytes and lines that were read.
    bytes: u64,
    lines: usize,
}

impl Log {
    /// The log of a run folder.
    ///
    /// # Errors
    /// A folder that has none.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(LOG);
        if !path.is_file() {
            let what = folder.display().to_string();
            let got = if folder.is_dir() { "one without log.jsonl" } else { "none" };
            return Err(Error::invalid(what, "a run folder of deme train", got));
        }
        Ok(Self { path, bytes: 0, lines: 0 })
    }

    /// The generations that were logged since the last call. A log that has become shorter, as that
    /// of a run that was resumed, is read from its beginning again.
    ///
    /// # Errors
    /// A line that is none, by its number.
    pub fn more(&mut self) -> Result<Vec<Record>> {
        let mut file = File::open(&self.path).map_err(failed("reading", &self.path))?;
        let length = file.metadata().map_err(failed("reading", &self.path))?.len();
        if length < self.bytes {
            (self.bytes, self.lines) = (0, 0);
        }
        file.seek(SeekFrom::Start(self.bytes)).map_err(failed("reading", &self.path))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed("reading", &self.path))?;
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

    /// Bytes that were read so far; fewer than before, and the log has begun again.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// A run as its folder has it, ended or not.
#[derive(Clone, Debug)]
pub struct Past {
    /// The folder.
    pub folder: PathBuf,
    /// What was decided.
    pub request: Request,
    /// Every generation.
    pub records: Vec<Record>,
    /// The fields of `summary.json`; none as long as the run has not ended.
    pub summary: Option<serde_json::Value>,
}

impl Past {
    /// Reads a run folder.
    ///
    /// # Errors
    /// A folder that is none, or a file in it that cannot be understood.
    pub fn read(folder: &Path) -> Result<Self> {
        let records = Log::open(folder)?.more()?;
        let request = Request::of_folder(folder)?;
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
