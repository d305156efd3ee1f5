//! LM-MA-ES: Algorithm 1 by hand and in another program, and its stop rules.

use approx::assert_relative_eq;
use deme::population::NoiseKey;
use deme::random::Stream;
use deme::strategy::{self, Fitness, Start};

use super::witness::{assert_as_fast, assert_follows, assert_stops, centre};
use super::{begin, no_recombination};

#[test]
fn on_the_same_noise_it_agrees_with_the_algorithm_over_whole_matrices() {
    assert_follows("lm-ma-es");
}

#[test]
fn with_10_genes_it_needs_no_more_evaluations_than_the_algorithm_over_whole_matrices() {
    assert_as_fast("lm-ma-es", 10);
}

#[test]
fn with_100_genes_it_needs_no_more_evaluations_than_the_algorithm_over_whole_matrices() {
    assert_as_fast("lm-ma-es", 100);
}

#[test]
fn it_stops_for_the_right_reason() {
    assert_stops("lm-ma-es");
}

#[test]
fn the_first_step_agrees_with_a_hand_calculation() {
    let start = Start { genes: 2, centre: vec![3.0, -1.0], population: 5, seed: 6 };
    let mut strategy = begin("lm-ma-es", &[("sigma", "0.25")], start).unwrap();
    strategy.tell(&Fitness::new(vec![0.0, 9.0, 2.0, 5.0, 1.0]), &mut no_recombination).unwrap();
    // Two of five are selected, with weights ln 2.5 - ln 1 and ln 2.5 - ln 2 scaled to a sum of 1:
    // 0.804163 and 0.195837.
    let weights = [0.804_163, 0.195_837];
    let noise = NoiseKey { seed: 6, generation: 0 };
    let [best, second] = [1, 3].map(|i| noise.counter(Stream::Noise, i).normals(0).map(f64::from));
    let selected = [0, 1].map(|g| weights[0] * best[g] + weights[1] * second[g]);
    let found = centre(&*strategy);
    assert_relative_eq!(f64::from(found[0]), 3.0 + 0.25 * selected[0], max_relative = 1e-5);
    assert_relative_eq!(f64::from(found[1]), -1.0 + 0.25 * selected[1], max_relative = 1e-5);
    // c_sigma is that of ten genes, 2 x 5 / 10 = 1; mu_w is 1 / (0.804163^2 + 0.195837^2).
    let square = 1.459_797 * (selected[0].powi(2) + selected[1].powi(2));
    let sigma = 0.25 * (0.5 * (square / 2.0 - 1.0)).exp();
    assert_relative_eq!(strategy.step_size(), sigma, max_relative = 1e-5);
}

#[test]
fn the_default_population_is_the_papers() {
    let advised = strategy::by_name("lm-ma-es").unwrap().default_population.unwrap();
    assert_eq!([1, 10, 100, 1_000_000].map(advised), [4, 10, 17, 45]);
}
