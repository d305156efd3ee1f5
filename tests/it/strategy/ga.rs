//! The genetic algorithm: the pressure of its tournaments, and the share of its crossovers.

use deme::population::{Crossover, Offspring};

use super::offspring::offspring;
use super::{Arena, begin, complaint, start};

const POPULATION: usize = 1000;

/// The children of a generation in which the fitness of an individual follows from its index.
fn children(settings: &[(&str, &str)], fitness: impl Fn(usize) -> f32) -> Offspring {
    let mut arena = Arena::new();
    let mut strategy = begin("ga", settings, start(POPULATION, 1)).unwrap();
    arena.generation(&mut *strategy, |i, _| fitness(i));
    offspring(&*strategy)
}

/// The share of mutating children of whose first parent something holds.
fn share(children: &Offspring, holds: impl Fn(usize) -> bool) -> f64 {
    let families: Vec<_> = children.parents.iter().filter(|family| family.mutates == 1).collect();
    let hits = families.iter().filter(|family| holds(family.first as usize)).count();
    hits as f64 / families.len() as f64
}

/// Five standard errors of a share of 999 children.
fn allowed(share: f64) -> f64 {
    5.0 * (share * (1.0 - share) / 999.0).sqrt()
}

#[test]
fn a_tournament_is_as_hard_as_its_size_says() {
    // The winner is among the better half unless all k were drawn from the worse: 1 - 2^-k.
    for (size, expected) in [("1", 0.5), ("2", 0.75), ("5", 1.0 - 1.0 / 32.0)] {
        let children = children(&[("tournament", size)], |i| i as f32);
        let better = share(&children, |parent| parent >= POPULATION / 2);
        assert!((better - expected).abs() < allowed(expected), "{size}: {better}");
    }
}

#[test]
fn equals_and_failures_are_drawn_evenly() {
    for value in [1.0, f32::NAN] {
        let children = children(&[("tournament", "5")], |_| value);
        let first_half = share(&children, |parent| parent < POPULATION / 2);
        assert!((first_half - 0.5).abs() < allowed(0.5), "{value}: {first_half}");
    }
}

#[test]
fn as_many_children_cross_as_the_rate_says() {
    for (rate, expected) in [("0", 0.0), ("0.3", 0.3)] {
        let children = children(&[("crossover-rate", rate)], |i| i as f32);
        let crossed =
            children.parents.iter().filter(|family| family.first != family.second).count();
        let crossed = crossed as f64 / 999.0;
        assert!((crossed - expected).abs() <= allowed(expected), "{rate}: {crossed}");
    }
}

#[test]
fn the_settings_of_variation_arrive() {
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
