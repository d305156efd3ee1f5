//! Live pictures in a terminal: episodes while they are played.

mod canvas;

use std::time::{Duration, Instant};

use deme::champion::Champion;
use deme::error::{Error, Result};
use deme::play::{Caption, HeldOutSet, Snapshot, caption, draw_state};
use deme::task::{Actions, Labels, Picture, Quantity};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use ratatui::{DefaultTerminal, Frame};

use super::terminal::{columns, fit_fields, wrap_fields};

/// The least time between two pictures, in seconds.
const LEAST_SECONDS: f64 = 1.0 / 30.0;
/// The time for which the last picture stays, if no key is pressed.
const LAST_PICTURE: Duration = Duration::from_millis(1200);
/// The slowest and the fastest speed, in powers of two of the task's own.
const SPEEDS: std::ops::RangeInclusive<i32> = -4..=6;
/// The keys, for people, with the rank by which a narrow terminal leaves them out.
const KEYS: [(u8, &str); 4] =
    [(1, "space pause"), (2, "+ - speed"), (3, "n p next, previous episode"), (0, "q quit")];
/// The share of the lines, as one in so many, that the observation may take.
const OBSERVATION_SHARE: usize = 4;

/// A moment of an episode.
struct Moment {
    step: u32,
    state: Vec<f64>,
    observation: Vec<f64>,
    action: Vec<f64>,
    reward: f64,
}

/// An episode that was played, and what its pictures need.
struct Recording<'a> {
    task: &'a str,
    number: u32,
    picture: Picture,
    actions: Actions,
    labels: Labels,
    moments: Vec<Moment>,
    states: Vec<Vec<f64>>,
}

/// The wish of a person who pressed a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Pause,
    Faster,
    Slower,
    Next,
    Previous,
    Quit,
}

/// The state of the player that keys change.
struct Player {
    paused: bool,
    /// The speed: two to this power times the task's own.
    speed: i32,
}

/// Plays episodes in the terminal, starting with `first`, until one ends or q is pressed.
pub fn episodes(held_out: &HeldOutSet, champion: &mut Champion, first: u32) -> Result<()> {
    let mut number = first;
    let mut recording = Recording::new(held_out, champion, number)?;
    let mut player = Player { paused: false, speed: 0 };
    let mut terminal = ratatui::try_init().map_err(terminal_error)?;
    let outcome = loop {
        match player.show(&mut terminal, &recording) {
            Err(problem) => break Err(terminal_error(problem)),
            Ok(Command::Next) => number = number.saturating_add(1),
            Ok(Command::Previous) => number = number.saturating_sub(1),
            Ok(_) => break Ok(()),
        }
        match Recording::new(held_out, champion, number) {
            Ok(next) => recording = next,
            Err(error) => break Err(error),
        }
    };
    ratatui::restore();
    outcome
}

impl<'a> Recording<'a> {
    fn new(held_out: &'a HeldOutSet, champion: &mut Champion, number: u32) -> Result<Self> {
        let simulation = held_out.simulation()?;
        let (mut moments, mut reward) = (Vec::new(), 0.0);
        held_out.play(champion, number, &mut |transition| {
            reward += transition.reward;
            moments.push(Moment {
                step: transition.step + 1,
                state: transition.next.to_vec(),
                observation: transition.observation.to_vec(),
                action: transition.action.to_vec(),
                reward,
            });
        })?;
        Ok(Self {
            task: held_out.name(),
            number,
            picture: held_out.picture()?,
            actions: simulation.shape().actions,
            labels: simulation.labels(),
            states: moments.iter().map(|moment: &Moment| moment.state.clone()).collect(),
            moments,
        })
    }

    fn snapshot(&self, index: usize) -> Snapshot<'_> {
        let moment = &self.moments[index];
        Snapshot {
            task: self.task,
            state: &moment.state,
            action: Some(&moment.action),
            actions: self.actions,
            labels: self.labels,
            path: &self.states[..index],
            step: moment.step,
            reward: moment.reward,
        }
    }

    /// Draws a moment: a line of words, the picture, and lines for the observation, the action and
    /// the keys.
    fn draw(&self, frame: &mut Frame, index: usize, player: &Player) {
        let snapshot = self.snapshot(index);
        let Caption { task, clock, step, actions, reward } = caption(self.picture, &snapshot);
        let speed = 2f64.powi(player.speed);
        let speed = match player.paused {
            true => format!("paused, speed {speed}"),
            false => format!("speed {speed}"),
        };
        let (width, height) = (usize::from(frame.area().width), usize::from(frame.area().height));
        let observation = named(self.labels.observations, &self.moments[index].observation);
        let observation = wrap_fields(&observation, width, height / OBSERVATION_SHARE);
        let keys = KEYS.map(|(rank, key)| (rank, key.to_owned()));
        let keys = fit_fields(&keys, width.saturating_sub(columns(&speed) + 2));
        let rows = [1, 0, observation.len() as u16, 1, 1].map(|rows| match rows {
            0 => Constraint::Fill(1),
            rows => Constraint::Length(rows),
        });
        let areas = Layout::vertical(rows).split(frame.area());
        line(frame, areas[0], [&format!("{task}  episode {}", self.number), &clock], false);
        canvas::draw(frame, areas[1], &draw_state(self.picture, &snapshot));
        let faint = Style::default().add_modifier(Modifier::DIM);
        let observation: Vec<Line> = observation.into_iter().map(Line::from).collect();
        frame.render_widget(Paragraph::new(observation).style(faint), areas[2]);
        let fields: Vec<String> = std::iter::once(step).chain(actions).collect();
        let action = wrap_fields(&fields, width.saturating_sub(columns(&reward) + 2), 1);
        line(frame, areas[3], [action.first().map_or("", String::as_str), &reward], false);
        line(frame, areas[4], [&keys, &speed], true);
    }
}

impl Player {
    /// Shows an episode until it ends or a key ends it.
    fn show(
        &mut self,
        terminal: &mut DefaultTerminal,
        recording: &Recording,
    ) -> std::io::Result<Command> {
        let mut index = 0;
        let last = recording.moments.len().saturating_sub(1);
        loop {
            let step_seconds = recording.picture.step_seconds / 2f64.powi(self.speed);
            let stride = (LEAST_SECONDS / step_seconds).ceil().max(1.0);
            let mut due = Instant::now() + Duration::from_secs_f64(stride * step_seconds);
            if index == last {
                due = Instant::now() + LAST_PICTURE;
            }
            terminal.draw(|frame| recording.draw(frame, index, self))?;
            while let Some(command) = self.wait(due)? {
                match command {
                    Command::Pause => self.paused = !self.paused,
                    Command::Faster => self.speed = (self.speed + 1).min(*SPEEDS.end()),
                    Command::Slower => self.speed = (self.speed - 1).max(*SPEEDS.start()),
                    Command::Next | Command::Previous | Command::Quit => return Ok(command),
                }
                terminal.draw(|frame| recording.draw(frame, index, self))?;
            }
            if index == last {
                return Ok(Command::Quit);
            }
            index = (index + stride as usize).min(last);
        }
    }

    /// Waits for a key until a moment, or for ever while the player is paused.
    fn wait(&self, until: Instant) -> std::io::Result<Option<Command>> {
        loop {
            let left = match self.paused {
                true => Duration::from_secs(3600),
                false => until.saturating_duration_since(Instant::now()),
            };
            match read_key(left)? {
                Key::Command(command) => return Ok(Some(command)),
                Key::Other => {}
                Key::None if self.paused => {}
                Key::None => return Ok(None),
            }
        }
    }
}

/// Writes a text at the left of a line, and another at the right if there is room for both.
fn line(frame: &mut Frame, area: Rect, [left, right]: [&str; 2], faint: bool) {
    let style = match faint {
        true => Style::default().add_modifier(Modifier::DIM),
        false => Style::default(),
    };
    frame.render_widget(Line::styled(left, style), area);
    if columns(left) + columns(right) < usize::from(area.width) {
        let used = columns(left) as u16;
        let rest = Rect { x: area.x + used, width: area.width - used, ..area };
        frame.render_widget(Line::styled(right, style).right_aligned(), rest);
    }
}

/// The most numbers of one name that have a field each. More share one: a grid of cells says
/// little as a list.
const MOST_FIELDS: usize = 16;

/// Numbers with their names and units: a field each, or one for many of the same name.
fn named(labels: &[Quantity], numbers: &[f64]) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = numbers;
    for Quantity { name, unit, count, .. } in labels {
        let own;
        (own, rest) = rest.split_at((*count).min(rest.len()));
        if own.len() <= MOST_FIELDS {
            let field = |number: &f64| format!("{name} {number:.2} {unit}").trim_end().to_owned();
            fields.extend(own.iter().map(field));
        } else {
            let least = own.iter().copied().fold(f64::INFINITY, f64::min);
            let most = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = own.iter().sum();
            let count = own.len();
            fields.push(format!("{name} {count} numbers {least:.2} to {most:.2}, sum {sum:.2}"));
        }
    }
    fields
}

/// The event of a keyboard.
enum Key {
    Command(Command),
    Other,
    None,
}

/// Reads an event that arrives within some time.
fn read_key(left: Duration) -> std::io::Result<Key> {
    if !event::poll(left)? {
        return Ok(Key::None);
    }
    let Event::Key(key) = event::read()? else { return Ok(Key::Other) };
    if key.kind != KeyEventKind::Press {
        return Ok(Key::Other);
    }
    Ok(match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Key::Command(Command::Quit)
        }
        KeyCode::Char('q') | KeyCode::Esc => Key::Command(Command::Quit),
        KeyCode::Char(' ') => Key::Command(Command::Pause),
        KeyCode::Char('+' | '=') => Key::Command(Command::Faster),
        KeyCode::Char('-') => Key::Command(Command::Slower),
        KeyCode::Char('n') | KeyCode::Right => Key::Command(Command::Next),
        KeyCode::Char('p') | KeyCode::Left => Key::Command(Command::Previous),
        _ => Key::Other,
    })
}

/// Waits until a moment. Returns true at once if q, Esc or Ctrl-C is pressed before.
pub fn wait_for_quit(until: Instant) -> std::io::Result<bool> {
    loop {
        match read_key(until.saturating_duration_since(Instant::now()))? {
            Key::Command(Command::Quit) => return Ok(true),
            Key::Command(_) | Key::Other => {}
            Key::None => return Ok(false),
        }
    }
}

/// The error of a terminal that cannot be drawn on.
pub fn terminal_error(source: std::io::Error) -> Error {
    Error::Io { doing: "drawing on", path: "the terminal".into(), source }
}

#[cfg(test)]
mod tests {
    use deme::task::{self, Kind};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    #[test]
    fn every_task_is_drawn_in_terminals_of_any_size() {
        for task in task::all() {
            let Kind::Control(simulation) = task.kind() else { continue };
            let shape = simulation.shape();
            let dynamics = simulation.reference().expect("every built-in task has dynamics");
            let state = dynamics.start(&vec![0.4; shape.draws]);
            let moment = Moment {
                step: 7,
                observation: dynamics.observe(&state),
                state: state.clone(),
                action: vec![0.0; shape.actions.size()],
                reward: 3.0,
            };
            let recording = Recording {
                task: &task.about().name,
                number: 0,
                picture: simulation.picture().expect("every task can be drawn"),
                actions: shape.actions,
                labels: simulation.labels(),
                moments: vec![moment],
                states: vec![state],
            };
            for (width, height) in [(80, 24), (40, 24), (20, 10), (1, 1), (120, 30)] {
                let backend = TestBackend::new(width, height);
                let mut terminal = Terminal::new(backend).expect("a terminal");
                let player = Player { paused: true, speed: 2 };
                terminal.draw(|frame| recording.draw(frame, 0, &player)).expect("a picture");
                let text = terminal.backend().to_string();
                let dots = text.chars().filter(|letter| ('\u{2801}'..='\u{28ff}').contains(letter));
                assert!(width < 20 || dots.count() > 2, "{width} columns:\n{text}");
                assert!(width < 40 || text.contains("q quit"), "{text}");
                if width < 80 {
                    continue;
                }
                // The observation is whole, or the picture says how much is missing.
                let labels = simulation.labels().observations;
                let last = labels.last().expect("an observation").name.as_ref();
                let is_cut = width < 120 && text.contains(" more ");
                assert!(text.contains(last) || is_cut, "{last}:\n{text}");
                let action = simulation.labels().actions[0].name.as_ref();
                for word in ["step 7", "return 3", "space pause", "paused, speed 4", action] {
                    assert!(text.contains(word), "{word}:\n{text}");
                }
                // The words stand in lines of their own, apart from the picture.
                let is_mixed = |line: &str| {
                    line.contains(|letter| ('\u{2801}'..='\u{28ff}').contains(&letter))
                        && line.contains(|letter: char| letter.is_ascii_alphabetic())
                };
                assert!(!text.lines().any(is_mixed), "{text}");
            }
        }
    }
}
