//! `deme watch`: the curve of a run in progress, in the terminal.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use deme::error::{Error, Result};
use deme::run::{Log, Record, Request};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::widgets::{Axis, Chart, Dataset, Gauge, GraphType, Paragraph};

use super::live::{failed, leaves};
use super::progress::short;
use super::table::{grouped, scaled};

/// How often the folder is looked at.
const INTERVAL: Duration = Duration::from_millis(250);
/// Time over which a speed is a mean.
const SPEED_SECONDS: f64 = 5.0;
/// Columns below which there is room for the curve alone.
const NARROW: u16 = 40;

/// Show the curve of a run in progress; q leaves.
#[derive(clap::Args)]
pub struct Flags {
    /// Run folder of `deme train`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub fn run(flags: &Flags) -> Result<super::Outcome> {
    let mut watched = Watched::of(&flags.folder)?;
    watched.look()?;
    if !std::io::stdout().is_terminal() {
        let expected = "a terminal to draw on";
        return Err(Error::invalid("deme watch", expected, "another output")
            .advise("deme report writes a page, a chart or tables"));
    }
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let ended = loop {
        if let Err(error) = terminal.draw(|frame| watched.draw(frame)) {
            break Err(failed(error));
        }
        match leaves(Instant::now() + INTERVAL) {
            Ok(true) => break Ok(()),
            Ok(false) => {}
            Err(error) => break Err(failed(error)),
        }
        if let Err(error) = watched.look() {
            break Err(error);
        }
    };
    ratatui::restore();
    ended.map(|()| super::Outcome::Done)
}

/// What is known of a run.
struct Watched {
    folder: PathBuf,
    request: Request,
    log: Log,
    last: Option<Record>,
    /// Evaluations, and the champion's validation score, or the mean fitness, after them.
    champion: Vec<(f64, f64)>,
    mean: Vec<(f64, f64)>,
    held_out: Option<f32>,
    /// When so many evaluations had been done.
    seen: Vec<(Instant, u64)>,
    ended: bool,
}

impl Watched {
    fn of(folder: &Path) -> Result<Self> {
        let log = Log::open(folder)?;
        Ok(Self {
            folder: folder.into(),
            request: Request::of_folder(folder)?,
            log,
            last: None,
            champion: Vec::new(),
            mean: Vec::new(),
            held_out: None,
            seen: Vec::new(),
            ended: false,
        })
    }

    /// Takes in what is new.
    fn look(&mut self) -> Result<()> {
        let before = self.log.bytes();
        let records = self.log.more()?;
        if self.log.bytes() < before {
            // The run has gone back to its checkpoint.
            (self.champion, self.mean, self.held_out) = (Vec::new(), Vec::new(), None);
        }
        for record in records {
            let evaluations = record.evaluations as f64;
            let best = self.champion.last().map_or(f64::NEG_INFINITY, |point| point.1);
            let score = f64::from(record.validation);
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
        self.seen.push((now, evaluations));
        self.seen.retain(|(then, _)| now.duration_since(*then).as_secs_f64() < SPEED_SECONDS);
        self.ended = self.folder.join("summary.json").exists();
        Ok(())
    }

    /// Evaluations a second, of late.
    fn speed(&self) -> f64 {
        let (Some(first), Some(last)) = (self.seen.first(), self.seen.last()) else { return 0.0 };
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        if seconds > 0.0 { last.1.saturating_sub(first.1) as f64 / seconds } else { 0.0 }
    }

    /// The share of the budget that is spent.
    fn share(&self) -> f64 {
        let Some(last) = &self.last else { return 0.0 };
        let share = |done: f64, most: Option<u64>| most.map_or(0.0, |most| done / most as f64);
        let generations = share(f64::from(last.generation), self.request.generations);
        generations.max(share(last.evaluations as f64, self.request.evaluations)).clamp(0.0, 1.0)
    }

    fn words(&self) -> Vec<Line<'_>> {
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
            return vec![Line::from(title), Line::from(about), Line::from("no generation yet")];
        };
        let number = |value: Option<f64>| value.map_or("-".into(), short);
        let learnt = format!(
            "generation {}  best {}  mean {}  champion {}  held-out {}  spread {}",
            grouped(last.generation.into()),
            number(last.best.map(f64::from)),
            number(last.mean),
            number(self.champion.last().map(|point| point.1)),
            number(self.held_out.map(f64::from)),
            short(last.spread),
        );
        let evaluations = grouped(last.evaluations);
        let speed = format!("{evaluations} evaluations, {}/s", scaled(self.speed()));
        [title, about, learnt, speed].map(Line::from).to_vec()
    }

    fn draw(&self, frame: &mut Frame) {
        let words = self.words();
        let narrow = frame.area().width < NARROW || frame.area().height < 12;
        let rows = if narrow { 1 } else { words.len() as u16 };
        let parts = [Constraint::Length(rows), Constraint::Min(1), Constraint::Length(1)];
        let [top, middle, bottom] = Layout::vertical(parts).areas(frame.area());
        let shown = if narrow { words[words.len() - 2..].to_vec() } else { words };
        frame.render_widget(Paragraph::new(shown), top);
        self.draw_chart(frame, middle, narrow);
        let share = self.share();
        let label = match (narrow, self.ended) {
            (true, _) => format!("{:.0}%", 100.0 * share),
            (false, true) => format!("{:.0}% of the budget, ended; q leaves", 100.0 * share),
            (false, false) => format!("{:.0}% of the budget; q leaves", 100.0 * share),
        };
        let gauge = Gauge::default().ratio(share).label(label);
        frame.render_widget(gauge.gauge_style(colour(Color::Blue)), bottom);
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
        let line = |name, data, color| {
            let graph = Dataset::default().name(name).data(data).marker(Marker::Braille);
            graph.graph_type(GraphType::Line).style(colour(color))
        };
        let data = vec![
            line("mean fitness", &self.mean, Color::DarkGray),
            line("champion", &self.champion, Color::Blue),
        ];
        let labels = |ends: [String; 2]| if narrow { vec![] } else { ends.to_vec() };
        let below = Axis::default().bounds([0.0, last]);
        let aside = Axis::default().bounds([low, high]);
        let chart = Chart::new(data)
            .x_axis(below.labels(labels(["0".into(), scaled(last)])))
            .y_axis(aside.labels(labels([short(low), short(high)])));
        frame.render_widget(chart, area);
    }
}

/// A colour, unless none are wanted.
fn colour(color: Color) -> Style {
    let quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if quiet { Style::default() } else { Style::default().fg(color) }
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
            ..Request::of("xor")
        };
        let config = request.check().expect("a configuration").into_folder(&out);
        run::train(&config, &mut ()).expect("a run");
        let mut watched = Watched::of(&out).expect("a run folder");
        for has_looked in [false, true] {
            if has_looked {
                watched.look().expect("generations");
                assert_eq!(watched.share(), 1.0);
            }
            for (width, height) in [(100, 30), (20, 8), (20, 1), (1, 1)] {
                let backend = TestBackend::new(width, height);
                let mut terminal = Terminal::new(backend).expect("a terminal");
                terminal.draw(|frame| watched.draw(frame)).expect("a picture");
                let text = terminal.backend().to_string();
                if has_looked && width == 100 {
                    assert!(text.contains("generation 8 ") && text.contains("ended; q"), "{text}");
                    assert!(text.contains("xor by ga, network 4, seed 1"), "{text}");
                }
                let dots = text.chars().filter(|letter| ('\u{2801}'..='\u{28ff}').contains(letter));
                assert!(!has_looked || height < 8 || dots.count() > 3, "{text}");
            }
        }
    }
}
