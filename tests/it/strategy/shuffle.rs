//! Shuffled orders, seen from outside: the minibatches of descent are tested in `descent.rs`.

use super::evolution_strategies;

#[test]
fn strategies_of_fitness_are_all_but_those_that_follow_a_gradient() {
    let all = deme::strategy::all();
    let others: Vec<&str> =
        all.iter().filter(|entry| entry.follows_gradient()).map(|entry| entry.name).collect();
    assert_eq!(others, ["adam", "sgd", "ppo"]);
    assert_eq!(evolution_strategies().len() + others.len(), all.len());
}
