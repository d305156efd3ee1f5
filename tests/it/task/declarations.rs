//! Declarations of worlds: their actions take the simplest form, and labels follow the header.

use deme::task::{ActionPart, Actions, Simulation, World};

/// A world with these actions.
fn world(actions: &str) -> World {
    let actions = actions.replace('\n', "\n//! ");
    let text = format!(
        "//! summary = \"one\"\n//! state = 1\n//! step-limit = 5\n//! [[observations]]\n\
         //! name = \"x\"\n//! {actions}\n\
         fn task_start(draws: Draws) -> State {{ return State(0.0); }}\n\
         fn task_observe(state: State) -> Observation {{ return Observation(state[0]); }}\n\
         fn task_step(state: State, action: Action) -> Step {{ return Step(state, 0.0); }}\n\
         fn task_terminated(state: State) -> bool {{ return false; }}\n"
    );
    World::parse(&text, "one.wgsl".as_ref(), &[]).expect("a world")
}

#[test]
fn actions_take_the_simplest_form() {
    let range = "[[actions]]\nname = \"a\"\nlow = -2.0\nhigh = 2.0\n";
    let choice = "[[actions]]\nname = \"c\"\nchoices = [\"left\", \"right\"]\n";
    let other = "[[actions]]\nname = \"b\"\nlow = 0.0\nhigh = 2.0\n";
    let actions = |text: &str| world(text).shape().actions;
    assert_eq!(actions(range), Actions::Force { count: 1, limit: 2.0 });
    assert_eq!(actions(&range.repeat(3)), Actions::Force { count: 3, limit: 2.0 });
    assert_eq!(actions(choice), Actions::Choice(2));
    const PARTS: [ActionPart; 2] =
        [ActionPart::Choice { count: 2 }, ActionPart::Range { low: 0.0, high: 2.0 }];
    assert_eq!(actions(&[choice, other].concat()), Actions::Mixed(&PARTS));
    let labels = world(choice).labels().actions;
    assert_eq!(labels.iter().map(|label| &*label.name).collect::<Vec<_>>(), ["left", "right"]);
}
