//! CEM: mean and variance of the elites, the extra noise, and functions that it learns.

// Numbers are those that the witness printed; genes are counted as in the paper.
#![allow(clippy::excessive_precision, clippy::needless_range_loop)]

use approx::assert_relative_eq;
use deme::population::{Moments, Proposal};
use deme::strategy::{Fitness, Start, Strategy};

use super::functions::{self, centre, deviations, genomes, minimise, tell};
use super::{begin, complaint, requested_utilities, start, tell_moments};

/// No extra noise, and 3 elites of 6.
const PLAIN: [(&str, &str); 2] = [("elites", "0.5"), ("extra-noise", "0")];

fn small(settings: &[(&str, &str)]) -> Box<dyn Strategy> {
    let start = Start { genes: 2, centre: vec![1.0, -2.0], population: 6, seed: 1 };
    begin("cem", settings, start).unwrap()
}

fn ranked() -> Fitness {
    Fitness::new(vec![6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
}

#[test]
fn elites_have_equal_utilities_and_equals_share_theirs() {
    let utilities = |values: [f32; 6]| {
        let utilities = requested_utilities(&mut *small(&PLAIN), &values);
        assert_eq!(utilities.second.as_ref(), Some(&utilities.first));
        utilities.first
    };
    assert_eq!(utilities([1.0, 5.0, 2.0, 7.0, f32::NAN, 6.0]), [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(utilities([4.0, 4.0, 9.0, 4.0, 4.0, 8.0]), [0.25, 0.25, 1.0, 0.25, 0.25, 1.0]);
}

#[test]
fn mean_and_variance_become_those_of_the_elites() {
    let mut cem = small(&PLAIN);
    let proposal = cem.ask();
    let genomes = genomes(&proposal);
    tell(&mut *cem, &proposal, vec![1.0, 5.0, 2.0, 7.0, f32::NAN, 6.0]);
    for gene in 0..2 {
        let elites = [1, 3, 5].map(|i| genomes[i][gene]);
        let mean = elites.iter().sum::<f64>() / 3.0;
        let variance = elites.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 3.0;
        assert_relative_eq!(f64::from(centre(&*cem)[gene]), mean, max_relative = 1e-5);
        let deviation = f64::from(deviations(&*cem)[gene]);
        assert_relative_eq!(deviation, variance.sqrt(), max_relative = 1e-5);
    }
}

#[test]
fn extra_noise_adds_to_the_variance_and_decays_to_its_limit() {
    let settings = [
        ("elites", "0.5"),
        ("sigma", "0.5"),
        ("extra-noise", "0.4"),
        ("extra-noise-decay", "0.5"),
        ("extra-noise-limit", "0.15"),
    ];
    let mut cem = small(&settings);
    // Three elites whose noise has mean 0 and mean square 0.64, and then 0.
    let moments = |squares: f64| Moments { first: vec![0.0; 2], second: Some(vec![squares; 2]) };
    tell_moments(&mut *cem, &ranked(), &moments(1.92)).unwrap();
    // sqrt(0.5^2 * 0.64 + 0.4^2)
    assert_relative_eq!(deviations(&*cem)[..], [0.32f32.sqrt(); 2], max_relative = 1e-6);
    for expected in [0.2, 0.15, 0.15] {
        tell_moments(&mut *cem, &ranked(), &moments(0.0)).unwrap();
        assert_relative_eq!(deviations(&*cem)[..], [expected; 2], max_relative = 1e-6);
    }
}

#[test]
fn equal_elites_leave_a_deviation_above_zero() {
    let mut cem = small(&PLAIN);
    let moments = Moments { first: vec![3.0; 2], second: Some(vec![3.0; 2]) };
    tell_moments(&mut *cem, &ranked(), &moments).unwrap();
    assert_relative_eq!(centre(&*cem)[..], [2.0, -1.0]);
    assert!(deviations(&*cem).iter().all(|&sigma| sigma > 0.0));
    let Proposal::Gaussian(gaussian) = cem.ask() else { panic!("no Gaussian") };
    assert!(!gaussian.mirrored);
}

#[test]
fn a_flat_generation_changes_nothing() {
    let mut cem = small(&PLAIN);
    let proposal = cem.ask();
    let before = (centre(&*cem), deviations(&*cem));
    tell(&mut *cem, &proposal, vec![f32::NAN; 6]);
    assert_eq!((centre(&*cem), deviations(&*cem)), before);
}

#[test]
fn fewer_than_two_elites_are_refused() {
    for elites in ["0", "0.1"] {
        let begun = begin("cem", &[("elites", elites)], start(10, 1));
        assert_eq!(complaint(begun), "--set elites");
    }
}

#[test]
fn it_learns_functions() {
    for (name, target) in [("sphere", 1e-6), ("ellipsoid", 100.0), ("rosenbrock", 10.0)] {
        for seed in 0..3 {
            let start = Start { genes: 10, centre: vec![0.5; 10], population: 100, seed };
            let mut cem = begin("cem", &[], start).unwrap();
            let curve = minimise(&mut *cem, functions::by_name(name), target, 100_000);
            let best = curve.last().expect("a best").1;
            assert!(best <= target, "{name}, seed {seed}: {best:e}");
        }
    }
}

/// The paper's reason for extra noise: without it the deviation vanishes before the optimum is
/// found.
#[test]
fn extra_noise_keeps_it_from_shrinking_too_early() {
    let best = |noise: &str| {
        let start = Start { genes: 10, centre: vec![4.0; 10], population: 20, seed: 1 };
        let mut cem = begin("cem", &[("sigma", "0.5"), ("extra-noise", noise)], start).unwrap();
        minimise(&mut *cem, functions::sphere, 1e-3, 20_000).last().expect("a best").1
    };
    assert!(best("0") > 1.0, "{}", best("0"));
    assert!(best("0.5") < 1.0, "{}", best("0.5"));
}
