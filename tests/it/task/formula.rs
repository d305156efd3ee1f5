//! Formulas: values worked out by hand, and the documented minima.

use approx::assert_relative_eq;
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

#[test]
fn the_only_global_minimum_is_the_documented_one() {
    for formula in Formula::ALL {
        let at = if formula == Formula::Rosenbrock { 1.0 } else { 0.0 };
        let minimum = formula.value(&[at; 5]);
        assert!(minimum.abs() < 1e-14, "{}: {minimum}", formula.name());
        for index in 0..5 {
            for step in [-0.3, -1e-3, 1e-3, 0.3] {
                let mut neighbour = [at; 5];
                neighbour[index] += step;
                assert!(formula.value(&neighbour) > 1e-7, "{} at {index}", formula.name());
            }
        }
    }
}

#[test]
fn small_values_are_not_lost_beside_large_constants() {
    // Ackley's formula subtracts 20 + e; the others keep every digit.
    for formula in Formula::ALL.into_iter().filter(|&formula| formula != Formula::Ackley) {
        let near = |step: f64| {
            let at = if formula == Formula::Rosenbrock { 1.0 } else { 0.0 };
            formula.value(&[at + step; 3])
        };
        // Quadratic near the minimum: half the step, a quarter of the value.
        assert_relative_eq!(near(1e-7) / near(5e-8), 4.0, max_relative = 1e-4);
    }
}
