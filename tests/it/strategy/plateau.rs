//! Plateaus: the number of generations that the best fitness may stay the same.

use deme::strategy::{Fitness, StopReason, Strategy};

use super::{begin, no_recombination, start};

fn tell(strategy: &mut dyn Strategy, value: f32, generations: usize) {
    for _ in 0..generations {
        strategy.tell(&Fitness::new(vec![value; 24]), &mut no_recombination).unwrap();
    }
}

/// 10 + 30 * 17 / 24 generations, rounded up.
const LIMIT: usize = 32;

#[test]
fn a_search_ends_at_the_limit_of_a_plateau() {
    for value in [2.5, f32::NAN] {
        for name in ["cr-fm-nes", "lm-ma-es"] {
            let mut strategy = begin(name, &[], start(24, 1)).unwrap();
            tell(&mut *strategy, value, LIMIT - 1);
            assert_eq!(strategy.stop_reason(), None, "{name}");
            tell(&mut *strategy, value, 1);
            assert_eq!(strategy.stop_reason(), Some(StopReason::FlatFitness), "{name}");
        }
    }
}

#[test]
fn a_different_best_fitness_resets_the_count() {
    let mut strategy = begin("lm-ma-es", &[], start(24, 1)).unwrap();
    for value in [1.0, 2.0, 1.0] {
        tell(&mut *strategy, value, LIMIT - 1);
        assert_eq!(strategy.stop_reason(), None);
    }
}
