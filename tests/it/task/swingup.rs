//! Swing-up, begun close to rest.

use std::f64::consts::PI;

use deme::random::{Place, Stream};

use super::{assert_state, dynamics};

#[test]
fn starts_are_normal_about_a_hanging_pole() {
    const STARTS: u32 = 20_000;
    dynamics("swingup", |shape, dynamics| {
        assert_eq!((shape.draws, shape.step_limit), (4, 1000));
        let (mut sums, mut squares, mut products) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        let mut beyond = 0;
        for individual in 0..STARTS {
            let place = Place { seed: 9, stream: Stream::Verification, generation: 0, individual };
            let start = dynamics.start(&place.units(0).map(f64::from));
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
        // 4.55 % of a normal lie beyond two deviations; of 80,000, give or take five errors.
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
