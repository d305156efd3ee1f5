//! The registry: names, and what is said of unknown ones.

use deme::error::Error;
use deme::run::{self, Request};
use deme::task::{self, Kind, World};

use super::problem;

#[test]
fn names_are_unique_and_an_unknown_name_lists_them() {
    let names: Vec<String> = task::names().map(String::from).collect();
    let own = task::all().iter().map(|task| task.about().name.to_string()).collect::<Vec<_>>();
    assert_eq!(own, names);
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "{name} twice");
        assert_eq!(task::by_name(name).expect("its own name").about().name, *name);
    }
    match task::by_name("cart-pole") {
        Err(Error::Unknown { name, known, .. }) => {
            assert_eq!((name.as_str(), known), ("cart-pole", names));
        }
        Ok(_) => panic!("it should be unknown"),
        Err(other) => panic!("another error: {other}"),
    }
}

#[test]
fn the_identifiers_of_gymnasium_lead_to_the_names() {
    for (identifier, name) in [
        ("CartPole-v1", "cartpole"),
        ("MountainCar-v0", "mountaincar"),
        ("MountainCarContinuous-v0", "mountaincar-continuous"),
        ("Acrobot-v1", "acrobot"),
        ("Pendulum-v1", "pendulum"),
    ] {
        let message = problem(task::by_name(identifier));
        assert!(message.contains(&format!("did you mean '{name}'?")), "{message}");
    }
}

/// The median score of three runs with the defaults of a task, or with another strategy. A solved
/// run counts as infinite, because it ends at its target.
fn median_score(name: &str, strategy: Option<&str>, evaluations: u64) -> f64 {
    let mut scores: Vec<f64> = (101..104)
        .map(|seed| {
            let request = Request {
                strategy: strategy.map(Into::into),
                evaluations: Some(evaluations),
                backend: Some("cpu".into()),
                seed: Some(seed),
                ..Request::for_task(name)
            };
            let config = request.check().expect("a run");
            let summary = run::train(&config, &mut ()).expect("a summary");
            match summary.solved {
                true => f64::INFINITY,
                false => summary.score.map_or(f64::NEG_INFINITY, f64::from),
            }
        })
        .collect();
    scores.sort_by(f64::total_cmp);
    scores[1]
}

// Functions are held to this in tests/it/strategy/few_genes.rs, with every strategy.
#[test]
fn the_defaults_of_every_task_beat_random_search() {
    // Episodes of the collection are long; `worlds/` says what its defaults reach.
    for task in task::all().into_iter().filter(|task| !World::is_world(&**task)) {
        let evaluations = match task.kind() {
            Kind::Control(_) => 20_000,
            Kind::Data(_) => 2_000,
            Kind::Function(_) => continue,
        };
        let name = &task.about().name;
        let own = median_score(name, None, evaluations);
        let random = median_score(name, Some("random-search"), evaluations);
        println!("{name}: {own}, random search {random}");
        assert!(own > random || own == f64::INFINITY, "{name}: {own}, random search {random}");
    }
}
