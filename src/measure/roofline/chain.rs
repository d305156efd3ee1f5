//! Chains of multiply-adds, whose ends show whether a device did all of the work.

use crate::error::{Error, Result};

/// The step of a chain, `x <- factor * x + summand`. Its fixed point is 1, which it approaches so
/// slowly that the result shows the number of rounds.
pub(super) const FACTOR: f32 = 1.0 - 1.0 / 4096.0;
pub(super) const SUMMAND: f32 = 1.0 / 4096.0;

/// Returns the sum of all chains after a number of rounds, from the sum of their starts.
pub(super) fn end_of(starts: f64, chains: f64, rounds: i32) -> f64 {
    f64::from(FACTOR).powi(rounds) * (starts - chains) + chains
}

/// Refuses a result that the chains cannot have.
pub(super) fn check_end(found: f32, expected: f64, device: &str) -> Result<()> {
    // Each of a few thousand rounds may err by half a unit in the last place, or by a whole one if
    // the product is rounded as well.
    const TOLERANCE: f64 = 1e-3;
    let error = (f64::from(found) / expected - 1.0).abs();
    if error <= TOLERANCE {
        return Ok(());
    }
    Err(wrong_result(
        device,
        format!("chains of multiply-adds ended at {found}, not at {expected}"),
    ))
}

/// Returns the error of a device that computed a wrong result.
pub(super) fn wrong_result(device: &str, problem: String) -> Error {
    Error::Device { doing: format!("measuring the roofline of {device}"), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_that_did_other_work_are_refused() {
        let ends = |rounds| end_of(66.0, 12.0, rounds) as f32;
        assert!(check_end(ends(4096), f64::from(ends(4096)), "a test").is_ok());
        for wrong in [ends(2048), ends(4080), ends(4112), 0.0, f32::NAN, f32::INFINITY] {
            assert!(check_end(wrong, f64::from(ends(4096)), "a test").is_err(), "{wrong}");
        }
    }
}
