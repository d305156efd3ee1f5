//! Scenes as SVG text.
//!
//! # Source
//!
//! Scalable Vector Graphics 1.1, <https://www.w3.org/TR/SVG11/>.

use super::{Anchor, Colour, Scene, Shape};
use crate::error::escape_controls;

impl Scene {
    /// Returns the picture as an SVG document.
    pub fn svg(&self) -> String {
        let [width, height] = self.size;
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Verdana, sans-serif\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
            Colour::PAPER.hex()
        );
        self.shapes.iter().for_each(|shape| text.push_str(&element(shape)));
        text.push_str("</svg>\n");
        text
    }
}

fn element(shape: &Shape) -> String {
    let list = |points: &[[f64; 2]]| {
        let points = points.iter().map(|[x, y]| format!("{x:.2},{y:.2}"));
        points.collect::<Vec<_>>().join(" ")
    };
    match shape {
        Shape::Line { points, width, colour } => format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width:.2}\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\n",
            list(points),
            colour.hex()
        ),
        Shape::Area { points, colour, opacity } => {
            let opacity = match *opacity {
                1.0 => String::new(),
                share => format!(" fill-opacity=\"{share}\""),
            };
            let (points, colour) = (list(points), colour.hex());
            format!("<polygon points=\"{points}\" fill=\"{colour}\"{opacity}/>\n")
        }
        Shape::Disc { centre: [x, y], radius, colour } => format!(
            "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius:.2}\" fill=\"{}\"/>\n",
            colour.hex()
        ),
        Shape::Text { at: [x, y], anchor, size, colour, text } => {
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            format!(
                "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{size}\" text-anchor=\"{anchor}\" \
                 fill=\"{}\">{}</text>\n",
                colour.hex(),
                escape_markup(text)
            )
        }
    }
}

/// Escapes the characters of a text that SVG and HTML would read as markup. Characters that XML
/// forbids, and other control characters, become visible: `\u{1}`.
pub fn escape_markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in escape_controls(text, |_| false).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // No characters of XML, although they are Unicode's.
            '\u{fffe}' | '\u{ffff}' => escaped.extend(letter.escape_unicode()),
            other => escaped.push(other),
        }
    }
    escaped
}
