//! Memory on a device: buffers that are used again, and the groups that bind them.
//!
//! A [`Buffer`] that nobody holds any more is kept, and given to the next who asks for one as
//! large: a generation like the one before it allocates nothing. What nobody has asked for during
//! [`IDLE_REQUESTS`] further requests is freed, and the groups that bind it with it, so that what
//! is kept is never more than what was in use a few generations ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::pipeline::Pipeline;

/// Requests for memory during which a buffer that nobody holds is kept. A generation makes about
/// ten.
pub(super) const IDLE_REQUESTS: u64 = 64;
/// Groups that are kept at most; with so many the buffers are others every time.
const MOST_GROUPS: usize = 512;

/// Memory on a device. Clones are the same memory.
#[derive(Clone)]
pub struct Buffer(Arc<BufferInner>);

struct BufferInner {
    raw: wgpu::Buffer,
    id: u64,
    memory: Weak<Mutex<BufferPool>>,
}

impl Buffer {
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.0.raw.size()
    }

    pub(super) fn raw(&self) -> &wgpu::Buffer {
        &self.0.raw
    }

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }
}

impl Drop for BufferInner {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.upgrade() {
            let mut memory = lock(&memory);
            let (raw, id, since) = (self.raw.clone(), self.id, memory.requests);
            memory.free.push(FreeBuffer { raw, id, since });
        }
    }
}

/// A buffer that nobody holds.
struct FreeBuffer {
    raw: wgpu::Buffer,
    id: u64,
    since: u64,
}

/// What is bound: parameters of so many bytes, and parts of buffers, to a pipeline.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    pub pipeline: u64,
    pub parameters: u64,
    /// Buffer, offset, bytes.
    pub parts: Vec<(u64, u64, u64)>,
}

/// All memory of a device.
#[derive(Default)]
pub(super) struct BufferPool {
    free: Vec<FreeBuffer>,
    groups: HashMap<GroupKey, wgpu::BindGroup>,
    /// Requests so far.
    requests: u64,
    /// Bytes of all buffers, those that nobody holds included.
    bytes: u64,
    made_buffers: u64,
    made_groups: u64,
}

impl BufferPool {
    /// A buffer that nobody holds, of exactly this size and use; its contents are old.
    pub fn reuse(this: &Arc<Mutex<Self>>, size: u64, usage: wgpu::BufferUsages) -> Option<Buffer> {
        let mut memory = lock(this);
        memory.requests += 1;
        let oldest = memory.requests.saturating_sub(IDLE_REQUESTS);
        let fits = |free: &FreeBuffer| free.raw.size() == size && free.raw.usage() == usage;
        let found = memory.free.iter().rposition(fits).map(|place| memory.free.remove(place));
        memory.release(|free| free.since < oldest);
        found.map(|FreeBuffer { raw, id, .. }| Buffer::held(this, raw, id))
    }

    /// Takes a buffer in that was just made.
    pub fn add(this: &Arc<Mutex<Self>>, raw: wgpu::Buffer) -> Buffer {
        let mut memory = lock(this);
        memory.bytes += raw.size();
        memory.made_buffers += 1;
        let id = memory.made_buffers;
        Buffer::held(this, raw, id)
    }

    /// Frees what nobody holds, and says whether there was anything.
    pub fn release_all(&mut self) -> bool {
        let any = !self.free.is_empty();
        self.release(|_| true);
        any
    }

    fn release(&mut self, is_old: impl Fn(&FreeBuffer) -> bool) {
        for FreeBuffer { raw, id, .. } in self.free.extract_if(.., |free| is_old(free)) {
            self.bytes -= raw.size();
            self.groups.retain(|key, _| key.parts.iter().all(|&(part, ..)| part != id));
        }
    }

    /// The group of a key, made where there is none yet.
    pub fn group(
        &mut self,
        key: GroupKey,
        make: impl FnOnce() -> wgpu::BindGroup,
    ) -> wgpu::BindGroup {
        if self.groups.len() >= MOST_GROUPS && !self.groups.contains_key(&key) {
            self.groups.clear();
        }
        let made = &mut self.made_groups;
        let group = self.groups.entry(key).or_insert_with(|| {
            *made += 1;
            make()
        });
        group.clone()
    }

    /// Bytes of all buffers that there are.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Buffers and groups that were ever made.
    pub fn made(&self) -> (u64, u64) {
        (self.made_buffers, self.made_groups)
    }
}

impl Buffer {
    fn held(memory: &Arc<Mutex<BufferPool>>, raw: wgpu::Buffer, id: u64) -> Self {
        Self(Arc::new(BufferInner { raw, id, memory: Arc::downgrade(memory) }))
    }
}

/// Locks what no panic leaves in halves.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A group of parameters, in the buffer that all dispatches share, and of parts of buffers.
pub(super) fn make_group(
    device: &wgpu::Device,
    pipeline: &Pipeline,
    parameters: wgpu::BufferBinding<'_>,
    parts: &[super::dispatch::Binding],
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
    let entries: Vec<_> = std::iter::once(first).chain(rest).collect();
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(&pipeline.label),
        layout: &pipeline.layout,
        entries: &entries,
    })
}
