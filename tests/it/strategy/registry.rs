//! The registry: every strategy has a name of its own.

use deme::error::Error;
use deme::strategy;

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
