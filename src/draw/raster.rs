//! The rasteriser: scenes as pixels, with anti-aliased edges.

use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use super::{Colour, Scene, Shape, glyphs};

/// A picture as pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Width and height, in pixels.
    pub size: [u32; 2],
    /// `[height][width]`, row by row from the top.
    pub colours: Vec<Colour>,
}

impl Raster {
    /// Draws a scene.
    ///
    /// # Panics
    ///
    /// Panics if the width or the height of the scene is zero.
    pub fn from_scene(scene: &Scene) -> Self {
        let [width, height] = scene.size;
        let mut canvas = Pixmap::new(width, height).expect("a picture has pixels");
        canvas.fill(opaque(Colour::PAPER));
        scene.shapes.iter().for_each(|shape| draw(&mut canvas, shape));
        let colours = canvas.pixels().iter().map(|pixel| {
            // Every pixel is opaque, so the premultiplied values are the plain ones.
            Colour(pixel.red(), pixel.green(), pixel.blue())
        });
        Self { size: scene.size, colours: colours.collect() }
    }
}

fn draw(canvas: &mut Pixmap, shape: &Shape) {
    match shape {
        Shape::Line { points, width, colour } => {
            let Some(path) = path_through(points, false) else { return };
            let stroke = Stroke {
                width: *width as f32,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            canvas.stroke_path(&path, &paint(*colour, 1.0), &stroke, Transform::identity(), None);
        }
        Shape::Area { points, colour, opacity } => {
            fill(canvas, path_through(points, true), *colour, *opacity);
        }
        Shape::Disc { centre: [x, y], radius, colour } => {
            let path = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32);
            fill(canvas, path, *colour, 1.0);
        }
        Shape::Text { at, anchor, size, colour, text } => {
            fill(canvas, glyphs::outline(text, *at, *anchor, *size), *colour, 1.0);
        }
    }
}

fn fill(canvas: &mut Pixmap, path: Option<Path>, colour: Colour, opacity: f64) {
    if let Some(path) = path {
        let (rule, placement) = (FillRule::Winding, Transform::identity());
        canvas.fill_path(&path, &paint(colour, opacity), rule, placement, None);
    }
}

/// Returns the path through points, or `None` for fewer than two points or a point that is not
/// finite.
fn path_through(points: &[[f64; 2]], is_closed: bool) -> Option<Path> {
    let (first, rest) = points.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first[0] as f32, first[1] as f32);
    rest.iter().for_each(|[x, y]| path.line_to(*x as f32, *y as f32));
    if is_closed {
        path.close();
    }
    let path = path.finish()?;
    let bounds: Rect = path.bounds();
    bounds.width().is_finite().then_some(path)
}

fn opaque(Colour(red, green, blue): Colour) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(red, green, blue, 255)
}

fn paint(Colour(red, green, blue): Colour, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, (255.0 * opacity).round() as u8);
    paint.anti_alias = true;
    paint
}
