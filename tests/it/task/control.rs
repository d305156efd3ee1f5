//! Properties that every control task of the registry must have.

use deme::random::{Counter, Stream};
use deme::task::{self, ActionPart, Actions, ControlShape, Kind, Simulation, Task};

/// The number of control tasks in the registry.
const CONTROLS: usize = 17;

/// Runs a check on every control task.
pub fn each(check: impl Fn(&str, &dyn Simulation)) {
    let mut count = 0;
    for task in task::all() {
        if let Kind::Control(simulation) = task.kind() {
            check(&task.about().name, simulation);
            count += 1;
        }
    }
    assert_eq!(count, CONTROLS, "control tasks");
}

/// A sequence of uniforms.
pub fn draws() -> impl FnMut() -> f64 {
    let place = Counter { seed: 3, stream: Stream::Verification, generation: 0, individual: 0 };
    let mut units = (0..).flat_map(move |block| place.uniforms(block));
    move || f64::from(units.next().expect("there is no end"))
}

/// A random action within the task's limits.
pub fn action(actions: Actions, draw: &mut impl FnMut() -> f64) -> Vec<f64> {
    let parts = actions.parts();
    let numbers = parts.iter().map(|part| match *part {
        ActionPart::Choice { count } => (draw() * count as f64).floor(),
        ActionPart::Range { low, high } => f64::from((low + (high - low) * draw()) as f32),
        ActionPart::Output => f64::from((2.0 * draw() - 1.0) as f32),
    });
    numbers.collect()
}

/// The inputs of a step: a random action, random uniforms, and a number.
pub fn step_inputs(shape: &ControlShape, draw: &mut impl FnMut() -> f64) -> Vec<f64> {
    let mut inputs = action(shape.actions, draw);
    inputs.extend((0..shape.step_draws).map(|_| draw()));
    inputs.extend(shape.has_step_number.then_some(3.0));
    inputs
}

#[test]
fn no_start_ends_its_episode_and_random_actions_stay_finite() {
    each(|name, simulation| {
        let (shape, dynamics) = (simulation.shape(), simulation.reference().expect("dynamics"));
        let mut draw = draws();
        for _ in 0..200 {
            let start = shape.draw(&mut draw);
            let mut state = dynamics.start(&start);
            assert!(!dynamics.terminated(&state), "{name}: {state:?}");
            for _ in 0..50 {
                let (next, reward) = dynamics.step(&state, &step_inputs(&shape, &mut draw));
                assert!(next.iter().all(|number| number.is_finite()), "{name}: {next:?}");
                assert!(reward.is_finite(), "{name}: {reward}");
                state = next;
            }
        }
    });
}

#[test]
fn returns_and_thresholds_lie_in_the_range_of_the_task() {
    // An action that pushes as hard as it can, one that does nothing, and random ones.
    each(|name, simulation| {
        let (shape, dynamics) = (simulation.shape(), simulation.reference().expect("dynamics"));
        let [low, high] = simulation.labels().returns;
        let mut draw = draws();
        for episode in 0..12 {
            let mut state = dynamics.start(&shape.draw(&mut draw));
            let mut total = 0.0;
            for _ in 0..shape.step_limit.min(2000) {
                let mut chosen = action(shape.actions, &mut draw);
                if let (Actions::Force { limit, .. }, 0..6) = (shape.actions, episode) {
                    let force = [limit, -limit, 0.0][episode % 3];
                    chosen.iter_mut().for_each(|number| *number = force);
                }
                let (next, reward) = dynamics.step(&state, &chosen);
                total += reward;
                state = next;
                if dynamics.terminated(&state) {
                    break;
                }
            }
            assert!((low..=high).contains(&total), "{name}: {total}, not from {low} to {high}");
        }
        let task: Box<dyn Task> = task::by_name(name).expect("a name of the registry");
        let ([low, high], threshold) = (task.score_range(), task.about().threshold);
        assert!(threshold.is_some_and(|score| (low..=high).contains(&score)), "{name}");
    });
}

#[test]
fn every_control_task_has_a_threshold() {
    each(|name, _| {
        let task: Box<dyn Task> = task::by_name(name).expect("a name of the registry");
        assert!(task.about().threshold.is_some(), "{name}");
    });
}
