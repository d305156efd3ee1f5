//! MountainCarContinuous-v0.

use std::f64::consts::FRAC_PI_6;

use super::{assert_state, sizes, step, terminated};

const NAME: &str = "mountaincar-continuous";

#[test]
fn starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes(NAME);
    assert_state(&low, &[-0.6, 0.0]);
    assert_state(&high, &[-0.4, 0.0]);
    assert_eq!(limit, 999);
}

#[test]
fn force_is_limited_and_costs_reward() {
    // cos(3 x) is zero at -pi / 6, so only the force counts. The cost is that of the requested
    // force.
    for (force, velocity, reward) in
        [(1.0, 0.0015, -0.1), (-0.5, -0.000_75, -0.025), (3.0, 0.0015, -0.9), (0.0, 0.0, 0.0)]
    {
        let (next, found) = step(NAME, &[-FRAC_PI_6, 0.0], force);
        assert_state(&next, &[-FRAC_PI_6 + velocity, velocity]);
        approx::assert_abs_diff_eq!(found, reward, epsilon = 1e-12);
    }
}

#[test]
fn reaching_the_goal_earns_100() {
    let (next, reward) = step(NAME, &[0.44, 0.05], 1.0);
    assert!(terminated(NAME, &next));
    approx::assert_abs_diff_eq!(reward, 99.9, epsilon = 1e-12);
    assert!(!terminated(NAME, &[0.45, -0.001]) && !terminated(NAME, &[0.449_999, 0.05]));
}
