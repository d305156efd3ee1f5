//! The registry: every strategy has a name of its own.

use deme::error::Error;
use deme::strategy;

use super::evolution_strategies;

#[test]
fn the_registry_names_each_strategy_once_and_lists_them_for_an_unknown_one() {
    let names: Vec<_> = strategy::all().iter().map(|entry| entry.name).collect();
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "{name} twice");
        assert_eq!(strategy::by_name(name).unwrap().name, *name);
    }
    match strategy::by_name("gradient-descent") {
        Err(Error::Unknown { known, .. }) => assert_eq!(known, names),
        _ => panic!("it should be unknown"),
    }
}

#[test]
fn strategies_of_fitness_are_all_but_those_that_follow_a_gradient() {
    let all = strategy::all();
    let others: Vec<&str> =
        all.iter().filter(|entry| entry.follows_gradient()).map(|entry| entry.name).collect();
    assert_eq!(others, ["adam", "sgd", "ppo"]);
    assert_eq!(evolution_strategies().len() + others.len(), all.len());
}
