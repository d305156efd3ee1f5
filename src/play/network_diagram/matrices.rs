//! The network of a champion as matrices: a heat map of the weights of each layer, with one scale.
//!
//! A row is a source and a column a target. Blue weights are above zero, vermilion ones below it;
//! the colour of the paper is zero. The biases are the last row of a matrix. A recurrent layer has
//! a matrix for its own outputs of the step before, and a layer with gates has one for each gate.
//! In a matrix of more than 48 rows or columns a cell stands for several weights, and shows the one
//! farthest from zero.

use std::ops::Range;

use crate::champion::{Champion, PortNames};
use crate::draw::{Anchor, Colour, Scene, text_width};
use crate::network::{Cell, Layer, Network, WeightMatrix};

use super::style::{MARGIN, NEGATIVE, POSITIVE, signed};

/// The most cells along a side of a matrix.
const MAX_CELLS: usize = 48;
/// The sides of cells, in pixels, and the side that a large matrix is meant to have.
const CELL_SIDES: [f64; 2] = [5.0, 18.0];
const MATRIX_SIDE: f64 = 300.0;
/// Cells of at least this side have names beside them.
const NAMED_SIDE: f64 = 10.0;
/// The most outputs whose names widen the columns.
const MAX_NAMED: usize = 12;
/// The width that matrices fill before the next one begins a new line, in pixels.
const LINE_WIDTH: f64 = 900.0;
/// Pixels between matrices.
const GAPS: [f64; 2] = [34.0, 40.0];
const FONT_SIZE: f64 = 11.0;
const CAPTION_SIZE: f64 = 12.0;
/// The width of the scale, and the number of its steps.
const SCALE_WIDTH: f64 = 220.0;
const SCALE_STEPS: usize = 44;
const GATES: [&str; 3] = ["reset gate", "update gate", "candidate"];

/// A matrix to draw, with its words.
struct MatrixPanel {
    caption: String,
    below: String,
    /// The names of rows and columns; empty if there are none.
    rows: Vec<String>,
    columns: Vec<String>,
    /// The weights, a row for each source.
    weights: Vec<Vec<f32>>,
    biases: Option<Vec<f32>>,
}

/// Draws the matrices of a network of layers, without a heading: the picture begins at zero.
pub(super) fn draw(champion: &Champion, network: &Network, genome: &[f32]) -> Scene {
    let panels = panels(champion, network, genome);
    let weights = panels.iter().flat_map(|panel| panel.weights.iter().chain(&panel.biases));
    let largest = weights.flatten().fold(f32::MIN_POSITIVE, |most, weight| most.max(weight.abs()));
    let mut scene = Scene::new([0, 0]);
    let ([mut x, mut y], mut line_height) = ([0.0, 0.0], 0.0_f64);
    for panel in &panels {
        let drawn = panel.draw(largest);
        let [_, _, right, bottom] = drawn.bounds();
        if x > 0.0 && x + right > LINE_WIDTH {
            (x, y, line_height) = (0.0, y + line_height + GAPS[1], 0.0);
        }
        scene.insert([x, y], drawn);
        (x, line_height) = (x + right + GAPS[0], line_height.max(bottom));
    }
    let is_pooled = panels.iter().any(|panel| panel.pooling() != [1, 1]);
    let words = match is_pooled {
        true => "weight or bias; a cell of several shows the one farthest from zero",
        false => "weight or bias",
    };
    scene.insert([0.0, y + line_height + GAPS[1]], draw_scale(largest, words));
    scene
}

/// Returns the matrices of a network, in the order of its layers.
fn panels(champion: &Champion, network: &Network, genome: &[f32]) -> Vec<MatrixPanel> {
    let PortNames { inputs, outputs } = champion.port_names();
    let last = network.layers().len();
    let (mut panels, none): (Vec<MatrixPanel>, &[String]) = (Vec::new(), &[]);
    for (layer, number) in network.layers().iter().zip(1..) {
        let source = match number {
            1 => "inputs".to_owned(),
            _ => format!("layer {}", number - 1),
        };
        let target = if number == last { "outputs".into() } else { format!("layer {number}") };
        let [forward, feedback] = layer.matrices();
        let [forward_biases, feedback_biases] = layer.gate_biases();
        let sides = [
            (source, forward, forward_biases, if number == 1 { &inputs[..] } else { none }),
            (format!("{target} of the step before"), feedback, feedback_biases, none),
        ];
        for (source, matrices, biases, rows) in sides {
            let gates = matrices.len();
            for (gate, (matrix, bias)) in matrices.into_iter().zip(biases).enumerate() {
                let part = if gates > 1 { format!(", {}", GATES[gate]) } else { String::new() };
                panels.push(MatrixPanel {
                    caption: format!("{source} to {target}{part}"),
                    below: below(layer),
                    rows: rows.to_vec(),
                    columns: if number == last { outputs.clone() } else { Vec::new() },
                    weights: rows_of(&matrix, genome),
                    biases: bias
                        .filter(|_| layer.biased)
                        .map(|first| genome[first..first + layer.outputs].to_vec()),
                });
            }
        }
    }
    panels
}

/// Returns the size and the function of a layer in words.
fn below(layer: &Layer) -> String {
    let units = match layer.outputs {
        1 => "1 unit".to_owned(),
        units => format!("{units} units"),
    };
    match layer.cell {
        Cell::Dense => format!("{units}, {}", layer.activation.name()),
        Cell::Elman => format!("{units}, elman, {}", layer.activation.name()),
        Cell::Gru => format!("{units}, gru"),
    }
}

fn rows_of(matrix: &WeightMatrix, genome: &[f32]) -> Vec<Vec<f32>> {
    let row = |input: usize| {
        let first = matrix.first_gene + input * matrix.stride;
        genome[first..first + matrix.outputs].to_vec()
    };
    (0..matrix.inputs).map(row).collect()
}

/// Returns the part of `count` items that belongs to a cell of several.
fn pool(cell: usize, size: usize, count: usize) -> Range<usize> {
    cell * size..((cell + 1) * size).min(count)
}

/// Returns the number farthest from zero.
fn farthest(numbers: impl Iterator<Item = f32>) -> f32 {
    numbers.fold(0.0, |far, number| if number.abs() > f32::abs(far) { number } else { far })
}

impl MatrixPanel {
    fn width(&self) -> usize {
        self.weights.first().map_or(0, Vec::len)
    }

    /// Returns the number of rows and of columns that a cell stands for.
    fn pooling(&self) -> [usize; 2] {
        [self.weights.len(), self.width()].map(|count| count.div_ceil(MAX_CELLS).max(1))
    }

    fn draw(&self, largest: f32) -> Scene {
        let mut scene = Scene::new([0, 0]);
        let [tall, wide] = self.pooling();
        let (rows, columns) = (self.weights.len().div_ceil(tall), self.width().div_ceil(wide));
        let [least, most] = CELL_SIDES;
        let side = (MATRIX_SIDE / rows.max(columns).max(1) as f64).clamp(least, most);
        let has_row_names = side >= NAMED_SIDE && tall == 1 && self.rows.len() == rows;
        let names = self.columns.len() == columns && wide == 1 && columns <= MAX_NAMED;
        let name_width = self.columns.iter().map(|name| text_width(name, FONT_SIZE) + 10.0);
        let cell_width = if names { name_width.fold(side, f64::max) } else { side };
        let bias_width = self.biases.as_ref().map_or(0.0, |_| text_width("bias", FONT_SIZE));
        let row_names = self.rows.iter().filter(|_| has_row_names);
        let row_names = row_names.map(|name| text_width(name, FONT_SIZE));
        let left = match row_names.fold(bias_width, f64::max) {
            0.0 => 0.0,
            widest => widest + 8.0,
        };
        let ink = Colour::GREY.mix(Colour::INK, 0.5);
        scene.text([0.0, 12.0], Anchor::Start, CAPTION_SIZE, Colour::INK, &self.caption);
        let top = 24.0;
        let matrix_width = cell_width * columns as f64;
        let empty = Colour::PALE.mix(Colour::PAPER, 0.3);
        let frame = |scene: &mut Scene, y: f64, height: f64| {
            scene.rectangle([left - 1.0, y - 1.0], [matrix_width + 2.0, height + 2.0], empty);
        };
        frame(&mut scene, top, side * rows as f64);
        let draw_row = |scene: &mut Scene, y: f64, weights: &dyn Fn(usize) -> f32| {
            for column in 0..columns {
                let at = [left + column as f64 * cell_width, y];
                let gap = if side >= NAMED_SIDE { 1.0 } else { 0.0 };
                let colour = colour(weights(column) / largest);
                scene.rectangle(at, [cell_width - gap, side - gap], colour);
            }
        };
        for row in 0..rows {
            let y = top + row as f64 * side;
            let sources = &self.weights[pool(row, tall, self.weights.len())];
            draw_row(&mut scene, y, &|column| {
                let targets = pool(column, wide, self.width());
                farthest(sources.iter().flat_map(|source| source[targets.clone()].iter().copied()))
            });
            if has_row_names {
                let at = [left - 8.0, y + 0.5 * side + 0.36 * FONT_SIZE];
                scene.text(at, Anchor::End, FONT_SIZE, ink, &self.rows[row]);
            }
        }
        let mut bottom = top + side * rows as f64;
        if let Some(biases) = &self.biases {
            let y = bottom + 7.0;
            frame(&mut scene, y, side);
            draw_row(&mut scene, y, &|column| {
                farthest(biases[pool(column, wide, biases.len())].iter().copied())
            });
            let at = [left - 8.0, y + 0.5 * side + 0.36 * FONT_SIZE];
            scene.text(at, Anchor::End, FONT_SIZE, ink, "bias");
            bottom = y + side;
        }
        if names {
            for (column, name) in self.columns.iter().enumerate() {
                let at = [left + (column as f64 + 0.5) * cell_width, bottom + 15.0];
                scene.text(at, Anchor::Middle, FONT_SIZE, ink, name);
            }
            bottom += 16.0;
        }
        let sources = match (has_row_names, self.weights.len()) {
            (true, _) => String::new(),
            (false, 1) => "1 row, ".into(),
            (false, count) => format!("{count} rows, "),
        };
        let below = format!("{sources}{}", self.below);
        scene.text([left, bottom + 16.0], Anchor::Start, FONT_SIZE, Colour::GREY, below);
        scene
    }
}

/// Returns the colour of a share of the largest weight, from -1 to 1.
fn colour(share: f32) -> Colour {
    let full = if share < 0.0 { NEGATIVE } else { POSITIVE };
    Colour::PAPER.mix(full, f64::from(share.abs()))
}

fn draw_scale(largest: f32, words: &str) -> Scene {
    let mut scene = Scene::new([0, 0]);
    let step = SCALE_WIDTH / SCALE_STEPS as f64;
    for index in 0..SCALE_STEPS {
        let share = (2 * index + 1) as f32 / SCALE_STEPS as f32 - 1.0;
        scene.rectangle([index as f64 * step, 0.0], [step + 0.3, 12.0], colour(share));
    }
    let half = 0.5 * SCALE_WIDTH;
    let ends = [(0.0, Anchor::Start, signed(-largest)), (half, Anchor::Middle, "0".into())];
    for (x, anchor, label) in ends.into_iter().chain([(SCALE_WIDTH, Anchor::End, signed(largest))])
    {
        scene.text([x, 27.0], anchor, FONT_SIZE, Colour::INK, label);
    }
    scene.text([SCALE_WIDTH + 16.0, 10.0], Anchor::Start, CAPTION_SIZE, Colour::INK, words);
    scene
}

/// Puts a heading above matrices, and a margin around both.
pub(super) fn frame(drawn: Scene, title: &str, note: &str) -> Scene {
    let [_, _, right, bottom] = drawn.bounds();
    let heading = text_width(title, 16.0).max(text_width(note, 12.0));
    let size = [right.max(heading) + 2.0 * MARGIN, 78.0 + bottom + MARGIN];
    let mut scene = Scene::new(size.map(|pixels| pixels.ceil() as u32));
    scene.text([MARGIN, 32.0], Anchor::Start, 16.0, Colour::INK, title);
    scene.text([MARGIN, 52.0], Anchor::Start, 12.0, Colour::GREY, note);
    scene.insert([MARGIN, 78.0], drawn);
    scene
}
