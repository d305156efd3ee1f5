//! The roofline: the peak arithmetic and the peak bandwidth of a backend, measured in the same run
//! (Williams, Waterman and Patterson 2009).
//!
//! - *Arithmetic*: independent chains of fused multiply-adds, each counted as two operations.
//! - *Bandwidth*: bytes read plus bytes written, in copies of memory of several sizes, because
//!   small work stays in caches. On the CPU also in sums, which only read. Work is compared with
//!   the bandwidth of the memory that it could fit into.
//!
//! Each peak is the best of many short bursts, so that it is an upper bound for real work. The
//! results of each burst are checked.

mod bandwidth;
mod chain;
mod cpu;
mod gpu;

pub use bandwidth::Bandwidth;

use serde::Serialize;

use super::BenchmarkBackend;
use crate::error::Result;

/// The peak arithmetic and the peak bandwidth of one backend.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Roofline {
    /// The backend's name.
    pub backend: String,
    /// The device.
    pub adapter: String,
    /// Billions of floating-point operations per second. A fused multiply-add counts as two.
    pub gflops: f64,
    /// Billions of bytes read and written per second, in the largest memory of `bandwidths`.
    pub gbytes_per_second: f64,
    /// The bandwidth for each size of memory, smallest first.
    pub bandwidths: Vec<Bandwidth>,
    /// The clock: `device` or `host`.
    pub timing: &'static str,
}

impl Roofline {
    /// Measures a backend in a fraction of a second. The reference has no roofline, because it is
    /// not meant to be fast.
    ///
    /// # Errors
    /// Returns an error if a device fails or computes wrong results.
    pub fn measure(backend: &BenchmarkBackend) -> Result<Option<Self>> {
        let (arithmetic, bandwidths, timing) = match backend {
            BenchmarkBackend::Reference => return Ok(None),
            BenchmarkBackend::Cpu => (cpu::arithmetic()?, cpu::bandwidths()?, "host"),
            BenchmarkBackend::Gpu(device) => {
                let timing = if device.has_clock() { "device" } else { "host" };
                (gpu::arithmetic(device)?, gpu::bandwidths(device)?, timing)
            }
        };
        Ok(Some(Self::new(backend, arithmetic, bandwidths, timing)))
    }

    /// Returns a roofline from measurements. Larger memory is never faster than smaller memory:
    /// where a measurement says so, the smaller memory was measured too low and gets the larger
    /// value.
    fn new(
        backend: &BenchmarkBackend,
        gflops: f64,
        mut bandwidths: Vec<Bandwidth>,
        timing: &'static str,
    ) -> Self {
        let mut fastest = 0.0f64;
        for bandwidth in bandwidths.iter_mut().rev() {
            fastest = fastest.max(bandwidth.gbytes_per_second);
            bandwidth.gbytes_per_second = fastest;
        }
        let gbytes_per_second = bandwidths.last().map_or(0.0, |last| last.gbytes_per_second);
        Self {
            backend: backend.name().to_owned(),
            adapter: backend.adapter(),
            gflops,
            gbytes_per_second,
            bandwidths,
            timing,
        }
    }

    /// Returns the fraction of the roofline that a routine reaches, and its limit: `compute` or
    /// `memory`. The routine does `operations` and moves at least `bytes` in `seconds`.
    pub fn fraction(&self, operations: f64, bytes: f64, seconds: f64) -> (f64, &'static str) {
        let compute = operations / (self.gflops * 1e9);
        let memory = bytes / (self.bandwidth(bytes) * 1e9);
        let bound = if compute >= memory { "compute" } else { "memory" };
        (compute.max(memory) / seconds, bound)
    }

    /// Returns the bandwidth that bounds a routine on `bytes` bytes: that of the largest measured
    /// memory that is not larger.
    fn bandwidth(&self, bytes: f64) -> f64 {
        let not_larger = self.bandwidths.iter().rev().find(|level| level.bytes as f64 <= bytes);
        let level = not_larger.or(self.bandwidths.first());
        level.map_or(self.gbytes_per_second, |level| level.gbytes_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_memory_is_never_faster() {
        let level = |bytes, gbytes_per_second| Bandwidth { bytes, gbytes_per_second };
        let levels = vec![level(1, 3.0), level(2, 9.0), level(3, 4.0)];
        let roofline = Roofline::new(&BenchmarkBackend::Reference, 1.0, levels, "host");
        let found: Vec<f64> =
            roofline.bandwidths.iter().map(|level| level.gbytes_per_second).collect();
        assert_eq!((found, roofline.gbytes_per_second), (vec![9.0, 9.0, 4.0], 4.0));
    }
}
