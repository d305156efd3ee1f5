//! What every control task owes, asked of all that the registry has.

use deme::math::{LANES, Lanes, Mask, Real};
use deme::random::{Place, Stream};
use deme::task::{self, Actions, Kind, Simulation, Task};

/// Runs a check on every control task.
fn each(check: impl Fn(&str, &dyn Simulation)) {
    let mut met = 0;
    for task in task::all() {
        if let Kind::Control(simulation) = task.kind() {
            check(&task.about().name, simulation);
            met += 1;
        }
    }
    assert_eq!(met, 5, "control tasks");
}

/// Uniforms in order.
fn draws() -> impl FnMut() -> f64 {
    let place = Place { seed: 3, stream: Stream::Verification, generation: 0, individual: 0 };
    let mut units = (0..).flat_map(move |block| place.units(block));
    move || f64::from(units.next().expect("there is no end"))
}

/// An action within the task's limits.
fn action(actions: Actions, draw: &mut impl FnMut() -> f64) -> Vec<f64> {
    match actions {
        Actions::Choice(count) => vec![(draw() * count as f64).floor()],
        Actions::Force { count, limit } => {
            (0..count).map(|_| f64::from((limit * (2.0 * draw() - 1.0)) as f32)).collect()
        }
    }
}

#[test]
fn sizes_are_what_the_functions_give() {
    each(|name, simulation| {
        let (shape, dynamics) = (simulation.shape(), simulation.reference());
        let state = dynamics.start(&vec![0.5; shape.draws]);
        assert_eq!(state.len(), shape.state, "{name}");
        assert_eq!(dynamics.observe(&state).len(), shape.observations, "{name}");
        assert!(shape.draws > 0 && shape.actions.size() > 0, "{name}");
        assert!(shape.wgsl.contains("fn task_step("), "{name}");
    });
}

#[test]
fn no_start_ends_its_episode_and_random_play_stays_finite() {
    each(|name, simulation| {
        let (shape, dynamics) = (simulation.shape(), simulation.reference());
        let mut draw = draws();
        for _ in 0..200 {
            let start: Vec<f64> = (0..shape.draws).map(|_| draw()).collect();
            let mut state = dynamics.start(&start);
            assert!(!dynamics.terminated(&state), "{name}: {state:?}");
            for _ in 0..50 {
                let (next, reward) = dynamics.step(&state, &action(shape.actions, &mut draw));
                assert!(next.iter().all(|number| number.is_finite()), "{name}: {next:?}");
                assert!(reward.is_finite(), "{name}: {reward}");
                state = next;
            }
        }
    });
}

#[test]
fn lanes_step_as_double_precision_does() {
    /// The largest error of a step from the same state, of numbers of magnitude 30 at most; the
    /// arm's four stages amplify most.
    const STEP: f64 = 1e-4;
    each(|name, simulation| {
        let (shape, double, lanes) =
            (simulation.shape(), simulation.reference(), simulation.lanes());
        let mut draw = draws();
        let starts: Vec<f32> = (0..shape.draws * LANES).map(|_| draw() as f32).collect();
        let laned: Vec<Lanes> =
            (0..shape.draws).map(|d| Lanes::from_lanes(|l| starts[d * LANES + l])).collect();
        let mut state = lanes.start(&laned);
        for _ in 0..30 {
            let action = action(shape.actions, &mut draw);
            let given: Vec<Lanes> = action.iter().map(|&a| Lanes::of(a)).collect();
            let (next, reward) = lanes.step(&state, &given);
            let seen = lanes.observe(&state);
            for l in 0..LANES {
                let lane = |numbers: &[Lanes]| -> Vec<f64> {
                    numbers.iter().map(|number| number.lane(l)).collect()
                };
                let alone = lane(&state);
                let (expected, earned) = double.step(&alone, &action);
                let all = expected.iter().chain([&earned]);
                let found = lane(&next).into_iter().chain([reward.lane(l)]);
                for (found, expected) in found.zip(all) {
                    assert!((found - expected).abs() <= STEP, "{name}: {found}, not {expected}");
                }
                for (found, expected) in lane(&seen).iter().zip(double.observe(&alone)) {
                    assert!((found - expected).abs() <= STEP, "{name}: {found}, not {expected}");
                }
                let ends = lanes.terminated(&state).lane(l);
                assert_eq!(ends, double.terminated(&alone), "{name}");
            }
            state = next;
        }
    });
}

#[test]
fn thresholds_can_be_told_from_doing_nothing() {
    each(|name, _| {
        let task: Box<dyn Task> = task::named(name).expect("a name of the registry");
        assert!(task.about().threshold.is_some(), "{name}");
    });
}
