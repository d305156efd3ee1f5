//! Double pole from 625 starts.

use deme::math::{LANES, Lanes, Real};
use deme::random::{Counter, Stream};
use deme::task::{Assignment, Kind, Outcome, ProbeInput, Span};

use super::{assert_state, dynamics, step, task_of};

const TASK: &str = "double-pole-starts";

#[test]
fn starts_are_the_published_grid() {
    dynamics(TASK, |shape, dynamics| {
        assert_eq!((shape.draws, shape.starts, shape.step_limit), (1, Some(625), 1000));
        let levels = [0.05, 0.25, 0.5, 0.75, 0.95].map(|level| 2.0 * level - 1.0);
        let mut number = 0.0;
        for x in levels.map(|level| 2.16 * level) {
            for v in levels.map(|level| 1.35 * level) {
                for angle in levels.map(|level| level * 0.062_831_52) {
                    for w in levels.map(|level| level * 0.150_097_52) {
                        let start = dynamics.start(&[number]);
                        assert_state(&start, &[x, v, angle, w, 0.0, 0.0, 0.0]);
                        number += 1.0;
                    }
                }
            }
        }
        assert_eq!(number, 625.0);
        approx::assert_abs_diff_eq!(0.062_831_52, 3.6f64.to_radians(), epsilon = 1e-6);
        approx::assert_abs_diff_eq!(0.150_097_52, 8.6f64.to_radians(), epsilon = 1e-6);
    });
}

#[test]
fn every_start_is_the_same_in_lanes() {
    let task = task_of(TASK);
    let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    let zeros = |count: usize| vec![Lanes::default(); count];
    for first in (0..625).step_by(LANES) {
        let draws = vec![Lanes::from_lanes(|l| (first + l).min(624) as f32)];
        let probe = ProbeInput { draws, state: zeros(7), outputs: zeros(1), action: zeros(1) };
        let found = simulation.probe(&probe).expect("dynamics").start;
        for l in 0..LANES {
            let start =
                simulation.reference().expect("dynamics").start(&[(first + l).min(624) as f64]);
            for (lanes, expected) in found.iter().zip(start) {
                approx::assert_abs_diff_eq!(f64::from(lanes.0[l]), expected, epsilon = 1e-6);
            }
        }
    }
}

#[test]
fn only_the_thousandth_step_earns_a_reward() {
    let standing = |steps| step(TASK, &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, steps], 0.0).1;
    for (steps, reward) in [(0.0, 0.0), (998.0, 0.0), (999.0, 1.0), (1000.0, 0.0)] {
        assert_eq!(standing(steps), reward, "after {steps}");
    }
    assert_eq!(step(TASK, &[2.4, 1.0, 0.0, 0.0, 0.0, 0.0, 999.0], 0.0).1, 0.0);
}

/// Episodes go through the starts in order, whatever the seed, and begin again after the last.
#[test]
fn episodes_go_through_the_starts_in_order() {
    let task = task_of(TASK);
    let Kind::Control(simulation) = task.kind() else { panic!("a control task") };
    let network = deme::network::Network::parse(
        "none",
        task.inputs(),
        task.outputs(),
        deme::network::Activation::Tanh,
    );
    let network = network.expect("a good spec");
    // A push against the lean of the long pole.
    let mut genome = vec![0.0; network.parameters()];
    genome[1] = 2.0;
    let play = |seed: u64, first: u32, count: usize| -> Vec<u64> {
        let place = Counter { seed, stream: Stream::HeldOut, generation: 0, individual: first };
        let mut outcomes = vec![Outcome::default(); count];
        let cast = Assignment::Episodes(&genome);
        simulation.rollout_lanes(&network, cast, place, Span::Episode(1000), &mut outcomes, None);
        outcomes.iter().map(|outcome| outcome.steps).collect()
    };
    let all = play(1, 0, 625);
    assert_eq!(play(2, 0, 625), all);
    assert_eq!(play(1, 600, 50), [&all[600..], &all[..25]].concat());
    let wide: Vec<f64> = genome.iter().copied().map(f64::from).collect();
    let mut differing = 0;
    for (start, &steps) in all.iter().enumerate() {
        let individual = start as u32;
        let place = Counter { seed: 5, stream: Stream::HeldOut, generation: 0, individual };
        let alone = simulation.rollout(&network, &wide, place, Span::Episode(1000), None);
        differing += u32::from(alone.steps != steps);
    }
    // A pole may fall a step earlier or later in single precision.
    assert!(differing <= 10, "{differing} of 625");
    let distinct: std::collections::BTreeSet<u64> = all.iter().copied().collect();
    assert!(distinct.len() > 5, "starts differ: {distinct:?}");
}
