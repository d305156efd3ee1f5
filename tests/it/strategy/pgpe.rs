//! PGPE: its two gradients, the limit on sigma, its optimisers, and functions that it learns.

// Numbers are those that the witness printed; genes are counted as in the paper.
#![allow(clippy::excessive_precision, clippy::needless_range_loop)]

use approx::assert_relative_eq;
use deme::population::{Moments, Proposal, Scale};
use deme::strategy::{Fitness, Start, Strategy};

use super::functions::{self, centre, deviations, genomes, minimise, tell};
use super::{begin, complaint, start, tell_moments};

/// Plain gradient ascent, whose step is the gradient itself.
const PLAIN: [(&str, &str); 3] = [("optimiser", "sgd"), ("momentum", "0"), ("learning-rate", "1")];

fn plain(genes: usize) -> Box<dyn Strategy> {
    let start = Start { genes, centre: vec![1.0; genes], population: 4, seed: 1 };
    begin("pgpe", &PLAIN, start).unwrap()
}

fn ranked() -> Fitness {
    Fitness::new(vec![4.0, 3.0, 2.0, 1.0])
}

#[test]
fn it_asks_for_mirrored_pairs_with_a_deviation_for_each_gene() {
    let Proposal::Gaussian(gaussian) = plain(2).ask() else { panic!("no Gaussian") };
    assert!(gaussian.mirrored);
    assert_eq!(gaussian.scale, Scale::PerGene([0.1, 0.1].into()));
    assert_eq!(complaint(begin("pgpe", &[], start(7, 1))), "--population");
}

#[test]
fn centre_and_sigma_follow_their_gradients() {
    let mut pgpe = plain(2);
    let moments = Moments { first: vec![0.3, -2.0], second: Some(vec![0.2, -0.8]) };
    tell_moments(&mut *pgpe, &ranked(), &moments).unwrap();
    // 1 + 0.1 * 0.3 / 4 and 1 - 0.1 * 2 / 4.
    assert_relative_eq!(centre(&*pgpe)[..], [1.0075, 0.95], max_relative = 1e-6);
    // 0.1 + 0.1 * 0.1 * 0.2 / 4 and 0.1 - 0.1 * 0.1 * 0.8 / 4.
    assert_relative_eq!(deviations(&*pgpe)[..], [0.1005, 0.098], max_relative = 1e-6);
}

/// Computes the means over pairs from noise that is read back from the genomes. The second of a
/// pair has the noise of the first with the opposite sign.
#[test]
fn a_generation_is_the_mean_over_pairs() {
    let mut pgpe = plain(2);
    let proposal = pgpe.ask();
    let genomes = genomes(&proposal);
    // Their utilities fall evenly from 0.5 to -0.5.
    let (values, utilities) = ([2.0, 9.0, -3.0, 4.0], [-1.0 / 6.0, 0.5, -0.5, 1.0 / 6.0]);
    tell(&mut *pgpe, &proposal, values.to_vec());
    for gene in 0..2 {
        let noise = |pair: usize| genomes[2 * pair][gene] - 1.0;
        let pairs = |of: fn(f64, f64, f64) -> f64| {
            let one_pair = |pair| of(utilities[2 * pair], utilities[2 * pair + 1], noise(pair));
            (one_pair(0) + one_pair(1)) / 2.0
        };
        let moved = 1.0 + pairs(|plus, minus, e| 0.5 * (plus - minus) * e);
        let sigma = 0.1 + 0.1 * pairs(|plus, minus, e| 0.5 * (plus + minus) * (e * e - 0.01) / 0.1);
        assert_relative_eq!(f64::from(centre(&*pgpe)[gene]), moved, max_relative = 1e-6);
        assert_relative_eq!(f64::from(deviations(&*pgpe)[gene]), sigma, max_relative = 1e-6);
    }
}

#[test]
fn sigma_changes_by_at_most_a_fifth() {
    let mut pgpe = plain(2);
    let moments = Moments { first: vec![0.0; 2], second: Some(vec![1e3, -1e3]) };
    for share in [1.0, 2.0, 3.0] {
        tell_moments(&mut *pgpe, &ranked(), &moments).unwrap();
        let expected = [0.1 * 1.2f32.powf(share), 0.1 * 0.8f32.powf(share)];
        assert_relative_eq!(deviations(&*pgpe)[..], expected, max_relative = 1e-6);
    }
}

#[test]
fn adam_is_the_default_and_clip_up_moves_all_genes_together() {
    let start = || Start { genes: 2, centre: vec![1.0; 2], population: 4, seed: 1 };
    let moments = Moments { first: vec![3.0, -4.0], second: Some(vec![0.0; 2]) };
    let mut adam = begin("pgpe", &[], start()).unwrap();
    tell_moments(&mut *adam, &ranked(), &moments).unwrap();
    assert_relative_eq!(centre(&*adam)[..], [1.05, 0.95], max_relative = 1e-6);

    let settings = [("optimiser", "clipup"), ("max-speed", "1.5"), ("learning-rate", "0.1")];
    let mut clip_up = begin("pgpe", &settings, start()).unwrap();
    tell_moments(&mut *clip_up, &ranked(), &moments).unwrap();
    assert_relative_eq!(centre(&*clip_up)[..], [1.06, 0.92], max_relative = 1e-6);
    // 0.9 * 0.1 + 0.1 is more than 1.5 * 0.1.
    tell_moments(&mut *clip_up, &ranked(), &moments).unwrap();
    assert_relative_eq!(centre(&*clip_up)[..], [1.15, 0.8], max_relative = 1e-6);
}

#[test]
fn momentum_pauses_in_a_flat_generation() {
    let begun = Start { genes: 1, centre: vec![1.0], population: 4, seed: 1 };
    let mut pgpe = begin("pgpe", &[("optimiser", "clipup")], begun).unwrap();
    let moved = Moments { first: vec![1.0], second: Some(vec![0.5]) };
    tell_moments(&mut *pgpe, &ranked(), &moved).unwrap();
    let before = (centre(&*pgpe), deviations(&*pgpe));
    let rest = Moments { first: vec![0.0], second: Some(vec![0.0]) };
    for equals in [2.0, f32::NAN] {
        tell_moments(&mut *pgpe, &Fitness::new(vec![equals; 4]), &rest).unwrap();
        assert_eq!((centre(&*pgpe), deviations(&*pgpe)), before);
    }
}

#[test]
fn shares_of_one_are_refused() {
    for key in ["momentum", "sigma-max-change"] {
        assert_eq!(complaint(begin("pgpe", &[(key, "1")], start(4, 1))), format!("--set {key}"));
    }
}

#[test]
fn it_learns_functions_with_either_optimiser() {
    for optimiser in ["adam", "clipup"] {
        for (name, first, target) in
            [("sphere", 1.0, 1e-2), ("ellipsoid", 1.0, 1e3), ("rosenbrock", -1.0, 20.0)]
        {
            for seed in 0..3 {
                let centre = vec![first; 10];
                let start = Start { genes: 10, centre, population: 40, seed };
                let mut pgpe = begin("pgpe", &[("optimiser", optimiser)], start).unwrap();
                let curve = minimise(&mut *pgpe, functions::by_name(name), target, 40_000);
                let best = curve.last().expect("a best").1;
                assert!(best <= target, "{optimiser} on {name}, seed {seed}: {best:e}");
            }
        }
    }
}
