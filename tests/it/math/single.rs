//! Tests of single-precision functions: their documented error bounds, fused or not.

use approx::assert_relative_eq;
use deme::math::{Lanes, MathFunction, Neon, Plain, Real, single};

type Single = fn(f32) -> f32;
type Double = fn(f64) -> f64;

/// A row of the table in `src/math/single.rs`.
pub struct Row {
    name: &'static str,
    pub function: MathFunction,
    /// The function with separately rounded products and sums.
    pub plain: Single,
    /// The function with fused products and sums. Without intrinsics it runs on every processor.
    pub fused: Single,
    double: Double,
    low: f32,
    high: f32,
    relative: f64,
    absolute: f64,
}

/// The documented bounds.
pub const ROWS: [Row; 5] = [
    Row {
        name: "sin",
        function: MathFunction::Sin,
        plain: single::sin::<Plain>,
        fused: single::sin::<Neon>,
        double: f64::sin,
        low: -single::LARGEST_ANGLE,
        high: single::LARGEST_ANGLE,
        relative: 0.0,
        absolute: 1.1e-7,
    },
    Row {
        name: "cos",
        function: MathFunction::Cos,
        plain: single::cos::<Plain>,
        fused: single::cos::<Neon>,
        double: f64::cos,
        low: -single::LARGEST_ANGLE,
        high: single::LARGEST_ANGLE,
        relative: 0.0,
        absolute: 1.1e-7,
    },
    Row {
        name: "exp",
        function: MathFunction::Exp,
        plain: single::exp::<Plain>,
        fused: single::exp::<Neon>,
        double: f64::exp,
        low: -87.0,
        high: 88.0,
        relative: 8.7e-8,
        absolute: 0.0,
    },
    Row {
        name: "ln",
        function: MathFunction::Ln,
        plain: single::ln::<Plain>,
        fused: single::ln::<Neon>,
        double: f64::ln,
        low: 1.2e-38,
        high: 3.4e38,
        relative: 8.8e-8,
        absolute: 0.0,
    },
    Row {
        name: "tanh",
        function: MathFunction::Tanh,
        plain: single::tanh::<Plain>,
        fused: single::tanh::<Neon>,
        double: f64::tanh,
        low: f32::MIN,
        high: f32::MAX,
        relative: 4.5e-7,
        absolute: 0.0,
    },
];

/// The distance between the numbers that are tested. It is prime, so that all low bits occur.
const STRIDE: usize = 1999;

/// Numbers of a domain: evenly spaced in their bits, and around the multiples of pi/4 and ln 2 / 2,
/// where range reductions switch.
pub fn arguments(row: &Row) -> Vec<f32> {
    let bits = (0..=f32::MAX.to_bits()).step_by(STRIDE).map(f32::from_bits);
    let turns = (0..20_000).flat_map(|k| {
        let angle = f64::from(k) * std::f64::consts::FRAC_PI_4;
        let power = f64::from(k) * 0.5 * std::f64::consts::LN_2;
        [angle as f32, power as f32].map(|x| [x, x.next_down(), x.next_up()]).concat()
    });
    let around_one = (0..20_000).map(|k| 1.0 + (k - 10_000) as f32 * 6e-8);
    let positive = bits.chain(turns).chain(around_one);
    let all = positive.flat_map(|x| [x, -x]).chain([row.low, row.high]);
    all.filter(|x| (row.low..=row.high).contains(x)).collect()
}

#[test]
fn every_function_stays_within_its_documented_bounds() {
    for row in &ROWS {
        let arguments = arguments(row);
        assert!(arguments.len() > 100_000, "{}: {} arguments", row.name, arguments.len());
        for x in arguments {
            let expected = (row.double)(f64::from(x));
            for (how, single) in [("plain", row.plain), ("fused", row.fused)] {
                let found = single(x);
                let error = (f64::from(found) - expected).abs();
                let fits = error <= row.absolute || error <= row.relative * expected.abs();
                assert!(fits, "{how} {}({x:?}) is {found:?}, not {expected:?}", row.name);
            }
        }
    }
}

#[test]
fn fusing_changes_the_bits_of_every_function() {
    // The logarithm has such a number less than once in a million.
    for row in ROWS.iter().filter(|row| row.name != "ln") {
        let differ = |x: &f32| (row.plain)(*x).to_bits() != (row.fused)(*x).to_bits();
        assert!(arguments(row).iter().any(differ), "{}", row.name);
    }
}

#[test]
fn the_logistic_function_is_as_accurate_as_its_parts() {
    // The bound of an exponential, a sum and a quotient, as in `deme verify`.
    const SIGMOID: f64 = 4e-7;
    for k in -80_000..=80_000 {
        let x = k as f32 * 1e-3;
        let expected = f64::from(x).sigmoid();
        let plain = Lanes::<Plain>::from_f64(x.into()).sigmoid().lane(0);
        let fused = Lanes::<Neon>::from_f64(x.into()).sigmoid().lane(0);
        assert_relative_eq!(plain, expected, max_relative = SIGMOID);
        assert_relative_eq!(fused, expected, max_relative = SIGMOID);
    }
}

#[test]
fn arguments_of_exp_are_clamped_to_its_domain() {
    let tanh = &ROWS[4];
    for (exp, tanh_of) in
        [(single::exp::<Plain> as Single, tanh.plain), (single::exp::<Neon>, tanh.fused)]
    {
        for (outside, end) in
            [(1e30, 88.0), (f32::INFINITY, 88.0), (-88.0, -87.0), (f32::MIN, -87.0)]
        {
            assert_eq!(exp(outside), exp(end));
        }
        for (huge, end) in [(f32::INFINITY, 1.0), (f32::NEG_INFINITY, -1.0)] {
            assert_relative_eq!(f64::from(tanh_of(huge)), end, max_relative = tanh.relative);
        }
    }
}
