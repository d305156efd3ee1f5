//! Activations in single precision: as close to double precision as `deme verify` demands.

use deme::math::{Lanes, Neon, Plain, Real};
use deme::network::Activation;

/// The reach of each activation whose error is its own, and its bounds, absolute and relative.
const BOUNDS: [(Activation, f32, f64, f64); 4] = [
    (Activation::Gelu, 1e3, 1e-7, 2.2e-7),
    (Activation::Silu, 80.0, 0.0, 2.2e-7),
    (Activation::Sin, 1e5, 1.1e-7, 0.0),
    (Activation::Softsign, 1e6, 0.0, 1.2e-7),
];

#[test]
fn errors_stay_within_their_bounds() {
    /// Every so many numbers are tried; a prime, so that no low bits are left out.
    const STRIDE: usize = 4999;
    for (activation, reach, absolute, relative) in BOUNDS {
        let positive = (f32::MIN_POSITIVE.to_bits()..=reach.to_bits()).step_by(STRIDE);
        for x in positive.map(f32::from_bits).flat_map(|x| [x, -x]).chain([0.0, reach, -reach]) {
            let expected = activation.apply(f64::from(x));
            let plain = activation.apply(Lanes::<Plain>::from_f64(x.into())).lane(0);
            let fused = activation.apply(Lanes::<Neon>::from_f64(x.into())).lane(0);
            for found in [plain, fused] {
                let error = (found - expected).abs();
                // What lies below the least normal number is a whole number of the least steps.
                let limit = absolute + relative * expected.abs() + 1e-45;
                let name = activation.name();
                assert!(error <= limit, "{name}({x:?}) is {found:e}, not {expected:e}");
            }
        }
    }
}

#[test]
fn what_is_no_number_stays_what_it_is() {
    for activation in Activation::ALL {
        let found = activation.apply(Lanes::<Plain>::from_f64(f64::NAN)).lane(0);
        assert!(found.is_nan(), "{}: {found}", activation.name());
    }
}
