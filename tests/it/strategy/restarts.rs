//! Restarts: the populations of the two papers, new starts, and exact resumption.

use std::collections::HashSet;

use deme::population::{Gaussian, Proposal};
use deme::strategy::{self, Entry, Recommendation, StopReason, Strategy};

use super::begin;
use super::landscape::{evaluations_to, flat_start, generation, rastrigin, sphere};

/// Returns every strategy with restarts.
fn restarting() -> impl Iterator<Item = &'static Entry> {
    strategy::all().iter().filter(|entry| has(entry, "restarts"))
}

fn has(entry: &Entry, key: &str) -> bool {
    entry.settings.iter().any(|setting| setting.key == key)
}

/// Begins a search of three genes that ends as early as its settings allow.
fn impatient(name: &str, restarts: &str, population: usize) -> Box<dyn Strategy> {
    let mut settings = vec![("restarts", restarts), ("sigma", "0.5")];
    if has(strategy::by_name(name).unwrap(), "tol-x") {
        settings.push(("tol-x", "0.1"));
    }
    begin(name, &settings, flat_start(3, 1.0, population, 1)).unwrap()
}

/// More generations than any search takes until its steps are negligible.
const LONG: usize = 3000;

#[test]
fn strategies_that_adapt_a_covariance_can_restart() {
    let names: Vec<&str> = restarting().map(|entry| entry.name).collect();
    assert_eq!(names, ["snes", "xnes", "cma-es", "sep-cma-es", "cr-fm-nes", "lm-ma-es"]);
}

/// The first proposal of a search, its first sigma, and its evaluations.
struct Search {
    first: Gaussian,
    sigma: f64,
    evaluations: usize,
}

/// Returns successive searches of sep-cma-es on the sphere; the last one has only begun.
fn searches(restarts: &str, population: usize, count: usize) -> Vec<Search> {
    let mut strategy = impatient("sep-cma-es", restarts, population);
    let mut searches: Vec<Search> = Vec::new();
    while searches.len() < count {
        let Proposal::Gaussian(asked) = strategy.ask() else { panic!("no Gaussian") };
        if asked.noise.generation == 0 {
            let sigma = strategy.step_size();
            searches.push(Search { first: asked, sigma, evaluations: 0 });
        }
        let now = searches.last_mut().expect("the first one begins in generation 0");
        now.evaluations += now.first.individuals;
        generation(&mut *strategy, sphere);
        assert!(strategy.stop_reason().is_none());
    }
    searches
}

#[test]
fn without_restarts_a_search_ends_with_its_reason() {
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
fn ipop_doubles_the_population_of_every_strategy() {
    for name in restarting().map(|entry| entry.name) {
        let mut strategy = impatient(name, "ipop", 6);
        let mut populations = vec![6];
        for _ in 0..LONG {
            generation(&mut *strategy, sphere);
            assert_eq!(strategy.stop_reason(), None, "{name}");
            let now = strategy.ask().individuals();
            if populations.last() != Some(&now) {
                populations.push(now);
                assert!(
                    (strategy.step_size() - 0.5).abs() < 1e-12,
                    "{name} begins with the first sigma"
                );
            }
            if populations.len() == 3 {
                break;
            }
        }
        assert_eq!(populations, [6, 12, 24], "{name}");
    }
}

#[test]
fn ipop_doubles_the_population_at_most_nine_times() {
    let populations: Vec<usize> =
        searches("ipop", 3, 12).iter().map(|search| search.first.individuals).collect();
    assert_eq!(populations, [3, 6, 12, 24, 48, 96, 192, 384, 768, 1536, 1536, 1536]);
}

#[test]
fn a_restart_has_its_own_noise_and_its_own_centre() {
    let searches = searches("ipop", 4, 6);
    assert!(searches[0].first.centre.iter().all(|&gene| gene == 1.0));
    for (index, search) in searches.iter().enumerate() {
        assert_eq!(search.sigma, 0.5);
        for other in &searches[..index] {
            assert_ne!(search.first.noise.seed, other.first.noise.seed);
            assert_ne!(search.first.centre, other.first.centre);
        }
        let away = search.first.centre.iter().map(|gene| (gene - 1.0).abs());
        assert!(away.fold(0.0, f32::max) < 0.5 * deme::random::LARGEST_NORMAL);
    }
}

#[test]
fn bipop_continues_with_the_regime_that_has_used_fewer_evaluations() {
    let searches = searches("bipop", 6, 40);
    let (mut large, mut small, mut last_large) = (0, 0, 0);
    let mut largest = 6;
    for (index, search) in searches[..39].iter().enumerate() {
        let is_large = index > 0 && large <= small;
        if is_large {
            largest = (2 * largest).min(6 << 9);
            assert_eq!(search.first.individuals, largest);
            assert_eq!(search.sigma, 0.5);
            large += search.evaluations;
            last_large = search.evaluations;
        } else {
            let most = (largest / 2).max(6);
            assert!((6..=most).contains(&search.first.individuals), "{index}");
            assert!(search.first.individuals.is_multiple_of(2));
            if index > 0 {
                // The limit is checked after each generation.
                assert!(search.evaluations < last_large / 2 + search.first.individuals);
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
fn a_search_resumes_with_the_same_bits_at_any_time() {
    for entry in restarting() {
        let name = entry.name;
        for restarts in ["ipop", "bipop"] {
            let mut straight = impatient(name, restarts, 6);
            let mut resumed = impatient(name, restarts, 6);
            // Enough for two searches; without `tol-x` they are long.
            let generations = if has(entry, "tol-x") { 120 } else { 700 };
            let mut populations = HashSet::new();
            for _ in 0..generations {
                populations.insert(straight.ask().individuals());
                generation(&mut *straight, sphere);
                generation(&mut *resumed, sphere);
                resumed = entry.resume(&resumed.save(), 3, 6).unwrap();
                assert_eq!(straight.ask(), resumed.ask(), "{name} with {restarts}");
            }
            assert!(populations.len() > 1, "{name} with {restarts} never restarts");
            assert_eq!(straight.save(), resumed.save(), "{name} with {restarts}");
        }
    }
}

#[test]
fn after_a_restart_the_current_search_is_recommended() {
    let mut strategy = impatient("cma-es", "ipop", 6);
    while strategy.ask().individuals() == 6 {
        generation(&mut *strategy, sphere);
    }
    let Recommendation::Genome(centre) = strategy.recommend() else { panic!("no centre") };
    assert_ne!(centre, [1.0; 3]);
    assert_eq!(strategy.step_size(), 0.5);
}

#[test]
fn restarts_leave_the_local_optima_of_rastrigin() {
    for entry in restarting() {
        let name = entry.name;
        // A search without `tol-x` takes three times as long to end.
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
        // lm-ma-es is made for very large genomes. With five genes, the rate of its path is 1 for
        // large populations, so the path has no memory. It was measured to solve half of the runs.
        let enough = if name == "lm-ma-es" { 5 } else { 9 };
        let solves = ipop >= enough && bipop >= enough;
        assert!(none <= 5 && solves, "{name}: {none}, {ipop}, {bipop}");
    }
}
