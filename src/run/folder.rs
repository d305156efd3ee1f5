//! The run folder: what a run leaves behind, and goes on from.
//!
//! ```text
//! config.toml              everything that was decided: `deme train --config` repeats the run
//! log.jsonl                one line a generation, written as it happens
//! checkpoint.safetensors   all that it takes to go on: see run/checkpoint.rs
//! champion.safetensors     the network to use: see champion.rs
//! curve.svg                the learning curve, drawn by the command at every checkpoint
//! summary.json             what `deme train --json` prints, when a run has ended
//! .lock                    locked by the process that works in the folder; never taken away
//! ```
//!
//! Nothing in a log depends on the clock, so a run that was stopped and resumed has the log of one
//! that was not, to the byte. Files other than the log are replaced whole; the log is synced before
//! the checkpoint that says how far it goes, and what was written behind that is cut off when the
//! run is resumed. So a kill at any moment leaves the last good set.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::checkpoint::{LogEnd, Saving, advice};
use super::{Config, Every, Record, Summary};
use crate::champion::Champion;
use crate::error::{Error, Result};
use crate::packed::{failed, replace};

/// The names of its files.
pub(super) const CONFIG: &str = "config.toml";
pub(super) const LOG: &str = "log.jsonl";
pub(super) const SUMMARY: &str = "summary.json";
const LOCK: &str = ".lock";

/// A folder that this process works in.
pub(super) struct Folder {
    path: PathBuf,
    log: File,
    sum: crc32fast::Hasher,
    bytes: u64,
    every: Every,
    saved: Instant,
    generations_since: u32,
    /// Held until the process ends.
    _lock: File,
}

/// Refuses what is not the folder of a run.
pub(super) fn check(path: &Path) -> Result<()> {
    if path.join(CONFIG).is_file() {
        return Ok(());
    }
    let got = if path.is_dir() { "one without config.toml" } else { "none" };
    let what = path.display().to_string();
    Err(Error::invalid(what, "a run folder of deme train", got)
        .advise("begin a run with deme train"))
}

impl Folder {
    /// Refuses a folder that exists.
    pub fn refuse_existing(path: Option<&Path>) -> Result<()> {
        match path {
            Some(path) if path.symlink_metadata().is_ok() => Err(Error::Exists(path.into())),
            _ => Ok(()),
        }
    }

    /// Makes the folder, its configuration and its log.
    pub fn create(path: &Path, config: &Config) -> Result<Self> {
        let refused = |source| {
            let what = format!("--out {}", path.display());
            Error::invalid(what, "a folder that can be made", source)
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
        let log = File::create_new(&name).map_err(failed("creating", &name))?;
        Ok(Self::of(path, config.every, log, lock))
    }

    /// Takes hold of the folder of an earlier run.
    pub fn reopen(path: &Path) -> Result<Self> {
        let what = || path.display().to_string();
        check(path)?;
        let lock = lock(path)?;
        let name = path.join(LOG);
        let mut options = OpenOptions::new();
        let log = options.read(true).write(true).create(true).truncate(false).open(&name);
        let log = log.map_err(|source| Error::invalid(what(), "a folder to write to", source))?;
        Ok(Self::of(path, Every::default(), log, lock))
    }

    fn of(path: &Path, every: Every, log: File, lock: File) -> Self {
        Self {
            path: path.into(),
            log,
            sum: crc32fast::Hasher::new(),
            bytes: 0,
            every,
            saved: Instant::now(),
            generations_since: 0,
            _lock: lock,
        }
    }

    /// Goes on where the log of a checkpoint ends; what stands behind that is cut off.
    pub fn go_on(&mut self, config: &Config, end: LogEnd) -> Result<()> {
        let name = self.path.join(LOG);
        let wrong = |problem: String| Error::File {
            path: name.clone(),
            line: 0,
            problem: format!("{problem}; {}", advice(&self.path)),
        };
        let there_are = self.log.metadata().map_err(failed("reading", &name))?.len();
        if there_are < end.bytes {
            let expected = end.bytes;
            return Err(wrong(format!(
                "expected at least the {expected} bytes of the checkpoint, got {there_are}"
            )));
        }
        let mut text = vec![0; end.bytes as usize];
        self.log.read_exact(&mut text).map_err(failed("reading", &name))?;
        self.sum.update(&text);
        let sum = self.sum.clone().finalize();
        if sum != end.sum {
            return Err(wrong(format!(
                "expected the bytes of the checksum {:08x}, got those of {sum:08x}",
                end.sum
            )));
        }
        self.log.set_len(end.bytes).map_err(failed("cutting", &name))?;
        self.log.seek(SeekFrom::Start(end.bytes)).map_err(failed("reading", &name))?;
        (self.bytes, self.every) = (end.bytes, config.every);
        let summary = self.path.join(SUMMARY);
        match fs::remove_file(&summary) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(failed("removing", &summary)(source))
            }
            _ => write_config(&self.path, config),
        }
    }

    /// Writes a line, in one piece.
    pub fn log(&mut self, record: &Record) -> Result<()> {
        let path = self.path.join(LOG);
        let mut line = json(record, &path)?;
        line.push('\n');
        self.log.write_all(line.as_bytes()).map_err(failed("writing", &path))?;
        self.sum.update(line.as_bytes());
        self.bytes += line.len() as u64;
        self.generations_since += 1;
        Ok(())
    }

    /// Whether it is time for a checkpoint.
    pub fn is_due(&self) -> bool {
        match self.every {
            Every::Generations(count) => self.generations_since >= count,
            Every::Seconds(seconds) => self.saved.elapsed().as_secs_f64() >= seconds,
        }
    }

    /// Writes a checkpoint and its champion. The log that it speaks of is on the disk before it,
    /// and so is the champion: a run killed between the two at its end would never write it.
    pub fn save(&mut self, saving: Saving<'_>, champion: &Champion) -> Result<()> {
        self.log.sync_data().map_err(failed("syncing", &self.path.join(LOG)))?;
        let end = LogEnd { bytes: self.bytes, sum: self.sum.clone().finalize() };
        champion.write(&self.path)?;
        saving.write(&self.path, end)?;
        (self.saved, self.generations_since) = (Instant::now(), 0);
        Ok(())
    }

    /// Writes the summary, the last of all.
    pub fn finish(self, summary: &Summary) -> Result<()> {
        let mut text = json(summary, &self.path.join(SUMMARY))?;
        text.push('\n');
        replace(&self.path, SUMMARY, text.as_bytes())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Locks a folder against other processes. The system unlocks it however this one ends.
fn lock(folder: &Path) -> Result<File> {
    let what = || folder.display().to_string();
    let path = folder.join(LOCK);
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = file.map_err(|source| Error::invalid(what(), "a folder to write to", source))?;
    match file.try_lock() {
        Ok(()) => {}
        // A file system without locks is no reason not to train.
        Err(TryLockError::Error(source)) if source.kind() == ErrorKind::Unsupported => {}
        Err(TryLockError::Error(source)) => return Err(failed("locking", &path)(source)),
        Err(TryLockError::WouldBlock) => {
            let mut process = String::new();
            let _ = file.read_to_string(&mut process);
            let got = format!("one that process {} works in", process.trim());
            return Err(Error::invalid(what(), "a run folder that no process works in", got)
                .advise("wait for it, or end it"));
        }
    }
    // Whose it is, for the message above; nothing depends on it.
    let _ = file.set_len(0);
    let _ = file.write_all(std::process::id().to_string().as_bytes());
    Ok(file)
}

fn write_config(path: &Path, config: &Config) -> Result<()> {
    let text = format!(
        "# deme {}: `deme train --config config.toml --out FOLDER` repeats this run.\n{}",
        env!("CARGO_PKG_VERSION"),
        config.decided.to_toml()
    );
    replace(path, CONFIG, text.as_bytes())
}

fn json(value: &impl serde::Serialize, path: &Path) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|problem| failed("writing", path)(std::io::Error::other(problem)))
}
