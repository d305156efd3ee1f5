//! Actions: the largest output's index, or forces within a limit.

use deme::math::{LANES, Lanes, Real};
use deme::task::Actions;

fn decide(actions: Actions, outputs: &[f64]) -> Vec<f64> {
    let mut action = vec![f64::NAN; actions.size()];
    actions.decide(outputs, &mut action);
    action
}

#[test]
fn the_largest_output_is_chosen_and_the_first_of_equals() {
    let choice = Actions::Choice(3);
    assert_eq!((choice.outputs(), choice.size()), (3, 1));
    for (outputs, chosen) in [
        ([1.0, 2.0, 3.0], 2.0),
        ([3.0, 2.0, 1.0], 0.0),
        ([-3.0, -1.0, -2.0], 1.0),
        ([2.0, 2.0, 2.0], 0.0),
        ([0.0, 5.0, 5.0], 1.0),
        ([-0.0, 0.0, -1.0], 0.0),
        // What is not a number beats nobody, and nobody beats it.
        ([0.0, f64::NAN, 1.0], 2.0),
        ([f64::NAN, 1.0, 2.0], 0.0),
    ] {
        assert_eq!(decide(choice, &outputs), [chosen], "{outputs:?}");
    }
}

#[test]
fn forces_are_squashed_to_their_limit() {
    let force = Actions::Force { count: 2, limit: 2.0 };
    assert_eq!((force.outputs(), force.size()), (2, 2));
    assert_eq!(decide(force, &[0.0, 1e9]), [0.0, 2.0]);
    assert_eq!(decide(force, &[-1e9, 0.5]), [-2.0, 2.0 * 0.5f64.tanh()]);
}

#[test]
fn every_lane_decides_for_itself() {
    let phases = [0.0f32, 1.7, 3.4];
    let outputs: [Lanes; 3] = phases.map(|phase| Lanes::from_lanes(|l| (l as f32 + phase).sin()));
    let mut action = [Lanes::default()];
    Actions::Choice(3).decide(&outputs, &mut action);
    for l in 0..LANES {
        let alone = decide(Actions::Choice(3), &outputs.map(|output| output.lane(l)));
        assert_eq!(action[0].lane(l), alone[0]);
    }
}
