//! Formulas: values worked out by hand, and the documented minima.

use approx::assert_relative_eq;
use deme::random::{Counter, Stream};
use deme::task::Formula;

#[test]
fn values_match_calculations_by_hand() {
    let cases = [
        (Formula::Sphere, &[1.0, -2.0, 3.0][..], 14.0),
        // 1, 1000 and 1,000,000 times the squares.
        (Formula::Ellipsoid, &[1.0, -2.0, 3.0], 1.0 + 4e3 + 9e6),
        (Formula::Ellipsoid, &[3.0], 9.0),
        (Formula::Cigar, &[1.0, -2.0, 3.0], 1.0 + 13e6),
        // 100 (2 - 1)^2 + 0 + 100 (3 - 4)^2 + 1.
        (Formula::Rosenbrock, &[1.0, 2.0, 3.0], 201.0),
        (Formula::Rosenbrock, &[0.0, 0.0], 1.0),
        // Waves have their maxima at half-integers and their minima at integers.
        (Formula::Rastrigin, &[0.5, 1.0], 0.25 + 20.0 + 1.0),
        (Formula::Rastrigin, &[-0.25], 0.0625 + 10.0),
        // The classical value at (1, 1): 20 - 20 e^-0.2.
        (Formula::Ackley, &[1.0, 1.0], 20.0 - 20.0 * (-0.2f64).exp()),
        (Formula::Ackley, &[0.5], 20.0 + 1f64.exp() - 20.0 * (-0.1f64).exp() - (-1f64).exp()),
    ];
    for (formula, point, expected) in cases {
        assert_relative_eq!(formula.value(point), expected, max_relative = 1e-12);
    }
}

/// A documented minimum.
fn minimum(formula: Formula, dimensions: usize) -> Vec<f64> {
    (0..dimensions).map(|index| formula.minimum(index)).collect()
}

#[test]
fn the_documented_minimum_is_one() {
    for formula in Formula::ALL {
        let at = minimum(formula, 5);
        let value = formula.value(&at);
        assert!(value.abs() < 1e-14, "{}: {value}", formula.name());
        for index in 0..5 {
            for step in [-0.3, -1e-3, 1e-3, 0.3] {
                let mut neighbour = at.clone();
                neighbour[index] += step;
                let value = formula.value(&neighbour);
                match formula {
                    Formula::Plateau => assert_eq!(value, 0.0),
                    _ => assert!(value > 1e-7, "{} at {index}", formula.name()),
                }
            }
        }
    }
}

#[test]
fn small_values_are_not_lost_beside_large_constants() {
    // Ackley's formula subtracts 20 + e, and the plateau has no small values; the others keep every
    // digit.
    let is_exact = |formula: &Formula| !matches!(formula, Formula::Ackley | Formula::Plateau);
    for formula in Formula::ALL.into_iter().filter(is_exact) {
        let near = |step: f64| {
            let at = minimum(formula, 3);
            formula.value(&at.iter().map(|z| z + step).collect::<Vec<_>>())
        };
        // Quadratic near the minimum: half the step, a quarter of the value.
        let ratio = near(1e-7) / near(5e-8);
        assert!((ratio - 4.0).abs() < 4e-4, "{}: {ratio}", formula.name());
    }
}

#[test]
fn gradients_are_those_of_central_differences() {
    let place = Counter { seed: 5, stream: Stream::Verification, generation: 0, individual: 0 };
    for formula in Formula::ALL {
        for trial in 0..200u32 {
            let units = [place.uniforms(2 * trial), place.uniforms(2 * trial + 1)].concat();
            let point: Vec<f64> = units[..5].iter().map(|&u| 8.0 * f64::from(u) - 4.0).collect();
            let gradient = formula.gradient(&point);
            for index in 0..5 {
                let at = |step: f64| {
                    let mut point = point.clone();
                    point[index] += step;
                    formula.value(&point)
                };
                let differences = [1e-4, 5e-5].map(|h| (at(h) - at(-h)) / (2.0 * h));
                // Richardson's extrapolation removes the error of order h^2.
                let expected = (4.0 * differences[1] - differences[0]) / 3.0;
                // An edge or a kink within the step has no derivative there.
                if (differences[0] - differences[1]).abs() > 1e-3 * (1.0 + expected.abs()) {
                    continue;
                }
                let size = expected.abs().max(1e-3 * formula.value(&point)).max(1.0);
                let error = (gradient[index] - expected).abs() / size;
                let name = formula.name();
                assert!(error < 1e-6, "{name} at {point:?}: {}, not {expected}", gradient[index]);
            }
        }
    }
}
