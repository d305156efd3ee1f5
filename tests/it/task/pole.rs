//! The physics of the pole balancing tasks.

use super::{assert_state, dynamics, step};

/// Kinetic and potential energy of the cart and of uniform poles (kg, m, half lengths), in joules.
fn energy(poles: &[(f64, f64)], state: &[f64]) -> f64 {
    let v = state[1];
    let mut energy = 0.5 * v * v;
    for (pole, &(mass, half)) in poles.iter().enumerate() {
        let (angle, w) = (state[2 + 2 * pole], state[3 + 2 * pole]);
        let (across, up) = (v + half * w * angle.cos(), half * w * angle.sin());
        let spin = mass * half * half / 3.0 * w * w;
        energy += 0.5 * mass * (across * across + up * up) + 0.5 * spin;
        energy += mass * 9.8 * half * angle.cos();
    }
    energy
}

const LONG: (f64, f64) = (0.1, 0.5);
const SHORT: (f64, f64) = (0.01, 0.05);

/// The cart loses 0.0005 N times its path to friction, and each hinge 0.000002 N m s times w^2 per
/// second.
#[test]
fn without_force_only_friction_takes_energy() {
    type Limits = [(f64, f64)];
    let tasks: [(&str, &Limits, Vec<f64>); 2] = [
        ("single-pole", &[LONG], vec![0.0, 1.0, 0.1, -0.3]),
        ("double-pole", &[LONG, SHORT], vec![0.0, 1.0, 0.1, -0.3, -0.05, 0.2]),
    ];
    for (task, poles, start) in tasks {
        let (mut state, before) = (start.clone(), energy(poles, &start));
        let mut hinges = 0.0;
        let spins = |state: &[f64]| state[3..].iter().step_by(2).map(|w| w * w).sum::<f64>();
        for _ in 0..20 {
            let next = step(task, &state, 0.0).0;
            hinges += 0.000_002 * 0.02 * 0.5 * (spins(&state) + spins(&next));
            state = next;
        }
        assert!(state[1] > 0.5, "the cart keeps rolling one way: {state:?}");
        let lost = before - energy(poles, &state);
        approx::assert_relative_eq!(lost, 0.0005 * state[0] + hinges, max_relative = 0.01);
    }
}

/// An upright pole at rest has v' = 10 / (1 + 0.1 / 4) and w' = -0.75 / 0.5 v'. Both are reduced by
/// second-order terms over a step of 0.02 s.
#[test]
fn a_push_at_rest_matches_a_calculation_by_hand() {
    let (next, _) = step("single-pole", &[0.0; 4], 10.0);
    let v_rate = (10.0 - 0.0005) / 1.025;
    approx::assert_relative_eq!(next[1], 0.02 * v_rate, max_relative = 2e-3);
    approx::assert_relative_eq!(next[3], -0.03 * v_rate, max_relative = 2e-3);
    approx::assert_relative_eq!(next[0], 0.0002 * v_rate, max_relative = 2e-3);
    // Force is limited to 10 N.
    assert_eq!(step("single-pole", &[0.0; 4], 11.0), step("single-pole", &[0.0; 4], 10.0));
}

#[test]
fn left_and_right_mirror_each_other() {
    let state = [0.3, -0.2, 0.1, 0.4, -0.2, 1.0];
    let (next, _) = step("double-pole", &state, 3.0);
    let (mirrored, _) = step("double-pole", &state.map(|number| -number), -3.0);
    assert_state(&mirrored.iter().map(|number| -number).collect::<Vec<_>>(), &next);
}

/// The tasks with two poles have different rewards and the same physics.
#[test]
fn two_poles_move_the_same_way_in_every_task() {
    let state = [0.3, -0.2, 0.1, 0.4, -0.2, 1.0];
    let (expected, _) = step("double-pole", &state, 3.0);
    for task in ["double-pole-hidden", "double-pole-long", "double-pole-starts"] {
        let mut whole = dynamics(task, |shape, dynamics| dynamics.start(&shape.draw(|| 0.0)));
        whole[..6].copy_from_slice(&state);
        assert_eq!(step(task, &whole, 3.0).0[..6], expected, "{task}");
    }
    // The light short pole hardly moves the long one.
    let (alone, _) = step("single-pole", &state[..4], 3.0);
    for (alone, with) in alone.iter().zip(&expected) {
        approx::assert_abs_diff_eq!(alone, with, epsilon = 0.02);
    }
}
