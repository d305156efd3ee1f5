//! `deme train`: flags and file to a request, a run, and its result for a person or a program.

use std::path::PathBuf;
use std::time::Instant;

use deme::error::Result;
use deme::run::{self, Request, Summary};

use super::progress::Progress;
use super::run_flags::RunFlags;
use super::table::{grouped, scaled};
use super::threads::Threads;
use super::{Outcome, note, print, print_json};

/// Train a network on a task.
#[derive(clap::Args)]
pub struct Flags {
    #[command(flatten)]
    run: RunFlags,
    /// How the population learns (see `deme strategies`) [default: the task's]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// A setting of the strategy, such as sigma=0.1; may repeat [default: the task's]
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Everything random follows from it, a whole number below 2^64 [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Run folder, never overwritten [default: runs/TASK-STRATEGY-SEED]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// TOML file with the names of these flags as keys; flags win [default: none]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON document instead of a text [default: off]
    #[arg(long)]
    json: bool,
    /// Write no notes and no progress [default: off]
    #[arg(long)]
    quiet: bool,
}

pub fn run(flags: &Flags, begun: Instant) -> Result<Outcome> {
    let typed = flags.request();
    let request = match &flags.config {
        Some(path) => typed.or(Request::read(path)?),
        None => typed,
    };
    let mut config = request.check()?.begun_at(begun);
    if config.out().is_none() {
        let folder = config.default_folder();
        config = config.into_folder(folder);
    }
    flags.threads.start()?;
    let mut progress = Progress::new(flags.quiet);
    let summary = run::train(&config, &mut progress);
    progress.clear();
    let summary = summary?;
    if !flags.quiet {
        summary.notes.iter().for_each(|line| note(&format!("note: {line}")));
    }
    if flags.json {
        print_json(&summary)?
    } else {
        print(&describe(&summary))?
    }
    Ok(Outcome::Done)
}

impl Flags {
    fn request(&self) -> Request {
        Request {
            strategy: self.strategy.clone(),
            seed: self.seed,
            out: self.out.clone(),
            set: self.set.iter().cloned().collect(),
            ..self.run.request()
        }
    }
}

fn setting(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.trim().into(), value.trim().into())),
        _ => Err("expected KEY=VALUE, such as sigma=0.1".into()),
    }
}

fn describe(summary: &Summary) -> String {
    let score = summary.score.map_or("no number".into(), |score| score.to_string());
    let over = match summary.environment_steps {
        0 => format!("{} held-out samples", grouped(summary.score_episodes)),
        _ => format!("{} held-out episodes", grouped(summary.score_episodes)),
    };
    let verdict = match (summary.solved, summary.target) {
        (true, Some(target)) => format!("solved (at {target})"),
        (_, Some(target)) => format!("not solved (at {target})"),
        (_, None) => "done".into(),
    };
    let seconds = summary.wall_seconds.max(f64::MIN_POSITIVE);
    let steps = match summary.environment_steps {
        0 => String::new(),
        steps => format!(", {} environment steps", grouped(steps)),
    };
    let folder = summary.run_directory.as_deref().unwrap_or("none");
    format!(
        "{}: {verdict}, {} {score} over {over}\n\
         \x20 network      {} ({} parameters), found in generation {} of {}\n\
         \x20 strategy     {}, population {}, seed {}\n\
         \x20 evaluations  {}{steps}\n\
         \x20 time         {:.2} s on {} ({} evaluations/s)\n\
         \x20 run folder   {folder}",
        summary.task,
        summary.score_name,
        summary.network,
        grouped(summary.parameters),
        grouped(summary.champion_generation.into()),
        grouped(summary.generations.into()),
        summary.strategy,
        grouped(summary.population.into()),
        summary.seed,
        grouped(summary.evaluations),
        summary.wall_seconds,
        summary.adapter.as_deref().unwrap_or(&summary.backend),
        scaled(summary.evaluations as f64 / seconds),
    )
}
