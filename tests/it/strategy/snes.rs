//! SNES: Algorithm 6 with numbers computed by hand, functions that it learns, and a million genes.

// Numbers are those that the witness printed; genes are counted as in the paper.
#![allow(clippy::excessive_precision, clippy::needless_range_loop)]

use approx::assert_relative_eq;
use deme::population::{Moments, Proposal};
use deme::strategy::{self, Fitness, Start};
use rayon::prelude::*;

use super::functions::{self, centre, deviations, genomes, minimise, sample, tell};
use super::{begin, complaint, start, tell_moments};

fn small() -> Start {
    Start { genes: 2, centre: vec![1.0, -2.0], population: 4, seed: 1 }
}

fn ranked() -> Fitness {
    Fitness::new(vec![4.0, 3.0, 2.0, 1.0])
}

#[test]
fn centre_and_deviations_follow_algorithm_6() {
    let mut snes = begin("snes", &[("sigma", "0.5")], small()).unwrap();
    let moments = Moments { first: vec![0.3, -0.7], second: Some(vec![0.2, -0.4]) };
    tell_moments(&mut *snes, &ranked(), &moments).unwrap();
    // 1 + 0.5 * 0.3 and -2 - 0.5 * 0.7; 0.5 exp(eta / 2 * 0.2) and 0.5 exp(-eta / 2 * 0.4) with
    // eta = (3 + ln 2) / (5 sqrt 2) = 0.522290, by NumPy.
    assert_relative_eq!(centre(&*snes)[..], [1.15, -2.35], max_relative = 1e-6);
    let expected = [0.526_808_490_429_711_1, 0.450_406_325_905_647];
    for (deviation, expected) in deviations(&*snes).iter().zip(expected) {
        assert_relative_eq!(f64::from(*deviation), expected, max_relative = 1e-6);
    }
    assert_relative_eq!(snes.step_size(), (expected[0] + expected[1]) / 2.0, max_relative = 1e-7);
}

#[test]
fn its_learning_rates_multiply_the_papers() {
    let rates = [("sigma", "0.5"), ("learning-rate", "0.5"), ("sigma-learning-rate", "0")];
    let mut snes = begin("snes", &rates, small()).unwrap();
    let moments = Moments { first: vec![0.3, -0.7], second: Some(vec![0.2, -0.4]) };
    tell_moments(&mut *snes, &ranked(), &moments).unwrap();
    assert_relative_eq!(centre(&*snes)[..], [1.075, -2.175], max_relative = 1e-6);
    // The utilities sum to 0 except for rounding.
    assert_eq!(deviations(&*snes), [0.5, 0.5]);
}

/// Computes the sums of the paper from noise that is read back from the genomes.
#[test]
fn a_generation_agrees_with_the_papers_sums_over_individuals() {
    let mut snes = begin("snes", &[("sigma", "0.25")], small()).unwrap();
    let genomes = genomes(&snes.ask());
    // max(0, ln 3 - ln k) over its sum, less 1/4, by NumPy; individual 2 is the best, 0 the worst.
    let utilities = [-0.25, -0.25, 0.480_422_710_309_185_15, 0.019_577_289_690_814_96];
    let values = vec![0.0, 1.0, 3.0, 2.0];
    let proposal = snes.ask();
    tell(&mut *snes, &proposal, values);
    let eta = 0.522_289_883_058_783_2;
    for (gene, first) in [1.0, -2.0].into_iter().enumerate() {
        let noise = |i: usize| (genomes[i][gene] - first) / 0.25;
        let sum = |of: fn(f64) -> f64| (0..4).map(|i| utilities[i] * of(noise(i))).sum::<f64>();
        let moved = first + 0.25 * sum(|s| s);
        let scaled = 0.25 * (0.5 * eta * sum(|s| s * s - 1.0)).exp();
        assert_relative_eq!(f64::from(centre(&*snes)[gene]), moved, max_relative = 1e-6);
        assert_relative_eq!(f64::from(deviations(&*snes)[gene]), scaled, max_relative = 1e-6);
    }
}

#[test]
fn moments_without_squares_are_refused() {
    let mut snes = begin("snes", &[], small()).unwrap();
    for second in [None, Some(vec![0.0])] {
        let result = tell_moments(&mut *snes, &ranked(), &Moments { first: vec![0.0; 2], second });
        assert_eq!(complaint(result), "the moments of a generation");
    }
    assert_eq!(snes.ask(), begin("snes", &[], small()).unwrap().ask());
}

#[test]
fn a_step_that_overflows_is_an_error_and_changes_nothing() {
    let mut snes = begin("snes", &[("sigma", "1e38")], small()).unwrap();
    let moments = Moments { first: vec![10.0; 2], second: Some(vec![0.0; 2]) };
    let result = tell_moments(&mut *snes, &ranked(), &moments);
    assert_eq!(complaint(result), "the distribution of a strategy");
    assert_eq!(centre(&*snes), [1.0, -2.0]);
}

#[test]
fn it_learns_functions_along_the_axes_to_many_digits() {
    for (name, target, budget) in
        [("sphere", 1e-12, 8_000), ("ellipsoid", 1e-12, 15_000), ("rosenbrock", 10.0, 10_000)]
    {
        for seed in 0..3 {
            let centre = vec![if name == "rosenbrock" { -1.0 } else { 1.0 }; 10];
            let start = Start { genes: 10, centre, population: 10, seed };
            let mut snes = begin("snes", &[], start).unwrap();
            let curve = minimise(&mut *snes, functions::by_name(name), target, budget);
            let best = curve.last().expect("a best").1;
            assert!(best <= target, "{name}, seed {seed}: {best:e}");
        }
    }
}

#[test]
fn deviations_adapt_to_the_axes_of_the_ellipsoid() {
    let start = Start { genes: 10, centre: vec![1.0; 10], population: 10, seed: 1 };
    let mut snes = begin("snes", &[], start).unwrap();
    minimise(&mut *snes, functions::ellipsoid, 1e-8, 15_000);
    let deviations = deviations(&*snes);
    // The ideal ratio of the flattest to the steepest axis is 1000; selection adds noise.
    let ratio = deviations[0] / deviations[9];
    assert!((200.0..5000.0).contains(&ratio), "{ratio}");
}

#[test]
fn a_million_genes_improve_every_generation_in_little_memory() {
    const GENES: usize = 1_000_000;
    let individuals =
        strategy::by_name("snes").unwrap().default_population.expect("a population")(GENES);
    let start = Start { genes: GENES, centre: vec![1.0; GENES], population: individuals, seed: 1 };
    let mut snes = begin("snes", &[("sigma", "0.001")], start).unwrap();
    let mut fell = vec![GENES as f64];
    for _ in 0..5 {
        let proposal = snes.ask();
        let Proposal::Gaussian(gaussian) = &proposal else { panic!("no Gaussian") };
        let value = |i| -functions::sphere(&sample(gaussian, i)) as f32;
        tell(&mut *snes, &proposal, (0..individuals).into_par_iter().map(value).collect());
        let centre: Vec<f64> = centre(&*snes).into_iter().map(f64::from).collect();
        fell.push(functions::sphere(&centre));
    }
    assert!(fell.is_sorted_by(|before, after| before > after), "{fell:?}");
    // The state holds centre and deviations, the first guess for restarts, and little else.
    assert!(snes.save().len() < (2 * 8 + 4) * GENES + 1000);
}

#[test]
fn sigma_and_rates_out_of_range_are_refused() {
    for (key, value) in [("sigma", "0"), ("learning-rate", "0"), ("sigma-learning-rate", "-1")] {
        assert_eq!(complaint(begin("snes", &[(key, value)], start(4, 1))), format!("--set {key}"));
    }
}
