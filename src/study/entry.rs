//! Entries of a study: each strategy with the runs that its trials are.
//!
//! A trial is the run of its seed: `deme train` with the same flags and seed gives the same result.
//! The samples of a data file are divided by the seed as well, so each seed loads its own task.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::run::{self, Config, LoadedTask, Request, Setup};
use crate::task::{self, Task};

/// A strategy of a study: its name with its settings, and the run that its trials repeat.
pub(super) struct StudyEntry {
    pub name: String,
    /// The run of the first seed.
    pub config: Config,
    pub setup: Setup,
    request: Request,
}

/// The tasks of the last seeds, for runs on a data file.
pub(super) struct TaskCache {
    capacity: usize,
    /// The task of the caller's own, if it is one: that of every seed.
    own: Option<Arc<dyn Task>>,
    tasks: Mutex<VecDeque<(u64, Arc<LoadedTask>)>>,
}

impl StudyEntry {
    /// Checks the run of the first seed.
    pub fn new(
        request: Request,
        name: Option<String>,
        first_seed: u64,
        tasks: &TaskCache,
    ) -> Result<Self> {
        let request = Request { out: None, ..request };
        let config = configure(&request, first_seed, tasks)?;
        let setup = run::dry_run(&config)?;
        Ok(Self { name: name.unwrap_or(setup.strategy.into()), config, setup, request })
    }

    /// Returns the run of a seed, in a run folder if there is one.
    pub fn config_of(&self, seed: u64, folder: Option<&Path>, tasks: &TaskCache) -> Result<Config> {
        let config = match self.is_from_file() && tasks.own().is_none() {
            true => configure(&self.request, seed, tasks)?,
            false => self.config.clone().with_seed(seed),
        };
        Ok(match folder {
            Some(folder) => config.with_folder(folder),
            None => config,
        })
    }

    fn is_from_file(&self) -> bool {
        self.request.task.as_deref().is_some_and(task::is_data_file)
    }
}

impl TaskCache {
    /// Creates a cache of the tasks of as many seeds as are in use at once.
    pub fn new(capacity: usize, own: Option<Arc<dyn Task>>) -> Self {
        Self { capacity, own, tasks: Mutex::default() }
    }

    /// The task of the caller's own, if it is one.
    pub fn own(&self) -> Option<&Arc<dyn Task>> {
        self.own.as_ref()
    }

    /// Returns the task of a request, which has a seed.
    fn load(&self, request: &Request, seed: u64) -> Result<Arc<LoadedTask>> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, task)) = tasks.iter().find(|(known, _)| *known == seed) {
            return Ok(Arc::clone(task));
        }
        let task = Arc::new(request.load_task()?);
        tasks.push_back((seed, Arc::clone(&task)));
        while tasks.len() > self.capacity {
            tasks.pop_front();
        }
        Ok(task)
    }
}

/// Checks the run of a seed.
fn configure(request: &Request, seed: u64, tasks: &TaskCache) -> Result<Config> {
    let request = Request { seed: Some(seed), ..request.clone() };
    if let Some(task) = tasks.own() {
        return request.check_with_task(Arc::clone(task));
    }
    let task = tasks.load(&request, seed)?;
    request.check_with_loaded_task(&task)
}
