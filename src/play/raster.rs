//! Scenes as pixels, with smooth edges.

use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use super::glyphs;
use super::scene::{Colour, Scene, Shape};

/// A picture as pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    /// Across and down.
    pub size: [u32; 2],
    /// `[down][across]`.
    pub colours: Vec<Colour>,
}

/// Draws a scene.
///
/// # Panics
/// If the scene has no pixels.
pub fn raster(scene: &Scene) -> Pixels {
    let [width, height] = scene.size;
    let mut canvas = Pixmap::new(width, height).expect("a picture has pixels");
    canvas.fill(solid(Colour::PAPER));
    scene.shapes.iter().for_each(|shape| draw(&mut canvas, shape));
    let colours = canvas.pixels().iter().map(|pixel| {
        // Nothing of the paper shines through, so these are the plain values.
        Colour(pixel.red(), pixel.green(), pixel.blue())
    });
    Pixels { size: scene.size, colours: colours.collect() }
}

fn draw(canvas: &mut Pixmap, shape: &Shape) {
    match shape {
        Shape::Line { points, width, colour } => {
            let Some(path) = through(points, false) else { return };
            let stroke = Stroke {
                width: *width as f32,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            canvas.stroke_path(&path, &paint(*colour), &stroke, Transform::identity(), None);
        }
        Shape::Area { points, colour } => fill(canvas, through(points, true), *colour),
        Shape::Disc { centre: [x, y], radius, colour } => {
            let path = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32);
            fill(canvas, path, *colour);
        }
        Shape::Text { at, anchor, size, colour, text } => {
            fill(canvas, glyphs::outline(text, *at, *anchor, *size), *colour);
        }
    }
}

fn fill(canvas: &mut Pixmap, path: Option<Path>, colour: Colour) {
    if let Some(path) = path {
        let (rule, place) = (FillRule::Winding, Transform::identity());
        canvas.fill_path(&path, &paint(colour), rule, place, None);
    }
}

/// A path through places; none through fewer than two, or through one that is no number.
fn through(points: &[[f64; 2]], closed: bool) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first[0] as f32, first[1] as f32);
    rest.iter().for_each(|[x, y]| path.line_to(*x as f32, *y as f32));
    if closed {
        path.close();
    }
    let path = path.finish()?;
    let bounds: Rect = path.bounds();
    bounds.width().is_finite().then_some(path)
}

fn solid(Colour(red, green, blue): Colour) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(red, green, blue, 255)
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(solid(colour));
    paint.anti_alias = true;
    paint
}
