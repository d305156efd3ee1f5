//! Scenes: a picture as a list of shapes, in pixels from the upper left corner.
//!
//! One scene serves every way of showing it: pixels, vectors and a terminal.

use super::glyphs;

/// A colour: red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Behind everything.
    pub const PAPER: Self = Self(252, 252, 250);
    /// Words and outlines.
    pub const INK: Self = Self(45, 45, 48);
    /// Words of less weight.
    pub const GREY: Self = Self(125, 125, 128);
    /// Ground and frames.
    pub const PALE: Self = Self(216, 216, 212);
    /// Okabe and Ito's colours, which the colour-blind can tell apart.
    pub const BLUE: Self = Self(0, 114, 178);
    /// See [`Colour::BLUE`].
    pub const VERMILION: Self = Self(213, 94, 0);
    /// See [`Colour::BLUE`].
    pub const GREEN: Self = Self(0, 158, 115);

    /// This colour, and so much of another.
    pub fn mix(self, other: Self, share: f64) -> Self {
        let mix = |a: u8, b: u8| {
            (f64::from(a) + share.clamp(0.0, 1.0) * (f64::from(b) - f64::from(a))).round() as u8
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// Which point of a text its place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// A thing to draw; places are `[x, y]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Strokes from place to place, with round ends.
    Line {
        /// Two places or more.
        points: Vec<[f64; 2]>,
        /// Pixels across.
        width: f64,
        /// Of the stroke.
        colour: Colour,
    },
    /// A filled outline.
    Area {
        /// Its corners.
        points: Vec<[f64; 2]>,
        /// Of the inside.
        colour: Colour,
    },
    /// A filled circle.
    Disc {
        /// Its middle.
        centre: [f64; 2],
        /// In pixels.
        radius: f64,
        /// Of the inside.
        colour: Colour,
    },
    /// Words.
    Text {
        /// On the line that letters stand on.
        at: [f64; 2],
        /// Which point of the words stands there.
        anchor: Anchor,
        /// In pixels.
        size: f64,
        /// Of the letters.
        colour: Colour,
        /// The words.
        text: String,
    },
}

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Pixels across and down.
    pub size: [u32; 2],
    /// From the back to the front.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty picture.
    pub fn new(size: [u32; 2]) -> Self {
        Self { size, shapes: Vec::new() }
    }

    /// Draws a line.
    pub fn line(&mut self, points: &[[f64; 2]], width: f64, colour: Colour) {
        self.shapes.push(Shape::Line { points: points.to_vec(), width, colour });
    }

    /// Draws a dashed line: strokes and gaps, their lengths in pixels without the round ends.
    pub fn dashes(
        &mut self,
        points: &[[f64; 2]],
        width: f64,
        colour: Colour,
        [stroke, gap]: [f64; 2],
    ) {
        let Some(&(mut at)) = points.first() else { return };
        let (mut dash, mut left, mut draws) = (vec![at], stroke, true);
        for &next in points {
            loop {
                let [x, y] = [next[0] - at[0], next[1] - at[1]];
                let way = x.hypot(y);
                if way < left {
                    left -= way;
                    break;
                }
                let share = left / way;
                at = [at[0] + share * x, at[1] + share * y];
                if draws {
                    dash.push(at);
                    self.line(&dash, width, colour);
                }
                dash = vec![at];
                draws = !draws;
                left = if draws { stroke } else { gap };
            }
            at = next;
            dash.push(at);
        }
        if draws && dash.len() > 1 {
            self.line(&dash, width, colour);
        }
    }

    /// Draws a filled outline.
    pub fn area(&mut self, points: &[[f64; 2]], colour: Colour) {
        self.shapes.push(Shape::Area { points: points.to_vec(), colour });
    }

    /// Draws a filled rectangle, from its upper left corner.
    pub fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], colour: Colour) {
        let (right, below) = (x + width, y + height);
        self.area(&[[x, y], [right, y], [right, below], [x, below]], colour);
    }

    /// Draws a filled circle.
    pub fn disc(&mut self, centre: [f64; 2], radius: f64, colour: Colour) {
        self.shapes.push(Shape::Disc { centre, radius, colour });
    }

    /// Writes words.
    pub fn text(
        &mut self,
        at: [f64; 2],
        anchor: Anchor,
        size: f64,
        colour: Colour,
        text: impl Into<String>,
    ) {
        self.shapes.push(Shape::Text { at, anchor, size, colour, text: text.into() });
    }

    /// Puts another picture into this one, its upper left corner at a place.
    pub fn put(&mut self, at: [f64; 2], other: Self) {
        let moved = |[x, y]: [f64; 2]| [x + at[0], y + at[1]];
        let all = |points: Vec<[f64; 2]>| points.into_iter().map(moved).collect();
        self.shapes.extend(other.shapes.into_iter().map(|shape| match shape {
            Shape::Line { points, width, colour } => {
                Shape::Line { points: all(points), width, colour }
            }
            Shape::Area { points, colour } => Shape::Area { points: all(points), colour },
            Shape::Disc { centre, radius, colour } => {
                Shape::Disc { centre: moved(centre), radius, colour }
            }
            Shape::Text { at, anchor, size, colour, text } => {
                Shape::Text { at: moved(at), anchor, size, colour, text }
            }
        }));
    }

    /// The least x and y of all shapes, and the largest; zeros of no shapes.
    pub fn bounds(&self) -> [f64; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut take = |[x, y]: [f64; 2], around: [f64; 4]| {
            bounds[0] = bounds[0].min(x - around[0]);
            bounds[1] = bounds[1].min(y - around[1]);
            bounds[2] = bounds[2].max(x + around[2]);
            bounds[3] = bounds[3].max(y + around[3]);
        };
        for shape in &self.shapes {
            match shape {
                Shape::Line { points, width, .. } => {
                    points.iter().for_each(|&point| take(point, [0.5 * width; 4]));
                }
                Shape::Area { points, .. } => {
                    points.iter().for_each(|&point| take(point, [0.0; 4]))
                }
                Shape::Disc { centre, radius, .. } => take(*centre, [*radius; 4]),
                Shape::Text { at, anchor, size, text, .. } => {
                    let wide = glyphs::width(text, *size);
                    let [left, right] = match anchor {
                        Anchor::Start => [0.0, wide],
                        Anchor::Middle => [0.5 * wide; 2],
                        Anchor::End => [wide, 0.0],
                    };
                    take(*at, [left, *size, right, 0.25 * size]);
                }
            }
        }
        if self.shapes.is_empty() { [0.0; 4] } else { bounds }
    }

    /// The picture as SVG.
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
    let places = |points: &[[f64; 2]]| {
        let places = points.iter().map(|[x, y]| format!("{x:.2},{y:.2}"));
        places.collect::<Vec<_>>().join(" ")
    };
    match shape {
        Shape::Line { points, width, colour } => format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width:.2}\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\n",
            places(points),
            colour.hex()
        ),
        Shape::Area { points, colour } => {
            format!("<polygon points=\"{}\" fill=\"{}\"/>\n", places(points), colour.hex())
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
                escaped(text)
            )
        }
    }
}

/// Text that markup does not mistake for its own.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
