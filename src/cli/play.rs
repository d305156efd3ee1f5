//! `deme play`: a run's champion on held-out episodes: its score, a trace, a drawing, or live; and
//! its network drawn.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use deme::champion::Champion;
use deme::error::{Error, Result};
use deme::play::{self, Score, Stage};
use deme::report;
use deme::task::Kind;

use super::sizes::whole;
use super::{Outcome, live, print, print_json};

/// Play a run's champion on held-out episodes.
#[derive(clap::Args)]
pub struct Flags {
    /// Run folder of `deme train`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Episodes to play [default: 100, or one of each start]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    episodes: Option<u64>,
    /// The episode to draw, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u32>)]
    episode: u32,
    /// Steps after which an episode is cut off, if not before [default: the task's]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    steps: Option<u64>,
    /// What the episodes follow from [default: the run's seed, whose held-out episodes judged it]
    #[arg(long, value_name = "N", value_parser = whole::<u64>)]
    seed: Option<u64>,
    /// Write observation, action and reward of every step to a CSV file
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Animate one episode into a GIF file, at the task's own speed
    #[arg(long, value_name = "FILE")]
    gif: Option<PathBuf>,
    /// Draw six moments of one episode into an SVG file; of a data set, the confusion matrix and
    /// the worst mistakes
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Draw the champion's network into an SVG file: nodes, and connections by their weights
    #[arg(long, value_name = "FILE")]
    graph: Option<PathBuf>,
    /// Print one JSON document instead of a text [default: off]
    #[arg(long)]
    json: bool,
    /// Show no animation in the terminal [default: off]
    #[arg(long)]
    quiet: bool,
}

pub fn run(flags: &Flags) -> Result<Outcome> {
    let files = [&flags.trace, &flags.gif, &flags.svg, &flags.graph];
    files.into_iter().flatten().try_for_each(|path| report::expect_writable(path))?;
    let mut stage = Stage::of(&flags.folder)?;
    if let Some(seed) = flags.seed {
        stage = stage.with_seed(seed);
    }
    if let Some(episodes) = flags.episodes {
        stage = stage.with_episodes(count("--episodes", episodes)?);
    }
    if let Some(steps) = flags.steps {
        stage = stage.with_step_limit(count("--steps", steps)?);
    }
    let mut champion = Champion::read(&flags.folder)?;
    // Before the episodes: a network that cannot be drawn is refused, and nothing is written.
    let network = flags.graph.as_ref().map(|_| play::network(&champion)).transpose()?;
    let control = matches!(stage.task().kind(), Kind::Control(_));
    for (flag, file) in [("--trace", &flags.trace), ("--gif", &flags.gif)] {
        if file.is_some() && !control {
            let name = &stage.task().about().name;
            return Err(Error::invalid(flag, "a run on a control task", format!("one on {name}"))
                .advise("draw it with --svg"));
        }
    }
    // What is shown live is told only when it has been seen.
    let told = flags.json || flags.quiet || files.into_iter().any(Option::is_some);
    if control && !told && std::io::stdout().is_terminal() {
        live::episode(&stage, &mut champion, flags.episode)?;
    }
    let score = stage.score(&mut champion)?;
    write_files(flags, &stage, &mut champion)?;
    if let (Some(path), Some(scene)) = (&flags.graph, network) {
        report::write(path, scene.svg())?;
    }
    match flags.json {
        true => print_json(&score)?,
        false => print(&describe(&score))?,
    }
    Ok(Outcome::Done)
}

/// One at least, and below 2^32.
fn count(flag: &str, value: u64) -> Result<u32> {
    let fits = u32::try_from(value).ok().filter(|&value| value > 0);
    let expected = || format!("a whole number from 1 to {}", u32::MAX);
    fits.ok_or_else(|| Error::invalid(flag, expected(), value))
}

fn write_files(flags: &Flags, stage: &Stage, champion: &mut Champion) -> Result<()> {
    if let Some(path) = &flags.trace {
        into(path, |to| play::trace(stage, champion, to))?;
    }
    if let Some(path) = &flags.gif {
        into(path, |to| play::gif(stage, champion, flags.episode, to).map(drop))?;
    }
    if let Some(path) = &flags.svg {
        let scene = match stage.task().kind() {
            Kind::Data(_) => play::matrix(&stage.answers(champion)?),
            Kind::Control(_) | Kind::Function(_) => play::strip(stage, champion, flags.episode)?,
        };
        report::write(path, scene.svg())?;
    }
    Ok(())
}

/// Writes a file piece by piece.
fn into(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let file = File::create(path).map_err(|source| {
        Error::invalid(path.display().to_string(), "a file that can be written", source)
    })?;
    let mut to = BufWriter::new(file);
    let failed = |source| Error::Io { doing: "writing", path: path.into(), source };
    match write(&mut to) {
        Err(Error::Io { source, .. }) => Err(failed(source)),
        written => written.and_then(|()| to.flush().map_err(failed)),
    }
}

fn describe(score: &Score) -> String {
    let interval = match &score.interval {
        Some(interval) => {
            format!(", 95% confidence interval {:.4} to {:.4}", interval.low, interval.high)
        }
        None => String::new(),
    };
    let verdict = match score.threshold {
        Some(threshold) if score.score >= threshold => format!(" (solved at {threshold})"),
        Some(threshold) => format!(" (not solved, at {threshold})"),
        None => String::new(),
    };
    let returns = match (score.least, score.median, score.largest) {
        (Some(least), Some(median), Some(largest)) => {
            format!("\n  returns  {least:.4} to {largest:.4}, median {median:.4}")
        }
        _ => String::new(),
    };
    format!(
        "{}: {} {:.4} over {} {}{interval}{verdict}{returns}",
        score.task, score.score_name, score.score, score.episodes, score.judged_on
    )
}
