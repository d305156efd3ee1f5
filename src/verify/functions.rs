//! Rung 3: every math function and every activation, on dense grids and at edge values.

use super::{Comparison, Implementation, Rung};
use crate::error::Result;
use crate::math::{FunctionBounds, MathFunction, Real};
use crate::network::Activation;

/// A function that an implementation evaluates for this rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeFunction {
    /// A function of `math`.
    Math(MathFunction),
    /// An activation function.
    Activation(Activation),
}

/// Intervals of a grid.
const GRID: u32 = 40_000;

/// The error of a division that WGSL allows: 2.5 units in the last place.
const DIVISION: f64 = 2.5 / 8_388_608.0;

impl ProbeFunction {
    /// All functions. The index of a function is its number in `shaders/kernel/probe/math.wgsl`.
    fn all() -> impl Iterator<Item = Self> {
        let math = MathFunction::ALL.into_iter().map(Self::Math);
        math.chain(Activation::ALL.into_iter().map(Self::Activation))
    }

    /// The number of the function in `shaders/kernel/probe/math.wgsl`.
    pub fn id(self) -> u32 {
        match self {
            Self::Math(function) => function as u32,
            Self::Activation(activation) => MathFunction::ALL.len() as u32 + activation as u32,
        }
    }

    /// The function's value.
    #[inline(always)]
    pub fn apply<R: Real>(self, x: R) -> R {
        match self {
            Self::Math(function) => function.apply(x),
            Self::Activation(activation) => activation.apply(x),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Math(function) => function.name().to_owned(),
            Self::Activation(activation) => format!("activation {}", activation.name()),
        }
    }

    fn bounds(self) -> FunctionBounds {
        match self {
            Self::Math(function) => function.bounds(),
            Self::Activation(activation) => activation.bounds(),
        }
    }
}

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
