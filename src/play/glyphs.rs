//! Letters as outlines: those of DejaVu Sans that labels need, see `data/README.md`.

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, OutlineBuilder};

use super::scene::Anchor;

const FONT: &[u8] = include_bytes!("../../data/labels.ttf");

/// The outline of a text, its place on the line that letters stand on; none of no letters.
pub(super) fn outline(text: &str, at: [f64; 2], anchor: Anchor, size: f64) -> Option<Path> {
    let face = Face::parse(FONT, 0).expect("the shipped font is whole");
    let scale = size as f32 / f32::from(face.units_per_em());
    let mut pen = Pen { path: PathBuilder::new(), x: 0.0 };
    for letter in text.chars() {
        let glyph = face.glyph_index(letter).or_else(|| face.glyph_index('?'));
        let Some(glyph) = glyph else { continue };
        face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or_default());
    }
    let back = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => 0.5 * pen.x,
        Anchor::End => pen.x,
    };
    let [x, y] = at.map(|number| number as f32);
    // The font counts upwards.
    let place = Transform::from_row(scale, 0.0, 0.0, -scale, x - back * scale, y);
    pen.path.finish()?.transform(place)
}

/// Pixels that a text takes from left to right, in the shipped font.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let face = Face::parse(FONT, 0).expect("the shipped font is whole");
    let advance = |letter: char| {
        let glyph = face.glyph_index(letter).or_else(|| face.glyph_index('?'));
        glyph.and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or_default()
    };
    let advances: f64 = text.chars().map(|letter| f64::from(advance(letter))).sum();
    size * advances / f64::from(face.units_per_em())
}

struct Pen {
    path: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + x1, y1, self.x + x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}
