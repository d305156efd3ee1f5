//! The chart of a champion's predictions: the confusion matrix and the most confident errors of a
//! classifier, or the predictions of a regression against the targets.

use std::collections::HashSet;

use super::{Misclassification, Predictions};
use crate::draw::{Anchor, Axis, Colour, Heading, Plot, Scene, number, text_width};

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
/// The font size of a title, in pixels.
const TITLE_SIZE: f64 = 17.0;
/// The most letters of the name of a class.
const MAX_LETTERS: usize = 10;
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
    let title = title(predictions);
    let width = (side + MARGIN + 50.0 + errors).max(text_width(&title, TITLE_SIZE) + 48.0);
    let mut scene = Scene::new([width as u32, height as u32]);
    scene.text([24.0, 32.0], Anchor::Start, TITLE_SIZE, Colour::INK, title);
    for (row, line) in counts.iter().take(shown).enumerate() {
        let total: usize = line.iter().sum();
        for (column, &count) in line.iter().take(shown).enumerate() {
            let share = count as f64 / total.max(1) as f64;
            draw_cell(&mut scene, [row, column], cell, count, share);
        }
    }
    let size = (0.36 * cell).clamp(7.0, 13.0);
    let names = shorten_apart(&predictions.classes, MAX_LETTERS);
    for (index, name) in names.into_iter().take(shown).enumerate() {
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

/// Returns the title of a confusion matrix.
fn title(predictions: &Predictions) -> String {
    let (all, wrong) = (predictions.len(), predictions.misclassifications.len());
    let right = 100.0 * (1.0 - wrong as f64 / all.max(1) as f64);
    // Only all samples are 100%, and only none are 0%.
    let right = match wrong {
        0 => "100".to_owned(),
        _ if wrong == all => "0".to_owned(),
        _ => format!("{:.1}", right.clamp(0.1, 99.9)),
    };
    let right = right.strip_suffix(".0").unwrap_or(&right);
    let samples = number::counted(all as u64, predictions.evaluation_unit);
    let wrong = number::whole(wrong as f64);
    format!("{}: {right}% of {samples} right, {wrong} wrong", predictions.task)
}

/// Returns names of at most `most` letters: of a longer one the beginning and the end, with an
/// ellipsis between them. Names that differ stay different: if no place of the ellipsis does that,
/// long names end with their number.
fn shorten_apart(names: &[String], most: usize) -> Vec<String> {
    let shorten = |name: &String, ending: &str, kept: usize| {
        let letters: Vec<char> = name.chars().collect();
        if letters.len() <= most {
            return name.clone();
        }
        let start = most.saturating_sub(1 + kept + ending.chars().count());
        let start: String = letters[..start].iter().collect();
        let end: String = letters[letters.len() - kept..].iter().collect();
        format!("{}…{}{ending}", start.trim_end(), end.trim_start())
    };
    let middle = most / 2;
    let mut ends: Vec<usize> = (0..most).collect();
    ends.sort_by_key(|&end| end.abs_diff(middle));
    let candidates = ends
        .into_iter()
        .map(|end| -> Vec<String> { names.iter().map(|name| shorten(name, "", end)).collect() });
    let are_apart = |short: &Vec<String>| {
        short.iter().collect::<HashSet<_>>().len() == names.iter().collect::<HashSet<_>>().len()
    };
    candidates.into_iter().find(are_apart).unwrap_or_else(|| {
        let numbered = names.iter().enumerate();
        numbered.map(|(index, name)| shorten(name, &format!(" {index}"), 0)).collect()
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::champion::Champion;
    use crate::draw::Shape;
    use crate::play::HeldOutSet;
    use crate::run::{self, Request};

    #[test]
    fn short_names_of_classes_stay_apart() {
        let short = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            shorten_apart(&names, MAX_LETTERS)
        };
        assert_eq!(
            short(&["Iris setosa", "Iris versicolor", "Iris virginica", "other"]),
            ["Iris…etosa", "Iris…color", "Iris…inica", "other"]
        );
        // These differ at the beginning of their ends, in their beginnings, and in the middle.
        for names in [
            ["measurement_1_metres", "measurement_2_metres"],
            ["a very long name of one", "b very long name of one"],
            ["the same start, one, the same end", "the same start, two, the same end"],
        ] {
            let short = short(&names);
            assert!(short[0] != short[1], "{short:?}");
            for name in short {
                assert!(name.contains('…') && name.chars().count() <= MAX_LETTERS, "{name}");
            }
        }
    }

    fn predictions() -> Predictions {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let request = Request {
            backend: Some("cpu".into()),
            generations: Some(1),
            ..Request::for_task("xor")
        };
        let config = request.check().expect("a run").with_folder(folder.path().join("run"));
        run::train(&config, &mut ()).expect("a run");
        let run = folder.path().join("run");
        let held_out = HeldOutSet::from_folder(&run).expect("a run");
        held_out.predictions(&mut Champion::read(&run).expect("a champion")).expect("predictions")
    }

    #[test]
    fn a_title_fits_its_frame_and_has_one_decimal() {
        let mut predictions = predictions();
        let error =
            Misclassification { features: vec![0.0; 2], class: 0, prediction: 1, probability: 0.5 };
        for (samples, wrong, right) in
            [(4, 0, "100%"), (4, 1, "75%"), (359, 43, "88%"), (359, 42, "88.3%")]
        {
            predictions.targets = vec![0.0; samples];
            predictions.predictions = vec![0.0; samples];
            predictions.misclassifications = vec![error.clone(); wrong];
            let scene = draw_predictions(&predictions);
            let Shape::Text { at, size, text, .. } = &scene.shapes[0] else { panic!("no title") };
            assert!(
                text.contains(&format!("xor: {right} of {samples} training samples")),
                "{text}"
            );
            let end = at[0] + text_width(text, *size);
            assert!(end <= f64::from(scene.size[0]), "{text} ends at {end}: {:?}", scene.size);
        }
        predictions.targets = vec![0.0; 3000];
        predictions.predictions = vec![0.0; 3000];
        predictions.misclassifications = vec![error; 1];
        assert!(title(&predictions).starts_with("xor: 99.9% of 3,000 "), "{}", title(&predictions));
    }
}
