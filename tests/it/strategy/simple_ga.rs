//! The simple genetic algorithm: its parents and its mutations.

use deme::population::Crossover;
use deme::strategy::Strategy;

use super::offspring::offspring;
use super::{Arena, begin, complaint, start};

/// Returns the number of mutating children of each individual, when lower indices are fitter.
fn parents(share: &str, population: usize) -> Vec<usize> {
    let mut arena = Arena::new();
    let mut strategy = begin("simple-ga", &[("parents", share)], start(population, 1)).unwrap();
    arena.generation(&mut *strategy, |i, _| -(i as f32));
    count(&*strategy, population)
}

fn count(strategy: &dyn Strategy, population: usize) -> Vec<usize> {
    let mut counts = vec![0; population];
    for family in offspring(strategy).parents.iter().filter(|family| family.mutates == 1) {
        assert_eq!(family.first, family.second);
        counts[family.first as usize] += 1;
    }
    counts
}

#[test]
fn only_the_best_breed_and_each_equally() {
    let counts = parents("0.01", 1000);
    assert!(counts[10..].iter().all(|&count| count == 0));
    // 999 children of 10 parents: binomial, mean 100, standard deviation 9.5; five are allowed.
    assert!(counts[..10].iter().all(|&count| (52..=147).contains(&count)), "{counts:?}");
}

#[test]
fn a_share_is_rounded_up_to_whole_parents() {
    let breeding =
        |share, population| parents(share, population).iter().filter(|&&c| c > 0).count();
    assert_eq!(breeding("0.07", 100), 7);
    assert_eq!(breeding("0.071", 100), 8);
    assert_eq!(breeding("0.0001", 100), 1);
}

#[test]
fn a_share_of_zero_is_refused() {
    assert_eq!(complaint(begin("simple-ga", &[("parents", "0")], start(10, 1))), "--set parents");
}

#[test]
fn every_gene_of_a_child_is_perturbed_by_sigma() {
    let mut arena = Arena::new();
    let mut strategy = begin("simple-ga", &[("sigma", "0.25")], start(400, 1)).unwrap();
    let old = arena.genomes(&strategy.ask());
    arena.tell(&mut *strategy, (0..400).map(|i| i as f32).collect());
    let children = offspring(&*strategy);
    assert_eq!((children.crossover, children.mutation_rate), (Crossover::None, 1.0));
    let young = arena.genomes(&strategy.ask());
    let moves: Vec<f64> = children.parents[1..]
        .iter()
        .zip(&young[1..])
        .flat_map(|(family, child)| {
            let parent = &old[family.first as usize];
            child.iter().zip(parent).map(|(a, b)| f64::from(a - b)).collect::<Vec<_>>()
        })
        .collect();
    assert!(moves.iter().all(|step| *step != 0.0));
    let variance = moves.iter().map(|step| step * step).sum::<f64>() / moves.len() as f64;
    // The standard error of a standard deviation is sigma / sqrt(2 n) = 0.0021; five are allowed.
    assert!((variance.sqrt() - 0.25).abs() < 0.011, "{}", variance.sqrt());
}

#[test]
fn if_all_have_failed_the_first_in_order_breed() {
    let mut arena = Arena::new();
    let mut strategy = begin("simple-ga", &[("parents", "0.2")], start(20, 1)).unwrap();
    arena.generation(&mut *strategy, |_, _| f32::NAN);
    assert!(count(&*strategy, 20)[4..].iter().all(|&count| count == 0));
}
