//! The work that is collected for the next submission.

use std::sync::Arc;

use super::buffer::Buffer;
use super::pipeline::Pipeline;

/// The bytes of the parameters of one submission: 256 dispatches, if the device aligns to 256
/// bytes.
pub(super) const PARAMETER_BYTES: u64 = 1 << 16;

/// The work that is collected for the next submission.
#[derive(Default)]
pub(super) struct PendingSubmission {
    pub dispatches: Vec<BoundDispatch>,
    pub parameters: Vec<u8>,
    /// Reused buffers that must be cleared first.
    pub clears: Vec<Buffer>,
    /// The work of all dispatches, as a share of the work that a submission may hold.
    pub share: f64,
    /// The number of submissions so far.
    pub submissions: u64,
}

/// A dispatch with its pipeline and its bind group.
pub(super) struct BoundDispatch {
    pub pipeline: Arc<Pipeline>,
    pub group: wgpu::BindGroup,
    /// The offset of its parameters.
    pub offset: u32,
    pub workgroups: [u32; 3],
    /// Its buffers, which must not be reused before it is submitted.
    pub buffers: Vec<Buffer>,
}

impl PendingSubmission {
    pub fn is_empty(&self) -> bool {
        self.dispatches.is_empty() && self.clears.is_empty()
    }

    /// Returns true if any of the work uses a buffer.
    pub fn touches(&self, buffer: &Buffer) -> bool {
        let used =
            self.dispatches.iter().flat_map(|dispatch| &dispatch.buffers).chain(&self.clears);
        used.into_iter().any(|other| other.id() == buffer.id())
    }
}
