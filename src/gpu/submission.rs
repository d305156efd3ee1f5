//! Submissions: dispatches are pending until there is enough of them, or until somebody waits.
//!
//! The dispatches of a generation go to the device in one submission and one pass, unless they are
//! more work than one submission may hold: the time of all its dispatches counts together for the
//! watchdogs of drivers. How much that is, the caller's plan says, as shares of it.
//!
//! Parameters stand in one buffer, one dispatch behind the other; it is written anew for every
//! submission, which the device orders behind the work before it.

use std::sync::Arc;

use super::buffer::{Buffer, GroupKey, lock, make_group};
use super::device::Device;
use super::dispatch::Dispatch;
use super::pipeline::Pipeline;
use super::timing::Clock;
use crate::error::Result;

/// Bytes of the parameters of one submission: 256 dispatches, where the device aligns to 256.
pub(super) const PARAMETER_BYTES: u64 = 1 << 16;

/// What is pending for the next submission.
#[derive(Default)]
pub(super) struct PendingSubmission {
    dispatches: Vec<BoundDispatch>,
    parameters: Vec<u8>,
    /// Buffers that are used again, and begin as zeros.
    clears: Vec<Buffer>,
    /// Of the work that a submission may hold.
    share: f64,
    submissions: u64,
}

/// A dispatch, down to what is bound.
struct BoundDispatch {
    pipeline: Arc<Pipeline>,
    group: wgpu::BindGroup,
    /// Of its parameters.
    offset: u32,
    workgroups: [u32; 3],
    /// What it uses stays as it is until it has been submitted.
    buffers: Vec<Buffer>,
}

impl PendingSubmission {
    fn is_empty(&self) -> bool {
        self.dispatches.is_empty() && self.clears.is_empty()
    }

    /// Whether any of it touches a buffer.
    fn touches(&self, buffer: &Buffer) -> bool {
        let used =
            self.dispatches.iter().flat_map(|dispatch| &dispatch.buffers).chain(&self.clears);
        used.into_iter().any(|other| other.id() == buffer.id())
    }

    /// Submissions so far.
    pub fn submissions(&self) -> u64 {
        self.submissions
    }
}

/// A device that is given dispatches of a known size, see [`Device::at_share`].
pub struct SubmissionShare<'a> {
    device: &'a Device,
    share: f64,
}

impl SubmissionShare<'_> {
    /// As [`Device::run`]; dispatches share a submission as far as they fit.
    ///
    /// # Errors
    /// As [`Device::run`].
    pub fn run(&self, dispatches: &[Dispatch<'_>]) -> Result<()> {
        dispatches.iter().try_for_each(|dispatch| self.device.enqueue(dispatch, self.share))
    }
}

impl Device {
    /// Runs dispatches in order; each may be as much work as one submission holds.
    ///
    /// They are submitted with the next that fill a submission, or when something is read or waited
    /// for.
    ///
    /// # Errors
    /// A shader that does not compile, or a device that fails.
    pub fn run(&self, dispatches: &[Dispatch<'_>]) -> Result<()> {
        dispatches.iter().try_for_each(|dispatch| self.enqueue(dispatch, 1.0))
    }

    /// For dispatches that are each so large a share of the work that one submission may hold.
    pub fn at_share(&self, share: f64) -> SubmissionShare<'_> {
        SubmissionShare { device: self, share }
    }

    fn enqueue(&self, dispatch: &Dispatch<'_>, share: f64) -> Result<()> {
        let pipeline = self.pipeline(dispatch.source)?;
        if lock(&self.injections).loses() {
            self.device.destroy();
        }
        let bytes = dispatch.parameters.len() as u64;
        let room = bytes.next_multiple_of(self.parameter_alignment);
        assert!(room <= PARAMETER_BYTES, "parameters are a few words");
        let mut pending = lock(&self.pending);
        let filled = pending.parameters.len() as u64 + room > PARAMETER_BYTES;
        if !pending.dispatches.is_empty() && (filled || pending.share + share > 1.0) {
            self.submit(&mut pending, |_| {});
        }
        let group = self.group(&pipeline, dispatch, bytes);
        let offset = pending.parameters.len() as u32;
        pending.parameters.extend_from_slice(dispatch.parameters);
        pending.parameters.resize(offset as usize + room as usize, 0);
        pending.share += share;
        let buffers = dispatch.bindings.iter().map(|binding| binding.buffer.clone()).collect();
        let workgroups = dispatch.workgroups;
        pending.dispatches.push(BoundDispatch { pipeline, group, offset, workgroups, buffers });
        // More would not fit: the device need not wait for it.
        if pending.share >= 1.0 {
            self.submit(&mut pending, |_| {});
        }
        drop(pending);
        self.check("running kernels")
    }

    fn group(&self, pipeline: &Pipeline, dispatch: &Dispatch<'_>, bytes: u64) -> wgpu::BindGroup {
        let parts = dispatch.bindings.iter();
        let key = GroupKey {
            pipeline: pipeline.id,
            parameters: bytes,
            parts: parts.map(|part| (part.buffer.id(), part.offset, part.bytes)).collect(),
        };
        lock(&self.memory).group(key, || {
            let size = std::num::NonZeroU64::new(bytes);
            let parameters = wgpu::BufferBinding { buffer: self.parameters.raw(), offset: 0, size };
            make_group(&self.device, pipeline, parameters, &dispatch.bindings)
        })
    }

    /// Submits what was pending, and then what a function encodes.
    pub(super) fn submit_with(&self, encode: impl FnOnce(&mut wgpu::CommandEncoder)) {
        self.submit(&mut lock(&self.pending), encode);
    }

    /// Submits what was pending, if anything was.
    pub(super) fn submit_pending(&self) {
        let mut pending = lock(&self.pending);
        if !pending.is_empty() {
            self.submit(&mut pending, |_| {});
        }
    }

    /// Whoever submits holds the lock, so that nobody writes parameters in between.
    fn submit(
        &self,
        pending: &mut PendingSubmission,
        encode: impl FnOnce(&mut wgpu::CommandEncoder),
    ) {
        let descriptor = wgpu::CommandEncoderDescriptor { label: Some("submission") };
        let mut encoder = self.device.create_command_encoder(&descriptor);
        for buffer in pending.clears.drain(..) {
            encoder.clear_buffer(buffer.raw(), 0, None);
        }
        if !pending.dispatches.is_empty() {
            self.queue.write_buffer(self.parameters.raw(), 0, &pending.parameters);
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("dispatches"),
                timestamp_writes: self.clock.as_ref().and_then(Clock::writes),
            });
            for dispatch in &pending.dispatches {
                pass.set_pipeline(&dispatch.pipeline.raw);
                pass.set_bind_group(0, &dispatch.group, &[dispatch.offset]);
                let [x, y, z] = dispatch.workgroups;
                pass.dispatch_workgroups(x, y, z);
            }
        }
        encode(&mut encoder);
        self.queue.submit([encoder.finish()]);
        pending.dispatches.clear();
        pending.parameters.clear();
        pending.share = 0.0;
        pending.submissions += 1;
    }

    /// Lets a buffer begin as zeros, before the next dispatch.
    pub(super) fn clear(&self, buffer: &Buffer) {
        lock(&self.pending).clears.push(buffer.clone());
    }

    /// Writes bytes into a buffer, behind the dispatches before and before the next one.
    pub fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) {
        let mut pending = lock(&self.pending);
        // What is written comes before what is submitted next.
        if pending.touches(buffer) {
            self.submit(&mut pending, |_| {});
        }
        self.queue.write_buffer(buffer.raw(), offset, bytes);
    }
}
