//! The genetic algorithm: the selection pressure of tournaments, and the rate of crossover.

use deme::population::{Crossover, Offspring};

use super::offspring::offspring;
use super::{Arena, begin, complaint, start};

const POPULATION: usize = 1000;

/// Returns the children of a generation in which fitness is a function of the index.
fn children(settings: &[(&str, &str)], fitness: impl Fn(usize) -> f32) -> Offspring {
    let mut arena = Arena::new();
    let mut strategy = begin("ga", settings, start(POPULATION, 1)).unwrap();
    arena.generation(&mut *strategy, |i, _| fitness(i));
    offspring(&*strategy)
}

/// Returns the share of mutating children whose first parent satisfies a predicate.
fn share(children: &Offspring, predicate: impl Fn(usize) -> bool) -> f64 {
    let families: Vec<_> = children.parents.iter().filter(|family| family.mutates == 1).collect();
    let hits = families.iter().filter(|family| predicate(family.first as usize)).count();
    hits as f64 / families.len() as f64
}

/// Returns five standard errors of a share of 999 children.
fn allowed(share: f64) -> f64 {
    5.0 * (share * (1.0 - share) / 999.0).sqrt()
}

#[test]
fn selection_pressure_follows_the_tournament_size() {
    // The winner is in the better half, unless all k are from the worse: probability 1 - 2^-k.
    for (size, expected) in [("1", 0.5), ("2", 0.75), ("5", 1.0 - 1.0 / 32.0)] {
        let children = children(&[("tournament", size)], |i| i as f32);
        let better = share(&children, |parent| parent >= POPULATION / 2);
        assert!((better - expected).abs() < allowed(expected), "{size}: {better}");
    }
}

#[test]
fn equal_and_failed_individuals_are_drawn_uniformly() {
    for value in [1.0, f32::NAN] {
        let children = children(&[("tournament", "5")], |_| value);
        let first_half = share(&children, |parent| parent < POPULATION / 2);
        assert!((first_half - 0.5).abs() < allowed(0.5), "{value}: {first_half}");
    }
}

#[test]
fn children_cross_at_the_set_rate() {
    for (rate, expected) in [("0", 0.0), ("0.3", 0.3)] {
        let children = children(&[("crossover-rate", rate)], |i| i as f32);
        let crossed =
            children.parents.iter().filter(|family| family.first != family.second).count();
        let crossed = crossed as f64 / 999.0;
        assert!((crossed - expected).abs() <= allowed(expected), "{rate}: {crossed}");
    }
}

#[test]
fn the_settings_of_variation_are_used() {
    let settings = [("crossover", "blend"), ("mixing", "0.25"), ("mutation-rate", "0.125")];
    let blended = children(&settings, |i| i as f32);
    assert_eq!(blended.crossover, Crossover::Blend(0.25));
    assert_eq!(blended.mutation_rate, 0.125);
    let mixed = children(&[("crossover", "uniform"), ("mixing", "0.75")], |i| i as f32);
    assert_eq!(mixed.crossover, Crossover::Uniform(0.75));
    let cloned = children(&[("crossover", "none")], |i| i as f32);
    assert_eq!(cloned.crossover, Crossover::None);
    assert!(cloned.parents.iter().all(|family| family.first == family.second));
}

#[test]
fn a_tournament_may_be_larger_than_the_population_but_not_empty() {
    assert_eq!(complaint(begin("ga", &[("tournament", "0")], start(10, 1))), "--set tournament");
    begin("ga", &[("tournament", "11")], start(10, 1)).unwrap();
}
