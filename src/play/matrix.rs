//! What a champion of a data set tells right and wrong, in one picture: of classes a confusion
//! matrix and the worst mistakes, of a regression the answers against the targets.

use super::draw::short;
use super::{Anchor, Answers, Colour, Mistake, Scene};

const MARGIN: f64 = 90.0;
/// Pixels of all cells together, at most, and of one.
const MATRIX: f64 = 420.0;
const LARGEST_CELL: f64 = 84.0;
/// Mistakes that are drawn, across and down, and pixels of one.
const MISTAKES: [usize; 2] = [3, 4];
const MISTAKE: [f64; 2] = [112.0, 128.0];
const IMAGE: f64 = 88.0;
/// Classes beyond which a matrix cannot be read.
const MOST_CLASSES: usize = 40;

/// The picture of answers.
pub fn matrix(answers: &Answers) -> Scene {
    if answers.is_regression() { scatter(answers) } else { confusion(answers) }
}

fn confusion(answers: &Answers) -> Scene {
    let counts = answers.confusion();
    let shown = counts.len().min(MOST_CLASSES);
    let cell = (MATRIX / shown as f64).min(LARGEST_CELL);
    let side = cell * shown as f64;
    let images = image_side(&answers.mistakes);
    let mistakes = if images.is_some() { MISTAKES[0] as f64 * MISTAKE[0] + 50.0 } else { 0.0 };
    let least = MISTAKES[1] as f64 * MISTAKE[1] * f64::from(u8::from(images.is_some()));
    let height = (side + 2.0 * MARGIN).max(least + MARGIN + 20.0);
    let mut scene = Scene::new([(side + MARGIN + 50.0 + mistakes) as u32, height as u32]);
    let wrong = answers.mistakes.len();
    let right = 100.0 * (1.0 - wrong as f64 / answers.len().max(1) as f64);
    let title = format!(
        "{}: {right:.1}% of {} {} right, {wrong} wrong",
        answers.task,
        answers.len(),
        answers.judged_on
    );
    scene.text([24.0, 32.0], Anchor::Start, 16.0, Colour::INK, title);
    for (row, line) in counts.iter().take(shown).enumerate() {
        let total: usize = line.iter().sum();
        for (column, &count) in line.iter().take(shown).enumerate() {
            let share = count as f64 / total.max(1) as f64;
            draw_cell(&mut scene, [row, column], cell, count, share);
        }
    }
    let size = (0.36 * cell).clamp(7.0, 13.0);
    for (index, name) in answers.classes.iter().take(shown).enumerate() {
        let name: String = name.chars().take(10).collect();
        let middle = MARGIN + (index as f64 + 0.5) * cell;
        let at = [MARGIN - 10.0, middle + 0.35 * size];
        scene.text(at, Anchor::End, size, Colour::INK, name.clone());
        let at = [middle, MARGIN + side + 8.0 + size];
        scene.text(at, Anchor::Middle, size, Colour::INK, name);
    }
    let below = [MARGIN + side / 2.0, MARGIN + side + 44.0];
    scene.text(below, Anchor::Middle, 12.0, Colour::GREY, "answer");
    scene.text([24.0, MARGIN - 14.0], Anchor::Start, 12.0, Colour::GREY, "class");
    if let Some(images) = images {
        draw_mistakes(&mut scene, answers, images, MARGIN + side + 50.0);
    }
    scene
}

fn draw_cell(scene: &mut Scene, [row, column]: [usize; 2], cell: f64, count: usize, share: f64) {
    let colour = if row == column { Colour::BLUE } else { Colour::VERMILION };
    // Mistakes are few, and shall be seen.
    let depth = if row == column { 0.9 * share } else { (4.0 * share).min(0.9) };
    let depth = if count == 0 { 0.0 } else { depth.max(0.08) };
    let at = [MARGIN + column as f64 * cell, MARGIN + row as f64 * cell];
    let empty = Colour::PALE.mix(Colour::PAPER, 0.6);
    scene.rectangle(at, [cell - 1.5, cell - 1.5], empty.mix(colour, depth));
    if count > 0 && cell >= 16.0 {
        let size = (0.36 * cell).clamp(7.0, 13.0);
        let ink = if depth > 0.5 { Colour::PAPER } else { Colour::INK };
        let middle = [at[0] + 0.5 * cell, at[1] + 0.5 * cell + 0.35 * size];
        scene.text(middle, Anchor::Middle, size, ink, count.to_string());
    }
}

/// The side of square images, where the samples may be such.
fn image_side(mistakes: &[Mistake]) -> Option<usize> {
    let inputs = mistakes.first()?.features.len();
    let side = (inputs as f64).sqrt().round() as usize;
    (side >= 4 && side * side == inputs).then_some(side)
}

fn draw_mistakes(scene: &mut Scene, answers: &Answers, side: usize, left: f64) {
    let words = "the surest mistakes: class, answer, its share";
    scene.text([left, MARGIN - 14.0], Anchor::Start, 12.0, Colour::GREY, words);
    let features = || answers.mistakes.iter().flat_map(|mistake| &mistake.features);
    let least = features().copied().fold(f32::INFINITY, f32::min);
    let most = features().copied().fold(f32::NEG_INFINITY, f32::max);
    let name = |class: usize| answers.classes.get(class).map_or("?", String::as_str);
    let count = MISTAKES[0] * MISTAKES[1];
    for (index, mistake) in answers.mistakes.iter().take(count).enumerate() {
        let column = (index % MISTAKES[0]) as f64;
        let row = (index / MISTAKES[0]) as f64;
        let at = [left + column * MISTAKE[0], MARGIN + row * MISTAKE[1]];
        let pixel = IMAGE / side as f64;
        scene.rectangle(at, [IMAGE, IMAGE], Colour::PALE.mix(Colour::PAPER, 0.5));
        for (place, &ink) in mistake.features.iter().enumerate() {
            let share = f64::from((ink - least) / (most - least).max(f32::MIN_POSITIVE));
            if share > 0.02 {
                let (x, y) = ((place % side) as f64, (place / side) as f64);
                let corner = [at[0] + x * pixel, at[1] + y * pixel];
                scene.rectangle(corner, [pixel, pixel], Colour::PAPER.mix(Colour::INK, share));
            }
        }
        let (class, answer) = (name(mistake.class), name(mistake.answer));
        let words = format!("{class} as {answer}, {:.0}%", 100.0 * mistake.share);
        scene.text([at[0], at[1] + IMAGE + 16.0], Anchor::Start, 12.0, Colour::INK, words);
    }
}

fn scatter(answers: &Answers) -> Scene {
    let side = MATRIX;
    let mut scene = Scene::new([(side + 2.0 * MARGIN) as u32, (side + 2.0 * MARGIN) as u32]);
    let both = || answers.targets.iter().chain(&answers.answers).copied();
    let least = both().fold(f64::INFINITY, f64::min);
    let most = both().fold(f64::NEG_INFINITY, f64::max);
    let on = |value: f64| side * (value - least) / (most - least).max(f64::MIN_POSITIVE);
    let at = |target: f64, answer: f64| [MARGIN + on(target), MARGIN + side - on(answer)];
    let (score, _) = answers.score();
    let title =
        format!("{}: R^2 {score:.3} over {} {}", answers.task, answers.len(), answers.judged_on);
    scene.text([24.0, 32.0], Anchor::Start, 16.0, Colour::INK, title);
    scene.line(&[at(least, least), at(most, most)], 1.5, Colour::PALE);
    for (&target, &answer) in answers.targets.iter().zip(&answers.answers) {
        scene.disc(at(target, answer), 3.0, Colour::BLUE.mix(Colour::PAPER, 0.25));
    }
    for (value, anchor) in [(least, Anchor::Start), (most, Anchor::End)] {
        let below = [MARGIN + on(value), MARGIN + side + 24.0];
        scene.text(below, anchor, 12.0, Colour::GREY, short(value));
    }
    let below = [MARGIN + side / 2.0, MARGIN + side + 44.0];
    let words = "target (answer upwards), in deviations from the training part's mean";
    scene.text(below, Anchor::Middle, 12.0, Colour::GREY, words);
    scene
}
