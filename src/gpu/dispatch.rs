//! A dispatch as data: the kernel, its buffers and the number of workgroups.

use super::buffer::Buffer;
use super::source::ShaderSource;

/// A part of a buffer that is bound to a kernel.
#[derive(Clone)]
pub struct Binding {
    pub(super) buffer: Buffer,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

impl Binding {
    /// Binds a whole buffer.
    pub fn whole(buffer: &Buffer) -> Self {
        Self { buffer: buffer.clone(), offset: 0, bytes: buffer.size() }
    }

    /// Binds a part of a buffer. The offset must be a multiple of the device's alignment.
    pub fn slice(buffer: &Buffer, offset: u64, bytes: u64) -> Self {
        Self { buffer: buffer.clone(), offset, bytes }
    }
}

/// One run of a kernel.
pub struct Dispatch<'a> {
    /// The kernel.
    pub source: &'a ShaderSource,
    /// The uniform parameters, at binding 0.
    pub parameters: &'a [u8],
    /// The storage buffers, from binding 1 on.
    pub bindings: Vec<Binding>,
    /// The number of workgroups in each dimension.
    pub workgroups: [u32; 3],
}
