//! The physics of both swing-up tasks.

use std::f64::consts::PI;

use super::{assert_state, dynamics, step, terminated};

const TASKS: [&str; 2] = ["swingup", "swingup-hard"];

#[test]
fn a_push_on_a_hanging_pole_is_what_paper_and_pencil_give() {
    for task in TASKS {
        // cos = -1, sin = 0: v' = 4 x 10 / (4 - 1.5) = 16 m/s^2 and
        // w' = -6 x 10 / (0.6 x 2.5) = -40 rad/s^2; a step is 0.01 s, and positions lag behind.
        let (next, reward) = step(task, &[0.0, 0.0, PI, 0.0], 10.0);
        assert_state(&next, &[0.0, 0.16, PI, -0.4]);
        approx::assert_abs_diff_eq!(reward, 0.0, epsilon = 1e-12);
        // More force than 10 N is none.
        assert_eq!(
            step(task, &[0.1, 0.0, 1.0, 0.0], 25.0),
            step(task, &[0.1, 0.0, 1.0, 0.0], 10.0)
        );
        // Friction of 0.1 N s/m: at 2 m/s it takes 0.2 N.
        let (next, _) = step(task, &[0.5, 2.0, PI, 0.0], 0.2);
        assert_state(&next[..2], &[0.52, 2.0]);
    }
}

#[test]
fn left_is_right_in_the_mirror() {
    let state = [0.3, -0.2, 2.1, 1.4];
    for task in TASKS {
        let (next, reward) = step(task, &state, 7.0);
        let (mirrored, same) = step(task, &state.map(|number| -number), -7.0);
        assert_state(&mirrored.iter().map(|number| -number).collect::<Vec<_>>(), &next);
        assert_eq!(reward, same);
    }
}

#[test]
fn an_upright_pole_in_the_middle_earns_one_and_less_at_the_edge() {
    for task in TASKS {
        let earned = |state: [f64; 4]| step(task, &state, 0.0).1;
        approx::assert_abs_diff_eq!(earned([0.0; 4]), 1.0, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(earned([1.2, 0.0, 0.0, 0.0]), 0.5f64.sqrt(), epsilon = 1e-12);
        approx::assert_abs_diff_eq!(earned([2.4, 0.0, 0.0, 0.0]), 0.0, epsilon = 1e-12);
        // The reward is of the state after the step.
        let (next, reward) = step(task, &[0.0, 30.0, 0.0, 50.0], 0.0);
        let expected = (next[2].cos() + 1.0) / 2.0 * (next[0] / 2.4 * PI / 2.0).cos();
        approx::assert_abs_diff_eq!(reward, expected, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(next[0], 0.3, epsilon = 1e-12);
    }
}

#[test]
fn an_episode_ends_off_the_track_alone() {
    for task in TASKS {
        for (state, ends) in [
            ([2.4, 99.0, 99.0, 99.0], false),
            ([2.400_001, 0.0, 0.0, 0.0], true),
            ([-2.400_001, 0.0, 0.0, 0.0], true),
        ] {
            assert_eq!(terminated(task, &state), ends, "{task}, {state:?}");
        }
    }
}

#[test]
fn the_angle_is_seen_as_cosine_and_sine() {
    for task in TASKS {
        let seen = dynamics(task, |_, dynamics| dynamics.observe(&[1.0, 2.0, PI / 6.0, 3.0]));
        assert_state(&seen, &[1.0, 2.0, 3f64.sqrt() / 2.0, 0.5, 3.0]);
    }
}
