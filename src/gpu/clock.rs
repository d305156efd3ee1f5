//! The device's clock: the time from the beginning of the first dispatch to the end of the last, by
//! timestamps of the device.
//!
//! It includes the time between dispatches, in which the device waits, but not the transfers to and
//! from the device. An adapter without timestamps has no such clock.

use std::sync::{Mutex, PoisonError};

/// The query for the beginning of the first dispatch.
const FIRST: u32 = 0;
/// The query for the end of each pass, which the next pass overwrites.
const LAST: u32 = 1;
const STAMPS: u32 = 2;

/// The bytes of the timestamps.
pub(super) const STAMP_BYTES: u64 = 8 * STAMPS as u64;

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

    /// Begins a measurement.
    pub fn start(&self) {
        self.replace_state(TimerState::Armed);
    }

    /// Ends the measurement, and returns true if a dispatch was submitted meanwhile.
    pub fn stop(&self) -> bool {
        self.replace_state(TimerState::Idle) == TimerState::Running
    }

    /// Copies the timestamps to a buffer of [`STAMP_BYTES`].
    pub fn copy_stamps(&self, encoder: &mut wgpu::CommandEncoder, target: &wgpu::Buffer) {
        encoder.resolve_query_set(&self.stamps, 0..STAMPS, target, 0);
    }

    /// Returns the seconds between two timestamps, from the words of both; `None` for no time.
    /// Every dispatch takes time, so a driver that reports none has no usable clock.
    pub fn seconds(&self, words: &[u32]) -> Option<f64> {
        let stamp = |index: u32| {
            let [low, high] = [0, 1].map(|half| u64::from(words[2 * index as usize + half]));
            high << 32 | low
        };
        let ticks = stamp(LAST).saturating_sub(stamp(FIRST));
        (ticks > 0).then_some(ticks as f64 * self.seconds_a_tick)
    }

    /// Sets the state, and returns the last one.
    fn replace_state(&self, to: TimerState) -> TimerState {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut state, to)
    }
}
