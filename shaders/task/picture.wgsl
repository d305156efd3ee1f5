// Pictures: the shapes that task_picture draws a state with, from the back to the front.
//
// Positions and sizes are in the world's own units, with y upward; the [picture] table of the
// header says which region is drawn. A colour is one of the constants COLOUR_INK, COLOUR_GREY,
// COLOUR_PALE, COLOUR_PAPER, COLOUR_BLUE, COLOUR_VERMILION, COLOUR_GREEN, COLOUR_PURPLE,
// COLOUR_ORANGE, COLOUR_SKY and COLOUR_BLACK.

struct Shape {
    // One of the constants SHAPE_.
    kind: f32,
    colour: f32,
    // The width of a line, the radius of a circle, the value of a number, or the index of a text.
    size: f32,
    points: array<vec2<f32>, 4>,
}

const SHAPE_NOTHING: f32 = 0.0;
const SHAPE_LINE: f32 = 1.0;
const SHAPE_CIRCLE: f32 = 2.0;
const SHAPE_POLYGON: f32 = 3.0;
const SHAPE_NUMBER: f32 = 4.0;
const SHAPE_TEXT: f32 = 5.0;

// A place in the list that draws nothing.
fn picture_nothing() -> Shape {
    let none = vec2<f32>();
    return Shape(SHAPE_NOTHING, 0.0, 0.0, array<vec2<f32>, 4>(none, none, none, none));
}

// A stroke with round ends.
fn picture_line(start: vec2<f32>, end: vec2<f32>, width: f32, colour: f32) -> Shape {
    return Shape(SHAPE_LINE, colour, width, array<vec2<f32>, 4>(start, end, end, end));
}

// A filled circle.
fn picture_circle(centre: vec2<f32>, radius: f32, colour: f32) -> Shape {
    return Shape(SHAPE_CIRCLE, colour, radius, array<vec2<f32>, 4>(centre, centre, centre, centre));
}

// A filled rectangle, from its lower left and its upper right corner.
fn picture_rectangle(low: vec2<f32>, high: vec2<f32>, colour: f32) -> Shape {
    return picture_quad(low, vec2<f32>(high.x, low.y), high, vec2<f32>(low.x, high.y), colour);
}

// A filled triangle.
fn picture_triangle(a: vec2<f32>, b: vec2<f32>, c: vec2<f32>, colour: f32) -> Shape {
    return picture_quad(a, b, c, c, colour);
}

// A filled area with four corners.
fn picture_quad(
    a: vec2<f32>,
    b: vec2<f32>,
    c: vec2<f32>,
    d: vec2<f32>,
    colour: f32,
) -> Shape {
    return Shape(SHAPE_POLYGON, colour, 0.0, array<vec2<f32>, 4>(a, b, c, d));
}

// A number in digits, with its middle at a position.
fn picture_number(middle: vec2<f32>, value: f32, colour: f32) -> Shape {
    return Shape(SHAPE_NUMBER, colour, value, array<vec2<f32>, 4>(middle, middle, middle, middle));
}

// One of the texts of the header, counted from 0, with its middle at a position.
fn picture_text(middle: vec2<f32>, index: f32, colour: f32) -> Shape {
    return Shape(SHAPE_TEXT, colour, index, array<vec2<f32>, 4>(middle, middle, middle, middle));
}
