//! Pictures of worlds: the shapes that `task_picture` returns for a state.

use super::declarations::MOST_NUMBERS;
use super::header::PictureHeader;
use super::parameters::{keep, keep_all};
use super::programs::{self, PICTURE_FUNCTION, run};
use crate::draw::Colour;
use crate::error::Result;
use crate::task::{ControlShape, DrawState, PictureShape};
use crate::wgsl::{Arithmetic, Draft, Home, Program, Shader};

/// The numbers of a shape: kind, colour, size, and four points.
const SHAPE_NUMBERS: usize = 11;

/// The kinds of shapes, in the order of the constants `SHAPE_` in WGSL.
const KINDS: [&str; 6] = ["NOTHING", "LINE", "CIRCLE", "POLYGON", "NUMBER", "TEXT"];

/// The drawing of a world.
#[derive(Debug)]
pub struct WorldPicture {
    region: [f64; 4],
    texts: &'static [&'static str],
    program: Program,
    /// The number of shapes.
    shapes: usize,
}

impl WorldPicture {
    /// Compiles the drawing of a world; returns `None` if its text has none.
    ///
    /// # Errors
    /// Returns an error if the header has a picture and the text none, or the other way round, or
    /// if the function does not return shapes.
    pub fn compile(
        shader: &Shader,
        shape: &ControlShape,
        header: Option<&PictureHeader>,
    ) -> Result<Option<Self>> {
        let wrong = |problem: &str| Err(shader.wrong(problem.to_owned()));
        let header = match (header, shader.has(PICTURE_FUNCTION)) {
            (None, false) => return Ok(None),
            (Some(header), true) => header,
            (Some(_), false) => {
                return wrong("expected the function task_picture, which [picture] announces");
            }
            (None, true) => return wrong("expected [picture] in the header, for task_picture"),
        };
        let PictureHeader { left, bottom, right, top, ref texts, .. } = *header;
        let region = [left, bottom, right, top];
        if !(left < right && bottom < top && region.iter().all(|number| number.is_finite())) {
            return wrong("[picture]: expected left < right and bottom < top");
        }
        let mut draft = Draft::new(shader, Arithmetic::Double)?;
        let state = draft.numbers(shape.state);
        programs::bind(&mut draft, shape, &state[shape.own_state()..]);
        let shapes = draft.call(PICTURE_FUNCTION, &[&state[..shape.own_state()]])?;
        if shapes.is_empty()
            || shapes.len() % SHAPE_NUMBERS != 0
            || shapes.len() / SHAPE_NUMBERS > MOST_NUMBERS
        {
            return wrong("task_picture: expected an array of 1 to 1024 shapes");
        }
        let outputs: Vec<_> = shapes.into_iter().map(|value| (value, Home::Output)).collect();
        let texts = keep_all(texts.iter().map(|text| keep(text.clone())).collect());
        let (count, program) = (outputs.len() / SHAPE_NUMBERS, draft.finish(&outputs));
        Ok(Some(Self { region, texts, program, shapes: count }))
    }

    fn shape(&self, numbers: &[f64]) -> Option<PictureShape> {
        if numbers.iter().any(|number| !number.is_finite()) {
            return None;
        }
        let [kind, colour, size, points @ ..] = numbers else { return None };
        let (kind, colour, size) = (*kind, *colour, *size);
        let &(_, colour) = Colour::NAMED.get(colour as usize)?;
        let points: Vec<[f64; 2]> = points.chunks(2).map(|point| [point[0], point[1]]).collect();
        Some(match *KINDS.get(kind as usize)? {
            "LINE" => PictureShape::Line { ends: [points[0], points[1]], width: size, colour },
            "CIRCLE" => PictureShape::Circle { centre: points[0], radius: size, colour },
            "POLYGON" => PictureShape::Polygon { corners: points, colour },
            "NUMBER" => {
                let text = match size.fract() == 0.0 {
                    true => format!("{size:.0}"),
                    false => format!("{size:.2}"),
                };
                PictureShape::Text { middle: points[0], text, colour }
            }
            "TEXT" => {
                let text = (*self.texts.get(size as usize)?).to_owned();
                PictureShape::Text { middle: points[0], text, colour }
            }
            _ => return None,
        })
    }
}

impl DrawState for WorldPicture {
    fn region(&self) -> [f64; 4] {
        self.region
    }
    fn shapes(&self, state: &[f64]) -> Vec<PictureShape> {
        let machine = run(&self.program, &[state]);
        let count = self.shapes;
        let shapes = (0..count)
            .map(|index| machine.outputs(index * SHAPE_NUMBERS..(index + 1) * SHAPE_NUMBERS));
        shapes.filter_map(|numbers| self.shape(&numbers)).collect()
    }
}
