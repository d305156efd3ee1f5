//! Progress of a run on standard error: a bar on a terminal, else a plain line now and then.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use deme::run::{Observer, Record, Started};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::note;
use super::table::scaled;

/// How often the bar changes.
const BAR_INTERVAL: Duration = Duration::from_millis(100);
/// How often a plain line is written.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Where progress goes.
enum Way {
    Nowhere,
    Lines,
    Bar(ProgressBar),
}

/// Watches a run for a person.
pub struct Progress {
    way: Way,
    begun: Instant,
    shown: Instant,
    /// The best validation score so far, which the champion was chosen by.
    validation: Option<f32>,
    held_out: Option<f32>,
    /// What these scores are, where they are no returns.
    score_name: &'static str,
    /// Whether the budget is one of evaluations.
    counts_evaluations: bool,
    /// Evaluations and environment steps that an earlier process has done.
    done: (u64, u64),
    /// Generations that it has.
    generations_done: u64,
    /// The budget, in generations or evaluations.
    most: u64,
}

impl Progress {
    /// Progress that suits where standard error goes.
    pub fn new(quiet: bool) -> Self {
        let way = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Way::Nowhere,
            (false, true) => Way::Bar(ProgressBar::hidden()),
            (false, false) => Way::Lines,
        };
        let now = Instant::now();
        Self {
            way,
            begun: now,
            shown: now,
            validation: None,
            held_out: None,
            score_name: "",
            counts_evaluations: false,
            done: (0, 0),
            generations_done: 0,
            most: 0,
        }
    }

    /// Takes the bar off the terminal.
    pub fn clear(&self) {
        if let Way::Bar(bar) = &self.way {
            bar.finish_and_clear();
        }
    }

    fn begin_bar(&self, bar: &ProgressBar, started: &Started) {
        let most = match (started.generations, started.evaluations) {
            (Some(generations), _) => generations.into(),
            (None, evaluations) => evaluations.unwrap_or_default(),
        };
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let look = if colour { ".green/dim" } else { "" };
        let template =
            format!("{{bar:20{look}}} {{percent:>3}}%  {{eta:>4}} left  {{prefix}}\n{{wide_msg}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_length(most);
        bar.set_position(match started.generations {
            Some(_) => started.generations_done.into(),
            None => started.evaluations_done,
        });
        bar.reset_eta();
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.set_message("first generation");
        bar.tick();
    }

    /// What has been learnt.
    fn learnt(&self, record: &Record) -> String {
        let number = |value: Option<f64>| value.map_or("-".into(), short);
        let validation = number(self.validation.map(f64::from));
        let held_out = match self.held_out {
            Some(score) => format!("  held-out {}", short(score.into())),
            None => String::new(),
        };
        let failed = match record.failed {
            0 => String::new(),
            failed => format!("  failed {failed}"),
        };
        format!(
            "generation {}  best {}  mean {}  validation {}{validation}{held_out}  spread \
             {}{failed}",
            record.generation,
            number(record.best.map(f64::from)),
            number(record.mean),
            self.score_name,
            short(record.spread),
        )
    }

    /// How much longer, if the budget is used up.
    fn left(&self, record: &Record) -> String {
        let (done, begun_at, most) = if self.counts_evaluations {
            (record.evaluations, self.done.0, self.most)
        } else {
            (record.generation.into(), self.generations_done, self.most)
        };
        let seconds = self.begun.elapsed().as_secs_f64();
        let each = seconds / done.saturating_sub(begun_at).max(1) as f64;
        let left = (each * most.saturating_sub(done) as f64).round() as u64;
        format!("  {} left", HumanDuration(Duration::from_secs(left)))
    }

    /// How fast.
    fn speed(&self, record: &Record) -> String {
        let seconds = self.begun.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
        let (evaluations, steps) = self.done;
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
    fn started(&mut self, started: &Started) {
        if !matches!(self.way, Way::Nowhere) {
            started.notes.iter().for_each(|line| note(&format!("note: {line}")));
        }
        self.score_name = match started.score_name {
            "accuracy" => "accuracy ",
            "R^2" => "R^2 ",
            _ => "",
        };
        self.counts_evaluations = started.generations.is_none();
        self.done = (started.evaluations_done, started.environment_steps_done);
        self.generations_done = started.generations_done.into();
        self.most = started.generations.map_or(started.evaluations.unwrap_or_default(), u64::from);
        (self.begun, self.shown) = (Instant::now(), Instant::now());
        if let Way::Bar(bar) = &self.way {
            self.begin_bar(bar, started);
        }
    }

    fn noted(&mut self, sentence: &str) {
        let line = format!("note: {sentence}");
        match &self.way {
            Way::Nowhere => {}
            Way::Lines => note(&line),
            Way::Bar(bar) => bar.suspend(|| note(&line)),
        }
    }

    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        if record.champion {
            self.validation = Some(record.validation);
        }
        self.held_out = record.held_out.or(self.held_out);
        let interval = match self.way {
            Way::Nowhere => return ControlFlow::Continue(()),
            Way::Lines => LINE_INTERVAL,
            Way::Bar(_) => BAR_INTERVAL,
        };
        if self.shown.elapsed() < interval {
            return ControlFlow::Continue(());
        }
        self.shown = Instant::now();
        let (learnt, speed) = (self.learnt(record), self.speed(record));
        match &self.way {
            Way::Bar(bar) => {
                let evaluations = record.evaluations;
                let done =
                    if self.counts_evaluations { evaluations } else { record.generation.into() };
                bar.set_position(done);
                bar.set_prefix(speed);
                bar.set_message(learnt);
            }
            Way::Lines | Way::Nowhere => {
                note(&format!("{learnt}  {speed}{}", self.left(record)));
            }
        }
        ControlFlow::Continue(())
    }
}

/// A score in about four digits.
pub fn short(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 10.0 => 1,
        _ => 3,
    };
    format!("{value:.decimals$}")
}
