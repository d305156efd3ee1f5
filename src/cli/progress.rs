//! Progress of a run on standard error: a bar on a terminal, else a plain line from time to time.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use deme::draw::number;
use deme::run::{Observer, Record, Setup};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::note;
use super::table::scaled;
use super::terminal::{self, has_colour};

/// The time between two updates of the bar.
const BAR_INTERVAL: Duration = Duration::from_millis(100);
/// The time between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// The form of progress.
enum ProgressOutput {
    Silent,
    Lines,
    Bar(ProgressBar),
}

/// An observer that shows the progress of a run to people.
pub struct Progress {
    output: ProgressOutput,
    started_at: Instant,
    last_shown: Instant,
    /// The score that chose the champion.
    selected: Option<f32>,
    /// The champion's score on the training samples, if others chose it.
    training: Option<f32>,
    held_out: Option<f32>,
    /// The name of the score that chooses the champion, with its part.
    selection_score_name: String,
    /// True if the budget counts evaluations, false if it counts generations.
    counts_evaluations: bool,
    /// The evaluations and environment steps of earlier processes.
    already_done: (u64, u64),
    /// The generations of earlier processes.
    generations_done: u64,
    /// The budget, in generations or evaluations.
    budget: u64,
}

impl Progress {
    /// Chooses the form by the destination of standard error.
    pub fn new(quiet: bool) -> Self {
        let output = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => ProgressOutput::Silent,
            (false, true) => ProgressOutput::Bar(ProgressBar::hidden()),
            (false, false) => ProgressOutput::Lines,
        };
        let now = Instant::now();
        Self {
            output,
            started_at: now,
            last_shown: now,
            selected: None,
            training: None,
            held_out: None,
            selection_score_name: String::new(),
            counts_evaluations: false,
            already_done: (0, 0),
            generations_done: 0,
            budget: 0,
        }
    }

    /// Removes the bar from the terminal.
    pub fn clear(&self) {
        if let ProgressOutput::Bar(bar) = &self.output {
            bar.finish_and_clear();
        }
    }

    fn start_bar(&self, bar: &ProgressBar, setup: &Setup) {
        let budget = match (setup.generations, setup.evaluations) {
            (Some(generations), _) => generations.into(),
            (None, evaluations) => evaluations.unwrap_or_default(),
        };
        let style = if has_colour() { ".green/dim" } else { "" };
        let template =
            format!("{{bar:20{style}}} {{percent:>3}}%  {{eta:>4}} left  {{prefix}}\n{{wide_msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_length(budget);
        bar.set_position(match setup.generations {
            Some(_) => setup.generations_done.into(),
            None => setup.evaluations_done,
        });
        bar.reset_eta();
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.set_message("running the first generation");
        bar.tick();
    }

    /// The scores of a generation, as whole fields in at most `width` columns.
    fn scores(&self, record: &Record, width: Option<usize>) -> String {
        let number = |value: Option<f64>| value.map_or("-".into(), number::score);
        let selected = number(self.selected.map(f64::from));
        let best = number(record.best.map(f64::from));
        let part = |name: &str, score: f32| format!("{name} {}", number::score(score.into()));
        let mut fields = vec![
            (1, format!("generation {}", record.generation)),
            (5, format!("training fitness best {best}, mean {}", number(record.mean))),
            (0, format!("{} {selected}", self.selection_score_name)),
        ];
        fields.extend(self.training.map(|score| (4, part("training", score))));
        fields.extend(self.held_out.map(|score| (2, part("held-out", score))));
        fields.push((6, format!("step size {}", number::score(record.step_size))));
        if record.failed > 0 {
            fields.push((3, format!("failed {}", record.failed)));
        }
        terminal::fit_fields(&fields, width.unwrap_or(usize::MAX))
    }

    /// The time left until the budget is used up.
    fn time_left(&self, record: &Record) -> String {
        let (done, done_before, budget) = if self.counts_evaluations {
            (record.evaluations, self.already_done.0, self.budget)
        } else {
            (record.generation.into(), self.generations_done, self.budget)
        };
        let seconds = self.started_at.elapsed().as_secs_f64();
        let each = seconds / done.saturating_sub(done_before).max(1) as f64;
        let left = (each * budget.saturating_sub(done) as f64).round() as u64;
        format!("  {} left", HumanDuration(Duration::from_secs(left)))
    }

    /// The speed so far.
    fn speed(&self, record: &Record) -> String {
        let seconds = self.started_at.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
        let (evaluations, steps) = self.already_done;
        let evaluations = scaled((record.evaluations - evaluations) as f64 / seconds);
        match record.environment_steps - steps {
            0 => format!("{evaluations} evaluations/s"),
            steps => {
                format!("{evaluations} evaluations/s  {} steps/s", scaled(steps as f64 / seconds))
            }
        }
    }
}

impl Observer for Progress {
    fn started(&mut self, setup: &Setup) {
        if !matches!(self.output, ProgressOutput::Silent) {
            setup.notes.iter().for_each(|line| note(&format!("note: {line}")));
        }
        self.selection_score_name.clone_from(&setup.selection_score_name);
        self.counts_evaluations = setup.generations.is_none();
        self.already_done = (setup.evaluations_done, setup.environment_steps_done);
        self.generations_done = setup.generations_done.into();
        self.budget = setup.generations.map_or(setup.evaluations.unwrap_or_default(), u64::from);
        (self.started_at, self.last_shown) = (Instant::now(), Instant::now());
        if let ProgressOutput::Bar(bar) = &self.output {
            self.start_bar(bar, setup);
        }
    }

    fn noted(&mut self, sentence: &str) {
        let line = format!("note: {sentence}");
        match &self.output {
            ProgressOutput::Silent => {}
            ProgressOutput::Lines => note(&line),
            ProgressOutput::Bar(bar) => bar.suspend(|| note(&line)),
        }
    }

    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        if record.champion {
            self.selected = record.selection_score();
            self.training = record.training.filter(|_| record.validation.is_some());
        }
        self.held_out = record.held_out.or(self.held_out);
        let interval = match self.output {
            ProgressOutput::Silent => return ControlFlow::Continue(()),
            ProgressOutput::Lines => LINE_INTERVAL,
            ProgressOutput::Bar(_) => BAR_INTERVAL,
        };
        if self.last_shown.elapsed() < interval {
            return ControlFlow::Continue(());
        }
        self.last_shown = Instant::now();
        let width = terminal::error_width();
        let (scores, speed) = (self.scores(record, width), self.speed(record));
        match &self.output {
            ProgressOutput::Bar(bar) => {
                let evaluations = record.evaluations;
                let done =
                    if self.counts_evaluations { evaluations } else { record.generation.into() };
                bar.set_position(done);
                bar.set_prefix(speed);
                bar.set_message(scores);
            }
            ProgressOutput::Lines | ProgressOutput::Silent => {
                note(&format!("{scores}  {speed}{}", self.time_left(record)));
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_whole_at_any_width() {
        let line = "{\"generation\":123,\"evaluations\":9,\"environment_steps\":0,\"best\":500,\
                    \"mean\":467.23,\"failed\":0,\"spread\":0.25,\"validation\":446.43,\
                    \"champion\":true,\"held_out\":null}";
        let record: Record = serde_json::from_str(line).expect("a line of a log");
        let mut progress = Progress::new(true);
        progress.selected = Some(446.43);
        progress.held_out = Some(440.5);
        progress.selection_score_name = "validation return".into();
        let wide = progress.scores(&record, None);
        assert!(wide.contains("training fitness best 500, mean 467.23"), "{wide}");
        let narrow = progress.scores(&record, Some(80));
        assert_eq!(
            narrow,
            "generation 123  validation return 446.43  held-out 440.5  step size 0.25"
        );
        assert_eq!(progress.scores(&record, Some(30)), "validation return 446.43");
    }
}
