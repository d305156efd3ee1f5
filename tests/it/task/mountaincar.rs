//! MountainCar-v0.

use std::f64::consts::FRAC_PI_6;

use super::{assert_state, sizes, step, terminated};

#[test]
fn starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes("mountaincar");
    assert_state(&low, &[-0.6, 0.0]);
    assert_state(&high, &[-0.4, 0.0]);
    assert_eq!(limit, 200);
}

#[test]
fn at_the_bottom_only_the_push_accelerates() {
    // cos(3 x) is zero at -pi / 6.
    for (action, push) in [(0.0, -0.001), (1.0, 0.0), (2.0, 0.001)] {
        let (next, reward) = step("mountaincar", &[-FRAC_PI_6, 0.0], action);
        assert_state(&next, &[-FRAC_PI_6 + push, push]);
        assert_eq!(reward, -1.0);
    }
    // At position 0 the valley pulls with 0.0025.
    assert_state(&step("mountaincar", &[0.0, 0.01], 1.0).0, &[0.0075, 0.0075]);
}

#[test]
fn the_left_wall_stops_the_car_and_speed_is_limited() {
    let (next, _) = step("mountaincar", &[-1.19, -0.05], 0.0);
    assert_eq!(next, [-1.2, 0.0]);
    let (next, _) = step("mountaincar", &[-0.5, 0.07], 2.0);
    assert_state(&next, &[-0.43, 0.07]);
    let (next, _) = step("mountaincar", &[0.59, 0.07], 2.0);
    assert_state(&next[..1], &[0.6]);
}

#[test]
fn the_goal_is_reached_going_right() {
    for (state, ends) in
        [([0.5, 0.0], true), ([0.5, 0.01], true), ([0.5, -0.01], false), ([0.499_999, 0.01], false)]
    {
        assert_eq!(terminated("mountaincar", &state), ends, "{state:?}");
    }
}
