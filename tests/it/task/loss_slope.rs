//! Slopes of losses: differences of the losses, in double precision and in lanes.

use deme::math::{Lanes, Plain, Real};
use deme::task::Objective;

const OUTPUTS: [f64; 3] = [0.4, -1.2, 0.9];

fn loss(objective: Objective, outputs: &[f64], target: f32) -> (f64, Vec<f64>) {
    let mut slopes = vec![0.0; outputs.len()];
    let loss = objective.loss_and_slopes(outputs, |_, _| target, &mut slopes);
    (loss, slopes)
}

#[test]
fn slopes_are_differences_of_losses() {
    for (objective, count, targets) in [
        (Objective::CrossEntropy, 3, [0.0, 2.0]),
        (Objective::Closeness, 1, [0.0, 1.0]),
        (Objective::SquaredError, 3, [-0.3, 0.8]),
    ] {
        for target in targets {
            let outputs = &OUTPUTS[..count];
            let (_, slopes) = loss(objective, outputs, target);
            for (output, slope) in slopes.iter().enumerate() {
                let at = |by: f64| {
                    let mut moved = outputs.to_vec();
                    moved[output] += by;
                    loss(objective, &moved, target).0
                };
                let expected = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((slope - expected).abs() < 1e-9, "{objective:?}: {slope}, {expected}");
            }
        }
    }
}

#[test]
fn lanes_have_the_slopes_of_double_precision() {
    for objective in [Objective::CrossEntropy, Objective::SquaredError] {
        let (expected, slopes) = loss(objective, &OUTPUTS, 1.0);
        let lanes = OUTPUTS.map(Lanes::<Plain>::from_f64);
        let mut found = [Lanes::<Plain>::default(); 3];
        let total = objective.loss_and_slopes(&lanes, |_, _| 1.0, &mut found);
        assert!((total.lane(5) - expected).abs() < 1e-6);
        for (found, slope) in found.iter().zip(slopes) {
            assert!((found.lane(5) - slope).abs() < 1e-6);
        }
    }
}
