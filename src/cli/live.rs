//! Live pictures in a terminal: an episode as it is played.

use std::time::{Duration, Instant};

use deme::champion::Champion;
use deme::error::{Error, Result};
use deme::play::{Anchor, Colour, FRAME, Scene, Shape, Shown, Stage, frame};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line as Words;
use ratatui::widgets::canvas::{Canvas, Circle, Context, Line};
use ratatui::{DefaultTerminal, Frame};

/// The least time between two pictures.
const LEAST_SECONDS: f64 = 1.0 / 30.0;
/// How long the last picture stays.
const LAST: Duration = Duration::from_millis(1200);

/// A moment of an episode, to be drawn when its time comes.
struct Kept {
    step: u32,
    state: Vec<f64>,
    action: Vec<f64>,
    reward: f64,
}

/// Plays an episode in the terminal at the task's own speed, until it ends or a key is pressed.
pub fn episode(stage: &Stage, champion: &mut Champion, index: u32) -> Result<()> {
    let picture = stage.picture()?;
    let actions = stage.simulation()?.shape().actions;
    let stride = (LEAST_SECONDS / picture.step_seconds).ceil().max(1.0) as u32;
    let (mut moments, mut reward) = (Vec::new(), 0.0);
    stage.play(champion, index, &mut |moment| {
        reward += moment.reward;
        let step = moment.step + 1;
        if step.is_multiple_of(stride) || moment.terminated || moment.truncated {
            let (state, action) = (moment.next.to_vec(), moment.action.to_vec());
            moments.push(Kept { step, state, action, reward });
        }
    })?;
    let states: Vec<Vec<f64>> = moments.iter().map(|kept| kept.state.clone()).collect();
    let scenes = moments.iter().enumerate().map(|(index, kept)| {
        let &Kept { step, ref state, ref action, reward } = kept;
        let (task, action, path) = (stage.name(), Some(&action[..]), &states[..index]);
        (step, frame(picture, &Shown { task, state, action, actions, path, step, reward }))
    });
    let mut terminal = ratatui::try_init().map_err(failed)?;
    let shown = show(&mut terminal, scenes, picture.step_seconds);
    ratatui::restore();
    shown.map_err(failed)
}

/// What the system said of a terminal.
pub fn failed(source: std::io::Error) -> Error {
    Error::Io { doing: "drawing on", path: "the terminal".into(), source }
}

fn show(
    terminal: &mut DefaultTerminal,
    scenes: impl Iterator<Item = (u32, Scene)>,
    step_seconds: f64,
) -> std::io::Result<()> {
    let begun = Instant::now();
    for (step, scene) in scenes {
        terminal.draw(|frame| draw(frame, &scene))?;
        let due = begun + Duration::from_secs_f64(f64::from(step) * step_seconds);
        if leaves(due)? {
            return Ok(());
        }
    }
    leaves(Instant::now() + LAST).map(drop)
}

/// Waits until a moment; whether somebody pressed a key to leave before.
pub fn leaves(until: Instant) -> std::io::Result<bool> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if !event::poll(left)? {
            return Ok(false);
        }
        if let Event::Key(key) = event::read()? {
            let interrupt = key.modifiers.contains(KeyModifiers::CONTROL);
            let leaves = matches!(key.code, KeyCode::Char('q') | KeyCode::Esc)
                || (interrupt && key.code == KeyCode::Char('c'));
            if key.kind == KeyEventKind::Press && leaves {
                return Ok(true);
            }
        }
    }
}

/// Draws a scene into as much of the terminal as keeps its shape.
fn draw(frame: &mut Frame, scene: &Scene) {
    let area = fitting(frame.area());
    let [width, height] = FRAME.map(f64::from);
    // Letters are as wide as the terminal has them: two at one place would hide each other.
    let roomy = area.width >= 48;
    let canvas = Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([0.0, width])
        .y_bounds([0.0, height])
        .paint(|context| {
            for shape in &scene.shapes {
                paint(context, shape, height, roomy);
            }
        });
    frame.render_widget(canvas, area);
}

/// The largest area of the shape of a frame; a letter is twice as high as it is wide.
fn fitting(area: Rect) -> Rect {
    let [width, height] = FRAME.map(f64::from);
    let across = f64::from(area.width).min(f64::from(area.height) * 2.0 * width / height);
    let down = (across * height / width / 2.0).round();
    Rect { width: across as u16, height: (down as u16).min(area.height), ..area }
}

fn paint(context: &mut Context, shape: &Shape, height: f64, roomy: bool) {
    match shape {
        Shape::Line { points, width, colour } => {
            // As many strokes as leave no gap between them in a terminal of eighty columns.
            let half = (width / 2.0).min(4.0);
            for stroke in [-1.0, -0.5, 0.0, 0.5, 1.0] {
                strokes(context, points, stroke * half, *colour, height);
            }
        }
        Shape::Area { points, colour } => {
            let closed: Vec<[f64; 2]> = points.iter().chain(points.first()).copied().collect();
            strokes(context, &closed, 0.0, *colour, height);
        }
        Shape::Disc { centre: [x, y], radius, colour } => {
            let color = shade(*colour);
            context.draw(&Circle { x: *x, y: height - y, radius: *radius, color });
        }
        Shape::Text { at: [x, y], anchor, colour, text, .. } if roomy => {
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

/// The colour in the terminal; ink and paper are its own.
fn shade(colour: Colour) -> Color {
    let quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match colour {
        _ if quiet => Color::Reset,
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
            let shown = Shown {
                task: &task.about().name,
                state: &state,
                action: Some(&action),
                actions: shape.actions,
                path: &[],
                step: 7,
                reward: 3.0,
            };
            let picture = simulation.picture().expect("every task can be drawn");
            let scene = frame(picture, &shown);
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
