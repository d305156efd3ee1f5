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

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::checkpoint::{CheckpointContents, LogEnd, advice};
use super::lock::{LOCK, lock};
use super::{CheckpointInterval, Config, Record, Request, Summary, free_folder};
use crate::champion::{self, Champion};
use crate::error::{Error, Result};
use crate::files::{self, io_error};
use crate::task;

/// The names of the files.
pub(super) const CONFIG: &str = "config.toml";
pub(super) const LOG: &str = "log.jsonl";
pub(super) const SUMMARY: &str = "summary.json";
/// The file that marks the folder of a study, which has run folders in it.
pub(crate) const STUDY: &str = "study.json";

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
    /// The lock, which is held until the folder is dropped.
    _lock: File,
}

/// The folder of an earlier run, which this process has locked and not changed.
pub(super) struct LockedFolder {
    path: PathBuf,
    lock: File,
}

/// Refuses a path that is not a run folder.
pub(super) fn check_run_folder(path: &Path) -> Result<()> {
    if files::exists(&path.join(CONFIG)) {
        return Ok(());
    }
    let what = path.display().to_string();
    let refused = |got: &str| Error::invalid(&what, "a run folder of deme train", got);
    if files::exists(&path.join(STUDY)) {
        return Err(refused("the folder of a study").advise(
            "name the folder of one of its trials, such as STRATEGY-SEED in it; deme compare \
             --resume continues the study",
        ));
    }
    let got = if path.is_dir() { "one without config.toml" } else { "none" };
    Err(refused(got).advise("start a run with deme train"))
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
        let mut request = Self::parse(&files::read(&path)?.unwrap_or_default(), &path)?;
        if request.task.as_deref().is_some_and(task::is_data_file) {
            request.validation.get_or_insert(0.0);
        }
        Ok(request)
    }
}

impl LockedFolder {
    /// Opens and locks the folder of an earlier run.
    pub fn open(path: &Path) -> Result<Self> {
        check_run_folder(path)?;
        Ok(Self { path: path.into(), lock: lock(path)? })
    }

    /// True if the run has written its summary.
    pub fn has_summary(&self) -> bool {
        files::exists(&self.path.join(SUMMARY))
    }

    /// Returns a note on a run without a checkpoint, and on the files that it replaces.
    pub fn note_on_beginning_again(&self) -> String {
        let has_content = |name: &&str| {
            let file = self.path.join(name).symlink_metadata();
            file.is_ok_and(|file| file.len() > 0)
        };
        let files = [LOG, champion::FILE, SUMMARY].into_iter().filter(has_content);
        let files: Vec<&str> = files.collect();
        let replaced = match &files[..] {
            [] => String::new(),
            files => format!(", and replaces {}", files.join(", ")),
        };
        format!("the folder has no checkpoint, so the run begins again{replaced}")
    }

    /// Continues the run where its log ended at a checkpoint, after a number of generations. Lines
    /// after that are cut off.
    ///
    /// The log is replaced by a copy of its beginning, and not cut in place: its file may have
    /// other names, which this run must not change.
    pub fn continue_run(self, config: &Config, generations: u32, end: LogEnd) -> Result<Folder> {
        let name = self.path.join(LOG);
        let wrong = |problem: String| Error::File {
            path: name.clone(),
            line: 0,
            problem: format!("{problem}; {}", advice(&self.path)),
        };
        let text = match files::read(&name)? {
            Some(text) => text,
            None if end.bytes == 0 => Vec::new(),
            None => return Err(wrong("expected the log of the checkpoint, got no file".into())),
        };
        let begun = usize::try_from(end.bytes).ok().and_then(|length| text.get(..length));
        let begun = begun.ok_or_else(|| {
            let (expected, length) = (end.bytes, text.len());
            wrong(format!("expected at least the {expected} bytes of the checkpoint, got {length}"))
        })?;
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(begun);
        let sum = checksum.clone().finalize();
        if sum != end.checksum {
            return Err(wrong(format!(
                "expected the bytes of the checksum {:08x}, got those of {sum:08x}",
                end.checksum
            )));
        }
        let lines = begun.iter().filter(|&&byte| byte == b'\n').count();
        if lines as u64 != u64::from(generations) {
            return Err(wrong(format!(
                "expected {generations} lines as in the checkpoint, got {lines}"
            )));
        }
        files::replace(&self.path, LOG, begun)?;
        let summary = self.path.join(SUMMARY);
        match fs::remove_file(&summary) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(io_error("removing", &summary)(source));
            }
            _ => write_config(&self.path, config)?,
        }
        let log = files::open_to_append(&name)?.ok_or_else(|| wrong("expected a log".into()))?;
        let folder = Folder::new(&self.path, config.checkpoint_interval, log, self.lock);
        Ok(Folder { checksum, bytes: end.bytes, ..folder })
    }
}

impl Folder {
    /// Creates the folder, its configuration and its log; returns `None` if the run writes nothing.
    /// If that fails, nothing is left of it.
    pub fn create(config: &Config) -> Result<Option<Self>> {
        let Some(mut path) = free_folder::choose(config)? else { return Ok(None) };
        let refused = |path: &Path, source: std::io::Error| {
            let what = format!("--out {}", path.display());
            match files::is_about_the_path(&source) {
                true => Error::invalid(what, "a folder that can be created", source),
                false => io_error("creating", path)(source),
            }
        };
        let missing: Vec<PathBuf> =
            path.ancestors().skip(1).take_while(|parent| !exists(parent)).map(Into::into).collect();
        if let Some(parent) = missing.first() {
            fs::create_dir_all(parent).map_err(|source| refused(&path, source))?;
        }
        // Another process may take the name in the meantime.
        while let Err(source) = fs::create_dir(&path) {
            match (source.kind(), free_folder::choose(config)?) {
                (ErrorKind::AlreadyExists, Some(next)) if next != path => path = next,
                _ => return Err(refused(&path, source)),
            }
        }
        Self::fill(&path, config).map(Some).inspect_err(|_| {
            for name in [LOG, CONFIG, LOCK] {
                let _ = fs::remove_file(path.join(name));
            }
            for folder in [&path].into_iter().chain(&missing) {
                let _ = fs::remove_dir(folder);
            }
        })
    }

    /// Writes the configuration and an empty log into a new folder.
    fn fill(path: &Path, config: &Config) -> Result<Self> {
        let lock = lock(path)?;
        write_config(path, config)?;
        let log = files::create_new(&path.join(LOG))?;
        Ok(Self::new(path, config.checkpoint_interval, log, lock))
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
        files::replace(&self.path, SUMMARY, text.as_bytes())
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// True if a folder exists. The empty path is the current folder.
fn exists(folder: &Path) -> bool {
    folder.as_os_str().is_empty() || files::exists(folder)
}

fn write_config(path: &Path, config: &Config) -> Result<()> {
    let text = format!(
        "# deme {}: `deme train --config config.toml --out FOLDER` repeats this run.\n{}",
        env!("CARGO_PKG_VERSION"),
        config.resolved.to_toml()
    );
    files::replace(path, CONFIG, text.as_bytes())
}

fn json(value: &impl serde::Serialize, path: &Path) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|problem| io_error("writing", path)(std::io::Error::other(problem)))
}
