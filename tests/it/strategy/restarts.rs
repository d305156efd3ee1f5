//! Restarts: the populations of the two papers, fresh starts, and the same bits when resumed.

use std::collections::HashSet;

use deme::population::{Gaussian, Proposal};
use deme::strategy::{self, Entry, Recommendation, StopReason, Strategy};

use super::begin;
use super::landscape::{evaluations_to, flat_start, generation, rastrigin, sphere};

/// Every strategy that can begin anew.
fn restarting() -> impl Iterator<Item = &'static Entry> {
    strategy::all().iter().filter(|entry| has(entry, "restarts"))
}

fn has(entry: &Entry, key: &str) -> bool {
    entry.settings.iter().any(|setting| setting.key == key)
}

/// A search of three genes that gives up as soon as it can be told to.
fn impatient(name: &str, restarts: &str, population: usize) -> Box<dyn Strategy> {
    let mut settings = vec![("restarts", restarts), ("sigma", "0.5")];
    if has(strategy::by_name(name).unwrap(), "tol-x") {
        settings.push(("tol-x", "0.1"));
    }
    begin(name, &settings, flat_start(3, 1.0, population, 1)).unwrap()
}

/// Generations of a patient search, of which a few hundred lead to steps that are negligible.
const LONG: usize = 3000;

#[test]
fn all_that_follow_a_gaussian_by_its_covariance_can_begin_anew() {
    let names: Vec<&str> = restarting().map(|entry| entry.name).collect();
    assert_eq!(names, ["snes", "xnes", "cma-es", "sep-cma-es", "cr-fm-nes", "lm-ma-es"]);
}

/// How a search began, and what it spent.
struct Search {
    begun: Gaussian,
    sigma: f64,
    evaluations: usize,
}

/// One search of sep-cma-es after the other, on the sphere; the last one has only begun.
fn searches(restarts: &str, population: usize, count: usize) -> Vec<Search> {
    let mut strategy = impatient("sep-cma-es", restarts, population);
    let mut searches: Vec<Search> = Vec::new();
    while searches.len() < count {
        let Proposal::Gaussian(asked) = strategy.ask() else { panic!("no Gaussian") };
        if asked.noise.generation == 0 {
            let sigma = strategy.step_size();
            searches.push(Search { begun: asked, sigma, evaluations: 0 });
        }
        let now = searches.last_mut().expect("the first one begins in generation 0");
        now.evaluations += now.begun.individuals;
        generation(&mut *strategy, sphere);
        assert!(strategy.stop_reason().is_none());
    }
    searches
}

#[test]
fn without_them_a_search_ends_with_its_reason() {
    for name in restarting().map(|entry| entry.name) {
        let mut strategy = impatient(name, "none", 6);
        let generations = (0..LONG).take_while(|_| {
            generation(&mut *strategy, sphere);
            strategy.stop_reason().is_none()
        });
        assert!(generations.count() < LONG, "{name}");
        assert_eq!(strategy.stop_reason(), Some(StopReason::TinySteps), "{name}");
    }
}

#[test]
fn with_ipop_every_one_goes_on_with_twice_the_individuals() {
    for name in restarting().map(|entry| entry.name) {
        let mut strategy = impatient(name, "ipop", 6);
        let mut populations = vec![6];
        for _ in 0..LONG {
            generation(&mut *strategy, sphere);
            assert_eq!(strategy.stop_reason(), None, "{name}");
            let now = strategy.ask().individuals();
            if populations.last() != Some(&now) {
                populations.push(now);
                assert!((strategy.step_size() - 0.5).abs() < 1e-12, "{name} begins as at first");
            }
            if populations.len() == 3 {
                break;
            }
        }
        assert_eq!(populations, [6, 12, 24], "{name}");
    }
}

#[test]
fn ipop_doubles_the_population_at_every_restart_and_nine_times_at_most() {
    let populations: Vec<usize> =
        searches("ipop", 3, 12).iter().map(|search| search.begun.individuals).collect();
    assert_eq!(populations, [3, 6, 12, 24, 48, 96, 192, 384, 768, 1536, 1536, 1536]);
}

#[test]
fn a_restart_has_noise_and_a_centre_of_its_own_around_the_first_guess() {
    let searches = searches("ipop", 4, 6);
    assert!(searches[0].begun.centre.iter().all(|&gene| gene == 1.0));
    for (place, search) in searches.iter().enumerate() {
        assert_eq!(search.sigma, 0.5);
        for other in &searches[..place] {
            assert_ne!(search.begun.noise.seed, other.begun.noise.seed);
            assert_ne!(search.begun.centre, other.begun.centre);
        }
        let away = search.begun.centre.iter().map(|gene| (gene - 1.0).abs());
        assert!(away.fold(0.0, f32::max) < 0.5 * deme::random::LARGEST_NORMAL);
    }
}

#[test]
fn bipop_gives_the_next_turn_to_the_regime_that_has_spent_less() {
    let searches = searches("bipop", 6, 40);
    let (mut large, mut small, mut last_large) = (0, 0, 0);
    let mut largest = 6;
    for (place, search) in searches[..39].iter().enumerate() {
        let is_large = place > 0 && large <= small;
        if is_large {
            largest = (2 * largest).min(6 << 9);
            assert_eq!(search.begun.individuals, largest);
            assert_eq!(search.sigma, 0.5);
            large += search.evaluations;
            last_large = search.evaluations;
        } else {
            let most = (largest / 2).max(6);
            assert!((6..=most).contains(&search.begun.individuals), "{place}");
            assert!(search.begun.individuals.is_multiple_of(2));
            if place > 0 {
                // The limit is looked at after a generation.
                assert!(search.evaluations < last_large / 2 + search.begun.individuals);
                assert!((0.005..=0.5).contains(&search.sigma));
            }
            small += search.evaluations;
        }
    }
    assert!(largest > 12, "two large searches at least, not up to {largest}");
    let smaller = searches.iter().filter(|search| search.sigma < 0.4).count();
    assert!(smaller > 3, "small searches begin with smaller steps");
}

#[test]
fn resumed_in_the_middle_of_any_search_it_goes_on_with_the_same_bits() {
    for entry in restarting() {
        let name = entry.name;
        for restarts in ["ipop", "bipop"] {
            let mut straight = impatient(name, restarts, 6);
            let mut resumed = impatient(name, restarts, 6);
            // Two searches at least; those that cannot be told to give up soon are long.
            let generations = if has(entry, "tol-x") { 120 } else { 700 };
            let mut populations = HashSet::new();
            for _ in 0..generations {
                populations.insert(straight.ask().individuals());
                generation(&mut *straight, sphere);
                generation(&mut *resumed, sphere);
                resumed = entry.resume(&resumed.save()).unwrap();
                assert_eq!(straight.ask(), resumed.ask(), "{name} with {restarts}");
            }
            assert!(populations.len() > 1, "{name} with {restarts} never begins anew");
            assert_eq!(straight.save(), resumed.save(), "{name} with {restarts}");
        }
    }
}

#[test]
fn after_a_restart_the_search_at_hand_is_recommended() {
    let mut strategy = impatient("cma-es", "ipop", 6);
    while strategy.ask().individuals() == 6 {
        generation(&mut *strategy, sphere);
    }
    let Recommendation::Genome(centre) = strategy.recommend() else { panic!("no centre") };
    assert_ne!(centre, [1.0; 3]);
    assert_eq!(strategy.step_size(), 0.5);
}

#[test]
fn with_them_rastrigins_valleys_are_left_that_hold_a_single_search() {
    for entry in restarting() {
        let name = entry.name;
        // A search takes three times as long to give up where nobody can tell it to.
        let most = if has(entry, "tol-x") { 60_000 } else { 200_000 };
        let solved = |restarts: &str| {
            let one = |seed: &u64| {
                let settings = [("restarts", restarts), ("sigma", "2")];
                let mut strategy = begin(name, &settings, flat_start(5, 3.0, 8, *seed)).unwrap();
                evaluations_to(&[1e-6], most, &mut *strategy, rastrigin)[0].is_some()
            };
            (0..10).filter(one).count()
        };
        let [none, ipop, bipop] = ["none", "ipop", "bipop"].map(solved);
        println!("{name}: none {none}, ipop {ipop}, bipop {bipop} of 10");
        // It is made for very large genomes: of five genes its path, whose rate grows with the
        // population, remembers nothing. Half of the searches is what was measured.
        let enough = if name == "lm-ma-es" { 5 } else { 9 };
        let solves = ipop >= enough && bipop >= enough;
        assert!(none <= 5 && solves, "{name}: {none}, {ipop}, {bipop}");
    }
}
