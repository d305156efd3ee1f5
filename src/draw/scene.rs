//! Scenes: a picture as a list of shapes, in pixels from the upper left corner.
//!
//! One scene serves every output: SVG, pixels, GIF and the terminal.

use super::{Anchor, Colour, glyphs};
use crate::error::escape_controls;

/// A shape of a scene; positions are `[x, y]` in pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A stroke from point to point, with round ends.
    Line {
        /// Two points or more.
        points: Vec<[f64; 2]>,
        /// The thickness of the stroke, in pixels.
        width: f64,
        /// The colour of the stroke.
        colour: Colour,
    },
    /// A filled polygon.
    Area {
        /// The corners.
        points: Vec<[f64; 2]>,
        /// The colour of the inside.
        colour: Colour,
        /// The opacity, from 0 to 1.
        opacity: f64,
    },
    /// A filled circle.
    Disc {
        /// The centre.
        centre: [f64; 2],
        /// The radius, in pixels.
        radius: f64,
        /// The colour of the inside.
        colour: Colour,
    },
    /// One line of text.
    Text {
        /// The position of the anchor on the baseline.
        at: [f64; 2],
        /// The point of the text that is at this position.
        anchor: Anchor,
        /// The font size, in pixels.
        size: f64,
        /// The colour of the letters.
        colour: Colour,
        /// The text.
        text: String,
    },
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width and height, in pixels.
    pub size: [u32; 2],
    /// The shapes, from the back to the front.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// Creates an empty picture.
    pub fn new(size: [u32; 2]) -> Self {
        Self { size, shapes: Vec::new() }
    }

    /// Stacks pictures from top to bottom; returns `None` for an empty list.
    pub fn stack(pictures: &[&Self]) -> Option<Self> {
        let width = pictures.iter().map(|picture| picture.size[0]).max()?;
        let height = pictures.iter().map(|picture| picture.size[1]).sum();
        let (mut scene, mut y) = (Self::new([width, height]), 0.0);
        for &picture in pictures {
            scene.insert([0.0, y], picture.clone());
            y += f64::from(picture.size[1]);
        }
        Some(scene)
    }

    /// Draws a line.
    pub fn line(&mut self, points: &[[f64; 2]], width: f64, colour: Colour) {
        self.shapes.push(Shape::Line { points: points.to_vec(), width, colour });
    }

    /// Draws a dashed line. The lengths of strokes and gaps are in pixels, without the round ends.
    pub fn dashed_line(
        &mut self,
        points: &[[f64; 2]],
        width: f64,
        colour: Colour,
        [stroke, gap]: [f64; 2],
    ) {
        let Some(&(mut at)) = points.first() else { return };
        let (mut dash, mut left, mut is_stroke) = (vec![at], stroke, true);
        for &next in points {
            loop {
                let [x, y] = [next[0] - at[0], next[1] - at[1]];
                let distance = x.hypot(y);
                if distance < left {
                    left -= distance;
                    break;
                }
                let share = left / distance;
                at = [at[0] + share * x, at[1] + share * y];
                if is_stroke {
                    dash.push(at);
                    self.line(&dash, width, colour);
                }
                dash = vec![at];
                is_stroke = !is_stroke;
                left = if is_stroke { stroke } else { gap };
            }
            at = next;
            dash.push(at);
        }
        if is_stroke && dash.len() > 1 {
            self.line(&dash, width, colour);
        }
    }

    /// Draws a filled polygon.
    pub fn area(&mut self, points: &[[f64; 2]], colour: Colour) {
        self.translucent_area(points, colour, 1.0);
    }

    /// Draws a filled polygon through which other shapes can be seen; an opacity of 1 hides them.
    pub fn translucent_area(&mut self, points: &[[f64; 2]], colour: Colour, opacity: f64) {
        self.shapes.push(Shape::Area { points: points.to_vec(), colour, opacity });
    }

    /// Draws a filled rectangle from its upper left corner and its size.
    pub fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], colour: Colour) {
        let (right, below) = (x + width, y + height);
        self.area(&[[x, y], [right, y], [right, below], [x, below]], colour);
    }

    /// Draws a filled circle.
    pub fn disc(&mut self, centre: [f64; 2], radius: f64, colour: Colour) {
        self.shapes.push(Shape::Disc { centre, radius, colour });
    }

    /// Writes one line of text; `at` is the position of the anchor on the baseline. Control
    /// characters, which a name may contain, become visible: `\n`.
    pub fn text(
        &mut self,
        at: [f64; 2],
        anchor: Anchor,
        size: f64,
        colour: Colour,
        text: impl Into<String>,
    ) {
        let text = escape_controls(&text.into(), |_| false).into_owned();
        self.shapes.push(Shape::Text { at, anchor, size, colour, text });
    }

    /// Copies the shapes of another picture into this one, with its upper left corner at `at`.
    pub fn insert(&mut self, at: [f64; 2], other: Self) {
        let moved = |[x, y]: [f64; 2]| [x + at[0], y + at[1]];
        let all_moved = |points: Vec<[f64; 2]>| points.into_iter().map(moved).collect();
        self.shapes.extend(other.shapes.into_iter().map(|shape| match shape {
            Shape::Line { points, width, colour } => {
                Shape::Line { points: all_moved(points), width, colour }
            }
            Shape::Area { points, colour, opacity } => {
                Shape::Area { points: all_moved(points), colour, opacity }
            }
            Shape::Disc { centre, radius, colour } => {
                Shape::Disc { centre: moved(centre), radius, colour }
            }
            Shape::Text { at, anchor, size, colour, text } => {
                Shape::Text { at: moved(at), anchor, size, colour, text }
            }
        }));
    }

    /// Returns the bounding box of all shapes: left, top, right, bottom. It is zero for an empty
    /// picture.
    pub fn bounds(&self) -> [f64; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut include = |[x, y]: [f64; 2], around: [f64; 4]| {
            bounds[0] = bounds[0].min(x - around[0]);
            bounds[1] = bounds[1].min(y - around[1]);
            bounds[2] = bounds[2].max(x + around[2]);
            bounds[3] = bounds[3].max(y + around[3]);
        };
        for shape in &self.shapes {
            match shape {
                Shape::Line { points, width, .. } => {
                    points.iter().for_each(|&point| include(point, [0.5 * width; 4]));
                }
                Shape::Area { points, .. } => {
                    points.iter().for_each(|&point| include(point, [0.0; 4]))
                }
                Shape::Disc { centre, radius, .. } => include(*centre, [*radius; 4]),
                Shape::Text { at, anchor, size, text, .. } => {
                    let width = glyphs::text_width(text, *size);
                    let [left, right] = match anchor {
                        Anchor::Start => [0.0, width],
                        Anchor::Middle => [0.5 * width; 2],
                        Anchor::End => [width, 0.0],
                    };
                    include(*at, [left, *size, right, 0.25 * size]);
                }
            }
        }
        if self.shapes.is_empty() { [0.0; 4] } else { bounds }
    }
}
