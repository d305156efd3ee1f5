//! `digits`: 1,797 images of handwritten digits, 8 x 8 pixels, ten classes.
//!
//! # Shapes and units
//!
//! 64 inputs, row by row, each the ink of a pixel from 0 to 1 (the file's 0 to 16, divided by 16).
//!
//! # Source
//!
//! E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
//! Repository 1998, DOI 10.24432/C50P49, licence CC BY 4.0; see `data/README.md`.

use std::borrow::Cow;
use std::path::Path;

use super::table::{Table, stratified};
use super::{About, DataSet, Defaults};

const TEXT: &str = include_str!("../../data/digits.csv");
const DARKEST: f32 = 16.0;

/// The shipped images, split 80 to 20 within each class.
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
            settings: &[("sigma", "0.05"), ("learning-rate", "0.05")],
        },
    };
    let mut table = Table::parse(TEXT, Path::new("data/digits.csv"), Some("label"))
        .expect("the shipped table is well formed");
    table.features.iter_mut().for_each(|ink| *ink /= DARKEST);
    stratified(about, table)
}
