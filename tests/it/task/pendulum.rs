//! Pendulum-v1.

use std::f64::consts::{PI, TAU};

use super::{assert_state, dynamics, sizes, step, terminated};

#[test]
fn starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes("pendulum");
    assert_state(&low, &[-PI, -1.0]);
    assert_state(&high, &[PI, 1.0]);
    assert_eq!(limit, 200);
}

#[test]
fn a_torque_at_the_top_matches_a_calculation_by_hand() {
    // w' = 3 x 2 N m / (1 kg m^2); a step is 0.05 s, and the angle moves with the new speed.
    let (next, reward) = step("pendulum", &[0.0, 0.0], 2.0);
    assert_state(&next, &[0.015, 0.3]);
    approx::assert_abs_diff_eq!(reward, -0.004, epsilon = 1e-12);
    // Torque is limited to 2 N m.
    assert_eq!(step("pendulum", &[0.0, 0.0], 5.0), step("pendulum", &[0.0, 0.0], 2.0));
    // At a quarter turn gravity accelerates by 15 rad/s^2.
    let (next, reward) = step("pendulum", &[PI / 2.0, 1.0], 0.0);
    assert_state(&next, &[PI / 2.0 + 0.05 * 1.75, 1.75]);
    approx::assert_abs_diff_eq!(reward, -(PI * PI / 4.0 + 0.1), epsilon = 1e-12);
}

#[test]
fn whole_turns_change_neither_reward_nor_motion() {
    for angle in [-3.0, -0.5, 0.0, 1.0, 3.1] {
        let (next, reward) = step("pendulum", &[angle, 0.5], 1.0);
        for turns in [-7.0, -1.0, 1.0, 60.0] {
            let (turned, same) = step("pendulum", &[angle + turns * TAU, 0.5], 1.0);
            approx::assert_abs_diff_eq!(same, reward, epsilon = 1e-10);
            approx::assert_abs_diff_eq!(turned[0] - turns * TAU, next[0], epsilon = 1e-10);
            approx::assert_abs_diff_eq!(turned[1], next[1], epsilon = 1e-10);
        }
    }
}

#[test]
fn speed_is_limited_and_no_state_ends_an_episode() {
    let (next, _) = step("pendulum", &[PI / 2.0, 7.9], 2.0);
    assert_eq!(next[1], 8.0);
    assert!(!terminated("pendulum", &[0.0, 8.0]) && !terminated("pendulum", &[100.0, -8.0]));
}

#[test]
fn the_angle_is_observed_as_cosine_and_sine() {
    let seen = dynamics("pendulum", |_, dynamics| dynamics.observe(&[PI / 6.0, 3.0]));
    assert_state(&seen, &[3f64.sqrt() / 2.0, 0.5, 3.0]);
}
