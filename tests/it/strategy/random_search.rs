//! Random search: new samples around the first guess in every generation.

use deme::population::{Proposal, Scale};
use deme::strategy::Recommendation;

use super::{Arena, begin, start};

#[test]
fn every_generation_is_new_and_around_the_first_guess() {
    let mut arena = Arena::new();
    let mut strategy = begin("random-search", &[("sigma", "2")], start(5, 1)).unwrap();
    for generation in 0..3 {
        let Proposal::Gaussian(gaussian) = strategy.ask() else { panic!("no Gaussian") };
        assert_eq!(gaussian.noise.generation, generation);
        assert_eq!((&gaussian.scale, gaussian.mirrored), (&Scale::Uniform(2.0), false));
        assert!(gaussian.centre.iter().all(|&gene| gene == 1.0));
        arena.generation(&mut *strategy, |_, genome| super::sphere(genome));
    }
}

#[test]
fn it_recommends_the_best_of_the_last_generation() {
    let mut arena = Arena::new();
    let mut strategy = begin("random-search", &[], start(3, 1)).unwrap();
    for (values, best) in [([1.0, 3.0, 2.0], 1), ([0.0, -1.0, f32::NAN], 0)] {
        arena.generation(&mut *strategy, |i, _| values[i]);
        assert_eq!(strategy.recommend(), Recommendation::Individual(best));
    }
}
