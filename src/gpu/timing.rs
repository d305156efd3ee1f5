//! The device's clock: the time from the beginning of the first dispatch to the end of the last, by
//! timestamps of the device.
//!
//! It includes the time between dispatches, in which the device waits, but not the transfers to and
//! from the device. An adapter without timestamps has no such clock.

use std::sync::{Mutex, PoisonError};

use super::buffer::Buffer;
use super::device::{Device, Readback};
use crate::error::Result;

/// The query for the beginning of the first dispatch.
const FIRST: u32 = 0;
/// The query for the end of each pass, which the next pass overwrites.
const LAST: u32 = 1;
const STAMPS: u32 = 2;
const STAMP_BYTES: u64 = 8;

/// The feature that the clock needs.
pub(super) const FEATURE: wgpu::Features = wgpu::Features::TIMESTAMP_QUERY;

/// The clock of an open device.
pub(super) struct Clock {
    stamps: wgpu::QuerySet,
    seconds_a_tick: f64,
    state: Mutex<TimerState>,
}

/// The state of a measurement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimerState {
    /// No measurement is in progress.
    Idle,
    /// The first dispatch is still to come.
    Armed,
    /// The first dispatch has been submitted.
    Running,
}

impl Clock {
    /// Returns the clock of a device, if it has one.
    pub fn new(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
        device.features().contains(FEATURE).then(|| Self {
            stamps: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("clock"),
                ty: wgpu::QueryType::Timestamp,
                count: STAMPS,
            }),
            seconds_a_tick: f64::from(queue.get_timestamp_period()) * 1e-9,
            state: Mutex::new(TimerState::Idle),
        })
    }

    /// Returns the timestamps that the next pass must write.
    pub fn writes(&self) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = match *state {
            TimerState::Idle => return None,
            TimerState::Armed => true,
            TimerState::Running => false,
        };
        *state = TimerState::Running;
        Some(wgpu::ComputePassTimestampWrites {
            query_set: &self.stamps,
            beginning_of_pass_write_index: begins.then_some(FIRST),
            end_of_pass_write_index: Some(LAST),
        })
    }

    /// Sets the state, and returns the last one.
    fn replace_state(&self, to: TimerState) -> TimerState {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut state, to)
    }
}

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
        clock.replace_state(TimerState::Armed);
        let done = work();
        self.submit_pending();
        let state = clock.replace_state(TimerState::Idle);
        let done = done?;
        if state != TimerState::Running {
            self.wait()?;
            return Ok((done, None));
        }
        let bytes = STAMP_BYTES * u64::from(STAMPS);
        let words = self.read(&[Readback { buffer: &self.stamps(clock, bytes)?, bytes }])?;
        let stamp = |index: u32| {
            let [low, high] = [0, 1].map(|half| u64::from(words[0][2 * index as usize + half]));
            high << 32 | low
        };
        let ticks = stamp(LAST).saturating_sub(stamp(FIRST));
        // Every dispatch takes time, so a driver that reports none has no usable clock.
        Ok((done, (ticks > 0).then_some(ticks as f64 * clock.seconds_a_tick)))
    }

    /// Copies the timestamps to a buffer.
    fn stamps(&self, clock: &Clock, bytes: u64) -> Result<Buffer> {
        let usage = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let (stamps, _) = self.allocate("stamps", bytes, usage)?;
        self.submit_with(|encoder| {
            encoder.resolve_query_set(&clock.stamps, 0..STAMPS, stamps.raw(), 0);
        });
        Ok(stamps)
    }
}
