//! `xor`: the exclusive or of two bits, the smallest task that needs a hidden layer.
//!
//! # Source
//!
//! Fitness and success as in Stanley and Miikkulainen, Evolutionary Computation 10(2), 2002. There
//! are only four cases, and a network that misses one has learned nothing. All of them are training
//! samples; they choose the champion and score it, too.

use std::borrow::Cow;

use super::{About, DataSet, Defaults, Objective, Quantity};

/// Returns the four cases.
pub fn xor() -> DataSet {
    DataSet {
        about: About {
            name: Cow::Borrowed("xor"),
            summary: Cow::Borrowed("the exclusive or of two bits, four cases"),
            source: Cow::Borrowed("Stanley and Miikkulainen 2002"),
            threshold: Some(1.0),
            defaults: Defaults {
                strategy: "ga",
                network: "4",
                population: 64,
                generations: 300,
                episodes: 1,
                normalise_observations: false,
                // Three correct cases are a wide local optimum that only large mutations leave.
                settings: &[
                    ("tournament", "6"),
                    ("crossover", "blend"),
                    ("crossover-rate", "0.5"),
                    ("mutation-rate", "1"),
                    ("sigma", "1"),
                ],
            },
        },
        inputs: 2,
        outputs: 1,
        features: vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0],
        targets: vec![0.0, 1.0, 1.0, 0.0],
        training: 4,
        validation: 0,
        objective: Objective::Closeness,
        held_out_is_training: true,
        feature_labels: vec![
            Quantity::between("a", "first bit", "", 0.0, 1.0),
            Quantity::between("b", "second bit", "", 0.0, 1.0),
        ],
        output_labels: vec![Quantity::unbounded("xor", "positive if the bits differ", "")],
        preprocessing: None,
    }
}
