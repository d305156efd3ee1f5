//! Double pole, with observed and with hidden velocities.

use super::{assert_state, dynamics, sizes, step, terminated};

#[test]
fn there_is_one_start_and_the_step_limit_is_the_threshold() {
    for task in ["double-pole", "double-pole-long"] {
        let (low, high, limit) = sizes(task);
        assert_state(&low, &[0.0, 0.0, 4f64.to_radians(), 0.0, 0.0, 0.0]);
        assert_eq!(low, high);
        assert_eq!(limit, 100_000);
    }
}

#[test]
fn an_episode_ends_when_a_pole_leans_more_than_36_degrees() {
    let angle = 36f64.to_radians();
    for (state, ends) in [
        ([2.4, 9.0, angle - 1e-9, 9.0, 1e-9 - angle, 9.0], false),
        ([-2.400_001, 0.0, 0.0, 0.0, 0.0, 0.0], true),
        ([0.0, 0.0, -angle - 1e-9, 0.0, 0.0, 0.0], true),
        ([0.0, 0.0, 0.0, 0.0, angle + 1e-9, 0.0], true),
    ] {
        assert_eq!(terminated("double-pole", &state), ends, "{state:?}");
    }
    assert_eq!(step("double-pole", &[0.0; 6], 0.0).1, 1.0);
    assert_eq!(step("double-pole", &[0.0, 0.0, 0.0, 0.0, angle, 1.0], 0.0).1, 0.0);
}

#[test]
fn velocities_are_observed_or_hidden() {
    let state = [2.4, 1.0, 0.26, -1.0, -0.13, 0.5];
    let seen = |task| dynamics(task, |_, dynamics| dynamics.observe(&state));
    assert_state(&seen("double-pole"), &[0.5, 0.5, 0.5, -0.5, -0.25, 0.25]);
    assert_state(&seen("double-pole-long"), &[0.5, 0.5, -0.25]);
}
