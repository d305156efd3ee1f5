//! The folder of a study: a run folder for each trial, and the request.
//!
//! ```text
//! .lock               the lock of the process that runs the study
//! study.json          the strategies, the seeds and the complete configuration of each strategy
//! STRATEGY-SEED/      the run folder of a trial: see run/folder.rs
//! results.json        the output of `deme compare --json`, written by the command
//! curves.svg          the learning curves, drawn by the command
//! ```
//!
//! The run folders hold everything that a study resumes from: a trial whose summary says that it
//! ended is read, another one is resumed, and one without a folder begins.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Seeds, StrategySpec, StudyRequest};
use crate::error::{Error, Result};
use crate::files::{self, io_error};
use crate::run::{Config, LOCK, Request, STUDY, lock};

/// The longest name of a trial's folder in bytes; file systems allow 255.
const MAX_NAME: usize = 120;

/// A study as its folder has it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedStudy {
    version: String,
    /// The flags as they were given, with the paths of data files made absolute.
    flags: Request,
    strategies: Vec<SavedStrategy>,
    /// True if the strategies were named, false if they are the default of the task.
    has_specs: bool,
    first_seed: u64,
    seeds: u64,
    /// The checksum of a data set's samples for the first seed.
    samples: Option<u32>,
}

/// A strategy of a saved study.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SavedStrategy {
    name: String,
    /// The run of the first seed, with every default filled in.
    run: Request,
}

impl SavedStudy {
    /// Returns the request of a study. `entries` has each strategy's name and first run.
    pub fn new<'a>(
        flags: &Request,
        has_specs: bool,
        seeds: Seeds,
        entries: impl Iterator<Item = (&'a str, &'a Config)>,
    ) -> Self {
        let mut flags = flags.clone();
        let mut samples = None;
        let entries = entries.map(|(name, config)| {
            samples = config.samples();
            let run = config.request().clone();
            (flags.task, flags.target) = (run.task.clone(), run.target.clone());
            SavedStrategy { name: name.into(), run }
        });
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            strategies: entries.collect(),
            flags,
            has_specs,
            first_seed: seeds.first,
            seeds: seeds.count,
            samples,
        }
    }

    /// Reads the file in a study's folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(STUDY);
        let text = files::read(&path)?.ok_or_else(|| {
            let got = if folder.is_dir() { "one without study.json" } else { "none" };
            let what = format!("--resume {}", folder.display());
            Error::invalid(what, "the folder of a study", got)
                .advise("start a study with deme compare --out DIR")
        })?;
        let wrong = |line, problem| Error::File { path: path.clone(), line, problem };
        let saved: Self = serde_json::from_slice(&text).map_err(|problem| {
            wrong(problem.line(), format!("expected a study as JSON: {problem}"))
        })?;
        let version = env!("CARGO_PKG_VERSION");
        if saved.version != version {
            let problem = format!("expected a study of deme {version}, got {}", saved.version);
            return Err(wrong(0, format!("{problem}; resume it with that version")));
        }
        Ok(saved)
    }

    /// Creates the folder, locks it and writes the file. Returns the lock. Where that fails, no
    /// folder is left.
    pub fn create(&self, folder: &Path) -> Result<File> {
        let refused = |source: std::io::Error| {
            let what = format!("--out {}", folder.display());
            match files::is_about_the_path(&source) {
                true => Error::invalid(what, "a folder that can be created", source),
                false => io_error("creating", folder)(source),
            }
        };
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.map_or(Ok(()), fs::create_dir_all).map_err(&refused)?;
        // A study that another process began meanwhile is not changed.
        fs::create_dir(folder).map_err(refused)?;
        self.fill(folder).inspect_err(|_| {
            let _ = fs::remove_file(folder.join(LOCK));
            let _ = fs::remove_dir(folder);
        })
    }

    /// Locks the new folder and writes the file.
    fn fill(&self, folder: &Path) -> Result<File> {
        let lock = lock(folder)?;
        let text = serde_json::to_string_pretty(self).map_err(|problem| {
            io_error("writing", &folder.join(STUDY))(std::io::Error::other(problem))
        })?;
        files::replace(folder, STUDY, format!("{text}\n").as_bytes())?;
        Ok(lock)
    }

    /// Returns the request that was saved, changed to what was given again.
    ///
    /// # Errors
    /// Returns an error if another task was given.
    pub fn merge(&self, given: &StudyRequest) -> Result<(Request, Vec<StrategySpec>, Seeds)> {
        if let (Some(task), Some(saved)) = (&given.run.task, &self.flags.task)
            && task != saved
            && !std::path::absolute(task).is_ok_and(|path| path == Path::new(saved))
        {
            return Err(Error::invalid("TASK", format!("{saved}, as in the study's folder"), task)
                .advise("leave it out, or start another study with --out"));
        }
        let saved = self.strategies.iter().map(|strategy| strategy.name.parse::<StrategySpec>());
        let strategies = match (given.strategies.is_empty(), self.has_specs) {
            (false, _) => given.strategies.clone(),
            (true, true) => saved.collect::<Result<_>>()?,
            (true, false) => Vec::new(),
        };
        let seeds = Seeds {
            first: given.first_seed.unwrap_or(self.first_seed),
            count: given.seeds.unwrap_or(self.seeds),
        };
        Ok((given.run.clone().or(self.flags.clone()), strategies, seeds))
    }

    /// Refuses another study than this one, and names the flag in which they differ.
    pub fn expect_same(&self, other: &Self, folder: &Path) -> Result<()> {
        let differs = |what: &str, expected: &str, got: &str| {
            let expected = format!("{expected}, as in {}", folder.join(STUDY).display());
            Error::invalid(what, expected, got)
                .advise("leave the flag out, or start another study with --out")
        };
        let names = |study: &Self| {
            let names = study.strategies.iter().map(|strategy| strategy.name.clone());
            names.collect::<Vec<_>>().join(",")
        };
        let whole = [
            ("--strategies", names(self), names(other)),
            ("--seeds", self.seeds.to_string(), other.seeds.to_string()),
            ("--seed", self.first_seed.to_string(), other.first_seed.to_string()),
        ];
        if let Some((flag, expected, got)) = whole.iter().find(|(_, a, b)| a != b) {
            return Err(differs(flag, expected, got));
        }
        for (saved, other) in self.strategies.iter().zip(&other.strategies) {
            let (saved, other) = (values(&saved.run), values(&other.run));
            // Another task changes the defaults of other flags, too.
            let task = "task".to_owned();
            let mut keys = std::iter::once(&task).chain(saved.keys()).chain(other.keys());
            let differing = keys.find(|key| saved.get(*key) != other.get(*key));
            if let Some(key) = differing {
                let value = |values: &BTreeMap<String, String>| {
                    values.get(key).cloned().unwrap_or("nothing".into())
                };
                let flag = match key.as_str() {
                    "task" => "TASK".to_owned(),
                    "initial-checksum" => "the file of --initial, by its checksum".to_owned(),
                    key => format!("--{}", key.replacen("set.", "set ", 1)),
                };
                return Err(differs(&flag, &value(&saved), &value(&other)));
            }
        }
        match (self.samples, other.samples) {
            (saved, other) if saved == other => Ok(()),
            _ => Err(differs("TASK", "the samples of the study", "a file that has changed")),
        }
    }
}

/// Returns the values of a request as texts.
fn values(request: &Request) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let Ok(serde_json::Value::Object(table)) = serde_json::to_value(request) else {
        return values;
    };
    for (key, value) in table {
        match value {
            serde_json::Value::Object(inner) => values.extend(
                inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), plain(&value))),
            ),
            value => {
                values.insert(key, plain(&value));
            }
        }
    }
    values
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the path of a trial's run folder. Different trials of a study have different paths.
pub(super) fn trial_folder(folder: &Path, strategy: &str, seed: u64) -> PathBuf {
    let mut name: String = strategy
        .chars()
        .map(|letter| match letter {
            ':' => ',',
            '=' | ',' | '.' | '-' | '+' | '_' => letter,
            letter if letter.is_ascii_alphanumeric() => letter,
            _ => '_',
        })
        .collect();
    // A name that is too long, or that could belong to another spec, has the spec's checksum.
    if name.len() > MAX_NAME || name.contains('_') || strategy.contains(',') {
        name.truncate(MAX_NAME);
        name = format!("{name}_{:08x}", crc32fast::hash(strategy.as_bytes()));
    }
    folder.join(format!("{name}-{seed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_trials_have_portable_names() {
        let name = |strategy: &str, seed| {
            let path = trial_folder(Path::new(""), strategy, seed);
            path.display().to_string()
        };
        assert_eq!(name("ga", 7), "ga-7");
        assert_eq!(name("ga:network=8:relu-8:sigma=0.2", 1), "ga,network=8,relu-8,sigma=0.2-1");
        assert_ne!(name("ga:a=/", 1), name("ga:a=?", 1));
        assert!(!name("ga:a=../..", 1).contains('/'));
        let long = format!("ga:network={}", ["8"; 200].join("-"));
        assert!(name(&long, u64::MAX).len() < 160);
    }
}
