//! Saved runs: the log, the request and the summary, read from a run folder.
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

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::folder::{LOG, SUMMARY};
use super::{Record, Request};
use crate::error::{Error, Result};
use crate::files::{self, io_error};

/// A reader of a run's log.
pub struct LogReader {
    path: PathBuf,
    /// The number of bytes read so far.
    bytes: u64,
    /// The number of lines read so far.
    lines: usize,
    /// The evaluations up to the last line that was read.
    evaluations: u64,
    /// True if the log ended within a line when it was last read.
    is_torn: bool,
}

impl LogReader {
    /// Opens the log of a run folder.
    ///
    /// # Errors
    /// Returns an error if the folder has no log.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(LOG);
        if !files::exists(&path) {
            let what = folder.display().to_string();
            let got = if folder.is_dir() { "one without log.jsonl" } else { "none" };
            return Err(Error::invalid(what, "a run folder of deme train", got));
        }
        Ok(Self { path, bytes: 0, lines: 0, evaluations: 0, is_torn: false })
    }

    /// Reads the generations that were logged since the last call. If the log has become shorter,
    /// because the run was resumed, it is read again from its beginning.
    ///
    /// # Errors
    /// Returns an error with the number of a line that is not the next generation.
    pub fn read_new(&mut self) -> Result<Vec<Record>> {
        let Some(mut file) = files::open(&self.path)? else { return Ok(Vec::new()) };
        let length = file.metadata().map_err(io_error("reading", &self.path))?.len();
        if length < self.bytes {
            (self.bytes, self.lines, self.evaluations) = (0, 0, 0);
        }
        file.seek(SeekFrom::Start(self.bytes)).map_err(io_error("reading", &self.path))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(io_error("reading", &self.path))?;
        self.is_torn = text.last().is_some_and(|&byte| byte != b'\n');
        let mut records = Vec::new();
        for line in text.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"))
        {
            let record = self.parse(line).map_err(|problem| Error::File {
                path: self.path.clone(),
                line: self.lines + 1,
                problem,
            })?;
            self.lines += 1;
            self.bytes += line.len() as u64;
            self.evaluations = record.evaluations;
            records.push(record);
        }
        Ok(records)
    }

    /// Parses the next line of the log.
    fn parse(&self, line: &[u8]) -> std::result::Result<Record, String> {
        let text = std::str::from_utf8(line).map_err(|fault| {
            format!("expected UTF-8, got another byte at {} of the line", fault.valid_up_to() + 1)
        })?;
        let record: Record = serde_json::from_str(text)
            .map_err(|problem| format!("expected a generation as JSON: {problem}"))?;
        let expected = self.lines as u64 + 1;
        if u64::from(record.generation) != expected {
            return Err(format!("expected generation {expected}, got {}", record.generation));
        }
        if record.evaluations <= self.evaluations {
            let (before, got) = (self.evaluations, record.evaluations);
            return Err(format!("expected more than {before} evaluations so far, got {got}"));
        }
        Ok(record)
    }

    /// True if the log ended within a line when it was last read: its run is writing it, or was
    /// killed.
    pub fn is_torn(&self) -> bool {
        self.is_torn
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
    /// Notes for the user on damage that was passed over.
    pub notes: Vec<String>,
}

impl SavedRun {
    /// Reads a run folder.
    ///
    /// # Errors
    /// Returns an error if the folder is not a run folder, or a file in it cannot be parsed.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut log = LogReader::open(folder)?;
        let records = log.read_new()?;
        let request = Request::from_folder(folder)?;
        let path = folder.join(SUMMARY);
        let summary = files::read(&path)?.map(|text| {
            serde_json::from_slice(&text).map_err(|problem| Error::File {
                path: path.clone(),
                line: problem.line(),
                problem: format!("expected a summary as JSON: {problem}"),
            })
        });
        let summary: Option<serde_json::Value> = summary.transpose()?;
        let notes = damage(folder, &records, summary.as_ref(), log.is_torn());
        Ok(Self { folder: folder.into(), request, records, summary, notes })
    }
}

/// Returns notes on damage that leaves the run readable.
fn damage(
    folder: &Path,
    records: &[Record],
    summary: Option<&serde_json::Value>,
    is_torn: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    let Some(summary) = summary else { return notes };
    let log = folder.join(LOG);
    if is_torn {
        notes.push(format!("{}: its last line is incomplete and left out", log.display()));
    }
    let logged = records.last().map_or(0, |record| u64::from(record.generation));
    let counted = summary.get("generations").and_then(serde_json::Value::as_u64);
    if counted != Some(logged) {
        let counted = counted.map_or("none".into(), |count| count.to_string());
        notes.push(format!(
            "{}: it has {logged} generations, and summary.json {counted}",
            log.display()
        ));
    }
    notes
}
