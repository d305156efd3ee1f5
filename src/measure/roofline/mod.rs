//! The roofline: what a backend can do at most, measured in the same run (Williams, Waterman and
//! Patterson 2009).
//!
//! - *Arithmetic*: independent chains of fused multiply-adds, each counted as two operations.
//! - *Bandwidth*: bytes read plus bytes written, in copies (and, on the CPU, in sums, which only
//!   read) of memory of several sizes, because small work stays in caches. A piece of work is held
//!   against the sizes it could fit in.
//!
//! Each is the best of many short bursts, so that it bounds what honest work reaches, and each
//! burst's results are checked.

mod cpu;
mod gpu;

use serde::Serialize;

use super::Side;
use crate::error::{Error, Result};

/// Peak arithmetic and bandwidth of one backend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Roofline {
    /// The backend's name.
    pub backend: String,
    /// The device.
    pub adapter: String,
    /// Billions of floating-point operations a second, a fused multiply-add counted as two.
    pub gflops: f64,
    /// Billions of bytes read and written a second, in the largest memory of `bandwidths`.
    pub gbytes_per_second: f64,
    /// The same for each size of memory, smallest first.
    pub bandwidths: Vec<Bandwidth>,
    /// Whose clock: `device` or `host`.
    pub timing: &'static str,
}

/// How fast memory of one size is moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bandwidth {
    /// Bytes that the work touches: what is read and what is written.
    pub bytes: u64,
    /// Billions of bytes a second.
    pub gbytes_per_second: f64,
}

impl Roofline {
    /// Measures a backend's device; takes a fraction of a second. The reference has no roofline:
    /// it is there to be believed.
    ///
    /// # Errors
    /// A device that fails, or that computes something else.
    pub fn of(side: &Side) -> Result<Option<Self>> {
        let (arithmetic, bandwidths, timing) = match side {
            Side::Reference => return Ok(None),
            Side::Cpu => (cpu::arithmetic()?, cpu::bandwidths()?, "host"),
            Side::Gpu(device) => {
                let timing = if device.has_clock() { "device" } else { "host" };
                (gpu::arithmetic(device)?, gpu::bandwidths(device)?, timing)
            }
        };
        Ok(Some(Self::new(side, arithmetic, bandwidths, timing)))
    }

    /// A roofline from what was measured. Larger memory is never faster than smaller: where it came
    /// out so, the smaller was measured too short.
    fn new(side: &Side, gflops: f64, mut bandwidths: Vec<Bandwidth>, timing: &'static str) -> Self {
        let mut fastest = 0.0f64;
        for bandwidth in bandwidths.iter_mut().rev() {
            fastest = fastest.max(bandwidth.gbytes_per_second);
            bandwidth.gbytes_per_second = fastest;
        }
        let gbytes_per_second = bandwidths.last().map_or(0.0, |last| last.gbytes_per_second);
        Self {
            backend: side.name().to_owned(),
            adapter: side.adapter(),
            gflops,
            gbytes_per_second,
            bandwidths,
            timing,
        }
    }

    /// The share of the roofline that a piece of work reaches, and what limits it: its operations
    /// and the bytes it must move at least, in so many seconds.
    pub fn share(&self, operations: f64, bytes: f64, seconds: f64) -> (f64, &'static str) {
        let compute = operations / (self.gflops * 1e9);
        let memory = bytes / (self.bandwidth(bytes) * 1e9);
        let bound = if compute >= memory { "compute" } else { "memory" };
        (compute.max(memory) / seconds, bound)
    }

    /// The bandwidth that bounds work on so many bytes: that of the largest memory which is not
    /// larger.
    fn bandwidth(&self, bytes: f64) -> f64 {
        let not_larger = self.bandwidths.iter().rev().find(|level| level.bytes as f64 <= bytes);
        let level = not_larger.or(self.bandwidths.first());
        level.map_or(self.gbytes_per_second, |level| level.gbytes_per_second)
    }
}

/// `x <- factor * x + summand`, whose fixed point is 1: slow enough that the number of rounds
/// shows in the result.
const FACTOR: f32 = 1.0 - 1.0 / 4096.0;
const SUMMAND: f32 = 1.0 / 4096.0;

/// Where chains that start at these sums end after so many rounds: the sum of all.
fn end_of(starts: f64, chains: f64, rounds: i32) -> f64 {
    f64::from(FACTOR).powi(rounds) * (starts - chains) + chains
}

/// Refuses a result that the chains cannot have.
fn check_end(found: f32, expected: f64, who: &str) -> Result<()> {
    // Each of some thousand rounds may err by half a unit in the last place, or two halves where
    // the product is rounded too.
    const MOST: f64 = 1e-3;
    let error = (f64::from(found) / expected - 1.0).abs();
    if error <= MOST {
        return Ok(());
    }
    Err(wrong(who, format!("chains of multiply-adds ended at {found}, not at {expected}")))
}

fn wrong(who: &str, problem: String) -> Error {
    Error::Device { doing: format!("measuring the roofline of {who}"), problem }
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

    #[test]
    fn larger_memory_is_never_faster() {
        let level = |bytes, gbytes_per_second| Bandwidth { bytes, gbytes_per_second };
        let levels = vec![level(1, 3.0), level(2, 9.0), level(3, 4.0)];
        let roofline = Roofline::new(&Side::Reference, 1.0, levels, "host");
        let found: Vec<f64> =
            roofline.bandwidths.iter().map(|level| level.gbytes_per_second).collect();
        assert_eq!((found, roofline.gbytes_per_second), (vec![9.0, 9.0, 4.0], 4.0));
    }
}
