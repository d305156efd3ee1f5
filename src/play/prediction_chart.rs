//! The chart of a champion's predictions: the confusion matrix and the most confident errors of a
//! classifier, or the predictions of a regression against the targets.

use super::{Misclassification, Predictions};
use crate::draw::{Anchor, Axis, Colour, Heading, Plot, Scene, number};

/// Pixels to the left of and above the matrix.
const MARGIN: f64 = 90.0;
/// The greatest side of the matrix and of one cell, in pixels.
const MATRIX_SIDE: f64 = 420.0;
const MAX_CELL_SIDE: f64 = 84.0;
/// The number of errors across and down, and the pixels of one with its caption.
const ERRORS: [usize; 2] = [3, 4];
const ERROR_SIZE: [f64; 2] = [112.0, 128.0];
/// The side of a sample drawn as an image, in pixels.
const IMAGE_SIDE: f64 = 88.0;
/// The most classes that a readable matrix can have.
const MAX_CLASSES: usize = 40;
/// Width and height of a scatter plot, in pixels.
const SCATTER_SIZE: [u32; 2] = [600, 620];
/// The largest number of scatter plots, one for each target.
const MAX_PANELS: usize = 6;

/// Draws predictions.
pub fn draw_predictions(predictions: &Predictions) -> Scene {
    match predictions.is_regression() {
        true => draw_scatter(predictions),
        false => draw_confusion(predictions),
    }
}

fn draw_confusion(predictions: &Predictions) -> Scene {
    let counts = predictions.confusion();
    let shown = counts.len().min(MAX_CLASSES);
    let cell = (MATRIX_SIDE / shown as f64).min(MAX_CELL_SIDE);
    let side = cell * shown as f64;
    let image = image_side(&predictions.misclassifications);
    let errors = if image.is_some() { ERRORS[0] as f64 * ERROR_SIZE[0] + 50.0 } else { 0.0 };
    let least = ERRORS[1] as f64 * ERROR_SIZE[1] * f64::from(u8::from(image.is_some()));
    let height = (side + 2.0 * MARGIN).max(least + MARGIN + 20.0);
    let mut scene = Scene::new([(side + MARGIN + 50.0 + errors) as u32, height as u32]);
    let wrong = predictions.misclassifications.len();
    let right = 100.0 * (1.0 - wrong as f64 / predictions.len().max(1) as f64);
    let title = format!(
        "{}: {}% of {} right, {wrong} wrong",
        predictions.task,
        number::score(right),
        number::counted(predictions.len() as u64, predictions.evaluation_unit)
    );
    scene.text([24.0, 32.0], Anchor::Start, 17.0, Colour::INK, title);
    for (row, line) in counts.iter().take(shown).enumerate() {
        let total: usize = line.iter().sum();
        for (column, &count) in line.iter().take(shown).enumerate() {
            let share = count as f64 / total.max(1) as f64;
            draw_cell(&mut scene, [row, column], cell, count, share);
        }
    }
    let size = (0.36 * cell).clamp(7.0, 13.0);
    for (index, name) in predictions.classes.iter().take(shown).enumerate() {
        let name: String = name.chars().take(10).collect();
        let middle = MARGIN + (index as f64 + 0.5) * cell;
        let at = [MARGIN - 10.0, middle + 0.36 * size];
        scene.text(at, Anchor::End, size, Colour::INK, name.clone());
        let at = [middle, MARGIN + side + 8.0 + size];
        scene.text(at, Anchor::Middle, size, Colour::INK, name);
    }
    let below = [MARGIN + side / 2.0, MARGIN + side + 44.0];
    scene.text(below, Anchor::Middle, 13.0, Colour::GREY, "predicted class");
    scene.text([24.0, MARGIN - 14.0], Anchor::Start, 13.0, Colour::GREY, "true class");
    if let Some(image) = image {
        draw_errors(&mut scene, predictions, image, MARGIN + side + 50.0);
    }
    scene
}

fn draw_cell(scene: &mut Scene, [row, column]: [usize; 2], cell: f64, count: usize, share: f64) {
    let colour = if row == column { Colour::BLUE } else { Colour::VERMILION };
    // Errors are few, so their colours are stronger.
    let depth = if row == column { 0.9 * share } else { (4.0 * share).min(0.9) };
    let depth = if count == 0 { 0.0 } else { depth.max(0.08) };
    let at = [MARGIN + column as f64 * cell, MARGIN + row as f64 * cell];
    let empty = Colour::PALE.mix(Colour::PAPER, 0.6);
    scene.rectangle(at, [cell - 1.5, cell - 1.5], empty.mix(colour, depth));
    if count > 0 && cell >= 16.0 {
        let size = (0.36 * cell).clamp(7.0, 13.0);
        let ink = if depth > 0.5 { Colour::PAPER } else { Colour::INK };
        let middle = [at[0] + 0.5 * cell, at[1] + 0.5 * cell + 0.36 * size];
        scene.text(middle, Anchor::Middle, size, ink, count.to_string());
    }
}

/// Returns the side of the samples as square images, or `None` if they cannot be square images.
fn image_side(errors: &[Misclassification]) -> Option<usize> {
    let inputs = errors.first()?.features.len();
    let side = (inputs as f64).sqrt().round() as usize;
    (side >= 4 && side * side == inputs).then_some(side)
}

fn draw_errors(scene: &mut Scene, predictions: &Predictions, side: usize, left: f64) {
    let words = "most confident errors: class, prediction, probability";
    scene.text([left, MARGIN - 14.0], Anchor::Start, 12.0, Colour::GREY, words);
    let errors = &predictions.misclassifications;
    let features = || errors.iter().flat_map(|error| &error.features);
    let least = features().copied().fold(f64::INFINITY, f64::min);
    let largest = features().copied().fold(f64::NEG_INFINITY, f64::max);
    let name = |class: usize| predictions.classes.get(class).map_or("?", String::as_str);
    for (index, error) in errors.iter().take(ERRORS[0] * ERRORS[1]).enumerate() {
        let (column, row) = ((index % ERRORS[0]) as f64, (index / ERRORS[0]) as f64);
        let at = [left + column * ERROR_SIZE[0], MARGIN + row * ERROR_SIZE[1]];
        let pixel = IMAGE_SIDE / side as f64;
        scene.rectangle(at, [IMAGE_SIDE, IMAGE_SIDE], Colour::PALE.mix(Colour::PAPER, 0.5));
        for (place, &ink) in error.features.iter().enumerate() {
            let share = (ink - least) / (largest - least).max(f64::MIN_POSITIVE);
            if share > 0.02 {
                let (x, y) = ((place % side) as f64, (place / side) as f64);
                let corner = [at[0] + x * pixel, at[1] + y * pixel];
                scene.rectangle(corner, [pixel, pixel], Colour::PAPER.mix(Colour::INK, share));
            }
        }
        let (class, prediction) = (name(error.class), name(error.prediction));
        let words = format!("{class} as {prediction}, {:.0}%", 100.0 * error.probability);
        let below = [at[0], at[1] + IMAGE_SIDE + 16.0];
        scene.text(below, Anchor::Start, 12.0, Colour::INK, words);
    }
}

/// Draws the predictions of each target against the target, in the target's unit.
fn draw_scatter(predictions: &Predictions) -> Scene {
    let panels: Vec<Scene> =
        (0..predictions.width().min(MAX_PANELS)).map(|k| draw_panel(predictions, k)).collect();
    let across = if panels.len() == 1 { 1 } else { 2 };
    let size = [across, panels.len().div_ceil(across)];
    let [width, height] = [0, 1].map(|side| SCATTER_SIZE[side] * size[side] as u32);
    let mut scene = Scene::new([width, height]);
    for (k, panel) in panels.into_iter().enumerate() {
        let place = [k % across, k / across];
        let at = [0, 1].map(|side| f64::from(SCATTER_SIZE[side]) * place[side] as f64);
        scene.insert(at, panel);
    }
    scene
}

/// Draws the predictions of one target.
fn draw_panel(predictions: &Predictions, target: usize) -> Scene {
    let width = predictions.width();
    let column = |numbers: &[f64]| -> Vec<f64> {
        numbers.iter().skip(target).step_by(width).copied().collect()
    };
    let (targets, guesses) = (column(&predictions.targets), column(&predictions.predictions));
    let both = || targets.iter().chain(&guesses).copied();
    let least = both().fold(f64::INFINITY, f64::min);
    let largest = both().fold(f64::NEG_INFINITY, f64::max);
    let padding = 0.04 * (largest - least).max(f64::MIN_POSITIVE);
    let range = least - padding..largest + padding;
    let name = predictions.target_names.get(target).map_or("target", String::as_str);
    let scores = predictions.r_squared();
    let title = match (width, target) {
        (1, _) => format!("{}: R^2 {}", predictions.task, number::score(scores[0])),
        _ => format!("{}, {name}: R^2 {}", predictions.task, number::score(scores[target])),
    };
    let mut notes = vec![format!(
        "{}; the line is a perfect prediction",
        number::counted(predictions.len() as u64, predictions.evaluation_unit)
    )];
    if width > 1 {
        let mean = scores.iter().sum::<f64>() / width as f64;
        notes.push(format!("the mean R^2 of all {width} targets is {}", number::score(mean)));
    }
    let heading = Heading { title, notes };
    let x = Axis::linear(name, range.clone());
    let y = Axis::linear(format!("prediction of {name}"), range);
    let mut plot = Plot::new(SCATTER_SIZE, &heading, x, y, vec![]);
    plot.line(&[[least, least], [largest, largest]], 1.5, Colour::GREY);
    for (&target, &guess) in targets.iter().zip(&guesses) {
        plot.dot([target, guess], 3.0, Colour::BLUE.mix(Colour::PAPER, 0.25));
    }
    plot.into_scene()
}
