//! Hyperparameters: the values of the paper, and the fitness that species share.

use deme::strategy::neat::{FitnessSharing, Hyperparameters};
use deme::strategy::{Fitness, by_name};

use super::neat::{PORTS, hyperparameters};
use super::{begin, complaint, settings, start};

#[test]
fn the_preset_has_the_values_of_the_paper() {
    let paper = hyperparameters(&[("paper", "true")], PORTS);
    assert_eq!((paper.excess, paper.disjoint, paper.weights), (1.0, 1.0, 0.4));
    assert_eq!((paper.threshold, paper.species, paper.small), (3.0, 0, 20));
    assert_eq!((paper.weight_mutation, paper.weight_new), (0.8, 0.1));
    assert_eq!((paper.add_node, paper.add_connection), (0.03, 0.05));
    assert_eq!((paper.mutate_only, paper.interspecies, paper.disabled), (0.25, 0.001, 0.75));
    assert_eq!((paper.champion, paper.stagnation, paper.refocus), (5, 15, 20));
    assert_eq!(paper.weight_share, 1.0);
    // The paper does not give these.
    assert_eq!((paper.weight_power, paper.weight_range, paper.weight_limit), (8.0, 8.0, 8.0));
    assert_eq!((paper.response, paper.elite_species), (4.9, 0));
    assert_eq!(paper.sharing, FitnessSharing::Fitness);
}

#[test]
fn a_setting_overrides_the_preset() {
    let mixed =
        hyperparameters(&[("paper", "true"), ("threshold", "4"), ("sharing", "ranks")], PORTS);
    let paper = hyperparameters(&[("paper", "true")], PORTS);
    assert_eq!((mixed.threshold, mixed.sharing), (4.0, FitnessSharing::Ranks));
    assert_eq!(
        Hyperparameters { threshold: 3.0, sharing: FitnessSharing::Fitness, ..mixed },
        paper
    );
    // Complete settings stay as they are.
    let entry = by_name("neat").unwrap();
    let complete = entry.complete(&settings(&[("paper", "true")])).unwrap();
    assert_eq!(entry.complete(&complete).unwrap(), complete);
}

#[test]
fn contributions_are_ranks_distances_or_fitness() {
    let fitness = Fitness::new(vec![3.0, -1.0, f32::NAN, 3.0]);
    assert_eq!(FitnessSharing::Ranks.contributions(&fitness).unwrap(), [3.5, 2.0, 1.0, 3.5]);
    assert_eq!(FitnessSharing::Shifted.contributions(&fitness).unwrap(), [4.0, 0.0, 0.0, 4.0]);
    let refused = complaint(FitnessSharing::Fitness.contributions(&fitness));
    assert_eq!(refused, "--set sharing=fitness");
    let positive = Fitness::new(vec![3.0, 0.0, f32::INFINITY]);
    assert_eq!(FitnessSharing::Fitness.contributions(&positive).unwrap(), [3.0, 0.0, 0.0]);
}

#[test]
fn no_survivors_are_refused() {
    assert_eq!(complaint(begin("neat", &[("survivors", "0")], start(8, 1))), "--set survivors");
}
