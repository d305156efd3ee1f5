//! Few genes and few individuals: every strategy converges on functions of one to three dimensions
//! with its defaults, or the run is refused with a reason.

use std::ops::ControlFlow;

use super::evolution_strategies;
use deme::error::Error;
use deme::run::{self, Observer, Record, Request, Summary};
use deme::strategy::{self, Entry};
use deme::task;

const FUNCTIONS: [&str; 6] =
    ["sphere-1", "sphere-2", "sphere-3", "ellipsoid-1", "ellipsoid-2", "ellipsoid-3"];
/// The factor by which a search lowers the value of a function; random search lowers it by less.
const GAIN: f32 = 100.0;
const RANDOM_GAIN: f32 = 2.0;

/// The scores of the recommended points, one for each generation.
#[derive(Default)]
struct Scores(Vec<f32>);

impl Observer for Scores {
    fn generation(&mut self, record: &Record) -> ControlFlow<()> {
        assert!(record.step_size.is_finite() && record.failed == 0, "{record:?}");
        self.0.push(record.validation.expect("a score"));
        ControlFlow::Continue(())
    }
}

fn request(entry: &Entry, function: &str, population: Option<u64>, seed: u64) -> Request {
    Request {
        strategy: Some(entry.name.into()),
        backend: Some("cpu".into()),
        evaluations: Some(6000),
        seed: Some(seed),
        population,
        ..Request::for_task(function)
    }
}

/// Checks that a search lowers the value of a function, and ends near its best point.
fn assert_converges(entry: &Entry, function: &str, population: Option<u64>, gain: f32) {
    let start = task::by_name(function).unwrap();
    let task::Kind::Function(start) = start.kind() else { panic!("{function} is a function") };
    let first = start.fitness(&start.initial_point()) as f32;
    for seed in 1..=3 {
        let name = format!("{} on {function}, population {population:?}, seed {seed}", entry.name);
        let config = request(entry, function, population, seed).check().unwrap();
        let mut scores = Scores::default();
        let Summary { score, stop_reason, .. } = run::train(&config, &mut scores).unwrap();
        assert!(score.is_some_and(|score| score >= first / gain), "{name}: {score:?}");
        if entry.name == "random-search" {
            continue;
        }
        let last = scores.0.last().copied().unwrap();
        assert!(last >= first, "{name}: {last} at the end, {first} at the start");
        assert_ne!(stop_reason, Some(strategy::StopReason::Diverging), "{name}");
    }
}

fn searchers() -> impl Iterator<Item = &'static Entry> {
    evolution_strategies().into_iter().filter(|entry| !entry.needs_network())
}

fn gain(entry: &Entry, gain: f32) -> f32 {
    if entry.name == "random-search" { RANDOM_GAIN } else { gain }
}

#[test]
fn from_its_defaults_every_strategy_converges_in_few_dimensions() {
    for entry in searchers() {
        for function in FUNCTIONS {
            assert_converges(entry, function, None, gain(entry, GAIN));
        }
    }
}

#[test]
fn with_the_fewest_individuals_that_it_takes_every_strategy_converges() {
    for entry in searchers() {
        let population = (2..=32).find(|&population| {
            let config = request(entry, "sphere-1", Some(population), 1).check().unwrap();
            match run::dry_run(&config) {
                Ok(_) => true,
                Err(Error::Invalid { what, .. }) => {
                    assert!(["--population", "--set elites"].contains(&&*what), "{what}");
                    false
                }
                Err(other) => panic!("{}: {other}", entry.name),
            }
        });
        assert!(population.is_some(), "{} takes no population up to 32", entry.name);
        for function in FUNCTIONS {
            assert_converges(entry, function, population, gain(entry, 4.0));
        }
    }
}

#[test]
fn strategies_of_networks_are_refused_on_functions() {
    let refused: Vec<&Entry> =
        evolution_strategies().into_iter().filter(|entry| entry.needs_network()).collect();
    assert_eq!(refused.iter().map(|entry| entry.name).collect::<Vec<_>>(), ["neat", "hyperneat"]);
    for entry in refused {
        let error = request(entry, "sphere", None, 1).check().err().unwrap();
        let text = error.to_string();
        assert!(error.is_input() && text.contains("a function has no network"), "{text}");
    }
}

/// Returns the median of the best scores of some searches.
fn median_score(entry: &Entry, function: &str) -> f32 {
    let score = |seed| {
        let config = request(entry, function, None, seed).check().unwrap();
        run::train(&config, &mut ()).unwrap().score.unwrap()
    };
    let mut scores: Vec<f32> = (1..=3).map(score).collect();
    scores.sort_by(f32::total_cmp);
    scores[1]
}

#[test]
fn from_its_defaults_every_strategy_beats_random_search_on_every_function() {
    let random_search = strategy::by_name("random-search").unwrap();
    // The deceptive trap rewards whoever does not follow it.
    let functions = task::names()
        .filter(|&name| name != "deceptive-trap")
        .filter(|name| matches!(task::by_name(name).unwrap().kind(), task::Kind::Function(_)));
    let mut worse = Vec::new();
    for function in functions {
        let random = median_score(random_search, function);
        for entry in searchers().filter(|entry| entry.name != random_search.name) {
            let score = median_score(entry, function);
            if score <= random {
                worse.push(format!("{} on {function}: {score}, {random} at random", entry.name));
            }
        }
    }
    assert!(worse.is_empty(), "{worse:#?}");
}
