//! Faults of a device as errors that say what to do.

use super::buffer::lock;
use super::device::Device;
use super::health::lost;
use super::injection::{Injection, Injections};
use crate::error::{Error, Result, readable};

impl Device {
    /// Returns the error that the device reported since the last check, if any.
    pub(super) fn check(&self, doing: &str) -> Result<()> {
        self.health.check_lost(doing)?;
        let Some(problem) = self.health.take_error() else { return Ok(()) };
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

    /// Replaces the injected faults, for verification. Allocations and dispatches count from here.
    pub fn inject(&self, faults: &[Injection]) {
        *lock(&self.injections) = Injections::new(faults);
    }
}
