//! The health of a device: the faults that it has reported, and whether it was lost.

use std::sync::{Arc, Mutex};

use super::buffer::lock;
use crate::error::{Error, Result};

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

    /// Returns the first error since the last call, if any.
    pub fn take_error(&self) -> Option<wgpu::Error> {
        lock(&self.error).take()
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
