//! The registry: names, and what is said of unknown ones.

use deme::error::Error;
use deme::task;

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
