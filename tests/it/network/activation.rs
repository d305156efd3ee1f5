//! Tests of the activations in single precision: their error bounds against double precision.

use deme::math::{FunctionBounds, Lanes, Neon, Plain, Real};
use deme::network::Activation;

#[test]
fn errors_stay_within_their_bounds() {
    /// The distance between the numbers that are tested. It is prime, so that all low bits occur.
    const STRIDE: usize = 4999;
    for activation in Activation::ALL {
        let FunctionBounds { high, absolute, relative, .. } = activation.bounds();
        let reach = high as f32;
        let positive = (f32::MIN_POSITIVE.to_bits()..=reach.to_bits()).step_by(STRIDE);
        for x in positive.map(f32::from_bits).flat_map(|x| [x, -x]).chain([0.0, reach, -reach]) {
            let expected = activation.apply(f64::from(x));
            let plain = activation.apply(Lanes::<Plain>::from_f64(x.into())).lane(0);
            let fused = activation.apply(Lanes::<Neon>::from_f64(x.into())).lane(0);
            for found in [plain, fused] {
                let error = (found - expected).abs();
                // A subnormal result is a multiple of 1.4e-45.
                let limit = absolute + relative * expected.abs() + 1e-45;
                let name = activation.name();
                assert!(error <= limit, "{name}({x:?}) is {found:e}, not {expected:e}");
            }
        }
    }
}

#[test]
fn nan_gives_nan() {
    for activation in Activation::ALL {
        let found = activation.apply(Lanes::<Plain>::from_f64(f64::NAN)).lane(0);
        assert!(found.is_nan(), "{}: {found}", activation.name());
    }
}
