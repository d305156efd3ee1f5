//! `deme resume`: a run that was stopped goes on, to the same end or a further one.

use std::path::PathBuf;
use std::time::Instant;

use deme::error::Result;
use deme::run::{self, Resumption};

use super::Outcome;
use super::sizes::whole;
use super::threads::Threads;
use super::train::{End, ended, watched};

/// Go on with a run that was stopped, as if it had not been.
#[derive(clap::Args)]
pub struct Flags {
    /// Run folder of `deme train`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Generations in all; naming one budget replaces both [default: the run's own]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    generations: Option<u64>,
    /// Evaluations in all [default: the run's own]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    evaluations: Option<u64>,
    /// End at this held-out score, at the task's own (`solved`), or at the budget (`never`)
    /// [default: the run's own]
    #[arg(long, value_name = "SCORE|solved|never")]
    until: Option<String>,
    /// Save a checkpoint after so many generations (100), or seconds (30s)
    /// [default: the run's own]
    #[arg(long, value_name = "N|SECONDSs")]
    checkpoint_every: Option<String>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    end: End,
}

pub fn run(flags: &Flags, begun: Instant) -> Result<Outcome> {
    let resumption = Resumption {
        generations: flags.generations,
        evaluations: flags.evaluations,
        until: flags.until.clone(),
        checkpoint_every: flags.checkpoint_every.clone(),
        begun,
        ..Resumption::of(&flags.folder)
    };
    flags.threads.start()?;
    let (summary, watch) =
        watched(&flags.end, &flags.folder, |observer| run::resume(&resumption, observer))?;
    ended(&flags.end, &summary, watch)
}
