//! Control tasks without type parameters: their sizes, and single steps in lanes.

use deme::math::{LANES, Lanes, Mask, Real};
use deme::task::ProbeInput;

use super::control::{draws, each, step_inputs};

#[test]
fn sizes_match_the_functions() {
    each(|name, simulation| {
        let (shape, dynamics) = (simulation.shape(), simulation.reference().expect("dynamics"));
        let state = dynamics.start(&vec![0.5; shape.draws]);
        assert_eq!(state.len(), shape.state, "{name}");
        assert_eq!(dynamics.observe(&state).len(), shape.observations, "{name}");
        assert!(
            shape.starts.is_none_or(|starts| starts > 0 && shape.draws == 1)
                && shape.actions.size() > 0,
            "{name}"
        );
        assert!(shape.wgsl.is_some_and(|text| text.contains("fn task_step(")), "{name}");
    });
}

/// Returns the numbers of one lane.
fn lane(numbers: &[Lanes], lane: usize) -> Vec<f64> {
    numbers.iter().map(|number| number.lane(lane)).collect()
}

#[test]
fn lanes_step_as_double_precision_does() {
    /// The largest error of a step from the same state, for numbers up to 30. The four Runge-Kutta
    /// stages of acrobot amplify rounding most.
    const STEP: f64 = 1e-4;
    each(|name, simulation| {
        let close = |what: &str, found: &[f64], expected: &[f64]| {
            assert_eq!(found.len(), expected.len(), "{name}, {what}");
            for (found, expected) in found.iter().zip(expected) {
                let error = (found - expected).abs();
                assert!(error <= STEP, "{name}, {what}: {found}, not {expected}");
            }
        };
        let (shape, double) = (simulation.shape(), simulation.reference().expect("dynamics"));
        let mut draw = draws();
        let mut laned = |count: usize, low: f64, high: f64| -> Vec<Lanes> {
            let numbers: Vec<f64> = (0..count * LANES).map(|_| draw()).collect();
            let number = |n: usize, l: usize| (low + (high - low) * numbers[n * LANES + l]) as f32;
            (0..count).map(|n| Lanes::from_lanes(|l| number(n, l))).collect()
        };
        let mut probe = ProbeInput {
            draws: laned(shape.draws, 0.0, 1.0),
            state: vec![Lanes::default(); shape.state],
            outputs: vec![Lanes::default(); shape.actions.outputs()],
            action: vec![Lanes::default(); shape.step_inputs()],
        };
        probe.state = simulation.probe(&probe).expect("dynamics").start;
        for l in 0..LANES {
            let start = double.start(&lane(&probe.draws, l));
            close("start", &lane(&probe.state, l), &start);
        }
        let mut draw = draws();
        for _ in 0..30 {
            probe.outputs = laned(shape.actions.outputs(), -2.0, 2.0);
            let actions: Vec<Vec<f64>> =
                (0..LANES).map(|_| step_inputs(&shape, &mut draw)).collect();
            probe.action = (0..shape.step_inputs())
                .map(|n| Lanes::from_lanes(|l| actions[l][n] as f32))
                .collect();
            let found = simulation.probe(&probe).expect("dynamics");
            for (l, action) in actions.iter().enumerate() {
                let alone = lane(&probe.state, l);
                let (next, reward) = double.step(&alone, action);
                close("next", &lane(&found.next, l), &next);
                close("reward", &[found.reward.lane(l)], &[reward]);
                close("observation", &lane(&found.observation, l), &double.observe(&alone));
                let mut decision = vec![0.0; shape.actions.size()];
                shape.actions.decide(&lane(&probe.outputs, l), &mut decision);
                close("decision", &lane(&found.decision, l), &decision);
                assert_eq!(found.state_ends.lane(l), double.terminated(&alone), "{name}");
                let next = lane(&found.next, l);
                assert_eq!(found.next_ends.lane(l), double.terminated(&next), "{name}");
            }
            probe.state = found.next;
        }
    });
}
