//! Measurement: the stopwatch and the benchmarks behind `deme bench` and `benches/`.
//!
//! Every backend is checked before it is timed, because a fast wrong result is worth nothing. Every
//! measurement carries its method: the repetitions, the clock, and the fraction of the roofline
//! that it reaches, measured in the same run.
//!
//! # Example
//!
//! ```
//! use deme::measure::Stopwatch;
//! let times = Stopwatch { warm_up: 1, samples: 5 }.time(|| Ok(()))?;
//! assert!(times.min <= times.median && times.median <= times.max);
//! # Ok::<(), deme::error::Error>(())
//! ```

mod backend;
mod case;
mod crossover;
mod machine;
mod measurement;
mod roofline;
mod routine;
mod session;
mod warning;

pub use backend::BenchmarkBackend;
pub use case::{BenchmarkCase, BenchmarkSubject, PopulationOperation};
pub use crossover::{BackendCrossover, crossovers};
pub use machine::Machine;
pub use measurement::Measurement;
pub use roofline::{Bandwidth, Roofline};
pub use routine::Routine;
pub use session::BenchmarkSession;
pub use warning::{MeasurementConditions, measurement_warnings};

use std::time::Instant;

use crate::error::Result;
use crate::gpu::Device;

/// A stopwatch that times repetitions of a routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopwatch {
    /// The number of repetitions before the first sample.
    pub warm_up: u32,
    /// The number of timed repetitions, at least one.
    pub samples: u32,
}

/// The times of repetitions, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// The median repetition.
    pub median: f64,
    /// The fastest repetition.
    pub min: f64,
    /// The slowest repetition.
    pub max: f64,
}

impl Stopwatch {
    /// Times a routine by the host's clock.
    ///
    /// # Errors
    /// Returns the error of the routine.
    pub fn time(&self, routine: impl FnMut() -> Result<()>) -> Result<Times> {
        self.time_on(None, routine).map(|(host, _)| host)
    }

    /// Times a routine by the host's clock and, if it runs on a device with a clock, by the
    /// device's clock as well. A repetition on a device ends when the device is done.
    ///
    /// # Errors
    /// Returns an error if the routine or the device fails.
    pub fn time_on(
        &self,
        device: Option<&Device>,
        mut routine: impl FnMut() -> Result<()>,
    ) -> Result<(Times, Option<Times>)> {
        let mut once = || {
            let started_at = Instant::now();
            routine()?;
            device.map_or(Ok(()), Device::wait)?;
            Ok(started_at.elapsed().as_secs_f64())
        };
        for _ in 0..self.warm_up {
            once()?;
        }
        let (mut host, mut on_device) = (Vec::new(), Vec::new());
        for _ in 0..self.samples.max(1) {
            let (seconds, device_seconds) = match device {
                Some(device) => device.timed(&mut once)?,
                None => (once()?, None),
            };
            host.push(seconds);
            // Work that ends within the host's time cannot take longer than that. A device's clock
            // that says otherwise is ignored.
            on_device.extend(device_seconds.filter(|&own| own <= seconds * CLOCK_TOLERANCE));
        }
        let is_complete = on_device.len() == host.len();
        Ok((Times::from_samples(host), is_complete.then(|| Times::from_samples(on_device))))
    }
}

/// The factor by which the rates of two clocks may differ.
const CLOCK_TOLERANCE: f64 = 1.01;

impl Times {
    /// Returns the times of repetitions in any order. There is at least one.
    fn from_samples(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let middle = seconds.len() / 2;
        let median = if seconds.len() % 2 == 1 {
            seconds[middle]
        } else {
            0.5 * (seconds[middle - 1] + seconds[middle])
        };
        Self { median, min: seconds[0], max: seconds[seconds.len() - 1] }
    }

    /// Returns the times of one of several equal parts of each repetition.
    fn divided_by(self, parts: u64) -> Self {
        let part = |seconds: f64| seconds / parts as f64;
        Self { median: part(self.median), min: part(self.min), max: part(self.max) }
    }
}
