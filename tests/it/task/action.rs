//! Actions: the index of the largest output, or forces within a limit.

use deme::math::{LANES, Lanes, Real};
use deme::task::{ActionPart, Actions};

fn decide(actions: Actions, outputs: &[f64]) -> Vec<f64> {
    let mut action = vec![f64::NAN; actions.size()];
    actions.decide(outputs, &mut action);
    action
}

#[test]
fn the_first_of_the_largest_outputs_is_chosen() {
    let choice = Actions::Choice(3);
    assert_eq!((choice.outputs(), choice.size()), (3, 1));
    for (outputs, chosen) in [
        ([1.0, 2.0, 3.0], 2.0),
        ([3.0, 2.0, 1.0], 0.0),
        ([-3.0, -1.0, -2.0], 1.0),
        ([2.0, 2.0, 2.0], 0.0),
        ([0.0, 5.0, 5.0], 1.0),
        ([-0.0, 0.0, -1.0], 0.0),
        // NaN is not larger than any number, and no number is larger than NaN.
        ([0.0, f64::NAN, 1.0], 2.0),
        ([f64::NAN, 1.0, 2.0], 0.0),
    ] {
        assert_eq!(decide(choice, &outputs), [chosen], "{outputs:?}");
    }
}

#[test]
fn forces_are_squashed_to_the_limit() {
    let force = Actions::Force { count: 2, limit: 2.0 };
    assert_eq!((force.outputs(), force.size()), (2, 2));
    assert_eq!(decide(force, &[0.0, 1e9]), [0.0, 2.0]);
    assert_eq!(decide(force, &[-1e9, 0.5]), [-2.0, 2.0 * 0.5f64.tanh()]);
}

/// A choice of three, a range, and a plain output.
const MIXED: Actions = Actions::Mixed(&[
    ActionPart::Choice { count: 3 },
    ActionPart::Range { low: 0.5, high: 2.5 },
    ActionPart::Output,
]);

#[test]
fn numbers_of_several_kinds_have_outputs_of_their_own() {
    assert_eq!((MIXED.outputs(), MIXED.size()), (5, 3));
    assert_eq!(decide(MIXED, &[0.0, 2.0, 1.0, 0.0, -7.0]), [1.0, 1.5, -7.0]);
    assert_eq!(decide(MIXED, &[0.0, 0.0, 0.0, 1e9, 0.25]), [0.0, 2.5, 0.25]);
    assert_eq!(decide(MIXED, &[0.0, 1.0, 9.0, -1e9, 0.0]), [2.0, 0.5, 0.0]);
    // The simple kinds are made of the same parts.
    assert_eq!(Actions::Choice(3).parts()[..], [ActionPart::Choice { count: 3 }]);
    let force = Actions::Force { count: 2, limit: 2.0 };
    assert_eq!(force.parts()[..], [ActionPart::Range { low: -2.0, high: 2.0 }; 2]);
}

#[test]
fn every_lane_chooses_independently() {
    let phases = [0.0f32, 1.7, 3.4];
    let outputs: [Lanes; 3] = phases.map(|phase| Lanes::from_lanes(|l| (l as f32 + phase).sin()));
    let mut action = [Lanes::default()];
    Actions::Choice(3).decide(&outputs, &mut action);
    for l in 0..LANES {
        let alone = decide(Actions::Choice(3), &outputs.map(|output| output.lane(l)));
        assert_eq!(action[0].lane(l), alone[0]);
    }
}
