//! Probes: single steps of every WGSL text in lanes and in double precision, against its Rust twin.

use deme::math::Lanes;
use deme::task::{ProbeInput, Simulation};

use super::world::{simulation, twins};

/// Numbers in [0, 1) that look random, from a hash of a counter.
fn uniforms() -> impl FnMut() -> f64 {
    let mut counter = 0u64;
    move || {
        counter += 1;
        let mixed =
            (counter.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11).wrapping_mul(0xD1B5_4A32_D192_ED03);
        (mixed >> 40) as f64 / (1u64 << 24) as f64
    }
}

#[test]
fn single_steps_of_every_text_are_those_of_its_twin() {
    let mut uniform = uniforms();
    for (task, world) in twins() {
        let (name, twin) = (&task.about().name, simulation(&*task));
        let (shape, reference) = (twin.shape(), twin.reference().expect("dynamics"));
        let text = world.reference().expect("dynamics");
        for _ in 0..20 {
            let mut state = reference.start(&shape.draw(&mut uniform));
            for _ in 0..30 {
                let outputs: Vec<f64> =
                    (0..shape.actions.outputs()).map(|_| 4.0 * uniform() - 2.0).collect();
                let mut action = vec![0.0; shape.actions.size()];
                shape.actions.decide(&outputs, &mut action);
                let (next, reward) = reference.step(&state, &action);
                let (found, found_reward) = text.step(&state, &action);
                let close = |found: f64, expected: f64| {
                    let limit = 1e-5 * expected.abs().max(1.0);
                    assert!((found - expected).abs() <= limit, "{name}: {found}, not {expected}");
                };
                found.iter().zip(&next).for_each(|(&found, &next)| close(found, next));
                close(found_reward, reward);
                let seen = text.observe(&next);
                seen.iter().zip(reference.observe(&next)).for_each(|(&a, b)| close(a, b));
                assert_eq!(text.terminated(&next), reference.terminated(&next), "{name}");

                let lanes = |numbers: &[f64]| -> Vec<Lanes> {
                    numbers.iter().map(|&number| Lanes::splat(number as f32)).collect()
                };
                let probed = world.probe(&ProbeInput {
                    draws: vec![Lanes::splat(0.0); shape.draws.max(1)],
                    state: lanes(&state),
                    outputs: lanes(&outputs),
                    action: lanes(&action),
                });
                let probed = probed.expect("dynamics");
                for (found, &expected) in probed.next.iter().zip(&next) {
                    let (found, limit) = (f64::from(found.0[3]), 2e-5 * expected.abs().max(1.0));
                    assert!((found - expected).abs() <= limit, "{name}: {found}, not {expected}");
                }
                if reference.terminated(&next) {
                    break;
                }
                state = next;
            }
        }
    }
}
