//! Swing-up: the physics of both variants, and the starts of each.

use std::f64::consts::PI;

use deme::random::{Counter, Stream};

use super::{assert_state, dynamics, sizes, step, terminated};

const TASKS: [&str; 2] = ["swingup", "swingup-hard"];

#[test]
fn a_push_on_a_hanging_pole_matches_a_calculation_by_hand() {
    for task in TASKS {
        // cos = -1, sin = 0: v' = 4 x 10 / (4 - 1.5) = 16 m/s^2 and
        // w' = -6 x 10 / (0.6 x 2.5) = -40 rad/s^2; a step is 0.01 s, and positions use old speeds.
        let (next, reward) = step(task, &[0.0, 0.0, PI, 0.0], 10.0);
        assert_state(&next, &[0.0, 0.16, PI, -0.4]);
        approx::assert_abs_diff_eq!(reward, 0.0, epsilon = 1e-12);
        // Force is limited to 10 N.
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
fn left_and_right_mirror_each_other() {
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
        // The reward is that of the state after the step.
        let (next, reward) = step(task, &[0.0, 30.0, 0.0, 50.0], 0.0);
        let expected = (next[2].cos() + 1.0) / 2.0 * (next[0] / 2.4 * PI / 2.0).cos();
        approx::assert_abs_diff_eq!(reward, expected, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(next[0], 0.3, epsilon = 1e-12);
    }
}

#[test]
fn an_episode_ends_only_off_the_track() {
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
fn the_angle_is_observed_as_cosine_and_sine() {
    for task in TASKS {
        let seen = dynamics(task, |_, dynamics| dynamics.observe(&[1.0, 2.0, PI / 6.0, 3.0]));
        assert_state(&seen, &[1.0, 2.0, 3f64.sqrt() / 2.0, 0.5, 3.0]);
    }
}

#[test]
fn easy_starts_are_normal_around_a_hanging_pole() {
    const STARTS: u32 = 20_000;
    dynamics("swingup", |shape, dynamics| {
        assert_eq!((shape.draws, shape.step_limit), (4, 1000));
        let (mut sums, mut squares, mut products) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        let mut beyond = 0;
        for individual in 0..STARTS {
            let place =
                Counter { seed: 9, stream: Stream::Verification, generation: 0, individual };
            let start = dynamics.start(&place.uniforms(0).map(f64::from));
            let centred = [start[0], start[1], start[2] - PI, start[3]].map(|number| number / 0.2);
            for n in 0..4 {
                sums[n] += centred[n];
                squares[n] += centred[n] * centred[n];
                products[n] += centred[n] * centred[(n + 1) % 4];
                beyond += u32::from(centred[n].abs() > 2.0);
            }
        }
        // Five standard errors of a mean, of a variance and of a correlation, at most.
        let error = 5.0 / f64::from(STARTS).sqrt();
        for n in 0..4 {
            let count = f64::from(STARTS);
            assert!((sums[n] / count).abs() <= error, "mean of {n}: {}", sums[n] / count);
            let variance = squares[n] / count;
            assert!((variance - 1.0).abs() <= error * 2f64.sqrt(), "variance of {n}: {variance}");
            assert!((products[n] / count).abs() <= error, "{n} and the next: {}", products[n]);
        }
        // 4.55 % of normals are beyond two deviations; the tolerance is five standard errors.
        let share = f64::from(beyond) / f64::from(4 * STARTS);
        assert!((share - 0.0455).abs() <= 5.0 * (0.0455f64 / 80_000.0).sqrt(), "{share}");
    });
}

#[test]
fn the_first_and_the_last_draw_give_finite_starts() {
    let last = 1.0 - 1.0 / 16_777_216.0;
    dynamics("swingup", |_, dynamics| {
        assert_state(&dynamics.start(&[0.0; 4]), &[0.0, 0.0, PI, 0.0]);
        for draws in [[last; 4], [last, 0.0, last, 0.5], [0.0, last, 0.5, 0.0]] {
            let start = dynamics.start(&draws);
            assert!(start.iter().all(|number| number.is_finite()), "{draws:?}: {start:?}");
        }
    });
}

#[test]
fn hard_starts_and_limits_are_the_published_ones() {
    let (low, high, limit) = sizes("swingup-hard");
    assert_state(&low, &[-2.4, -10.0, PI / 2.0, -10.0]);
    assert_state(&high, &[2.4, 10.0, 1.5 * PI, 10.0]);
    assert_eq!(limit, 1000);
    dynamics("swingup-hard", |_, dynamics| {
        assert_state(&dynamics.start(&[0.5; 4]), &[0.0, 0.0, PI, 0.0]);
    });
}
