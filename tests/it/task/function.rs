//! Functions: names, rotations, shifts and fitness.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use deme::error::Error;
use deme::task::{self, Formula, Function, LARGEST_ROTATED};

fn function(name: &str) -> Function {
    Function::parse(name).expect("a function's name").expect("a good name")
}

fn problem_of(name: &str) -> String {
    match Function::parse(name).expect("a function's name") {
        Err(Error::Invalid { what, .. }) => what,
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("{name} should be refused"),
    }
}

#[test]
fn a_name_contains_dimensions_rotation_and_shift() {
    for (name, dimensions, canonical) in [
        ("sphere", 10, "sphere"),
        ("sphere-10", 10, "sphere"),
        ("ellipsoid-30", 30, "ellipsoid-30"),
        ("ackley-2-rotated", 2, "ackley-2-rotated"),
        ("cigar-shifted-rotated", 10, "cigar-rotated-shifted"),
        ("rosenbrock-1000000", 1_000_000, "rosenbrock-1000000"),
    ] {
        let task = task::by_name(name).expect("a task");
        assert_eq!((task.inputs(), task.about().name.as_ref()), (dimensions, canonical));
        // Its own name stands for the same task.
        assert_eq!(task::by_name(canonical).expect("a task").about().name, canonical);
    }
}

#[test]
fn an_invalid_name_is_refused_with_what_was_expected() {
    for name in ["sphere-", "sphere-x", "sphere-3-3", "sphere-3d", "cigar-rotated-rotated"] {
        assert_eq!(problem_of(name), "TASK", "{name}");
    }
    for name in ["sphere-0", "rosenbrock-1", "ackley-100000001"] {
        assert_eq!(problem_of(name), "dimensions", "{name}");
    }
    let large = format!("sphere-{}-rotated", LARGEST_ROTATED + 1);
    assert_eq!(problem_of(&large), "dimensions of a rotated function");
    assert!(Function::parse("spheres-3").is_none() && Function::parse("").is_none());
}

#[test]
fn a_rotation_preserves_distances_and_rotates_every_axis() {
    let (plain, rotated) = (function("sphere-7"), function("sphere-7-rotated"));
    let rows = rotated.frame().split_off(7);
    for axis in 0..7 {
        let mut point = [0.0; 7];
        point[axis] = 2.5;
        assert_relative_eq!(rotated.fitness(&point), plain.fitness(&point), max_relative = 1e-12);
        let column: Vec<f32> = rows.chunks(7).map(|row| row[axis]).collect();
        assert!(column.iter().all(|number| number.abs() < 0.999), "axis {axis} stays");
    }
    for (i, a) in rows.chunks(7).enumerate() {
        for (j, b) in rows.chunks(7).enumerate() {
            let product: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            assert_abs_diff_eq!(product, if i == j { 1.0 } else { 0.0 }, epsilon = 1e-6);
        }
    }
}

#[test]
fn a_shift_only_moves_the_minimum() {
    for formula in Formula::ALL {
        let shifted = Function::new(formula, 5, false, true).expect("five dimensions");
        let plain = Function::new(formula, 5, false, false).expect("five dimensions");
        let shift = shifted.frame();
        assert!(shift.iter().all(|number| (-4.0..4.0).contains(number)));
        assert!(shift[0] != shift[1] && shift[1] != shift[2]);
        // Half-integer distances from the shift, which are exact in single precision.
        let rounded: Vec<f32> = shift.iter().map(|number| (number * 4.0).round() / 4.0).collect();
        let moved: Vec<f64> =
            rounded.iter().zip(&shift).map(|(x, s)| f64::from(*x) - f64::from(*s)).collect();
        assert_relative_eq!(shifted.fitness(&rounded), -formula.value(&moved));
        let at = plain.best_point().expect("a formula has a minimum");
        assert!(plain.fitness(&at).abs() < 1e-14);
        assert!(shifted.fitness(&at) < -1e-3 || formula == Formula::Plateau);
    }
}

#[test]
fn frames_are_the_same_every_time_and_a_function_has_no_layers() {
    let name = "ellipsoid-6-rotated-shifted";
    assert_eq!(function(name).frame(), function(name).frame());
    assert_eq!(function(name).frame().len(), function(name).frame_numbers());
    let task = task::by_name(name).expect("a task");
    let refused = task.network("8", deme::network::Activation::Tanh);
    assert!(matches!(refused, Err(Error::Invalid { what, .. }) if what == "--network"));
    assert_eq!(task.initial_gene(), Some(0.1));
    assert_eq!(task::by_name("cartpole").expect("a task").initial_gene(), None);
}

#[test]
fn a_point_that_is_not_finite_has_no_finite_fitness() {
    for formula in Formula::ALL {
        let function = Function::new(formula, 3, true, true).expect("three dimensions");
        assert!(!function.fitness(&[1.0, f32::NAN, 0.0]).is_finite(), "{}", formula.name());
    }
}
