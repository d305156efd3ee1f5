//! Coordinate frames: starts and gradients under rotation and shift.

use approx::assert_relative_eq;
use deme::task::{Formula, Function};

fn function(name: &str) -> Function {
    Function::parse(name).expect("a function's name").expect("a good name")
}

#[test]
fn a_trap_starts_in_its_trap_whatever_the_frame() {
    for formula in Formula::ALL {
        let of =
            |rotated, shifted| Function::new(formula, 6, rotated, shifted).expect("a function");
        let plain = of(false, false);
        let minimum = plain.best_point().expect("a formula has a minimum");
        assert!(plain.fitness(&minimum).abs() < 1e-14, "{}", formula.name());
        if formula.trap().is_none() {
            continue;
        }
        let expected = plain.fitness(&plain.initial_point());
        for (rotated, shifted) in [(true, false), (false, true), (true, true)] {
            let other = of(rotated, shifted);
            let found = other.fitness(&other.initial_point());
            assert_relative_eq!(found, expected, max_relative = 1e-4, epsilon = 1e-6);
        }
    }
}

#[test]
fn gradients_turn_with_the_frame() {
    for name in ["ellipsoid-5-rotated-shifted", "rosenbrock-5-rotated", "monkey-saddle-5-rotated"] {
        let function = function(name);
        // Steps of a power of two are exact in single precision.
        let (point, step) = ([0.5f32, -0.75, 1.25, 0.25, -1.5], 1.0f32 / 1024.0);
        let gradient = function.gradient(&point).expect("a formula has a gradient");
        for axis in 0..5 {
            let at = |steps: f32| {
                let mut point = point;
                point[axis] += steps * step;
                function.fitness(&point)
            };
            let difference = |steps: f32| (at(steps) - at(-steps)) / f64::from(2.0 * steps * step);
            let expected = (4.0 * difference(1.0) - difference(2.0)) / 3.0;
            assert_relative_eq!(gradient[axis], expected, max_relative = 1e-6, epsilon = 1e-6);
        }
    }
    let own = Function::from_fitness("mine", 2, |_| 0.0).expect("a function");
    assert_eq!(own.gradient(&[0.0, 0.0]), None);
}
