//! Small runs, whose files are seeds.

use std::fs;
use std::path::PathBuf;

use deme::run::{self, Request};
use deme::strategy;

use crate::scratch;

/// A run of two generations.
pub struct SmallRun {
    /// The name of its task and strategy.
    pub name: String,
    /// The name of its strategy.
    pub strategy: String,
    /// Its folder.
    pub folder: PathBuf,
}

impl SmallRun {
    /// The bytes of a file in its folder.
    pub fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).expect("a file that every run writes")
    }
}

/// Trains on tasks with every strategy that takes them.
pub fn small_runs(tasks: &[&str]) -> Vec<SmallRun> {
    let mut small_runs = Vec::new();
    for task in tasks {
        for strategy in strategy::all().iter().map(|entry| entry.name) {
            let name = format!("{task}-{strategy}");
            let folder = scratch().join(&name);
            let request = Request {
                strategy: Some(strategy.into()),
                population: Some(12),
                generations: Some(2),
                episodes: (*task == "cartpole").then_some(1),
                until: Some("never".into()),
                seed: Some(1),
                backend: Some("cpu".into()),
                ..Request::for_task(*task)
            };
            // A strategy may refuse a task, such as one that evolves networks a function.
            let Ok(config) = request.check() else { continue };
            if run::train(&config.with_folder(&folder), &mut ()).is_ok() {
                let strategy = strategy.into();
                small_runs.push(SmallRun { name, strategy, folder });
            }
        }
    }
    assert!(!small_runs.is_empty(), "no strategy trains");
    small_runs
}
