//! Recombination: requested once, refused if it has another length, and harmless if it fails.

use deme::error::Error;
use deme::population::Moments;
use deme::strategy::{Entry, Fitness, Settings, Strategy};

use super::evolution_strategies;
use super::{Arena, GENES, complaint, sphere, start};

const POPULATION: usize = 24;

/// Begins a search, runs one generation, and spawns the next.
fn begin(entry: &Entry) -> (Arena, Box<dyn Strategy>) {
    let mut strategy = entry.begin(&Settings::default(), start(POPULATION, 1)).unwrap();
    let mut arena = Arena::new();
    arena.generation(&mut *strategy, |_, genome| sphere(genome));
    arena.genomes(&strategy.ask());
    (arena, strategy)
}

/// Returns the number of recombinations that a generation of these values requests, each of which
/// fails, with the result.
fn tell_and_fail(strategy: &mut dyn Strategy, values: Vec<f32>) -> (usize, Result<(), Error>) {
    let mut requests = 0;
    let result = strategy.tell(&Fitness::new(values), &mut |_| {
        requests += 1;
        Err(Error::invalid("a recombination", "a device", "none"))
    });
    (requests, result)
}

#[test]
fn a_fitness_of_another_length_is_refused_before_any_recombination() {
    for entry in evolution_strategies() {
        let (_, mut strategy) = begin(entry);
        let before = strategy.save();
        for length in [0, POPULATION - 1, POPULATION + 1] {
            let (requests, result) = tell_and_fail(&mut *strategy, vec![0.0; length]);
            assert_eq!(complaint(result), "the fitness of a generation", "{}", entry.name);
            assert_eq!(requests, 0, "{}", entry.name);
        }
        assert_eq!(strategy.save(), before, "{}", entry.name);
    }
}

#[test]
fn a_failed_recombination_changes_nothing_and_can_be_repeated() {
    let mut recombining = Vec::new();
    for entry in evolution_strategies() {
        let values: Vec<f32> = (0..POPULATION).map(|i| (i as f32).sin()).collect();
        let (mut arena, mut strategy) = begin(entry);
        let before = strategy.save();
        let (requests, result) = tell_and_fail(&mut *strategy, values.clone());
        if requests == 0 {
            result.unwrap();
            continue;
        }
        recombining.push(entry.name);
        assert_eq!(requests, 1, "{}", entry.name);
        assert_eq!(complaint(result), "a recombination", "{}", entry.name);
        assert_eq!(strategy.save(), before, "{}", entry.name);

        let (mut other_arena, mut straight) = begin(entry);
        arena.tell(&mut *strategy, values.clone());
        other_arena.tell(&mut *straight, values);
        assert_eq!(strategy.save(), straight.save(), "{}", entry.name);
    }
    assert_eq!(recombining, ["openai-es", "pgpe", "ars", "snes", "sep-cma-es", "cem"]);
}

#[test]
fn moments_of_another_length_are_refused_and_change_nothing() {
    for entry in evolution_strategies() {
        let (_, mut strategy) = begin(entry);
        let before = strategy.save();
        let mut is_requested = false;
        let fitness = Fitness::new((0..POPULATION).map(|i| i as f32).collect());
        let result = strategy.tell(&fitness, &mut |_| {
            is_requested = true;
            Ok(Moments { first: vec![0.0; GENES - 1], second: Some(vec![0.0; GENES - 1]) })
        });
        if is_requested {
            assert_eq!(complaint(result), "the moments of a generation", "{}", entry.name);
            assert_eq!(strategy.save(), before, "{}", entry.name);
        }
    }
}
