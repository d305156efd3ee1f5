//! Optimisers against numbers computed by hand from their papers.

use approx::assert_relative_eq;
use deme::strategy::Optimiser;

#[test]
fn adam_follows_algorithm_1() {
    // Gradients 1, -2, 0.5 at learning rate 0.1. Computed to 40 digits with Python's decimal:
    // m = 0.1, -0.11, -0.049; v = 0.001, 0.004999, 0.005244001;
    // corrections 1 - 0.9^t = 0.1, 0.19, 0.271 and 1 - 0.999^t = 0.001, 0.001999, 0.002997001.
    let by_hand = [0.099_999_999, -0.036_610_352_472_075_1, -0.013_669_066_201_746_638];
    let mut adam = Optimiser::adam(1, 0.9);
    for (gradient, expected) in [1.0, -2.0, 0.5].into_iter().zip(by_hand) {
        assert_relative_eq!(adam.step(&[gradient], 0.1)[0], expected, max_relative = 1e-12);
    }
}

#[test]
fn adam_is_invariant_to_the_scale_of_a_gradient() {
    let (mut plain, mut scaled) = (Optimiser::adam(2, 0.9), Optimiser::adam(2, 0.9));
    for gradient in [[3.0, -1.0], [0.5, 2.0], [-4.0, 1.0]] {
        let expected = plain.step(&gradient, 0.01);
        let step = scaled.step(&gradient.map(|g| 1000.0 * g), 0.01);
        // Only the 1e-8 beside the root depends on the scale.
        assert_relative_eq!(step[0], expected[0], max_relative = 1e-7);
        assert_relative_eq!(step[1], expected[1], max_relative = 1e-7);
    }
}

#[test]
fn adam_does_not_move_without_a_gradient() {
    assert_eq!(Optimiser::adam(2, 0.9).step(&[0.0, 0.0], 0.1), [0.0, 0.0]);
}

#[test]
fn adam_still_steps_after_very_many_steps() {
    let mut adam = Optimiser::adam(1, 0.9);
    for _ in 0..20_000 {
        adam.step(&[2.0], 0.1);
    }
    assert_relative_eq!(adam.step(&[2.0], 0.1)[0], 0.1, max_relative = 1e-8);
}

#[test]
fn momentum_averages_gradients() {
    let mut sgd = Optimiser::sgd(1, 0.9);
    // v = 0.1, then 0.9 * 0.1 - 0.2 = -0.11.
    assert_relative_eq!(sgd.step(&[1.0], 0.5)[0], 0.05, max_relative = 1e-14);
    assert_relative_eq!(sgd.step(&[-2.0], 0.5)[0], -0.055, max_relative = 1e-14);
    for _ in 0..400 {
        sgd.step(&[3.0], 0.5);
    }
    assert_relative_eq!(sgd.step(&[3.0], 0.5)[0], 1.5, max_relative = 1e-14);
}

#[test]
fn without_momentum_a_step_is_the_gradient_times_the_rate() {
    let mut sgd = Optimiser::sgd(2, 0.0);
    sgd.step(&[100.0, 100.0], 0.25);
    assert_eq!(sgd.step(&[2.0, -4.0], 0.25), [0.5, -1.0]);
}

#[test]
fn clip_up_follows_algorithm_1() {
    // Momentum 0.9, learning rate 0.1, speed at most 0.2; computed to 40 digits with Python's
    // decimal. The fifth velocity is 0.230 long before it is clipped, the sixth 0.275.
    let by_hand = [
        ([3.0, 4.0], [0.06, 0.08]),
        ([6.0, 8.0], [0.114, 0.152]),
        ([0.0, 0.0], [0.1026, 0.1368]),
        ([3.0, -4.0], [0.152_34, 0.043_12]),
        ([3.0, 4.0], [0.171_289_513_627_249_14, 0.103_246_803_927_968_79]),
        ([3.0, 4.0], [0.155_607_312_004_547_67, 0.125_643_799_889_685_58]),
    ];
    let mut clip_up = Optimiser::clip_up(2, 0.9, 2.0);
    for (gradient, expected) in by_hand {
        let step = clip_up.step(&gradient, 0.1);
        assert_relative_eq!(step[0], expected[0], max_relative = 1e-12);
        assert_relative_eq!(step[1], expected[1], max_relative = 1e-12);
    }
}

#[test]
fn clip_up_is_invariant_to_the_scale_of_a_gradient_and_does_not_move_without_one() {
    let (mut plain, mut scaled) =
        (Optimiser::clip_up(2, 0.9, 2.0), Optimiser::clip_up(2, 0.9, 2.0));
    assert_eq!(plain.step(&[0.0, 0.0], 0.1), [0.0, 0.0]);
    assert_eq!(scaled.step(&[0.0, 0.0], 0.1), [0.0, 0.0]);
    for gradient in [[3.0, -1.0], [0.5, 2.0], [-4.0, 1.0]] {
        let expected = plain.step(&gradient, 0.01);
        // A power of two, so that scaling is exact.
        assert_eq!(scaled.step(&gradient.map(|g| 1024.0 * g), 0.01), expected);
    }
}
