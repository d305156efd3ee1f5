//! Live pictures in a terminal: an episode while it is played.

use std::time::{Duration, Instant};

use deme::champion::Champion;
use deme::draw::{Anchor, Colour, Scene, Shape};
use deme::error::{Error, Result};
use deme::play::{FRAME_SIZE, HeldOutSet, Snapshot, draw_frame};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line as Words;
use ratatui::widgets::canvas::{Canvas, Circle, Context, Line};
use ratatui::{DefaultTerminal, Frame};

use super::terminal::has_colour;

/// The least time between two pictures, in seconds.
const LEAST_SECONDS: f64 = 1.0 / 30.0;
/// The time for which the last picture stays.
const LAST_PICTURE: Duration = Duration::from_millis(1200);

/// A moment of an episode that will be drawn.
struct RecordedMoment {
    step: u32,
    state: Vec<f64>,
    action: Vec<f64>,
    reward: f64,
}

/// Plays an episode in the terminal at the task's own speed, until it ends or a key is pressed.
pub fn episode(episodes: &HeldOutSet, champion: &mut Champion, index: u32) -> Result<()> {
    let picture = episodes.picture()?;
    let actions = episodes.simulation()?.shape().actions;
    let stride = (LEAST_SECONDS / picture.step_seconds).ceil().max(1.0) as u32;
    let (mut moments, mut reward) = (Vec::new(), 0.0);
    episodes.play(champion, index, &mut |moment| {
        reward += moment.reward;
        let step = moment.step + 1;
        if step.is_multiple_of(stride) || moment.terminated || moment.truncated {
            let (state, action) = (moment.next.to_vec(), moment.action.to_vec());
            moments.push(RecordedMoment { step, state, action, reward });
        }
    })?;
    let states: Vec<Vec<f64>> = moments.iter().map(|moment| moment.state.clone()).collect();
    let scenes = moments.iter().enumerate().map(|(index, moment)| {
        let &RecordedMoment { step, ref state, ref action, reward } = moment;
        let (task, action, path) = (episodes.name(), Some(&action[..]), &states[..index]);
        (step, draw_frame(picture, &Snapshot { task, state, action, actions, path, step, reward }))
    });
    let mut terminal = ratatui::try_init().map_err(terminal_error)?;
    let shown = show(&mut terminal, scenes, picture.step_seconds);
    ratatui::restore();
    shown.map_err(terminal_error)
}

/// The error of a terminal that cannot be drawn on.
pub fn terminal_error(source: std::io::Error) -> Error {
    Error::Io { doing: "drawing on", path: "the terminal".into(), source }
}

fn show(
    terminal: &mut DefaultTerminal,
    scenes: impl Iterator<Item = (u32, Scene)>,
    step_seconds: f64,
) -> std::io::Result<()> {
    let started_at = Instant::now();
    for (step, scene) in scenes {
        terminal.draw(|frame| draw(frame, &scene))?;
        let due = started_at + Duration::from_secs_f64(f64::from(step) * step_seconds);
        if wait_for_quit(due)? {
            return Ok(());
        }
    }
    wait_for_quit(Instant::now() + LAST_PICTURE).map(drop)
}

/// Waits until a moment. Returns true at once if q, Esc or Ctrl-C is pressed before.
pub fn wait_for_quit(until: Instant) -> std::io::Result<bool> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if !event::poll(left)? {
            return Ok(false);
        }
        if let Event::Key(key) = event::read()? {
            let interrupt = key.modifiers.contains(KeyModifiers::CONTROL);
            let quits = matches!(key.code, KeyCode::Char('q') | KeyCode::Esc)
                || (interrupt && key.code == KeyCode::Char('c'));
            if key.kind == KeyEventKind::Press && quits {
                return Ok(true);
            }
        }
    }
}

/// Draws a scene into the largest part of the terminal that keeps its proportions.
fn draw(frame: &mut Frame, scene: &Scene) {
    let area = proportional(frame.area());
    let [width, height] = FRAME_SIZE.map(f64::from);
    // Letters do not scale: in a narrow terminal they would hide each other.
    let has_text = area.width >= 48;
    let canvas = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([0.0, width])
        .y_bounds([0.0, height])
        .paint(|context| {
            for shape in &scene.shapes {
                draw_shape(context, shape, height, has_text);
            }
        });
    frame.render_widget(canvas, area);
}

/// The largest area with the proportions of a frame. A letter is twice as high as it is wide.
fn proportional(area: Rect) -> Rect {
    let [width, height] = FRAME_SIZE.map(f64::from);
    let across = f64::from(area.width).min(f64::from(area.height) * 2.0 * width / height);
    let down = (across * height / width / 2.0).round();
    Rect { width: across as u16, height: (down as u16).min(area.height), ..area }
}

fn draw_shape(context: &mut Context, shape: &Shape, height: f64, has_text: bool) {
    match shape {
        Shape::Line { points, width, colour } => {
            // Five strokes leave no gap between them in a terminal of eighty columns.
            let half = (width / 2.0).min(4.0);
            for stroke in [-1.0, -0.5, 0.0, 0.5, 1.0] {
                strokes(context, points, stroke * half, *colour, height);
            }
        }
        Shape::Area { points, colour, .. } => {
            let closed: Vec<[f64; 2]> = points.iter().chain(points.first()).copied().collect();
            strokes(context, &closed, 0.0, *colour, height);
        }
        Shape::Disc { centre: [x, y], radius, colour } => {
            let color = shade(*colour);
            context.draw(&Circle { x: *x, y: height - y, radius: *radius, color });
        }
        Shape::Text { at: [x, y], anchor, colour, text, .. } if has_text => {
            // A letter takes about eight pixels of a terminal of eighty columns.
            let wide = 6.0 * text.chars().count() as f64;
            let x = match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - wide / 2.0,
                Anchor::End => x - wide,
            };
            let words = Words::styled(text.clone(), Style::default().fg(shade(*colour)));
            context.print(x, height - y, words);
        }
        Shape::Text { .. } => {}
    }
}

fn strokes(context: &mut Context, points: &[[f64; 2]], offset: f64, colour: Colour, height: f64) {
    for pair in points.windows(2) {
        let [[x1, y1], [x2, y2]] = [pair[0], pair[1]];
        let length = (x2 - x1).hypot(y2 - y1).max(f64::MIN_POSITIVE);
        let (across, up) = (offset * (y2 - y1) / length, offset * (x2 - x1) / length);
        context.draw(&Line {
            x1: x1 + across,
            y1: height - (y1 - up),
            x2: x2 + across,
            y2: height - (y2 - up),
            color: shade(colour),
        });
    }
}

/// The colour in the terminal. Ink and paper are the terminal's own.
fn shade(colour: Colour) -> Color {
    match colour {
        _ if !has_colour() => Color::Reset,
        Colour::INK | Colour::PAPER => Color::Reset,
        Colour::BLUE => Color::Blue,
        Colour::GREEN => Color::Green,
        Colour::VERMILION => Color::Red,
        _ => Color::DarkGray,
    }
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
            let state = simulation.reference().start(&vec![0.4; shape.draws]);
            let action = vec![0.5; shape.actions.size()];
            let shown = Snapshot {
                task: &task.about().name,
                state: &state,
                action: Some(&action),
                actions: shape.actions,
                path: &[],
                step: 7,
                reward: 3.0,
            };
            let picture = simulation.picture().expect("every task can be drawn");
            let scene = draw_frame(picture, &shown);
            for (width, height) in [(80, 24), (20, 6), (1, 1), (200, 60)] {
                let backend = TestBackend::new(width, height);
                let mut terminal = Terminal::new(backend).expect("a terminal");
                terminal.draw(|frame| draw(frame, &scene)).expect("a picture");
                let text = terminal.backend().to_string();
                let dots = text.chars().filter(|letter| ('\u{2801}'..='\u{28ff}').contains(letter));
                assert!(width < 20 || dots.count() > 5, "{width} columns:\n{text}");
                assert!(width < 80 || text.contains("step 7"), "{text}");
            }
        }
    }
}
