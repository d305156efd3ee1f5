//! Tests of lanes: comparisons, masks and NaN.

use deme::math::{LANES, LaneMask, Lanes, Mask, Neon, Plain, Real};

/// A function of one number, in any number type.
macro_rules! functions {
    ($type:ty) => {{
        let functions: [(&str, fn($type) -> $type); 9] = [
            ("sin", <$type>::sin),
            ("cos", <$type>::cos),
            ("exp", <$type>::exp),
            ("ln", <$type>::ln),
            ("tanh", <$type>::tanh),
            ("sigmoid", <$type>::sigmoid),
            ("sqrt", <$type>::sqrt),
            ("floor", <$type>::floor),
            ("abs", Real::abs),
        ];
        functions
    }};
}

#[test]
fn nan_stays_nan() {
    for nan in [f32::NAN, -f32::NAN, f32::from_bits(0x7F80_0001), f32::from_bits(u32::MAX)] {
        for (name, function) in functions!(Lanes<Plain>) {
            assert!(function(Lanes::new([nan; LANES])).0.iter().all(|y| y.is_nan()), "{name}");
        }
        for (name, function) in functions!(Lanes<Neon>) {
            assert!(function(Lanes::new([nan; LANES])).0.iter().all(|y| y.is_nan()), "{name}");
        }
    }
}

#[test]
fn comparisons_with_nan_are_false_in_every_number_type() {
    fn check<R: Real>() {
        let (nan, one) = (R::from_f64(f64::NAN), R::from_f64(1.0));
        for mask in [nan.below(one), one.below(nan), nan.above(one), nan.at_least(one)] {
            assert!(!mask.any());
            assert!((!mask).any());
        }
        assert!(one.at_least(one).any() && !one.above(one).any() && !one.below(one).any());
        // The first operand is kept unless the other one wins.
        assert!(nan.max(one).lane(0).is_nan() && one.max(nan).lane(0) == 1.0);
        assert!(nan.clamp(-one, one).lane(0).is_nan());
    }
    check::<f64>();
    check::<Lanes>();
    check::<Lanes<Neon>>();
}

#[test]
fn masks_select_lane_by_lane() {
    let ramp = Lanes::<Plain>::from_lanes(|l| l as f32);
    let mask: LaneMask = ramp.below(Lanes::from_f64(5.0)) | ramp.at_least(Lanes::from_f64(14.0));
    let chosen =
        Lanes::select(mask & !ramp.below(Lanes::from_f64(1.0)), ramp, Lanes::from_f64(-1.0));
    for lane in 0..LANES {
        let inside = (1..5).contains(&lane) || lane >= 14;
        assert_eq!(chosen.lane(lane), if inside { lane as f64 } else { -1.0 });
        assert_eq!(mask.lane(lane), inside || lane == 0);
    }
    assert!(!LaneMask::from_bool(false).any() && LaneMask::from_bool(true).any());
    assert_eq!(
        ramp.max(Lanes::from_f64(3.0)).min(Lanes::from_f64(9.0)),
        ramp.clamp(Lanes::from_f64(3.0), Lanes::from_f64(9.0))
    );
    assert_eq!((-ramp).abs(), ramp);
}
