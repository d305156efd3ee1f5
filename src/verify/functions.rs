//! Rung 3: every math function and every activation, on dense grids and at edge values.

use super::{Comparison, Implementation, ProbeFunction, Rung};
use crate::error::Result;
use crate::math::FunctionBounds;

/// Intervals of a grid.
const GRID: u32 = 40_000;

/// The error of a division that WGSL allows: 2.5 units in the last place.
const DIVISION: f64 = 2.5 / 8_388_608.0;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Checks one function after another.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    ProbeFunction::all().map(move |function| check_function(implementation, function))
}

fn check_function(implementation: &dyn Implementation, function: ProbeFunction) -> Result<Rung> {
    let criterion = "|error| <= absolute + relative |value|, as measured for math::single";
    let mut errors = Comparison::new("3 functions", function.name(), criterion);
    let bounds = function.bounds();
    let division = if bounds.divides { DIVISION } else { 0.0 };
    let arguments = arguments(&bounds);
    let found = implementation.function(function, &arguments)?;
    errors.check_that(found.len() == arguments.len(), || format!("{} values", found.len()));
    for (&x, y) in arguments.iter().zip(found) {
        let expected = function.apply(f64::from(x));
        let limit = bounds.absolute + (bounds.relative + division) * expected.abs();
        errors.check(f64::from(y), expected, limit, || format!("x = {x:?}"));
    }
    Ok(errors.into_rung())
}

/// An even grid, a grid that is dense near zero on both sides, and the edges.
fn arguments(bounds: &FunctionBounds) -> Vec<f32> {
    let FunctionBounds { low, high, .. } = *bounds;
    let share = |i: u32| f64::from(i) / f64::from(GRID);
    let even = (0..=GRID).map(|i| low + (high - low) * share(i));
    let reach = high.max(1.0);
    let near_zero = (0..=GRID).flat_map(|i| {
        let x = reach * (10.0f64).powf(-12.0 * share(i));
        [x, -x]
    });
    let multiples = (-64i32..=64).map(|i| f64::from(i) * std::f64::consts::FRAC_PI_4);
    let edges = [low, high, 0.0, 1.0, -1.0, 0.5, 2.0f64.sqrt(), 0.5f64.sqrt()];
    let all = even.chain(near_zero).chain(multiples).chain(edges);
    all.filter(|x| (low..=high).contains(x)).map(|x| x as f32).collect()
}
