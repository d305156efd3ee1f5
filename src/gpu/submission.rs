//! Submissions: dispatches are collected until a submission is full or a caller waits.
//!
//! The dispatches of a generation go to the device in one submission and one pass, unless they
//! exceed the work that one submission may hold. That limit exists because the watchdog of a driver
//! times a submission as a whole. Callers state the work of a dispatch as a share of the limit.
//!
//! The parameters of all dispatches are in one buffer, one after another. It is rewritten for every
//! submission, and the device orders the write after the earlier work.

use std::sync::Arc;

use super::buffer::{Buffer, GroupKey, lock};
use super::clock::Clock;
use super::device::Device;
use super::dispatch::{Binding, Dispatch};
use super::pending_submission::{BoundDispatch, PARAMETER_BYTES, PendingSubmission};
use super::pipeline::{Pipeline, write_shader};
use super::source::ShaderSource;
use crate::error::Result;

/// A device together with the size of the dispatches that it will run, see [`Device::at_share`].
pub struct SubmissionShare<'a> {
    device: &'a Device,
    share: f64,
}

impl SubmissionShare<'_> {
    /// Runs dispatches in order. They share a submission as far as they fit.
    ///
    /// # Errors
    /// Returns an error as [`Device::run`] does.
    pub fn run(&self, dispatches: &[Dispatch<'_>]) -> Result<()> {
        dispatches.iter().try_for_each(|dispatch| self.device.enqueue(dispatch, self.share))
    }
}

impl Device {
    /// Runs dispatches in order. Each may be as much work as one submission holds.
    ///
    /// They are submitted when a submission is full, or when a caller reads or waits.
    ///
    /// # Errors
    /// Returns an error if a shader does not compile, or if the device fails.
    pub fn run(&self, dispatches: &[Dispatch<'_>]) -> Result<()> {
        dispatches.iter().try_for_each(|dispatch| self.enqueue(dispatch, 1.0))
    }

    /// Sets the work of each dispatch, as a share of the work that one submission may hold.
    pub fn at_share(&self, share: f64) -> SubmissionShare<'_> {
        SubmissionShare { device: self, share }
    }

    /// Adds a dispatch to the next submission, and submits when it is full.
    fn enqueue(&self, dispatch: &Dispatch<'_>, share: f64) -> Result<()> {
        let pipeline = self.pipeline(dispatch.source)?;
        if lock(&self.injections).loses_device() {
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
        // The submission is full, so the device can begin.
        if pending.share >= 1.0 {
            self.submit(&mut pending, |_| {});
        }
        drop(pending);
        self.check("running kernels")
    }

    /// Returns the pipeline of a shader, and compiles it if necessary.
    fn pipeline(&self, source: &ShaderSource) -> Result<Arc<Pipeline>> {
        let mut pipelines = lock(&self.pipelines);
        if let Some(pipeline) = pipelines.get(source) {
            return Ok(Arc::clone(pipeline));
        }
        if let Some(folder) = &self.dump {
            write_shader(folder, source)?;
        }
        let id = pipelines.len() as u64;
        let pipeline = if self.checks_indices {
            let allocate = |bytes| self.storage("index record", bytes);
            Pipeline::with_index_checks(&self.device, id, source, allocate)?
        } else {
            Pipeline::new(&self.device, id, source)?
        };
        self.check(&format!("compiling '{}'", source.label))?;
        let pipeline = Arc::new(pipeline);
        pipelines.insert(source.clone(), Arc::clone(&pipeline));
        Ok(pipeline)
    }

    /// Returns the bind group of a dispatch.
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
            create_group(&self.device, pipeline, parameters, &dispatch.bindings)
        })
    }

    /// Submits the pending work, followed by the commands that a function encodes.
    pub(super) fn submit_with(&self, encode: impl FnOnce(&mut wgpu::CommandEncoder)) {
        self.submit(&mut lock(&self.pending), encode);
    }

    /// Submits the pending work, if there is any.
    pub(super) fn submit_pending(&self) {
        let mut pending = lock(&self.pending);
        if !pending.is_empty() {
            self.submit(&mut pending, |_| {});
        }
    }

    /// Submits the pending work. The caller holds the lock, so no thread can write parameters
    /// meanwhile.
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

    /// Clears a buffer before the next dispatch.
    pub(super) fn clear(&self, buffer: &Buffer) {
        lock(&self.pending).clears.push(buffer.clone());
    }

    /// Writes bytes into a buffer, after earlier dispatches and before later ones.
    pub fn write(&self, buffer: &Buffer, offset: u64, bytes: &[u8]) {
        let mut pending = lock(&self.pending);
        // The queue writes before the next submission, so pending uses must be submitted first.
        if pending.touches(buffer) {
            self.submit(&mut pending, |_| {});
        }
        self.queue.write_buffer(buffer.raw(), offset, bytes);
    }
}

/// Creates a bind group of parameters, in the buffer that all dispatches share, and parts of
/// buffers.
fn create_group(
    device: &wgpu::Device,
    pipeline: &Pipeline,
    parameters: wgpu::BufferBinding<'_>,
    parts: &[Binding],
) -> wgpu::BindGroup {
    let first =
        wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(parameters) };
    let rest = parts.iter().enumerate().map(|(slot, part)| wgpu::BindGroupEntry {
        binding: slot as u32 + 1,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: part.buffer.raw(),
            offset: part.offset,
            size: std::num::NonZeroU64::new(part.bytes),
        }),
    });
    let record = pipeline.record.as_ref().map(|record| wgpu::BindGroupEntry {
        binding: record.binding,
        resource: record.buffer.raw().as_entire_binding(),
    });
    let entries: Vec<_> = std::iter::once(first).chain(rest).chain(record).collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(&pipeline.label),
        layout: &pipeline.layout,
        entries: &entries,
    })
}
