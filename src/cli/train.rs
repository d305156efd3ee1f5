//! `deme train`: flags and file to a request, a run, and its result for a person or a program.

use std::path::PathBuf;
use std::time::Instant;

use deme::error::Result;
use deme::run::{self, Request, Summary};

use super::progress::Progress;
use super::table::{grouped, scaled};
use super::threads::Threads;
use super::{Outcome, note, print, print_json};

/// Train a network on a task.
#[derive(clap::Args)]
pub struct Flags {
    /// A task's name (see `deme tasks`), or a file: .csv, .npy, .npz, or IDX as MNIST's
    #[arg(value_name = "TASK")]
    task: Option<String>,
    /// What to predict: a column of a CSV file [default: the last], an array of a .npz file
    /// [default: y or y_train], or beside .npy and IDX another such file
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// What to learn of it: classification, regression [default: regression where it has
    /// fractions, or more than 100 whole numbers]
    #[arg(long, value_name = "NAME")]
    goal: Option<String>,
    /// Share of a file's samples that judges and does not teach, drawn by the seed, in each class
    /// the same, 0 to 1 [default: 0.2, or the file's own: x_test and y_test, t10k-...]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    held_out: Option<f64>,
    /// How the population learns (see `deme strategies`) [default: the task's]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// A setting of the strategy, such as sigma=0.1; may repeat [default: the task's]
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// Individuals in a generation, at least 2 [default: the task's]
    #[arg(long, value_name = "N")]
    population: Option<u64>,
    /// Generations at most [default: the task's; no limit with --evaluations]
    #[arg(long, value_name = "N")]
    generations: Option<u64>,
    /// Evaluations at most: one an episode of an individual, one a data set [default: no limit]
    #[arg(long, value_name = "N")]
    evaluations: Option<u64>,
    /// Hidden layers, WIDTH or WIDTH:ACTIVATION joined by '-': 16-16 [default: the task's]
    #[arg(long, value_name = "SPEC")]
    network: Option<String>,
    /// Activation of layers that name none: tanh, relu, sigmoid, linear [default: tanh]
    #[arg(long, value_name = "NAME")]
    activation: Option<String>,
    /// Episodes an individual plays in a generation [default: the task's]
    #[arg(long, value_name = "N")]
    episodes: Option<u64>,
    /// End at this held-out score, at the task's own (`solved`), or at the budget (`never`)
    /// [default: solved]
    #[arg(long, value_name = "SCORE|solved|never", allow_negative_numbers = true)]
    until: Option<String>,
    /// Everything random follows from it, a whole number below 2^64 [default: 1]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where the population lives: auto, cpu, gpu, reference [default: auto: a GPU, else the CPU]
    #[arg(long, value_name = "NAME")]
    backend: Option<String>,
    /// A part of the GPU's name (see `deme devices`) [default: the first hardware GPU]
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Where the noise is summed: auto, cpu, gpu [default: auto: where the population lives]
    #[arg(long, value_name = "NAME")]
    recombine: Option<String>,
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
            task: self.task.clone(),
            target: self.target.clone(),
            goal: self.goal.clone(),
            held_out: self.held_out,
            strategy: self.strategy.clone(),
            population: self.population,
            generations: self.generations,
            evaluations: self.evaluations,
            network: self.network.clone(),
            activation: self.activation.clone(),
            episodes: self.episodes,
            until: self.until.clone(),
            seed: self.seed,
            backend: self.backend.clone(),
            adapter: self.adapter.clone(),
            recombine: self.recombine.clone(),
            out: self.out.clone(),
            set: self.set.iter().cloned().collect(),
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
