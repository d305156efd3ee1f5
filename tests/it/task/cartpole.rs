//! CartPole-v1.

use super::{assert_state, sizes, step, terminated};

#[test]
fn starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes("cartpole");
    assert_state(&low, &[-0.05; 4]);
    assert_state(&high, &[0.05; 4]);
    assert_eq!(limit, 500);
}

#[test]
fn a_push_at_rest_matches_a_calculation_by_hand() {
    // An upright pole: w' = -(10 / 1.1) / (0.5 (4/3 - 0.1 / 1.1)) = -600/41,
    // v' = 10 / 1.1 + 0.05 / 1.1 x 600/41 = 400/41; a step is 0.02 s, and positions use old speeds.
    let (next, reward) = step("cartpole", &[0.0; 4], 1.0);
    assert_state(&next, &[0.0, 8.0 / 41.0, 0.0, -12.0 / 41.0]);
    assert_eq!(reward, 1.0);
    let (next, _) = step("cartpole", &[0.0; 4], 0.0);
    assert_state(&next, &[0.0, -8.0 / 41.0, 0.0, 12.0 / 41.0]);
    let (next, _) = step("cartpole", &[0.5, 2.0, 0.0, 0.0], 1.0);
    assert_state(&next[..1], &[0.54]);
}

#[test]
fn left_and_right_mirror_each_other() {
    let state = [0.3, -0.2, 0.1, 0.4];
    let (next, _) = step("cartpole", &state, 1.0);
    let (mirrored, _) = step("cartpole", &state.map(|number| -number), 0.0);
    assert_state(&mirrored.iter().map(|number| -number).collect::<Vec<_>>(), &next);
}

#[test]
fn an_episode_ends_beyond_the_track_or_twelve_degrees() {
    let angle = 12.0 * std::f64::consts::PI / 180.0;
    for (state, ends) in [
        ([2.4, 0.0, 0.0, 0.0], false),
        ([2.400_001, 0.0, 0.0, 0.0], true),
        ([-2.400_001, 0.0, 0.0, 0.0], true),
        ([0.0, 9.0, angle - 1e-6, 9.0], false),
        ([0.0, 0.0, angle + 1e-6, 0.0], true),
        ([0.0, 0.0, -angle - 1e-6, 0.0], true),
    ] {
        assert_eq!(terminated("cartpole", &state), ends, "{state:?}");
    }
}
