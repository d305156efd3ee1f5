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
mod machine;
mod roofline;
mod row;

pub use bench::{Bench, Side, check};
pub use machine::Machine;
pub use roofline::Roofline;
pub use row::Row;

use std::time::Instant;

use crate::error::Result;

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
    pub fn time(&self, mut work: impl FnMut() -> Result<()>) -> Result<Times> {
        for _ in 0..self.warm_up {
            work()?;
        }
        let mut seconds = Vec::new();
        for _ in 0..self.samples.max(1) {
            let begun = Instant::now();
            work()?;
            seconds.push(begun.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        let middle = seconds.len() / 2;
        let median = if seconds.len() % 2 == 1 {
            seconds[middle]
        } else {
            0.5 * (seconds[middle - 1] + seconds[middle])
        };
        Ok(Times { median, min: seconds[0], max: seconds[seconds.len() - 1] })
    }
}
