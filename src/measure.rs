//! Measurement: the one stopwatch behind `deme bench` and `benches/`.
//!
//! What is timed was checked first: a backend that is wrong is not fast. Every row carries its
//! method: repetitions, whose clock, and the share it reaches of what the machine can do at most,
//! measured in the same run.
//!
//! # Example
//!
//! ```
//! use deme::measure::Stopwatch;
//! let times = Stopwatch { warm_up: 1, samples: 5 }.time(|| Ok(()))?;
//! assert!(times.min <= times.median && times.median <= times.max);
//! # Ok::<(), deme::error::Error>(())
//! ```

mod bench;
mod crossover;
mod job;
mod machine;
mod roofline;
mod row;
mod side;
mod warning;
mod work;

pub use bench::Bench;
pub use crossover::{Crossover, crossovers};
pub use job::{Job, Subject, Verb};
pub use machine::Machine;
pub use roofline::{Bandwidth, Roofline};
pub use row::Row;
pub use side::Side;
pub use warning::{Circumstances, row_warnings};
pub use work::Work;

use std::time::Instant;

use crate::error::Result;
use crate::gpu::Device;

/// How often to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopwatch {
    /// Repetitions that are not counted.
    pub warm_up: u32,
    /// Repetitions that are; at least one.
    pub samples: u32,
}

/// Times of repetitions, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// The median repetition.
    pub median: f64,
    /// The fastest.
    pub min: f64,
    /// The slowest.
    pub max: f64,
}

impl Stopwatch {
    /// Times a piece of work by the host's clock.
    ///
    /// # Errors
    /// The work's own.
    pub fn time(&self, work: impl FnMut() -> Result<()>) -> Result<Times> {
        self.time_on(None, work).map(|(host, _)| host)
    }

    /// Times a piece of work by the host's clock, and where it runs on a device that has one, by
    /// the device's clock too. Work on a device ends when the device is done.
    ///
    /// # Errors
    /// The work's own, or a device that fails.
    pub fn time_on(
        &self,
        device: Option<&Device>,
        mut work: impl FnMut() -> Result<()>,
    ) -> Result<(Times, Option<Times>)> {
        let mut once = || {
            let begun = Instant::now();
            work()?;
            device.map_or(Ok(()), Device::wait)?;
            Ok(begun.elapsed().as_secs_f64())
        };
        for _ in 0..self.warm_up {
            once()?;
        }
        let (mut host, mut own) = (Vec::new(), Vec::new());
        for _ in 0..self.samples.max(1) {
            let (seconds, stretch) = match device {
                Some(device) => device.timed(&mut once)?,
                None => (once()?, None),
            };
            host.push(seconds);
            // What is done within the host's time took no longer: a device's clock that says
            // otherwise is not believed.
            own.extend(stretch.filter(|&stretch| stretch <= seconds * CLOCKS_DIFFER));
        }
        let believed = own.len() == host.len();
        Ok((Times::of(host), believed.then(|| Times::of(own))))
    }
}

/// The factor by which two clocks may go differently.
const CLOCKS_DIFFER: f64 = 1.01;

impl Times {
    /// The times of repetitions, in any order; there is at least one.
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let middle = seconds.len() / 2;
        let median = if seconds.len() % 2 == 1 {
            seconds[middle]
        } else {
            0.5 * (seconds[middle - 1] + seconds[middle])
        };
        Self { median, min: seconds[0], max: seconds[seconds.len() - 1] }
    }
}
