//! Progress of a study on standard error: on a terminal a bar for the study and a line for each
//! trial that is running, else a plain line from time to time.

use std::fmt::Write;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use deme::draw::number;
use deme::error::{Error, Result};
use deme::files;
use deme::report;
use deme::run::LogReader;
use deme::study::{Study, StudyObserver, Trial, TrialProgress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::interrupt;
use super::output::note;
use super::table::grouped;
use super::terminal::has_colour;

/// The time between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);
/// The time between two plain lines if a trial has ended.
const ENDED_INTERVAL: Duration = Duration::from_secs(1);
/// The most trials that are shown while they run.
const MAX_SHOWN: usize = 12;

/// The form of progress.
enum ProgressOutput {
    Silent,
    Lines,
    /// The bar of the study, and the lines of running trials.
    Bars(MultiProgress, ProgressBar),
}

/// A trial that is running.
struct RunningTrial {
    progress: TrialProgress,
    /// The line of this trial, if it has one.
    line: Option<ProgressBar>,
    started_at: Instant,
}

/// An observer of a study that shows its progress, draws the curves of its runs, and stops it after
/// an interrupt.
pub struct StudyProgress {
    output: ProgressOutput,
    last_shown: Instant,
    trials: usize,
    finished: usize,
    solved: usize,
    running: Vec<RunningTrial>,
    /// The notes that were shown.
    notes: Vec<String>,
    /// The first error of drawing.
    pub failure: Option<Error>,
}

/// The line on which trials run, and which have ended before.
fn beginning(study: &Study) -> String {
    let (all, done) = (study.trials(), study.trials_done());
    let at_once = study.thread_allocation().trials_at_once.min(all - done);
    let task = study.task();
    match done {
        0 => format!("running {} of {task}, {at_once} at once", count(all, "trial")),
        _ if done == all => format!("all {} of {task} have ended before", count(all, "trial")),
        _ => format!(
            "running {} of {task}, {at_once} at once; {done} of {all} have ended before",
            count(all - done, "trial")
        ),
    }
}

impl StudyProgress {
    /// Chooses the form by the destination of standard error, and shows that the study begins.
    pub fn new(study: &Study, quiet: bool) -> Self {
        let trials = study.trials();
        let output = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => ProgressOutput::Silent,
            (false, false) => ProgressOutput::Lines,
            (false, true) => {
                let bars = MultiProgress::new();
                let bar = bars.add(ProgressBar::new(trials as u64));
                let colour = if has_colour() { ".green/dim" } else { "" };
                let template = format!("{{bar:20{colour}}} {{eta:>4}} left  {{wide_msg}}");
                if let Ok(style) = ProgressStyle::with_template(&template) {
                    bar.set_style(style.progress_chars("━╸─"));
                }
                ProgressOutput::Bars(bars, bar)
            }
        };
        let progress = Self {
            output,
            last_shown: Instant::now(),
            trials,
            finished: 0,
            solved: 0,
            running: Vec::new(),
            notes: study.notes(),
            failure: None,
        };
        if let ProgressOutput::Lines = progress.output {
            note(&beginning(study));
        }
        progress.show_bar();
        progress
    }

    /// Removes the bars from the terminal.
    pub fn clear(&self) {
        if let ProgressOutput::Bars(bars, _) = &self.output {
            let _ = bars.clear();
        }
    }

    fn show_bar(&self) {
        if let ProgressOutput::Bars(_, bar) = &self.output {
            bar.set_position(self.finished as u64);
            bar.set_message(self.counts());
        }
    }

    fn counts(&self) -> String {
        format!("{} of {}, {} solved", self.finished, count(self.trials, "trial"), self.solved)
    }

    /// Writes a plain line, unless the last one is recent.
    fn write_line(&mut self, interval: Duration) {
        if !matches!(self.output, ProgressOutput::Lines) || self.last_shown.elapsed() < interval {
            return;
        }
        self.last_shown = Instant::now();
        let mut line = self.counts();
        for (index, trial) in self.running.iter().take(MAX_SHOWN).enumerate() {
            let start = if index == 0 { "; running: " } else { ", " };
            let _ = write!(line, "{start}{} ({})", name(&trial.progress), state(&trial.progress));
        }
        if let Some(others) = self.running.len().checked_sub(MAX_SHOWN).filter(|&more| more > 0) {
            let _ = write!(line, " and {others} more");
        }
        note(&line);
    }

    fn find(&mut self, strategy: &str, seed: u64) -> Option<&mut RunningTrial> {
        let is_same = |trial: &&mut RunningTrial| {
            trial.progress.seed == seed && trial.progress.strategy == strategy
        };
        self.running.iter_mut().find(is_same)
    }

    /// Forgets a trial that is no longer running.
    fn remove(&mut self, strategy: &str, seed: u64) {
        let is_same = |trial: &RunningTrial| {
            trial.progress.seed == seed && trial.progress.strategy == strategy
        };
        if let Some(place) = self.running.iter().position(is_same) {
            let trial = self.running.remove(place);
            if let (ProgressOutput::Bars(bars, _), Some(line)) = (&self.output, trial.line) {
                line.finish_and_clear();
                bars.remove(&line);
            }
        }
    }

    /// Draws the learning curve of a trial into its run folder.
    fn draw_curve(&mut self, folder: &Path) {
        let drawn = LogReader::open(folder).and_then(|mut log| log.read_new());
        let drawn = drawn.and_then(|records| write_curve(folder, &records));
        if let Err(error) = drawn {
            self.failure.get_or_insert(error);
        }
    }
}

/// Draws the learning curve of a run into its folder.
fn write_curve(folder: &Path, records: &[deme::run::Record]) -> Result<()> {
    match report::chart::learning::draw_run(records) {
        Some(curve) => files::replace(folder, "curve.svg", curve.svg().as_bytes()),
        None => Ok(()),
    }
}

/// The strategy and the seed of a trial.
fn name(trial: &TrialProgress) -> String {
    format!("{} seed {}", trial.strategy, trial.seed)
}

/// The generation and the score of a trial.
fn state(trial: &TrialProgress) -> String {
    let mut text = match (trial.generations, trial.generation_budget, trial.evaluation_budget) {
        (0, ..) => return "first generation".into(),
        (done, Some(budget), _) => {
            format!("generation {} of {}", grouped(done.into()), grouped(budget.into()))
        }
        (done, None, None) => format!("generation {}", grouped(done.into())),
        (_, None, Some(budget)) => {
            format!("{} of {} evaluations", grouped(trial.evaluations), grouped(budget))
        }
    };
    if let Some(score) = trial.validation {
        let _ = write!(text, ", validation {}", number::score(score));
    }
    text
}

fn count(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        _ => format!("{} {word}s", grouped(count as u64)),
    }
}

impl StudyObserver for StudyProgress {
    fn trial_started(&mut self, trial: &TrialProgress) {
        let line = match &self.output {
            ProgressOutput::Bars(bars, _) if self.running.len() < MAX_SHOWN => {
                let line = bars.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("  {wide_msg}") {
                    line.set_style(style);
                }
                line.set_message(format!("{}  {}", name(trial), state(trial)));
                Some(line)
            }
            _ => None,
        };
        let started_at = Instant::now();
        self.running.push(RunningTrial { progress: trial.clone(), line, started_at });
    }

    fn trial_advanced(&mut self, trial: &TrialProgress) {
        let Some(running) = self.find(&trial.strategy, trial.seed) else { return };
        running.progress = trial.clone();
        if let Some(line) = &running.line {
            let seconds = running.started_at.elapsed().as_secs();
            line.set_message(format!("{}  {}  {seconds} s", name(trial), state(trial)));
        }
    }

    fn trial_ended(&mut self, trial: &Trial) {
        self.remove(&trial.strategy, trial.seed);
        self.finished += 1;
        self.solved += usize::from(trial.solved);
        if let Some(folder) = &trial.run_directory {
            self.draw_curve(Path::new(folder));
        }
        self.show_bar();
        self.write_line(ENDED_INTERVAL);
    }

    fn trial_stopped(&mut self, trial: &TrialProgress) {
        self.remove(&trial.strategy, trial.seed);
    }

    fn noted(&mut self, sentence: &str) {
        // Trials have many notes in common.
        if self.notes.iter().any(|known| known == sentence) {
            return;
        }
        self.notes.push(sentence.into());
        match &self.output {
            ProgressOutput::Silent => {}
            ProgressOutput::Lines => note(&format!("note: {sentence}")),
            ProgressOutput::Bars(bars, _) => bars.suspend(|| note(&format!("note: {sentence}"))),
        }
    }

    fn poll(&mut self) -> ControlFlow<()> {
        self.write_line(LINE_INTERVAL);
        if let ProgressOutput::Bars(_, bar) = &self.output {
            bar.tick();
        }
        match interrupt::is_requested() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}
