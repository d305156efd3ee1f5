//! The device's clock: how long a stretch of dispatches took, from the beginning of the first to
//! the end of the last, as the device itself says.
//!
//! Time between the dispatches counts, for the device then waited; the way to the device and
//! reading results back do not. An adapter without timestamps has no such clock.

use std::sync::{Mutex, PoisonError};

use super::buffer::Buffer;
use super::device::{Device, Readback};
use crate::error::Result;

/// Where the beginning of the first dispatch is written, and the end of each: the last one stays.
const FIRST: u32 = 0;
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

/// What is being timed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimerState {
    /// Nothing.
    Idle,
    /// Dispatches that are still to come.
    Armed,
    /// Dispatches of which some have come.
    Running,
}

impl Clock {
    /// The clock of a device, if it has one.
    pub fn of(device: &wgpu::Device, queue: &wgpu::Queue) -> Option<Self> {
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

    /// What the next pass must write down.
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

    fn replace_state(&self, to: TimerState) -> TimerState {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut state, to)
    }
}

impl Device {
    /// Whether the device can say how long it took.
    pub fn has_clock(&self) -> bool {
        self.clock.is_some()
    }

    /// Lets this device act as if it had no clock.
    #[must_use]
    pub fn without_clock(mut self) -> Self {
        self.clock = None;
        self
    }

    /// Does a piece of work, waits for the device, and says how many seconds its dispatches took
    /// by the device's clock: `None` where it has none, or where nothing was dispatched.
    ///
    /// Only one piece of work at a time may be timed on a device.
    ///
    /// # Errors
    /// The work's own, or a device that fails.
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
        // No work takes no time: a driver that says so has no clock worth the name.
        Ok((done, (ticks > 0).then_some(ticks as f64 * clock.seconds_a_tick)))
    }

    /// The stamps in a buffer.
    fn stamps(&self, clock: &Clock, bytes: u64) -> Result<Buffer> {
        let usage = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let (stamps, _) = self.room("stamps", bytes, usage)?;
        self.submit_with(|encoder| {
            encoder.resolve_query_set(&clock.stamps, 0..STAMPS, stamps.raw(), 0);
        });
        Ok(stamps)
    }
}
