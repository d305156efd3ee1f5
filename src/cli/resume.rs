//! `deme resume`: continues a stopped run, to the end that was planned or a further one.

use std::path::PathBuf;
use std::time::Instant;

use clap::ValueHint;
use deme::error::Result;
use deme::run::{self, ResumeRequest};

use super::autotuner;
use super::headings::{BUDGET, OUTPUT};
use super::output::Outcome;
use super::sizes::{parse_count, parse_whole};
use super::threads::Threads;
use super::train::{OutputFlags, observe, print_summary};

/// Continue a run that was stopped
///
/// The result is the same as if the run had never stopped: on the CPU byte for byte.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Run folder of `deme train`
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Largest number of generations
    ///
    /// All generations count, from the start of the run. Naming one budget replaces both.
    /// [default: the run's own]
    #[arg(
        long,
        value_name = "N",
        help_heading = BUDGET,
        value_parser = parse_count::<1, { u32::MAX }>
    )]
    generations: Option<u64>,
    /// Largest number of evaluations
    ///
    /// All evaluations count, from the start of the run. [default: the run's own]
    #[arg(long, value_name = "N", help_heading = BUDGET, value_parser = parse_whole::<u64>)]
    evaluations: Option<u64>,
    /// Held-out score to stop at
    ///
    /// A number; `solved` for the task's published threshold; or `never` to use the whole budget.
    /// [default: the run's own]
    #[arg(
        long,
        value_name = "SCORE|solved|never",
        allow_hyphen_values = true,
        help_heading = BUDGET
    )]
    until: Option<String>,
    /// Generations without a better champion
    ///
    /// The run ends after so many; `never` turns this off. [default: the run's own]
    #[arg(long, value_name = "N|never", help_heading = BUDGET)]
    patience: Option<String>,
    /// Refuse to continue where bits could differ
    ///
    /// On another backend, GPU, instruction set or system than that of the checkpoint the result is
    /// as good, but not the same to the bit. [default: off, a note says so]
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    threads: Threads,
    /// Generations or seconds per checkpoint
    ///
    /// A number of generations, such as 100, or of seconds, such as 30s. [default: the run's own]
    #[arg(long, value_name = "N|SECONDSs", help_heading = OUTPUT)]
    checkpoint_every: Option<String>,
    #[command(flatten)]
    output: OutputFlags,
}

const EXAMPLES: &str = "\
Examples:
  deme resume runs/cartpole-openai-es-1
  deme resume runs/cartpole-openai-es-1 --generations 2000 --until never";

pub fn run(flags: &Flags, started_at: Instant) -> Result<Outcome> {
    let request = ResumeRequest {
        generations: flags.generations,
        evaluations: flags.evaluations,
        until: flags.until.clone(),
        patience: flags.patience.clone(),
        checkpoint_every: flags.checkpoint_every.clone(),
        exact: flags.exact,
        started_at,
        tuning: autotuner::options(),
        ..ResumeRequest::new(&flags.folder)
    };
    flags.threads.start()?;
    let (summary, status) = observe(&flags.output, |observer| run::resume(&request, observer))?;
    print_summary(&flags.output, &summary, status)
}
