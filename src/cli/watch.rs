//! `deme watch`: the learning curve of a run in progress, in the terminal.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::ValueHint;
use deme::draw::number::score;
use deme::error::{Error, Result};
use deme::run::{LogReader, Record, Request, RunFolders};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Chart, Dataset, Gauge, GraphType, Paragraph};

use super::live::{terminal_error, wait_for_quit};
use super::table::{grouped, scaled};
use super::terminal::{fit_fields, has_colour, wrap_fields};

/// The time between two looks at the folder.
const INTERVAL: Duration = Duration::from_millis(250);
/// The time that the speed is averaged over.
const SPEED_SECONDS: f64 = 5.0;
/// The width, in columns, below which there is only room for the curve.
const NARROW: u16 = 40;

/// Show the learning curve of a run in progress
///
/// It is updated while another process trains; q leaves.
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Flags {
    /// Run folder of `deme train`, or a folder of them
    ///
    /// In a folder of runs, the run that wrote last is shown.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  deme watch runs
  deme watch runs/cartpole-openai-es-1";

pub fn run(flags: &Flags) -> Result<super::Outcome> {
    let found = RunFolders::find(&[&flags.folder])?;
    let mut view = RunView::open(found.latest().unwrap_or(&flags.folder))?;
    view.update()?;
    if !std::io::stdout().is_terminal() {
        let expected = "a terminal to draw on";
        return Err(Error::invalid("deme watch", expected, "another output")
            .advise("deme report writes a page, a chart or tables"));
    }
    let mut terminal = ratatui::try_init().map_err(terminal_error)?;
    let ended = loop {
        if let Err(error) = terminal.draw(|frame| view.draw(frame)) {
            break Err(terminal_error(error));
        }
        match wait_for_quit(Instant::now() + INTERVAL) {
            Ok(true) => break Ok(()),
            Ok(false) => {}
            Err(error) => break Err(terminal_error(error)),
        }
        if let Err(error) = view.update() {
            break Err(error);
        }
    };
    ratatui::restore();
    ended.map(|()| super::Outcome::Success)
}

/// A run as its log shows it.
struct RunView {
    folder: PathBuf,
    request: Request,
    log: LogReader,
    last: Option<Record>,
    /// Points of evaluations and the score that chose the champion.
    champion: Vec<(f64, f64)>,
    /// Points of evaluations and mean fitness.
    mean: Vec<(f64, f64)>,
    held_out: Option<f32>,
    /// The part of the task that chooses the champion.
    selection_part: &'static str,
    /// The number of evaluations at recent moments, for the speed.
    recent: Vec<(Instant, u64)>,
    ended: bool,
}

impl RunView {
    fn open(folder: &Path) -> Result<Self> {
        let log = LogReader::open(folder)?;
        Ok(Self {
            folder: folder.into(),
            request: Request::from_folder(folder)?,
            log,
            last: None,
            champion: Vec::new(),
            mean: Vec::new(),
            held_out: None,
            selection_part: "validation",
            recent: Vec::new(),
            ended: false,
        })
    }

    /// Reads the new lines of the log.
    fn update(&mut self) -> Result<()> {
        let before = self.log.bytes();
        let records = self.log.read_new()?;
        if self.log.bytes() < before {
            // The run was resumed from an earlier checkpoint.
            (self.champion, self.mean, self.held_out) = (Vec::new(), Vec::new(), None);
        }
        for record in records {
            let evaluations = record.evaluations as f64;
            let best = self.champion.last().map_or(f64::NEG_INFINITY, |point| point.1);
            let score = record.selection_score().map_or(f64::NAN, f64::from);
            self.selection_part = record.selection_part();
            let best = if record.champion && score > best { score } else { best };
            if best.is_finite() {
                self.champion.push((evaluations, best));
            }
            self.mean.extend(record.mean.map(|mean| (evaluations, mean)));
            self.held_out = record.held_out.or(self.held_out);
            self.last = Some(record);
        }
        let now = Instant::now();
        let evaluations = self.last.as_ref().map_or(0, |last| last.evaluations);
        self.recent.push((now, evaluations));
        self.recent.retain(|(then, _)| now.duration_since(*then).as_secs_f64() < SPEED_SECONDS);
        self.ended = self.folder.join("summary.json").exists();
        Ok(())
    }

    /// Recent evaluations per second.
    fn speed(&self) -> f64 {
        let (Some(first), Some(last)) = (self.recent.first(), self.recent.last()) else {
            return 0.0;
        };
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        if seconds > 0.0 { last.1.saturating_sub(first.1) as f64 / seconds } else { 0.0 }
    }

    /// The fraction of the budget that is used.
    fn progress(&self) -> f64 {
        let Some(last) = &self.last else { return 0.0 };
        let share = |done: f64, most: Option<u64>| most.map_or(0.0, |most| done / most as f64);
        let generations = share(f64::from(last.generation), self.request.generations);
        generations.max(share(last.evaluations as f64, self.request.evaluations)).clamp(0.0, 1.0)
    }

    /// The lines above the curve. Without room for all of them there is one, of the scores.
    fn lines(&self, width: usize, narrow: bool) -> Vec<String> {
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        let state = if self.ended { "ended" } else { "in progress" };
        let title = format!("{}, {state}", self.folder.display());
        let about = format!(
            "{} by {}, network {}, seed {}",
            name(&self.request.task),
            name(&self.request.strategy),
            name(&self.request.network),
            self.request.seed.unwrap_or_default()
        );
        let Some(last) = &self.last else {
            let none = "no generation yet".to_owned();
            return if narrow { vec![none] } else { vec![title, about, none] };
        };
        let number = |value: Option<f64>| value.map_or("-".into(), score);
        let best = number(last.best.map(f64::from));
        let champion = number(self.champion.last().map(|point| point.1));
        let scores = [
            (1, format!("generation {}", grouped(last.generation.into()))),
            (3, format!("training fitness best {best}, mean {}", number(last.mean))),
            (0, format!("champion {champion}, {}", self.selection_part)),
            (2, format!("held-out {}", number(self.held_out.map(f64::from)))),
            (4, format!("step size {}", score(last.step_size))),
        ];
        if narrow {
            return vec![fit_fields(&scores, width)];
        }
        let evaluations = grouped(last.evaluations);
        let speed = format!("{evaluations} evaluations, {}/s", scaled(self.speed()));
        let scores = wrap_fields(&scores.map(|(_, field)| field), width, usize::MAX);
        [vec![title, about], scores, vec![speed]].concat()
    }

    fn draw(&self, frame: &mut Frame) {
        let narrow = frame.area().width < NARROW || frame.area().height < 12;
        let lines = self.lines(frame.area().width.into(), narrow);
        let mut lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
        if !narrow && self.last.is_some() {
            lines.push(self.legend());
        }
        let rows = lines.len() as u16;
        let parts = [Constraint::Length(rows), Constraint::Min(1), Constraint::Length(1)];
        let [top, middle, bottom] = Layout::vertical(parts).areas(frame.area());
        frame.render_widget(Paragraph::new(lines), top);
        self.draw_chart(frame, middle, narrow);
        let share = self.progress();
        let label = match (narrow, self.ended) {
            (true, _) => format!("{:.0}%", 100.0 * share),
            (false, true) => format!("{:.0}% of the budget, ended; q leaves", 100.0 * share),
            (false, false) => format!("{:.0}% of the budget; q leaves", 100.0 * share),
        };
        let gauge = Gauge::default().ratio(share).label(label);
        frame.render_widget(gauge.gauge_style(colour(Color::Blue)), bottom);
    }

    /// The names of the curves, in their colours. They stand above the chart, which they would
    /// hide.
    fn legend(&self) -> Line<'_> {
        let champion = format!("champion, {}", self.selection_part);
        let curve = |name: String, color| Span::styled(format!("━ {name}"), colour(color));
        Line::from(vec![
            curve(champion, Color::Blue),
            Span::raw("  "),
            curve("mean fitness, training".into(), Color::DarkGray),
        ])
    }

    fn draw_chart(&self, frame: &mut Frame, area: ratatui::layout::Rect, narrow: bool) {
        let points = || self.champion.iter().chain(&self.mean);
        let scores = || points().map(|point| point.1).filter(|score| score.is_finite());
        let (low, high) = (scores().fold(f64::MAX, f64::min), scores().fold(f64::MIN, f64::max));
        if low > high {
            return;
        }
        let room = if high > low { 0.05 * (high - low) } else { 1.0 };
        let (low, high) = (low - room, high + room);
        let last = points().map(|point| point.0).fold(1.0, f64::max);
        let line = |data, color| {
            let graph = Dataset::default().data(data).marker(Marker::Braille);
            graph.graph_type(GraphType::Line).style(colour(color))
        };
        let data = vec![line(&self.mean, Color::DarkGray), line(&self.champion, Color::Blue)];
        let labels = |ends: [String; 2]| if narrow { vec![] } else { ends.to_vec() };
        let below = Axis::default().bounds([0.0, last]);
        let aside = Axis::default().bounds([low, high]);
        let chart = Chart::new(data)
            .x_axis(below.labels(labels(["0".into(), scaled(last)])))
            .y_axis(aside.labels(labels([score(low), score(high)])));
        frame.render_widget(chart, area);
    }
}

/// A style with a colour, or without one if `NO_COLOR` is set.
fn colour(color: Color) -> Style {
    if has_colour() { Style::default().fg(color) } else { Style::default() }
}

#[cfg(test)]
mod tests {
    use deme::run;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    #[test]
    fn a_run_is_shown_in_terminals_of_any_size() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let out = folder.path().join("run");
        let request = Request {
            generations: Some(8),
            until: Some("never".into()),
            backend: Some("cpu".into()),
            ..Request::for_task("xor")
        };
        let config = request.check().expect("a configuration").with_folder(&out);
        run::train(&config, &mut ()).expect("a run");
        let mut view = RunView::open(&out).expect("a run folder");
        for is_updated in [false, true] {
            if is_updated {
                view.update().expect("generations");
                assert_eq!(view.progress(), 1.0);
            }
            for (width, height) in [(100, 30), (80, 24), (45, 24), (20, 8), (20, 1), (1, 1)] {
                let backend = TestBackend::new(width, height);
                let mut terminal = Terminal::new(backend).expect("a terminal");
                terminal.draw(|frame| view.draw(frame)).expect("a picture");
                let text = terminal.backend().to_string();
                if is_updated && width == 100 {
                    assert!(text.contains("generation 8 ") && text.contains("ended; q"), "{text}");
                    assert!(text.contains("xor by ga, network 4, seed 1"), "{text}");
                }
                if is_updated && width >= 45 {
                    // Every field is whole, and the names of the curves hide none of them.
                    for words in ["champion 1, training", "held-out ", "step size "] {
                        assert!(text.contains(words), "{words}: {text}");
                    }
                    let legend = "━ champion, training  ━ mean";
                    let row = text.lines().find(|line| line.contains(legend));
                    let row = row.unwrap_or_else(|| panic!("{legend}: {text}"));
                    assert!(!row.contains(|letter| ('\u{2801}'..='\u{28ff}').contains(&letter)));
                }
                let dots = text.chars().filter(|letter| ('\u{2801}'..='\u{28ff}').contains(letter));
                assert!(!is_updated || height < 8 || dots.count() > 3, "{text}");
            }
        }
    }
}
