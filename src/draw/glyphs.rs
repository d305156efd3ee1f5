//! Glyphs: letters as outlines, from the part of DejaVu Sans that `data/README.md` describes.

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

const FONT: &[u8] = include_bytes!("../../data/labels.ttf");

/// The point of a text that is at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// Returns the outline of a text on its baseline, or `None` for a text without any ink.
pub(super) fn outline(text: &str, at: [f64; 2], anchor: Anchor, size: f64) -> Option<Path> {
    let face = font();
    let scale = size as f32 / f32::from(face.units_per_em());
    let mut pen = GlyphPen { path: PathBuilder::new(), x: 0.0 };
    for glyph in text.chars().filter_map(|letter| glyph_id(&face, letter)) {
        face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or_default());
    }
    let offset = match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => 0.5 * pen.x,
        Anchor::End => pen.x,
    };
    let [x, y] = at.map(|number| number as f32);
    // The y axis of the font points upwards.
    let placement = Transform::from_row(scale, 0.0, 0.0, -scale, x - offset * scale, y);
    pen.path.finish()?.transform(placement)
}

/// Returns the width of a text in pixels, at a font size in pixels.
pub fn text_width(text: &str, size: f64) -> f64 {
    let face = font();
    let glyphs = text.chars().filter_map(|letter| glyph_id(&face, letter));
    let advances = glyphs.map(|glyph| f64::from(face.glyph_hor_advance(glyph).unwrap_or_default()));
    size * advances.sum::<f64>() / f64::from(face.units_per_em())
}

fn font() -> Face<'static> {
    Face::parse(FONT, 0).expect("the shipped font is whole")
}

/// The glyph of a letter; a question mark replaces a letter that the font lacks.
fn glyph_id(face: &Face, letter: char) -> Option<GlyphId> {
    face.glyph_index(letter).or_else(|| face.glyph_index('?'))
}

/// A path builder that moves to the right with each glyph.
struct GlyphPen {
    path: PathBuilder,
    /// The start of the next glyph, in units of the font.
    x: f32,
}

impl OutlineBuilder for GlyphPen {
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
