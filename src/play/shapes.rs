//! The picture of a world, from the shapes of its own text.

use crate::draw::{Anchor, Scene};
use crate::task::{DrawState, PictureShape};

/// The pixels around the picture, where the captions stand: left, top, right, bottom.
const MARGINS: [f64; 4] = [10.0, 34.0, 10.0, 32.0];
/// The size of texts, in pixels.
const FONT_SIZE: f64 = 13.0;

/// The map from the units of a world to the pixels of a frame.
struct View {
    region: [f64; 4],
    /// Pixels per unit.
    scale: f64,
    /// The pixel of the region's lower left corner.
    corner: [f64; 2],
}

impl View {
    /// Returns the largest view of a region that fits into a frame.
    fn new(region: [f64; 4], size: [u32; 2]) -> Self {
        let [left, bottom, right, top] = region;
        let [width, height] = size.map(f64::from);
        let room = [width - MARGINS[0] - MARGINS[2], height - MARGINS[1] - MARGINS[3]];
        let scale = (room[0] / (right - left)).min(room[1] / (top - bottom));
        let corner = [
            MARGINS[0] + 0.5 * (room[0] - scale * (right - left)),
            MARGINS[1] + 0.5 * (room[1] + scale * (top - bottom)),
        ];
        Self { region, scale, corner }
    }

    /// Returns the pixel of a point; a point outside of the region is moved to its edge.
    fn pixel(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [left, bottom, right, top] = self.region;
        let (x, y) = (x.clamp(left, right), y.clamp(bottom, top));
        [self.corner[0] + self.scale * (x - left), self.corner[1] - self.scale * (y - bottom)]
    }

    fn contains(&self, [x, y]: [f64; 2]) -> bool {
        let [left, bottom, right, top] = self.region;
        (left..=right).contains(&x) && (bottom..=top).contains(&y)
    }
}

/// Draws a state into a frame of a size in pixels.
pub(super) fn draw(picture: &dyn DrawState, state: &[f64], size: [u32; 2]) -> Scene {
    let (mut scene, view) = (Scene::new(size), View::new(picture.region(), size));
    let largest = f64::from(size[1]);
    for shape in picture.shapes(state) {
        match shape {
            PictureShape::Line { ends, width, colour } => {
                let width = (width * view.scale).clamp(1.0, largest);
                scene.line(&ends.map(|end| view.pixel(end)), width, colour);
            }
            PictureShape::Circle { centre, radius, colour } if view.contains(centre) => {
                let radius = (radius * view.scale).clamp(1.0, largest);
                scene.disc(view.pixel(centre), radius, colour);
            }
            PictureShape::Polygon { corners, colour } => {
                let corners: Vec<[f64; 2]> =
                    corners.into_iter().map(|corner| view.pixel(corner)).collect();
                scene.area(&corners, colour);
            }
            PictureShape::Text { middle, text, colour } if view.contains(middle) => {
                let [x, y] = view.pixel(middle);
                scene.text([x, y + 0.35 * FONT_SIZE], Anchor::Middle, FONT_SIZE, colour, text);
            }
            PictureShape::Circle { .. } | PictureShape::Text { .. } => {}
        }
    }
    scene
}
