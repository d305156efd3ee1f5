//! Functions of single precision within their documented bounds, and the bits of lanes.

use approx::assert_relative_eq;
use deme::math::{LANES, LaneMask, Lanes, Mask, Real, Vectorised, single, vectorised};

type Single = fn(f32) -> f32;
type Double = fn(f64) -> f64;
type Laned = fn(Lanes) -> Lanes;

/// A row of the table in `src/math/single.rs`.
struct Row {
    name: &'static str,
    single: Single,
    lanes: Laned,
    double: Double,
    low: f32,
    high: f32,
    relative: f64,
    absolute: f64,
}

/// The bounds are the documented ones, and no more.
const ROWS: [Row; 5] = [
    Row {
        name: "sin",
        single: single::sin,
        lanes: Lanes::sin,
        double: f64::sin,
        low: -single::LARGEST_ANGLE,
        high: single::LARGEST_ANGLE,
        relative: 0.0,
        absolute: 1.1e-7,
    },
    Row {
        name: "cos",
        single: single::cos,
        lanes: Lanes::cos,
        double: f64::cos,
        low: -single::LARGEST_ANGLE,
        high: single::LARGEST_ANGLE,
        relative: 0.0,
        absolute: 1.1e-7,
    },
    Row {
        name: "exp",
        single: single::exp,
        lanes: Lanes::exp,
        double: f64::exp,
        low: -87.0,
        high: 88.0,
        relative: 8.7e-8,
        absolute: 0.0,
    },
    Row {
        name: "ln",
        single: single::ln,
        lanes: Lanes::ln,
        double: f64::ln,
        low: 1.2e-38,
        high: 3.4e38,
        relative: 8.8e-8,
        absolute: 0.0,
    },
    Row {
        name: "tanh",
        single: single::tanh,
        lanes: Lanes::tanh,
        double: f64::tanh,
        low: f32::MIN,
        high: f32::MAX,
        relative: 2.5e-7,
        absolute: 0.0,
    },
];

/// Every so many numbers of a domain are tried; a prime, so that no low bits are left out.
const STRIDE: usize = 1999;

/// Numbers all over a domain: evenly in their bits, and around the multiples of pi/4 and ln 2 / 2,
/// where reductions turn over.
fn arguments(row: &Row) -> Vec<f32> {
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
            let (found, expected) = ((row.single)(x), (row.double)(f64::from(x)));
            let error = (f64::from(found) - expected).abs();
            let fits = error <= row.absolute || error <= row.relative * expected.abs();
            assert!(fits, "{}({x:?}) is {found:?}, not {expected:?}", row.name);
        }
    }
}

#[test]
fn the_logistic_function_is_as_exact_as_its_parts() {
    // An exponential, a sum and a quotient; as they were measured for `deme verify`.
    const SIGMOID: f64 = 4e-7;
    for k in -80_000..=80_000 {
        let x = k as f32 * 1e-3;
        let expected = f64::from(x).sigmoid();
        assert_relative_eq!(
            Lanes::of(x.into()).sigmoid().lane(0),
            expected,
            max_relative = SIGMOID
        );
    }
}

#[test]
fn nan_stays_nan() {
    let functions: [(&str, Laned); 9] = [
        ("sin", Lanes::sin),
        ("cos", Lanes::cos),
        ("exp", Lanes::exp),
        ("ln", Lanes::ln),
        ("tanh", Lanes::tanh),
        ("sigmoid", Lanes::sigmoid),
        ("sqrt", Lanes::sqrt),
        ("floor", Lanes::floor),
        ("abs", Real::abs),
    ];
    for (name, function) in functions {
        for nan in [f32::NAN, -f32::NAN, f32::from_bits(0x7F80_0001), f32::from_bits(u32::MAX)] {
            assert!(function(Lanes([nan; LANES])).0.iter().all(|y| y.is_nan()), "{name}");
        }
    }
}

#[test]
fn arguments_of_exp_outside_its_domain_are_brought_to_its_ends() {
    for (outside, end) in [(1e30, 88.0), (f32::INFINITY, 88.0), (-88.0, -87.0), (f32::MIN, -87.0)] {
        assert_eq!(single::exp(outside), single::exp(end));
    }
    for (huge, end) in [(f32::INFINITY, 1.0), (f32::NEG_INFINITY, -1.0)] {
        assert_relative_eq!(f64::from(single::tanh(huge)), end, max_relative = ROWS[4].relative);
    }
}

/// A function on many lanes at once.
struct Many<'a>(Laned, &'a [Lanes]);

impl Vectorised for Many<'_> {
    type Output = Vec<[u32; LANES]>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        self.1.iter().map(|&x| (self.0)(x).0.map(f32::to_bits)).collect()
    }
}

/// A task-like mixture, written in the text itself so that it is inlined into every width.
struct Mixture<'a>(&'a [Lanes]);

impl Vectorised for Mixture<'_> {
    type Output = Vec<[u32; LANES]>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        let two = Lanes::of(2.0);
        let one = |x: Lanes| {
            let wave = x.sin() * x.cos() + (x / two).tanh();
            let bell = (-(x * x) / two).exp() + (x * x + two).ln() * x.abs().sqrt();
            Lanes::select(wave.below(bell), wave - bell * two, x.floor() + bell).0
        };
        self.0.iter().map(|&x| one(x).map(f32::to_bits)).collect()
    }
}

#[test]
fn lanes_have_the_bits_of_single_numbers_whatever_the_processor() {
    for row in &ROWS {
        let arguments = arguments(row);
        let lanes: Vec<Lanes> =
            arguments.chunks_exact(LANES).map(|x| Lanes(x.try_into().expect("sixteen"))).collect();
        let dispatched = vectorised(Many(row.lanes, &lanes));
        assert_eq!(Many(row.lanes, &lanes).run(), dispatched, "{}", row.name);
        for (x, found) in lanes.iter().zip(&dispatched) {
            assert_eq!(x.0.map(|x| (row.single)(x).to_bits()), *found, "{}({x:?})", row.name);
        }
    }
}

#[test]
fn what_is_compiled_for_this_processor_has_the_bits_of_the_baseline() {
    let lanes: Vec<Lanes> = (0..50_000)
        .map(|i| Lanes::from_lanes(|l| ((i * LANES + l) as f32 * 0.618).sin() * 40.0))
        .collect();
    assert_eq!(Mixture(&lanes).run(), vectorised(Mixture(&lanes)));
}

#[test]
fn comparisons_with_nan_are_false_in_every_number_type() {
    fn check<R: Real>() {
        let (nan, one) = (R::of(f64::NAN), R::of(1.0));
        for mask in [nan.below(one), one.below(nan), nan.above(one), nan.at_least(one)] {
            assert!(!mask.any());
            assert!((!mask).any());
        }
        assert!(one.at_least(one).any() && !one.above(one).any() && !one.below(one).any());
        // The first operand stays where nothing beats it.
        assert!(nan.max(one).lane(0).is_nan() && one.max(nan).lane(0) == 1.0);
        assert!(nan.clamp(-one, one).lane(0).is_nan());
    }
    check::<f64>();
    check::<Lanes>();
}

#[test]
fn masks_choose_lane_by_lane() {
    let ramp = Lanes::from_lanes(|l| l as f32);
    let mask: LaneMask = ramp.below(Lanes::of(5.0)) | ramp.at_least(Lanes::of(14.0));
    let chosen = Lanes::select(mask & !ramp.below(Lanes::of(1.0)), ramp, Lanes::of(-1.0));
    for lane in 0..LANES {
        let inside = (1..5).contains(&lane) || lane >= 14;
        assert_eq!(chosen.lane(lane), if inside { lane as f64 } else { -1.0 });
        assert_eq!(mask.lane(lane), inside || lane == 0);
    }
    assert!(!LaneMask::of(false).any() && LaneMask::of(true).any());
    assert_eq!(
        ramp.max(Lanes::of(3.0)).min(Lanes::of(9.0)),
        ramp.clamp(Lanes::of(3.0), Lanes::of(9.0))
    );
    assert_eq!((-ramp).abs(), ramp);
}
