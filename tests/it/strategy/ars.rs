//! ARS: the directions in use, their scale, and functions that it learns.

// Numbers are those that the witness printed; genes are counted as in the paper.
#![allow(clippy::excessive_precision, clippy::needless_range_loop)]

use approx::assert_relative_eq;
use deme::population::{Moments, Proposal, Scale};
use deme::strategy::{Fitness, Start, Strategy};

use super::functions::{self, centre, minimise};
use super::{GENES, begin, complaint, requested_utilities, start, tell_moments};

fn utilities(top: &str, values: &[f32]) -> Vec<f32> {
    let mut ars = begin("ars", &[("top", top)], start(values.len(), 1)).unwrap();
    let utilities = requested_utilities(&mut *ars, values);
    assert_eq!(utilities.second, None);
    utilities.first
}

#[track_caller]
fn assert_utilities(top: &str, values: &[f32], expected: &[f64]) {
    for (got, expected) in utilities(top, values).iter().zip(expected) {
        assert_relative_eq!(f64::from(*got), *expected, max_relative = 1e-6);
    }
}

#[test]
fn it_asks_for_mirrored_pairs() {
    let ars = begin("ars", &[("sigma", "0.25")], start(8, 3)).unwrap();
    let Proposal::Gaussian(gaussian) = ars.ask() else { panic!("no Gaussian") };
    assert!(gaussian.mirrored);
    assert_eq!(gaussian.scale, Scale::Uniform(0.25));
    assert_eq!(complaint(begin("ars", &[], start(7, 1))), "--population");
}

#[test]
fn differences_are_in_standard_deviations_of_the_returns_in_use() {
    // Returns 5, 1 | 3, 3 | 0, 2 of mean 7/3 and variance 23/9: differences 4, 0 and -2.
    let half = |difference: f64| difference / 2.0 / (23.0f64 / 9.0).sqrt();
    let all = [half(4.0), -half(4.0), 0.0, 0.0, half(-2.0), -half(-2.0)];
    assert_utilities("1", &[5.0, 1.0, 3.0, 3.0, 0.0, 2.0], &all);
    // The best two directions, by the better return of each, have returns 5, 1, 3, 3 of variance 2.
    let half = |difference: f64| difference / 2.0 / 2.0f64.sqrt();
    let two = [half(4.0), -half(4.0), 0.0, 0.0, 0.0, 0.0];
    assert_utilities("0.5", &[5.0, 1.0, 3.0, 3.0, 0.0, 2.0], &two);
    // Its 6 makes the second pair the best, however low its other return.
    assert_utilities("0.1", &[5.0, 1.0, -9.0, 6.0, 0.0, 2.0], &[0.0, 0.0, -1.0, 1.0, 0.0, 0.0]);
}

#[test]
fn a_failed_return_counts_as_the_lowest_finite_one() {
    let failed = [5.0, f32::NAN, f32::INFINITY, 3.0, 1.0, 2.0];
    assert_eq!(utilities("1", &failed), utilities("1", &[5.0, 1.0, 1.0, 3.0, 1.0, 2.0]));
    assert_eq!(utilities("1", &[f32::NAN; 4]), [0.0; 4]);
    // All returns are then equal.
    assert_eq!(utilities("1", &[2.0, f32::NAN, 2.0, f32::NEG_INFINITY]), [0.0; 4]);
}

/// Small differences of large returns, as sums of rewards have, must not be lost to rounding.
#[test]
fn an_offset_of_the_returns_changes_nothing() {
    let near = [5.0, 1.0, 3.0, 3.0, 0.0, 2.0];
    assert_eq!(utilities("1", &near.map(|r| r + 8_388_608.0)), utilities("1", &near));
}

#[test]
fn a_step_is_alpha_over_the_number_of_directions_in_use() {
    let settings = [("learning-rate", "0.5"), ("top", "0.5")];
    let mut ars = begin("ars", &settings, start(8, 1)).unwrap();
    let moments = Moments { first: vec![3.0; GENES], second: None };
    tell_moments(&mut *ars, &Fitness::new((0..8).map(|i| i as f32).collect()), &moments).unwrap();
    // 1 + 0.5 / 2 * 3, with two of four directions.
    assert_relative_eq!(centre(&*ars)[..], [1.75; GENES]);
}

#[test]
fn a_top_of_zero_is_refused() {
    assert_eq!(complaint(begin("ars", &[("top", "0")], start(8, 1))), "--set top");
}

#[test]
fn a_step_that_overflows_is_an_error_and_changes_nothing() {
    let mut ars = begin("ars", &[("learning-rate", "3e38")], start(4, 1)).unwrap();
    let moments = Moments { first: vec![100.0; GENES], second: None };
    let result = tell_moments(&mut *ars, &Fitness::new(vec![1.0, 2.0, 3.0, 4.0]), &moments);
    assert_eq!(complaint(result), "--set learning-rate");
    assert_eq!(centre(&*ars), [1.0; GENES]);
}

fn learned(settings: &[(&str, &str)], name: &str, target: f64, seed: u64) -> f64 {
    let start = Start { genes: 10, centre: vec![1.0; 10], population: 16, seed };
    let mut ars: Box<dyn Strategy> = begin("ars", settings, start).unwrap();
    minimise(&mut *ars, functions::by_name(name), target, 16_000).last().expect("a best").1
}

#[test]
fn it_learns_functions_as_v1_and_as_v1_t() {
    for top in ["1", "0.5"] {
        for seed in 0..3 {
            for (name, target) in [("sphere", 0.01), ("ellipsoid", 1000.0)] {
                let best = learned(&[("top", top)], name, target, seed);
                assert!(best <= target, "top {top} on {name}, seed {seed}: {best:e}");
            }
        }
    }
}
