//! The seconds of a device's work, by its own clock.

use super::buffer::Buffer;
use super::clock::{Clock, STAMP_BYTES};
use super::device::{Device, Readback};
use crate::error::Result;

impl Device {
    /// Returns true if the device has a clock.
    pub fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Removes the clock, for tests.
    #[must_use]
    pub fn without_clock(mut self) -> Self {
        self.clock = None;
        self
    }

    /// Does some work, waits for the device, and returns the seconds of its dispatches by the
    /// device's clock: `None` if it has no clock, or if nothing was dispatched.
    ///
    /// Only one measurement at a time may run on a device.
    ///
    /// # Errors
    /// Returns the error of the work, or an error if the device fails.
    pub fn timed<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<(T, Option<f64>)> {
        let Some(clock) = &self.clock else {
            let done = work()?;
            self.wait()?;
            return Ok((done, None));
        };
        self.submit_pending();
        clock.start();
        let done = work();
        self.submit_pending();
        let is_measured = clock.stop();
        let done = done?;
        if !is_measured {
            self.wait()?;
            return Ok((done, None));
        }
        let stamps = self.stamps(clock)?;
        let words = self.read(&[Readback { buffer: &stamps, bytes: STAMP_BYTES }])?;
        Ok((done, clock.seconds(&words[0])))
    }

    /// Copies the timestamps to a buffer.
    fn stamps(&self, clock: &Clock) -> Result<Buffer> {
        let usage = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let (stamps, _) = self.allocate("stamps", STAMP_BYTES, usage)?;
        self.submit_with(|encoder| clock.copy_stamps(encoder, stamps.raw()));
        Ok(stamps)
    }
}
