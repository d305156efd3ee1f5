//! Single pole.

use super::{assert_state, dynamics, sizes, step, terminated};

#[test]
fn there_is_one_start_and_the_step_limit_is_the_threshold() {
    let (low, high, limit) = sizes("single-pole");
    assert_state(&low, &[0.0, 0.0, 4f64.to_radians(), 0.0]);
    assert_eq!(low, high);
    assert_eq!(limit, 100_000);
    dynamics("single-pole", |shape, _| assert_eq!((shape.draws, shape.starts), (0, None)));
}

#[test]
fn an_episode_ends_beyond_12_degrees_or_the_track_and_its_last_step_earns_nothing() {
    let angle = 12f64.to_radians();
    for (state, ends) in [
        ([2.4, 9.0, angle - 1e-9, 9.0], false),
        ([2.400_001, 0.0, 0.0, 0.0], true),
        ([-2.400_001, 0.0, 0.0, 0.0], true),
        ([0.0, 0.0, angle + 1e-9, 0.0], true),
        ([0.0, 0.0, -angle - 1e-9, 0.0], true),
    ] {
        assert_eq!(terminated("single-pole", &state), ends, "{state:?}");
    }
    assert_eq!(step("single-pole", &[0.0; 4], 0.0).1, 1.0);
    assert_eq!(step("single-pole", &[0.0, 0.0, angle - 1e-3, 1.0], 0.0).1, 0.0);
}

#[test]
fn observations_are_scaled_to_about_one() {
    let seen = dynamics("single-pole", |_, dynamics| dynamics.observe(&[2.4, 1.0, 0.26, -1.0]));
    assert_state(&seen, &[0.5, 0.5, 0.5, -0.5]);
}
