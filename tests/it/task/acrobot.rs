//! Acrobot-v1.

use std::f64::consts::{FRAC_PI_2, PI};

use super::{assert_state, sizes, step, terminated};

#[test]
fn starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes("acrobot");
    assert_state(&low, &[-0.1; 4]);
    assert_state(&high, &[0.1; 4]);
    assert_eq!(limit, 500);
}

#[test]
fn a_hanging_arm_stays_at_rest_and_torques_mirror() {
    assert_eq!(step("acrobot", &[0.0; 4], 1.0), (vec![0.0; 4], -1.0));
    let state = [0.4, -0.3, 0.2, -0.1];
    let (next, _) = step("acrobot", &state, 2.0);
    let (mirrored, _) = step("acrobot", &state.map(|number| -number), 0.0);
    assert_state(&mirrored.iter().map(|number| -number).collect::<Vec<_>>(), &next);
    assert_ne!(step("acrobot", &state, 1.0).0, next);
}

/// Kinetic and potential energy of two links of 1 kg and 1 m, with inertia 1 kg m^2, in joules.
fn energy(state: &[f64]) -> f64 {
    let [upper, lower, w1, w2] = *state else { panic!("four numbers") };
    let coupled = 0.5 * lower.cos();
    let inertia = [3.5 + 2.0 * coupled, 1.25 + coupled, 1.25];
    let kinetic = 0.5 * inertia[0] * w1 * w1 + inertia[1] * w1 * w2 + 0.5 * inertia[2] * w2 * w2;
    kinetic - 9.8 * (1.5 * upper.cos() + 0.5 * (upper + lower).cos())
}

#[test]
fn without_torque_energy_is_conserved() {
    /// The drift of Runge-Kutta steps of 0.2 s, as a fraction of the energy above rest; 1 % was
    /// measured.
    const DRIFT: f64 = 0.03;
    let rest = energy(&[0.0; 4]);
    let mut state = vec![0.5, -0.2, 0.0, 0.3];
    let before = energy(&state) - rest;
    for _ in 0..50 {
        state = step("acrobot", &state, 1.0).0;
        let now = energy(&state) - rest;
        assert!((now - before).abs() <= DRIFT * before, "{now} of {before}");
    }
}

#[test]
fn angles_are_wrapped_and_speeds_limited() {
    let (next, _) = step("acrobot", &[3.1, 3.1, 12.0, 28.0], 1.0);
    assert!(next[..2].iter().all(|angle| (-PI..PI).contains(angle)), "{next:?}");
    assert!(next[2] <= 4.0 * PI && next[3] <= 9.0 * PI, "{next:?}");
    let (next, _) = step("acrobot", &[FRAC_PI_2, 0.0, -40.0, -90.0], 1.0);
    assert!(next[2] >= -4.0 * PI && next[3] >= -9.0 * PI, "{next:?}");
}

#[test]
fn an_episode_ends_above_the_line_and_its_last_step_costs_nothing() {
    assert!(terminated("acrobot", &[PI, 0.0, 0.0, 0.0]));
    assert!(!terminated("acrobot", &[0.0; 4]));
    // The elbow is 1 m up and the hand level with it: on the line, up to rounding.
    assert!(terminated("acrobot", &[PI, FRAC_PI_2 - 1e-6, 0.0, 0.0]));
    assert!(!terminated("acrobot", &[PI, FRAC_PI_2 + 1e-6, 0.0, 0.0]));
    assert_eq!(step("acrobot", &[3.0, 0.1, 0.0, 0.0], 1.0).1, 0.0);
}
