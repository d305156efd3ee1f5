//! The run folder: the files that a run writes, and resumes from.
//!
//! ```text
//! config.toml              the complete configuration: `deme train --config` repeats the run
//! log.jsonl                one line per generation, written at its end
//! checkpoint.safetensors   the state to resume from: see run/checkpoint.rs
//! champion.safetensors     the network to use: see champion.rs
//! curve.svg                the learning curve, drawn by the command at every checkpoint
//! summary.json             the output of `deme train --json`, written when the run has ended
//! .lock                    locked by the process that works in the folder; never removed
//! ```
//!
//! A log does not depend on the clock, so the log of a resumed run is equal, to the byte, to that
//! of a run that was never stopped. Files other than the log are replaced as a whole. The log
//! is synced before the checkpoint that holds its length, and resuming cuts off the lines after
//! that length. The folder is therefore consistent even if the process is killed at any moment.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::checkpoint::{CheckpointContents, LogEnd, advice};
use super::{CheckpointInterval, Config, Record, Request, Summary};
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::task;
use crate::tensor_file::{io_error, replace_file};

/// The names of the files.
pub(super) const CONFIG: &str = "config.toml";
pub(super) const LOG: &str = "log.jsonl";
pub(super) const SUMMARY: &str = "summary.json";
const LOCK: &str = ".lock";

/// A run folder that this process works in.
pub(super) struct Folder {
    path: PathBuf,
    log: File,
    /// The CRC-32 and the length of the log.
    checksum: crc32fast::Hasher,
    bytes: u64,
    checkpoint_interval: CheckpointInterval,
    /// The time of the last checkpoint, and the generations since then.
    saved_at: Instant,
    generations_since: u32,
    /// The lock, which is held until the process ends.
    _lock: File,
}

/// Refuses a path that is not a run folder.
pub(super) fn check_run_folder(path: &Path) -> Result<()> {
    if path.join(CONFIG).is_file() {
        return Ok(());
    }
    let got = if path.is_dir() { "one without config.toml" } else { "none" };
    let what = path.display().to_string();
    Err(Error::invalid(what, "a run folder of deme train", got)
        .advise("start a run with deme train"))
}

impl Request {
    /// Reads the completed request of a run from its folder.
    ///
    /// A run on a data file that names no share for validation was written by a version without
    /// validation parts, and is read as one without such a part.
    ///
    /// # Errors
    /// Returns an error if the folder is not a run folder, or the errors of [`Request::from_file`].
    pub fn from_folder(folder: &Path) -> Result<Self> {
        check_run_folder(folder)?;
        let path = folder.join(CONFIG);
        let mut request = Self::read_as(&path, path.display().to_string())?;
        if request.task.as_deref().is_some_and(task::is_data_file) {
            request.validation.get_or_insert(0.0);
        }
        Ok(request)
    }
}

impl Folder {
    /// Refuses a folder that exists.
    pub fn refuse_existing(path: Option<&Path>) -> Result<()> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(Error::Exists(path.into())),
            _ => Ok(()),
        }
    }

    /// Creates the folder, its configuration and its log.
    pub fn create(path: &Path, config: &Config) -> Result<Self> {
        let refused = |source| {
            let what = format!("--out {}", path.display());
            Error::invalid(what, "a folder that can be created", source)
        };
        if let Some(parent) = path.parent().filter(|parent| !parent.is_dir()) {
            fs::create_dir_all(parent).map_err(refused)?;
        }
        fs::create_dir(path).map_err(|source: std::io::Error| match source.kind() {
            ErrorKind::AlreadyExists => Error::Exists(path.into()),
            _ => refused(source),
        })?;
        let lock = lock(path)?;
        write_config(path, config)?;
        let name = path.join(LOG);
        let log = File::create_new(&name).map_err(io_error("creating", &name))?;
        Ok(Self::new(path, config.checkpoint_interval, log, lock))
    }

    /// Opens and locks the folder of an earlier run.
    pub fn reopen(path: &Path) -> Result<Self> {
        let what = || path.display().to_string();
        check_run_folder(path)?;
        let lock = lock(path)?;
        let name = path.join(LOG);
        let mut options = OpenOptions::new();
        let log = options.read(true).write(true).create(true).truncate(false).open(&name);
        let log = log.map_err(|source| Error::invalid(what(), "a folder to write to", source))?;
        Ok(Self::new(path, CheckpointInterval::default(), log, lock))
    }

    fn new(path: &Path, checkpoint_interval: CheckpointInterval, log: File, lock: File) -> Self {
        Self {
            path: path.into(),
            log,
            checksum: crc32fast::Hasher::new(),
            bytes: 0,
            checkpoint_interval,
            saved_at: Instant::now(),
            generations_since: 0,
            _lock: lock,
        }
    }

    /// Continues the log where it ended at a checkpoint. Lines after that are cut off.
    pub fn continue_log(&mut self, config: &Config, end: LogEnd) -> Result<()> {
        let name = self.path.join(LOG);
        let wrong = |problem: String| Error::File {
            path: name.clone(),
            line: 0,
            problem: format!("{problem}; {}", advice(&self.path)),
        };
        let length = self.log.metadata().map_err(io_error("reading", &name))?.len();
        if length < end.bytes {
            let expected = end.bytes;
            return Err(wrong(format!(
                "expected at least the {expected} bytes of the checkpoint, got {length}"
            )));
        }
        let mut text = vec![0; end.bytes as usize];
        self.log.read_exact(&mut text).map_err(io_error("reading", &name))?;
        self.checksum.update(&text);
        let checksum = self.checksum.clone().finalize();
        if checksum != end.checksum {
            return Err(wrong(format!(
                "expected the bytes of the checksum {:08x}, got those of {checksum:08x}",
                end.checksum
            )));
        }
        self.log.set_len(end.bytes).map_err(io_error("cutting", &name))?;
        self.log.seek(SeekFrom::Start(end.bytes)).map_err(io_error("reading", &name))?;
        (self.bytes, self.checkpoint_interval) = (end.bytes, config.checkpoint_interval);
        let summary = self.path.join(SUMMARY);
        match fs::remove_file(&summary) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(io_error("removing", &summary)(source))
            }
            _ => write_config(&self.path, config),
        }
    }

    /// Writes the line of a generation, in one piece.
    pub fn log(&mut self, record: &Record) -> Result<()> {
        let path = self.path.join(LOG);
        let mut line = json(record, &path)?;
        line.push('\n');
        self.log.write_all(line.as_bytes()).map_err(io_error("writing", &path))?;
        self.checksum.update(line.as_bytes());
        self.bytes += line.len() as u64;
        self.generations_since += 1;
        Ok(())
    }

    /// True if it is time for a checkpoint.
    pub fn needs_checkpoint(&self) -> bool {
        match self.checkpoint_interval {
            CheckpointInterval::Generations(count) => self.generations_since >= count,
            CheckpointInterval::Seconds(seconds) => {
                self.saved_at.elapsed().as_secs_f64() >= seconds
            }
        }
    }

    /// Writes a checkpoint and its champion. The log and the champion are on the disk before the
    /// checkpoint: a run that was killed between the two at its end would never write the champion.
    pub fn save(&mut self, contents: CheckpointContents<'_>, champion: &Champion) -> Result<()> {
        self.log.sync_data().map_err(io_error("syncing", &self.path.join(LOG)))?;
        let end = LogEnd { bytes: self.bytes, checksum: self.checksum.clone().finalize() };
        champion.write(&self.path)?;
        contents.write(&self.path, end)?;
        (self.saved_at, self.generations_since) = (Instant::now(), 0);
        Ok(())
    }

    /// Writes the summary, which is the last file of a run.
    pub fn finish(self, summary: &Summary) -> Result<()> {
        let mut text = json(summary, &self.path.join(SUMMARY))?;
        text.push('\n');
        replace_file(&self.path, SUMMARY, text.as_bytes())
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Locks a folder against other processes. The operating system releases the lock when this process
/// ends, even if it crashes.
fn lock(folder: &Path) -> Result<File> {
    let what = || folder.display().to_string();
    let path = folder.join(LOCK);
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = file.map_err(|source| Error::invalid(what(), "a folder to write to", source))?;
    match file.try_lock() {
        Ok(()) => {}
        // A run may go on without a lock if the file system has none.
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => {}
        Err(TryLockError::Error(source)) => return Err(io_error("locking", &path)(source)),
        Err(TryLockError::WouldBlock) => {
            let mut process = String::new();
            let _ = file.read_to_string(&mut process);
            let got = format!("one that process {} works in", process.trim());
            return Err(Error::invalid(what(), "a run folder that no process works in", got)
                .advise("wait for that process, or end it"));
        }
    }
    // The file holds the process id for the message above. Nothing else depends on it.
    let _ = file.set_len(0);
    let _ = file.write_all(std::process::id().to_string().as_bytes());
    Ok(file)
}

fn write_config(path: &Path, config: &Config) -> Result<()> {
    let text = format!(
        "# deme {}: `deme train --config config.toml --out FOLDER` repeats this run.\n{}",
        env!("CARGO_PKG_VERSION"),
        config.resolved.to_toml()
    );
    replace_file(path, CONFIG, text.as_bytes())
}

fn json(value: &impl serde::Serialize, path: &Path) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|problem| io_error("writing", path)(std::io::Error::other(problem)))
}
