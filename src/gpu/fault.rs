//! Faults: what a device complains of, as an error that says what to do, and faults on purpose.

use std::sync::{Arc, Mutex};

use super::buffer::lock;
use super::device::Device;
use crate::error::{Error, Result, readable};

/// What was heard from a device since it was opened.
#[derive(Default)]
pub(super) struct Health {
    complaint: Mutex<Option<wgpu::Error>>,
    /// Why it was lost.
    lost: Mutex<Option<String>>,
}

impl Health {
    /// Listens to a device.
    pub fn of(device: &wgpu::Device) -> Arc<Self> {
        let health = Arc::new(Self::default());
        let heard = Arc::clone(&health);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&heard.complaint).get_or_insert(error);
        }));
        let heard = Arc::clone(&health);
        device.set_device_lost_callback(move |reason, message| {
            let reason = match reason {
                wgpu::DeviceLostReason::Destroyed => "it was destroyed".to_owned(),
                wgpu::DeviceLostReason::Unknown if message.is_empty() => "no reason given".into(),
                wgpu::DeviceLostReason::Unknown => message,
            };
            lock(&heard.lost).get_or_insert(reason);
        });
        health
    }

    /// Refuses to go on with a device that was lost.
    pub fn check_lost(&self, doing: &str) -> Result<()> {
        match &*lock(&self.lost) {
            None => Ok(()),
            Some(reason) => Err(lost(doing, reason)),
        }
    }
}

/// The error of a device that was lost.
pub(super) fn lost(doing: &str, reason: &str) -> Error {
    Error::DeviceLost {
        doing: doing.into(),
        reason: reason.into(),
        advice: "drivers reset a GPU that fails or works too long at a time; update the driver, \
                 train with a smaller --population or with fewer --episodes, or use --backend cpu"
            .into(),
    }
}

impl Device {
    /// Reports what the device complained of since the last time.
    pub(super) fn check(&self, doing: &str) -> Result<()> {
        self.health.check_lost(doing)?;
        let Some(problem) = lock(&self.health.complaint).take() else { return Ok(()) };
        // What is made on a lost device is invalid: then the loss is the news.
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

    /// The error of a device that has no room for so many bytes more.
    pub(crate) fn out_of_memory(&self, doing: &str, needed: Option<u64>) -> Error {
        Error::OutOfMemory {
            doing: doing.into(),
            needed: needed.map_or("more memory".into(), readable),
            held: readable(lock(&self.memory).bytes()),
        }
    }

    /// Lets the device work, and wait for it where that is asked for; gives back what went wrong.
    pub(super) fn poll_once(&self, how: wgpu::PollType) -> Option<String> {
        let poll = std::panic::AssertUnwindSafe(|| self.device.poll(how));
        // A device that is lost while it is waited for makes wgpu panic.
        match std::panic::catch_unwind(poll) {
            Ok(Ok(_)) => None,
            Ok(Err(problem)) => Some(problem.to_string()),
            Err(_) => Some("the driver gave it up".into()),
        }
    }

    /// Waits until all that was submitted is done.
    pub(super) fn settle(&self, doing: &str) -> Result<()> {
        let problem = self.poll_once(wgpu::PollType::wait_indefinitely());
        self.check(doing)?;
        problem.map_or(Ok(()), |problem| Err(lost(doing, &problem)))
    }
}

/// A fault on purpose, for verification: the device then fails as a real one does. Of several of a
/// kind, each comes after the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injection {
    /// After so many allocations the next one is refused, once.
    OutOfMemory {
        /// Allocations that are granted.
        after: u64,
    },
    /// The device has only so much memory.
    Memory {
        /// Bytes.
        bytes: u64,
    },
    /// After so many dispatches the device is destroyed, in place of the next one.
    Lost {
        /// Dispatches that are run.
        after: u64,
    },
}

/// Faults that are still to come, and what they count since the last one.
#[derive(Default)]
pub(super) struct Injections {
    ahead: Vec<Injection>,
    allocations: u64,
    dispatches: u64,
    is_lost: bool,
}

impl Injections {
    pub fn of(ahead: &[Injection]) -> Self {
        Self { ahead: ahead.to_vec(), ..Self::default() }
    }

    /// Those that have not come.
    pub fn ahead(&self) -> Vec<Injection> {
        self.ahead.clone()
    }

    /// Whether an allocation is refused that makes it so many bytes in all.
    pub fn refuses(&mut self, bytes: u64) -> bool {
        self.allocations += 1;
        let granted = self.allocations - 1;
        let is_small = |fault: &Injection| match fault {
            Injection::Memory { bytes: most } => bytes > *most,
            Injection::OutOfMemory { .. } | Injection::Lost { .. } => false,
        };
        let comes = self.comes(|fault| match fault {
            Injection::OutOfMemory { after } => Some(granted >= *after),
            Injection::Memory { .. } | Injection::Lost { .. } => None,
        });
        comes || self.ahead.iter().any(is_small)
    }

    /// Whether the device is destroyed in place of the next dispatch.
    pub fn loses(&mut self) -> bool {
        self.dispatches += 1;
        let run = self.dispatches - 1;
        // The next loss is that of the device that takes this one's place.
        let comes = !self.is_lost
            && self.comes(|fault| match fault {
                Injection::Lost { after } => Some(run >= *after),
                Injection::OutOfMemory { .. } | Injection::Memory { .. } => None,
            });
        self.is_lost |= comes;
        comes
    }

    /// Takes the first fault of a kind, if it comes now; `None` is another kind.
    fn comes(&mut self, is_due: impl Fn(&Injection) -> Option<bool>) -> bool {
        let first = self.ahead.iter().position(|fault| is_due(fault).is_some());
        let due = first.filter(|&place| is_due(&self.ahead[place]) == Some(true));
        due.map(|place| self.ahead.remove(place)).is_some()
    }
}

impl Device {
    /// Says which faults are to come, in place of those that were; for verification. Allocations
    /// and dispatches count from here.
    pub fn inject(&self, faults: &[Injection]) {
        *lock(&self.injections) = Injections::of(faults);
    }
}
