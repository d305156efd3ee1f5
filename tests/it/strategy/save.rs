//! Saved searches: states resume bit for bit, and damaged ones are refused.

use deme::strategy::{Entry, Settings, Strategy};

use super::evolution_strategies;
use super::{Arena, GENES, complaint, sphere, start};

const POPULATION: usize = 24;

fn begin(entry: &Entry, seed: u64) -> Box<dyn Strategy> {
    entry.begin(&Settings::default(), start(POPULATION, seed)).unwrap()
}

#[test]
fn a_saved_search_resumes_with_the_same_bits() {
    for entry in evolution_strategies() {
        let (mut arena, mut strategy) = (Arena::new(), begin(entry, 9));
        for generation in 0..4 {
            arena.generation(&mut *strategy, |_, genome| sphere(genome));
            let saved = strategy.save();
            let resumed = entry.resume(&saved, GENES, POPULATION).unwrap();
            let name = entry.name;
            assert_eq!(resumed.ask(), strategy.ask(), "{name} after {generation}");
            assert_eq!(resumed.recommend(), strategy.recommend(), "{name}");
            assert_eq!(resumed.step_size(), strategy.step_size(), "{name}");
            assert_eq!(resumed.save(), saved, "{name}");
            // The resumed search replaces the first.
            strategy = resumed;
        }
        let mut straight = begin(entry, 9);
        let mut arena = Arena::new();
        for _ in 0..4 {
            arena.generation(&mut *straight, |_, genome| sphere(genome));
        }
        assert_eq!(straight.ask(), strategy.ask(), "{}", entry.name);
        assert_eq!(straight.save(), strategy.save(), "{}", entry.name);
    }
}

#[test]
fn a_truncated_or_extended_state_is_refused() {
    for entry in evolution_strategies() {
        let state = begin(entry, 1).save();
        let long = [&state[..], &[0]].concat();
        for wrong in [&state[..state.len() - 1], &[], &long] {
            assert_eq!(
                complaint(entry.resume(wrong, GENES, POPULATION)),
                "a saved search",
                "{}",
                entry.name
            );
        }
    }
}
