//! Distributions of actions: draws have their probabilities, and derivatives are differences.

use deme::gradient::{ActionDistribution, ActionKind, ActionSlopes};
use deme::random::{Counter, Stream};

const KINDS: [ActionKind; 3] = [ActionKind::Choice(3), ActionKind::Bounded, ActionKind::Free];

#[test]
fn derivatives_of_the_log_probability_are_differences() {
    let (outputs, logs) = ([0.3f32, -0.7, 1.1, 0.4, -0.9], [0.0f32, -0.5, 0.25]);
    let action = [1.0, 0.2, -1.3];
    let log_probability = |outputs: &[f32], logs: &[f32]| {
        let mut slopes = ActionSlopes::default();
        let distribution = ActionDistribution { kinds: &KINDS, log_deviations: logs };
        distribution.slopes(outputs, &action, &mut slopes);
        slopes
    };
    let slopes = log_probability(&outputs, &logs);
    let step = 1.0 / 128.0;
    let check = |found: f32, high: ActionSlopes, low: ActionSlopes, what: &str| {
        let expected = (high.log_probability - low.log_probability) / (2.0 * step);
        assert!((found - expected).abs() < 2e-3, "{what}: {found}, not {expected}");
    };
    for index in 0..outputs.len() {
        let at = |by: f32| {
            let mut moved = outputs;
            moved[index] += by;
            log_probability(&moved, &logs)
        };
        check(slopes.outputs[index], at(step), at(-step), "output");
    }
    for index in 1..logs.len() {
        let at = |by: f32| {
            let mut moved = logs;
            moved[index] += by;
            log_probability(&outputs, &moved)
        };
        check(slopes.log_deviations[index], at(step), at(-step), "deviation");
    }
}

#[test]
fn the_entropy_of_a_choice_falls_where_one_is_already_likely() {
    let kinds = [ActionKind::Choice(2)];
    let distribution = ActionDistribution { kinds: &kinds, log_deviations: &[0.0] };
    let entropy = |outputs: [f32; 2]| {
        let shares = outputs.map(f32::exp);
        let sum: f32 = shares.iter().sum();
        -shares.iter().map(|share| share / sum * (share / sum).ln()).sum::<f32>()
    };
    let (outputs, step) = ([0.8f32, -0.4], 1.0 / 64.0);
    let mut slopes = ActionSlopes::default();
    distribution.slopes(&outputs, &[0.0], &mut slopes);
    let expected = (entropy([0.8 + step, -0.4]) - entropy([0.8 - step, -0.4])) / (2.0 * step);
    assert!((slopes.entropy[0] - expected).abs() < 1e-3 && expected < 0.0, "{slopes:?}");
}

#[test]
fn draws_have_the_probabilities_that_they_report() {
    let place = Counter { seed: 4, stream: Stream::Verification, generation: 0, individual: 0 };
    let mut generator = place.generator();
    let (outputs, logs) = ([0.0f32, 1.0, -1.0, 0.5, 2.0], [0.0f32, -1.0, 0.5]);
    let distribution = ActionDistribution { kinds: &KINDS, log_deviations: &logs };
    let (mut action, mut slopes) = ([0.0; 3], ActionSlopes::default());
    let (mut counts, mut sums, mut squares) = ([0.0; 3], [0.0; 2], [0.0; 2]);
    const DRAWS: usize = 20_000;
    for _ in 0..DRAWS {
        let reported = distribution.draw(&outputs, &mut action, &mut generator);
        distribution.slopes(&outputs, &action, &mut slopes);
        assert!((reported - slopes.log_probability).abs() < 1e-4);
        counts[action[0] as usize] += 1.0 / DRAWS as f32;
        for number in 0..2 {
            sums[number] += action[number + 1] / DRAWS as f32;
            squares[number] += action[number + 1].powi(2) / DRAWS as f32;
        }
    }
    let shares = [0.0f32, 1.0, -1.0].map(f32::exp);
    for (count, share) in counts.iter().zip(shares) {
        assert!((count - share / shares.iter().sum::<f32>()).abs() < 0.015, "{counts:?}");
    }
    for (number, mean) in [0.5f32.tanh(), 2.0].into_iter().enumerate() {
        let deviation = (squares[number] - sums[number].powi(2)).sqrt();
        assert!((sums[number] - mean).abs() < 0.05, "{sums:?}");
        assert!((deviation / logs[number + 1].exp() - 1.0).abs() < 0.03, "{deviation}");
    }
}
