//! `deme play`: a run's champion on held-out episodes, as a score, a trace, a picture or live, and
//! a drawing of its network.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use deme::champion::Champion;
use deme::draw::number;
use deme::error::{Error, Result};
use deme::files;
use deme::play::{self, HeldOutSet, ScoreSummary};
use deme::report;
use deme::task::{Kind, ParameterSetting};
use serde::Serialize;

use super::headings::OUTPUT;
use super::output::{Outcome, note, print, print_json};
use super::sizes::{parse_count, parse_whole};
use super::table::grouped;
use super::{live, terminal};

/// Play a run's champion on held-out episodes
///
/// In a terminal one episode is shown live: space pauses, + and - change the speed, n and p show
/// the next and the previous episode, q leaves it. The champion of a function is a point, which is
/// printed.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Run folder of `deme train`
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Episodes to score
    ///
    /// [default: 100, or one from each start of a task that lists its starts]
    #[arg(
        long,
        help_heading = EPISODES,
        value_name = "N",
        value_parser = parse_count::<1, { u32::MAX }>
    )]
    episodes: Option<u64>,
    /// Episode to show, counted from 0
    #[arg(
        long,
        help_heading = EPISODES,
        value_name = "N",
        default_value_t = 0,
        value_parser = parse_whole::<u32>
    )]
    episode: u32,
    /// Largest number of steps per episode
    ///
    /// [default: the task's]
    #[arg(
        long,
        help_heading = EPISODES,
        value_name = "N",
        value_parser = parse_count::<1, { u32::MAX }>
    )]
    steps: Option<u64>,
    /// Seed of the episodes
    ///
    /// [default: the run's, which gives the held-out episodes that scored the run]
    #[arg(long, help_heading = EPISODES, value_name = "N", value_parser = parse_whole::<u64>)]
    seed: Option<u64>,
    /// Parameter of the world; may repeat
    ///
    /// A number or a range, as for `deme train`, also outside of the range that the run was trained
    /// in. [default: the run's]
    #[arg(
        long,
        help_heading = EPISODES,
        value_name = "NAME=VALUE",
        value_parser = ParameterSetting::parse
    )]
    param: Vec<ParameterSetting>,
    /// CSV file with every step
    ///
    /// Observation, action and reward.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    trace: Option<PathBuf>,
    /// GIF file with one episode
    ///
    /// It plays at the task's own speed.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    gif: Option<PathBuf>,
    /// SVG file: moments, or confusion matrix
    ///
    /// Six moments of one episode; for a data set, the confusion matrix and the worst mistakes.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    svg: Option<PathBuf>,
    /// SVG file with the champion's network
    ///
    /// Nodes, and connections by their weights.
    #[arg(long, value_name = "FILE", help_heading = OUTPUT, value_hint = ValueHint::FilePath)]
    graph: Option<PathBuf>,
    /// Print one JSON document
    ///
    /// Instead of a text for people. [default: off]
    #[arg(long, help_heading = OUTPUT)]
    json: bool,
    /// Show no animation in the terminal
    ///
    /// [default: off]
    #[arg(long, help_heading = OUTPUT)]
    quiet: bool,
}

/// The heading of the flags that choose episodes.
const EPISODES: &str = "Episodes";

const EXAMPLES: &str = "\
Examples:
  deme play runs/cartpole-openai-es-1
  deme play runs/cartpole-openai-es-1 --gif cartpole.gif --trace steps.csv
  deme play runs/digits-openai-es-1 --svg confusion.svg";

pub fn run(flags: &Flags) -> Result<Outcome> {
    let files = [&flags.trace, &flags.gif, &flags.svg, &flags.graph];
    let formats = [
        ("--trace", report::CSV),
        ("--gif", report::GIF),
        ("--svg", report::SVG),
        ("--graph", report::SVG),
    ];
    for (path, (flag, endings)) in files.into_iter().zip(formats) {
        if let Some(path) = path {
            report::expect_output(flag, path, endings)?;
        }
    }
    let mut held_out = HeldOutSet::with_parameters(&flags.folder, &flags.param)?;
    if let Some(seed) = flags.seed {
        held_out = held_out.with_seed(seed);
    }
    if let Some(episodes) = flags.episodes {
        held_out = held_out.with_episodes(count("--episodes", episodes)?);
    }
    if let Some(steps) = flags.steps {
        held_out = held_out.with_step_limit(count("--steps", steps)?);
    }
    let mut champion = Champion::read(&flags.folder)?;
    // The network is drawn before the episodes: if that fails, nothing is written.
    let network = flags.graph.as_ref().map(|_| play::draw_network(&champion)).transpose()?;
    let control = matches!(held_out.task().kind(), Kind::Control(_));
    for (flag, file) in [("--trace", &flags.trace), ("--gif", &flags.gif), ("--svg", &flags.svg)] {
        if file.is_some() {
            expect_output_of(flag, &held_out)?;
        }
    }
    // An episode is shown live if no other output is requested.
    let has_other_output = flags.json || flags.quiet || files.into_iter().any(Option::is_some);
    if control && !has_other_output && std::io::stdout().is_terminal() {
        live::episodes(&held_out, &mut champion, flags.episode)?;
    }
    let score = held_out.score(&mut champion)?;
    write_files(flags, &held_out, &mut champion)?;
    if let (Some(path), Some(scene)) = (&flags.graph, network) {
        report::write(path, scene.svg())?;
    }
    files.into_iter().flatten().for_each(|path| note_written(path));
    let record = PlayRecord { precision: "f64", run_score: flags.run_score(), score };
    match flags.json {
        true => print_json(&record)?,
        false => {
            let text = describe(&record.score) + &record.difference();
            print(&terminal::fit_words(&text, terminal::width(), 2))?;
        }
    }
    Ok(Outcome::Success)
}

/// Refuses a file that the kind of the task does not have.
fn expect_output_of(flag: &str, held_out: &HeldOutSet) -> Result<()> {
    let (expected, advice) = match (held_out.task().kind(), flag) {
        (Kind::Control(_), _) | (Kind::Data(_), "--svg") => return Ok(()),
        (Kind::Data(_), "--trace") => (
            "a run on a control task",
            "deme predict writes a prediction for each row, and deme play --svg draws them",
        ),
        (Kind::Data(_), _) => ("a run on a control task", "deme play --svg draws predictions"),
        (Kind::Function(_), flag) => (
            if flag == "--svg" { "a run with a network" } else { "a run on a control task" },
            "the champion of a function is a point: deme play prints it, --json writes all of it, \
             and deme report draws the curve of the run",
        ),
    };
    let got = format!("one on {}", held_out.task().about().name);
    Err(Error::invalid(flag, expected, got).advise(advice))
}

/// Says that a file was written.
fn note_written(path: &Path) {
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    note(&format!("wrote {} ({} bytes)", path.display(), grouped(bytes)));
}

/// A score as `--json` prints it, beside the one that the run reported.
#[derive(Serialize)]
struct PlayRecord {
    #[serde(flatten)]
    score: ScoreSummary,
    /// The precision in which the champion acted here. Runs compute in `f32`.
    precision: &'static str,
    /// The score in the run's summary, of the same episodes; null if others are played.
    run_score: Option<f64>,
}

impl PlayRecord {
    /// A line that explains a score other than the run's, or an empty text.
    fn difference(&self) -> String {
        let [score, reported] =
            [Some(self.score.score), self.run_score].map(|score| score.map(number::score));
        match reported {
            Some(reported) if score.as_ref() != Some(&reported) => format!(
                "\n  the run reported {reported}, computed in single precision; this is double \
                 precision"
            ),
            _ => String::new(),
        }
    }
}

impl Flags {
    /// The score in the run's summary, if the same episodes are played.
    fn run_score(&self) -> Option<f64> {
        let is_other = self.seed.is_some() || self.episodes.is_some() || self.steps.is_some();
        if is_other || !self.param.is_empty() {
            return None;
        }
        let text = files::read(&self.folder.join("summary.json")).ok()??;
        let summary: serde_json::Value = serde_json::from_slice(&text).ok()?;
        summary.get("score")?.as_f64()
    }
}

/// A count of at least 1, below 2^32.
fn count(flag: &str, value: u64) -> Result<u32> {
    let fits = u32::try_from(value).ok().filter(|&value| value > 0);
    let expected = || format!("a whole number from 1 to {}", u32::MAX);
    fits.ok_or_else(|| Error::invalid(flag, expected(), value))
}

fn write_files(flags: &Flags, held_out: &HeldOutSet, champion: &mut Champion) -> Result<()> {
    if let Some(path) = &flags.trace {
        files::stream(path, |to| play::write_trace(held_out, champion, to))?;
    }
    if let Some(path) = &flags.gif {
        files::stream(path, |to| {
            play::write_animation(held_out, champion, flags.episode, to).map(drop)
        })?;
    }
    if let Some(path) = &flags.svg {
        let scene = match held_out.task().kind() {
            Kind::Data(_) => play::draw_predictions(&held_out.predictions(champion)?),
            Kind::Control(_) | Kind::Function(_) => {
                play::draw_film_strip(held_out, champion, flags.episode)?
            }
        };
        report::write(path, scene.svg())?;
    }
    Ok(())
}

/// A score for people.
fn describe(score: &ScoreSummary) -> String {
    let interval = match &score.interval {
        Some(interval) => {
            let [low, high] = [interval.low, interval.high].map(number::score);
            format!(", 95% confidence interval {low} to {high}")
        }
        None => String::new(),
    };
    let solved = match score.threshold {
        Some(threshold) if score.score >= threshold => {
            format!(" (solved at {})", number::exact(threshold))
        }
        Some(threshold) => format!(" (not solved, at {})", number::exact(threshold)),
        None => String::new(),
    };
    let returns = match (score.least, score.median, score.largest) {
        (Some(least), Some(median), Some(largest)) => {
            let [least, median, largest] = [least, median, largest].map(number::score);
            format!("\n  returns  {least} to {largest}, median {median}")
        }
        _ => String::new(),
    };
    if let Some(point) = &score.point {
        return format!(
            "{}: {}{solved}\n{}",
            score.task,
            number::value_of_score(score.score),
            coordinates(point)
        );
    }
    format!(
        "{}: {} {} over {}{interval}{solved}{returns}",
        score.task,
        score.score_name,
        number::score(score.score),
        number::counted(score.episodes, score.evaluation_unit)
    )
}

/// The coordinates that a person is shown.
const SHOWN_COORDINATES: usize = 20;

/// The coordinates of a point, one a line.
fn coordinates(point: &[f32]) -> String {
    let shown = point.iter().take(SHOWN_COORDINATES).enumerate();
    let mut lines: Vec<String> = shown.map(|(k, x)| format!("  x[{k}]  {x}")).collect();
    if point.len() > SHOWN_COORDINATES {
        lines.push(format!("  and {} more; --json has all", point.len() - SHOWN_COORDINATES));
    }
    lines.join("\n")
}
