//! Device faults as errors that say what to do, and injected faults for verification.

use std::sync::{Arc, Mutex};

use super::buffer::lock;
use super::device::Device;
use crate::error::{Error, Result, readable};

/// The faults that a device has reported since it was opened.
#[derive(Default)]
pub(super) struct Health {
    /// The first error since the last check.
    error: Mutex<Option<wgpu::Error>>,
    /// The reason for which the device was lost.
    lost: Mutex<Option<String>>,
}

impl Health {
    /// Records the faults that a device reports.
    pub fn listen_to(device: &wgpu::Device) -> Arc<Self> {
        let health = Arc::new(Self::default());
        let reported = Arc::clone(&health);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&reported.error).get_or_insert(error);
        }));
        let reported = Arc::clone(&health);
        device.set_device_lost_callback(move |reason, message| {
            let reason = match reason {
                wgpu::DeviceLostReason::Destroyed => "it was destroyed".to_owned(),
                wgpu::DeviceLostReason::Unknown if message.is_empty() => "no reason given".into(),
                wgpu::DeviceLostReason::Unknown => message,
            };
            lock(&reported.lost).get_or_insert(reason);
        });
        health
    }

    /// Returns an error if the device was lost.
    pub fn check_lost(&self, doing: &str) -> Result<()> {
        match &*lock(&self.lost) {
            None => Ok(()),
            Some(reason) => Err(lost(doing, reason)),
        }
    }
}

/// Returns the error of a lost device.
pub(super) fn lost(doing: &str, reason: &str) -> Error {
    Error::DeviceLost {
        doing: doing.into(),
        reason: reason.into(),
        advice:
            "drivers reset a GPU that fails or that works too long without a pause; update the \
                 driver, train with a smaller --population or with fewer --episodes, or use \
                 --backend cpu"
                .into(),
    }
}

impl Device {
    /// Returns the error that the device reported since the last check, if any.
    pub(super) fn check(&self, doing: &str) -> Result<()> {
        self.health.check_lost(doing)?;
        let Some(problem) = lock(&self.health.error).take() else { return Ok(()) };
        // Resources of a lost device are invalid, and then the loss is the error to report.
        self.poll_once(wgpu::PollType::Poll);
        self.health.check_lost(doing)?;
        Err(match problem {
            wgpu::Error::OutOfMemory { .. } => self.out_of_memory(doing, None),
            wgpu::Error::Validation { description, .. } => {
                Error::Rejected { doing: doing.into(), problem: description }
            }
            wgpu::Error::Internal { description, .. } => {
                Error::Device { doing: doing.into(), problem: description }
            }
        })
    }

    /// Returns the error of a device that is out of memory.
    pub(crate) fn out_of_memory(&self, doing: &str, needed: Option<u64>) -> Error {
        Error::OutOfMemory {
            doing: doing.into(),
            needed: needed.map_or("more memory".into(), readable),
            held: readable(lock(&self.memory).bytes()),
        }
    }

    /// Polls the device, and returns a description of the problem if it fails.
    pub(super) fn poll_once(&self, how: wgpu::PollType) -> Option<String> {
        let poll = std::panic::AssertUnwindSafe(|| self.device.poll(how));
        // wgpu panics if the device is lost during a wait.
        match std::panic::catch_unwind(poll) {
            Ok(Ok(_)) => None,
            Ok(Err(problem)) => Some(problem.to_string()),
            Err(_) => Some("the driver gave up the device".into()),
        }
    }

    /// Waits until all submitted work is done.
    pub(super) fn settle(&self, doing: &str) -> Result<()> {
        let problem = self.poll_once(wgpu::PollType::wait_indefinitely());
        self.check(doing)?;
        problem.map_or(Ok(()), |problem| Err(lost(doing, &problem)))
    }
}

/// An injected fault, for verification. The device then fails like a real one. Several faults of a
/// kind occur one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injection {
    /// Refuses one allocation.
    OutOfMemory {
        /// The number of allocations that are granted first.
        after: u64,
    },
    /// Limits the memory of the device.
    Memory {
        /// The bytes that may be allocated.
        bytes: u64,
    },
    /// Destroys the device instead of running a dispatch.
    Lost {
        /// The number of dispatches that run first.
        after: u64,
    },
}

/// The faults that have not occurred yet, and the counters that trigger them.
#[derive(Default)]
pub(super) struct Injections {
    pending: Vec<Injection>,
    allocations: u64,
    dispatches: u64,
    is_lost: bool,
}

impl Injections {
    /// Schedules faults.
    pub fn new(faults: &[Injection]) -> Self {
        Self { pending: faults.to_vec(), ..Self::default() }
    }

    /// The faults that have not occurred yet.
    pub fn pending(&self) -> Vec<Injection> {
        self.pending.clone()
    }

    /// Counts an allocation, and returns true if it must be refused. `bytes` is the memory in use
    /// afterwards.
    pub fn refuses_allocation(&mut self, bytes: u64) -> bool {
        self.allocations += 1;
        let granted = self.allocations - 1;
        let is_small = |fault: &Injection| match fault {
            Injection::Memory { bytes: most } => bytes > *most,
            Injection::OutOfMemory { .. } | Injection::Lost { .. } => false,
        };
        let occurs = self.occurs(|fault| match fault {
            Injection::OutOfMemory { after } => Some(granted >= *after),
            Injection::Memory { .. } | Injection::Lost { .. } => None,
        });
        occurs || self.pending.iter().any(is_small)
    }

    /// Counts a dispatch, and returns true if the device must be destroyed instead.
    pub fn loses_device(&mut self) -> bool {
        self.dispatches += 1;
        let run = self.dispatches - 1;
        // The next loss belongs to the device that replaces this one.
        let occurs = !self.is_lost
            && self.occurs(|fault| match fault {
                Injection::Lost { after } => Some(run >= *after),
                Injection::OutOfMemory { .. } | Injection::Memory { .. } => None,
            });
        self.is_lost |= occurs;
        occurs
    }

    /// Removes the first fault of a kind if it is due. `is_due` returns `None` for other kinds.
    fn occurs(&mut self, is_due: impl Fn(&Injection) -> Option<bool>) -> bool {
        let first = self.pending.iter().position(|fault| is_due(fault).is_some());
        let due = first.filter(|&place| is_due(&self.pending[place]) == Some(true));
        due.map(|place| self.pending.remove(place)).is_some()
    }
}

impl Device {
    /// Replaces the injected faults, for verification. Allocations and dispatches count from here.
    pub fn inject(&self, faults: &[Injection]) {
        *lock(&self.injections) = Injections::new(faults);
    }
}
