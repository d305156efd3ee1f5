//! Termination criteria: each reason is given when it applies, and not before.

use deme::random::LARGEST_NORMAL;
use deme::strategy::{Recommendation, StopReason, Strategy};

use super::begin;
use super::landscape::{ellipsoid, flat_start, generation, genomes, sphere, tell};

const STRATEGIES: [&str; 2] = ["cma-es", "sep-cma-es"];

/// Returns the reason for which a search ends, and its generations.
fn end(
    strategy: &mut dyn Strategy,
    mut generation: impl FnMut(&mut dyn Strategy, usize),
) -> (Option<StopReason>, usize) {
    for g in 0..20_000 {
        if let Some(reason) = strategy.stop_reason() {
            return (Some(reason), g);
        }
        generation(strategy, g);
    }
    (None, 20_000)
}

/// Returns the stop reason on a function of four genes.
fn on(
    name: &str,
    settings: &[(&str, &str)],
    centre: f32,
    function: impl Fn(&[f64]) -> f64,
) -> Option<StopReason> {
    let mut strategy = begin(name, settings, flat_start(4, centre, 8, 1)).unwrap();
    end(&mut *strategy, |strategy, _| drop(generation(strategy, &function))).0
}

#[test]
fn steps_that_have_become_negligible() {
    for name in STRATEGIES {
        let tolerance = [("tol-x", "1e-3"), ("tol-fun", "0")];
        assert_eq!(on(name, &tolerance, 1.0, sphere), Some(StopReason::TinySteps), "{name}");
        // The limit is in units of the first sigma, 0.3.
        let mut strategy = begin(name, &tolerance, flat_start(4, 1.0, 8, 1)).unwrap();
        end(&mut *strategy, |strategy, _| drop(generation(strategy, sphere)));
        let Recommendation::Genome(mean) = strategy.recommend() else { panic!("no mean") };
        let away = |genome: Vec<f32>| {
            genome.iter().zip(&mean).map(|(gene, mean)| (gene - mean).abs()).fold(0.0, f32::max)
        };
        let furthest = genomes(&strategy.ask()).into_iter().map(away).fold(0.0, f32::max);
        assert!(furthest < 3e-4 * LARGEST_NORMAL * 2.0 && furthest > 3e-5, "{name}: {furthest}");
    }
}

#[test]
fn nearly_constant_fitness() {
    for name in STRATEGIES {
        let tolerance = [("tol-fun", "1e-3"), ("tol-x", "0")];
        assert_eq!(on(name, &tolerance, 1.0, sphere), Some(StopReason::FlatFitness), "{name}");
    }
}

#[test]
fn a_best_fitness_that_stays_the_same_over_the_window() {
    for name in STRATEGIES {
        let mut strategy = begin(name, &[], flat_start(2, 1.0, 6, 1)).unwrap();
        let (reason, generations) = end(&mut *strategy, |strategy, g| {
            let other = |i: usize| -(((7 * i + 3 * g) % 11) as f32);
            tell(strategy, (0..6).map(|i| if i == 0 { 1.0 } else { other(i) }).collect());
        });
        // 10 + 30 n / lambda
        assert_eq!((reason, generations), (Some(StopReason::FlatFitness), 20), "{name}");
    }
}

#[test]
fn a_first_sigma_that_is_far_too_small() {
    for name in STRATEGIES {
        let slope = |x: &[f64]| x.iter().sum();
        assert_eq!(
            on(name, &[("sigma", "1e-3")], 1.0, slope),
            Some(StopReason::Diverging),
            "{name}"
        );
        // An endless plateau has the same effect, and another remedy.
        assert_eq!(on(name, &[], 1.0, |_| 1.0), Some(StopReason::Plateau), "{name}");
    }
}

#[test]
fn axes_too_different_for_double_precision() {
    for name in STRATEGIES {
        // On this ridge, steps along it grow to 10^7 times those across it.
        let ridge = |x: &[f64]| x[0] + 1e14 * sphere(&x[1..]);
        assert_eq!(on(name, &[], 0.0, ridge), Some(StopReason::IllConditioned), "{name}");
    }
}

#[test]
fn steps_below_the_resolution_of_single_precision() {
    for name in STRATEGIES {
        // Neighbouring numbers around 1000 differ by 6e-5.
        let edge = |x: &[f64]| x.iter().map(|x| (x - 1000.0).powi(2)).sum();
        let tolerance = [("tol-fun", "0"), ("tol-x", "0")];
        let reason = on(name, &tolerance, 1000.5, edge);
        assert_eq!(reason, Some(StopReason::NoEffect), "{name}");
    }
}

#[test]
fn a_fitness_that_is_noise_stagnates() {
    for name in STRATEGIES {
        let mut strategy = begin(name, &[], flat_start(4, 1.0, 8, 1)).unwrap();
        let (reason, generations) = end(&mut *strategy, |strategy, g| {
            let counter = deme::random::Counter {
                seed: 1,
                stream: deme::random::Stream::Benchmark,
                generation: g as u32,
                individual: 0,
            };
            let values = [counter.uniforms(0), counter.uniforms(1)].concat();
            tell(strategy, values);
        });
        assert_eq!(reason, Some(StopReason::Stagnation), "{name}");
        // The minimum is 120 + 30 n / lambda generations.
        assert!(generations >= 135, "{name}: {generations}");
    }
}

#[test]
fn a_search_that_improves_is_not_stopped() {
    for name in STRATEGIES {
        let mut strategy = begin(name, &[("sigma", "0.1")], flat_start(4, 0.1, 8, 1)).unwrap();
        for g in 0..100 {
            generation(&mut *strategy, ellipsoid);
            assert_eq!(strategy.stop_reason(), None, "{name} after {g}");
        }
    }
}
