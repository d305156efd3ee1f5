//! Offspring of the genetic algorithms: the first generation, elites, and parents.

use deme::population::{Crossover, Offspring, Parents, Proposal, Scale};
use deme::strategy::{Recommendation, Strategy};

use super::{Arena, begin, complaint, start};

const STRATEGIES: [&str; 2] = ["simple-ga", "ga"];

/// Returns the children that a strategy proposes.
#[track_caller]
pub fn offspring(strategy: &dyn Strategy) -> Offspring {
    match strategy.ask() {
        Proposal::Offspring(offspring) => offspring,
        other => panic!("children were expected, not {other:?}"),
    }
}

#[test]
fn the_first_generation_is_gaussian_around_the_first_guess() {
    for name in STRATEGIES {
        let strategy = begin(name, &[("initial-sigma", "0.25")], start(10, 1)).unwrap();
        let Proposal::Gaussian(first) = strategy.ask() else { panic!("no Gaussian") };
        assert_eq!(first.scale, Scale::Uniform(0.25));
        assert_eq!(first.noise.generation, 0);
        assert!(!first.mirrored);
        assert!(first.centre.iter().all(|&gene| gene == 1.0));
    }
}

#[test]
fn elites_are_exact_copies_of_the_best_and_the_best_is_recommended() {
    for name in STRATEGIES {
        let mut arena = Arena::new();
        let mut strategy = begin(name, &[("elites", "2")], start(10, 1)).unwrap();
        let old = arena.genomes(&strategy.ask());
        arena.tell(&mut *strategy, vec![0.0, 1.0, 9.0, 3.0, 4.0, 5.0, 6.0, 7.0, 2.0, 8.0]);
        assert_eq!(strategy.recommend(), Recommendation::Individual(2));
        let copy = |parent| Parents { first: parent, second: parent, mutates: 0 };
        let children = offspring(&*strategy);
        assert_eq!(children.parents[..2], [copy(2), copy(9)]);
        assert!(children.parents[2..].iter().all(|parents| parents.mutates == 1));
        let young = arena.genomes(&strategy.ask());
        assert_eq!(young[..2], [old[2].clone(), old[9].clone()]);
    }
}

#[test]
fn the_best_is_never_lost_with_an_elite() {
    for name in STRATEGIES {
        let (mut arena, mut strategy) = (Arena::new(), begin(name, &[], start(12, 3)).unwrap());
        let mut best = f32::NEG_INFINITY;
        for _ in 0..30 {
            let values = arena.generation(&mut *strategy, |_, genome| super::sphere(genome));
            let now = values.into_iter().fold(f32::NEG_INFINITY, f32::max);
            assert!(now >= best, "{name}: {now} after {best}");
            best = now;
        }
    }
}

#[test]
fn as_many_elites_as_individuals_are_refused() {
    for name in STRATEGIES {
        for elites in ["10", "11"] {
            let begun = begin(name, &[("elites", elites)], start(10, 1));
            assert_eq!(complaint(begun), "--set elites");
        }
        begin(name, &[("elites", "9")], start(10, 1)).unwrap();
    }
}

#[test]
fn the_smallest_population_breeds() {
    for (name, least, tournament) in [("simple-ga", 2, None), ("ga", 4, Some(("tournament", "2")))]
    {
        let mut arena = Arena::new();
        let mut strategy = begin(name, tournament.as_slice(), start(least, 1)).unwrap();
        for _ in 0..3 {
            arena.generation(&mut *strategy, |_, genome| super::sphere(genome));
        }
        let crosses = matches!(offspring(&*strategy).crossover, Crossover::Uniform(_));
        assert_eq!(crosses, name == "ga");
    }
}
