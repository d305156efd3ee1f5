//! Double pole with hidden velocities: the damping fitness, and the tests of success.

use deme::network::{Activation, Network};
use deme::run::{self, Request};
use deme::task::{self, Dynamics};

use super::{dynamics, sizes};

/// A linear controller that balances both poles for a long time.
fn balance(state: &[f64], calm: f64) -> f64 {
    const GAINS: [f64; 6] = [2.652, 5.373, 92.53, 24.44, -61.99, -5.747];
    let force: f64 = GAINS.iter().zip(state).map(|(gain, number)| -gain * number).sum();
    (force + calm).clamp(-10.0, 10.0)
}

/// Compares the return with the published fitness of the same states after each step.
fn returns(dynamics: &dyn Dynamics<f64>, steps: usize, controller: impl Fn(usize, &[f64]) -> f64) {
    let mut state = dynamics.start(&[]);
    let (mut sum, mut history) = (0.0, Vec::new());
    for t in 1..=steps {
        let (next, reward) = dynamics.step(&state, &[controller(t, &state)]);
        state = next;
        sum += reward;
        if dynamics.terminated(&state) {
            assert_eq!(reward, 0.0, "the step of a fall earns nothing");
            return;
        }
        history.push(state[..4].iter().map(|number| number.abs()).sum::<f64>());
        let last: f64 = history.iter().rev().take(100).sum();
        let calm = if t >= 100 { 0.75 / last } else { 0.0 };
        let fitness = 0.1 * t as f64 / 1000.0 + 0.9 * calm;
        approx::assert_relative_eq!(sum, fitness, max_relative = 1e-9);
    }
}

#[test]
fn the_return_is_the_published_fitness_wherever_an_episode_ends() {
    dynamics("double-pole-hidden", |_, dynamics| {
        // A controller that does nothing: both poles fall before the window is full.
        returns(dynamics, 100, |_, _| 0.0);
        returns(dynamics, 400, |t, state| balance(state, (t as f64 * 0.7).sin()));
        returns(dynamics, 400, |_, state| balance(state, 0.0));
    });
}

#[test]
fn the_controller_of_these_tests_balances_long_enough() {
    dynamics("double-pole-hidden", |_, dynamics| {
        let mut state = dynamics.start(&[]);
        for _ in 0..400 {
            assert!(!dynamics.terminated(&state));
            state = dynamics.step(&state, &[balance(&state, 0.0)]).0;
        }
    });
}

#[test]
fn the_window_starts_empty_and_training_episodes_are_short() {
    let (start, _, limit) = sizes("double-pole-hidden");
    assert_eq!((start.len(), limit), (106, 1000));
    assert!(start[6..].iter().all(|&number| number == -1.0));
}

#[test]
fn a_window_without_motion_has_a_finite_reward() {
    dynamics("double-pole-hidden", |_, dynamics| {
        let (next, reward) = dynamics.step(&[0.0; 106], &[0.0]);
        assert_eq!((next, reward), (vec![0.0; 106], 0.0001));
    });
}

#[test]
fn success_is_tested_by_a_long_episode_and_by_other_starts() {
    let tasks =
        task::by_name("double-pole-hidden").expect("a task").evaluation_tasks().expect("one");
    assert_eq!(tasks.validation.about().threshold, Some(100_000.0));
    assert_eq!(tasks.held_out.about().threshold, Some(0.32));
    let observer = &mut ();
    let request = Request {
        population: Some(8),
        generations: Some(2),
        seed: Some(1),
        ..Request::for_task("double-pole-hidden")
    };
    let summary = run::train(&request.check().expect("a good request"), observer).expect("a run");
    assert_eq!((summary.score_episodes, summary.evaluations), (625, 16));
    let validation = summary.parts.validation.and_then(|part| part.score).expect("a score");
    assert!(!summary.solved && validation < 1000.0, "steps: {validation}");
    let score = summary.score.expect("a share");
    assert!((0.0..0.32).contains(&score), "{score}");
    let network =
        Network::parse("3:elman:nobias-out:nobias", 3, 1, Activation::Tanh).expect("a good spec");
    assert_eq!(summary.champion.len(), network.parameters());
}
