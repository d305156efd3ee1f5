//! Diagonal Gaussians, observed through the strategies that use one.

// Numbers are those that the witness printed; genes are counted as in the paper.
#![allow(clippy::excessive_precision, clippy::needless_range_loop)]

use approx::assert_relative_eq;
use deme::population::{Moments, Proposal};
use deme::strategy::{Fitness, Start};

use super::functions::{centre, deviations};
use super::{GENES, begin, complaint, start, tell_moments};

const STRATEGIES: [&str; 3] = ["snes", "pgpe", "cem"];

fn ranked() -> Fitness {
    Fitness::new((0..24).map(|i| i as f32).collect())
}

#[test]
fn it_begins_with_one_sigma_and_draws_new_noise_every_generation() {
    for name in STRATEGIES {
        let mut strategy = begin(name, &[("sigma", "0.25")], start(24, 7)).unwrap();
        assert_eq!(deviations(&*strategy), [0.25; GENES], "{name}");
        assert_eq!(strategy.step_size(), 0.25, "{name}");
        for generation in 0..3 {
            let Proposal::Gaussian(gaussian) = strategy.ask() else { panic!("no Gaussian") };
            assert_eq!((gaussian.noise.seed, gaussian.noise.generation), (7, generation));
            let moments = Moments { first: vec![0.0; GENES], second: Some(vec![0.0; GENES]) };
            tell_moments(&mut *strategy, &ranked(), &moments).unwrap();
        }
    }
}

#[test]
fn moments_of_another_length_are_refused() {
    for name in STRATEGIES {
        let mut strategy = begin(name, &[], start(24, 1)).unwrap();
        let [right, wrong] = [vec![0.0; GENES], vec![0.0; GENES + 1]];
        for (first, second) in
            [(&right, None), (&right, Some(&wrong)), (&wrong, Some(&right)), (&wrong, None)]
        {
            let moments = Moments { first: first.clone(), second: second.cloned() };
            let result = tell_moments(&mut *strategy, &ranked(), &moments);
            assert_eq!(complaint(result), "the moments of a generation", "{name}");
        }
    }
}

#[test]
fn an_update_that_overflows_is_an_error_and_changes_nothing() {
    for name in STRATEGIES {
        let mut strategy = begin(name, &[("sigma", "1e38")], start(24, 1)).unwrap();
        for value in [1e9, f64::NAN] {
            let before = strategy.ask();
            let moments = Moments { first: vec![value; GENES], second: Some(vec![value; GENES]) };
            let result = tell_moments(&mut *strategy, &ranked(), &moments);
            // PGPE's optimiser bounds its steps, so only NaN can get through.
            if name != "pgpe" || value.is_nan() {
                assert_eq!(complaint(result), "the distribution of a strategy", "{name}");
                assert_eq!(strategy.ask(), before, "{name}");
            }
        }
    }
}

#[test]
fn steps_too_small_for_single_precision_accumulate() {
    let start = Start { genes: 1, centre: vec![1.0], population: 4, seed: 1 };
    let settings = [("sigma", "1"), ("sigma-learning-rate", "0"), ("learning-rate", "1e-8")];
    let mut snes = begin("snes", &settings, start).unwrap();
    let moments = Moments { first: vec![1.0], second: Some(vec![0.0]) };
    for _ in 0..1000 {
        tell_moments(&mut *snes, &Fitness::new(vec![1.0, 2.0, 3.0, 4.0]), &moments).unwrap();
    }
    assert_relative_eq!(centre(&*snes)[0], 1.00001, max_relative = 1e-7);
}

#[test]
fn a_deviation_never_vanishes() {
    let start = Start { genes: 1, centre: vec![1.0], population: 4, seed: 1 };
    let mut snes = begin("snes", &[], start).unwrap();
    let moments = Moments { first: vec![0.0], second: Some(vec![-1e6]) };
    tell_moments(&mut *snes, &Fitness::new(vec![1.0, 2.0, 3.0, 4.0]), &moments).unwrap();
    assert_eq!(deviations(&*snes), [f32::MIN_POSITIVE]);
}
