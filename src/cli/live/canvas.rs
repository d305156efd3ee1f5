//! Scenes drawn with the letters of a terminal.

use deme::draw::{Anchor, Colour, Scene, Shape};
use deme::play::FRAME_SIZE;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::Line as Words;
use ratatui::widgets::canvas::{Canvas, Circle, Context, Line};

use super::super::terminal::has_colour;

/// Draws a scene into the largest part of an area that keeps its proportions.
pub fn draw(frame: &mut Frame, area: Rect, scene: &Scene) {
    let area = proportional(area);
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
