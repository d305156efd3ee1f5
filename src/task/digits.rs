//! `digits`: 1,797 images of handwritten digits, 8 x 8 pixels, ten classes.
//!
//! # Shapes and units
//!
//! Each of the 64 inputs is the ink of a pixel, from 0 to 1: the file's 0 to 16, divided by 16. The
//! pixels are in row-major order.
//!
//! # Source
//!
//! E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
//! Repository 1998, DOI 10.24432/C50P49, licence CC BY 4.0; see `data/README.md`.

use std::borrow::Cow;
use std::path::Path;

use super::file::csv;
use super::file::numbers::FeatureScaling;
use super::{About, DataFile, DataSet, Defaults, Objective, Quantity};

const TEXT: &str = include_str!("../../data/digits.csv");
const DARKEST: f64 = 16.0;
const CLASSES: usize = 10;
/// Every fifth sample of a class is held out, and every fifth of the others is for validation.
const EVERY: usize = 5;

/// Returns the shipped images, split 64 to 16 to 20 within each class.
///
/// There are enough images for a validation part, and without one the champion would be the network
/// that has learned most training images by heart.
pub fn digits() -> DataSet {
    let about = About {
        name: Cow::Borrowed("digits"),
        summary: Cow::Borrowed("handwritten digits, 1,797 images of 8 x 8 (UCI)"),
        source: Cow::Borrowed("Alpaydin and Kaynak 1998, DOI 10.24432/C50P49, CC BY 4.0"),
        threshold: Some(0.93),
        defaults: Defaults {
            strategy: "openai-es",
            network: "32",
            population: 64,
            generations: 500,
            episodes: 1,
            normalise_observations: false,
            settings: &[("sigma", "0.05"), ("learning-rate", "0.05")],
        },
    };
    let file = DataFile { target: Some("label"), ..DataFile::new(Path::new("data/digits.csv")) };
    let table = csv::parse(TEXT, ',', &file).expect("the shipped table is well formed");
    let (inputs, labels) = (table.inputs, table.column.into_numbers());
    let [mut training, mut validation, mut held_out] = [const { Vec::new() }; 3];
    let mut counts = [0; CLASSES];
    for (sample, &label) in labels.iter().enumerate() {
        let count = &mut counts[label as usize];
        *count += 1;
        let split = match (*count % EVERY, (*count - *count / EVERY) % EVERY) {
            (0, _) => &mut held_out,
            (_, 0) => &mut validation,
            _ => &mut training,
        };
        split.push(sample);
    }
    let order = [&training[..], &validation, &held_out].concat();
    let ink = FeatureScaling { means: vec![0.0; inputs], scales: vec![1.0 / DARKEST; inputs] };
    DataSet {
        about,
        inputs,
        outputs: CLASSES,
        features: table.features.scaled(&order, &ink).expect("no ink is out of range"),
        targets: order.iter().map(|&sample| labels[sample] as f32).collect(),
        training: training.len(),
        validation: validation.len(),
        objective: Objective::CrossEntropy,
        held_out_is_training: false,
        feature_labels: vec![
            Quantity::between("pixel", "ink, row by row from the top left", "", 0.0, 1.0)
                .times(inputs),
        ],
        output_labels: vec![
            Quantity::unbounded("digit", "evidence for each digit, 0 to 9; the largest wins", "")
                .times(CLASSES),
        ],
        preprocessing: None,
    }
}
