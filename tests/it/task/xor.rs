//! `xor`: four cases, for training and for testing.

use deme::network::{Activation, Network};
use deme::task::{self, Objective, Split};

#[test]
fn the_cases_are_those_of_the_exclusive_or() {
    let data = task::xor();
    assert_eq!((data.inputs, data.outputs, data.objective), (2, 1, Objective::Closeness));
    for split in Split::ALL {
        assert_eq!((data.indices(split), data.served_by(split)), (0..4, Split::Training));
    }
    for sample in 0..4 {
        let &[a, b] = data.sample(sample) else { panic!("two inputs") };
        assert_eq!(data.targets[sample], f32::from((a == 1.0) != (b == 1.0)), "{a}, {b}");
        assert!([a, b].iter().all(|bit| [0.0, 1.0].contains(bit)));
    }
    let mut cases: Vec<_> = data.features.chunks(2).map(|case| 2.0 * case[0] + case[1]).collect();
    cases.sort_by(f32::total_cmp);
    assert_eq!(cases, [0.0, 1.0, 2.0, 3.0]);
}

#[test]
fn a_solution_hits_all_cases_and_a_zero_network_has_fitness_four() {
    let data = task::xor();
    let network = Network::parse("2:relu", 2, 1, Activation::Tanh).expect("a good spec");
    // relu(a - b) + relu(b - a) minus one half, ten times as steep.
    let solved = [1.0, -1.0, -1.0, 1.0, 0.0, 0.0, 20.0, 20.0, -10.0];
    let score = data.evaluate_reference(&network, &solved, Split::HeldOut);
    assert_eq!(score.score, 1.0);
    approx::assert_abs_diff_eq!(score.fitness, 16.0, epsilon = 0.01);
    // An output of one half has an error of one half in each case, and no hits.
    let score = data.evaluate_reference(&network, &[0.0; 9], Split::Training);
    assert_eq!((score.fitness, score.score), (4.0, 0.0));
}
