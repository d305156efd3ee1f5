//! Buffers on a device, pooled for reuse, and the bind groups that bind them.
//!
//! A [`Buffer`] returns to the pool when its last clone is dropped, and the next request of the
//! same size and usage reuses it. So a generation that repeats the last one allocates nothing. A
//! buffer that stays free during [`IDLE_REQUESTS`] requests is released, together with its bind
//! groups. So the pool never holds more than what was in use a few generations ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The number of requests during which a free buffer is kept. A generation makes about ten.
pub(super) const IDLE_REQUESTS: u64 = 64;
/// The most bind groups that are kept. If there are more, buffers are not reused, and keeping
/// groups is of no use.
const MOST_GROUPS: usize = 512;

/// A buffer on a device. Clones share the same memory.
#[derive(Clone)]
pub struct Buffer(Arc<BufferInner>);

/// The shared part of all clones of a buffer, which returns to the pool when it is dropped.
struct BufferInner {
    raw: wgpu::Buffer,
    id: u64,
    pool: Weak<Mutex<BufferPool>>,
}

impl Buffer {
    /// The size in bytes.
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
        if let Some(pool) = self.pool.upgrade() {
            let mut pool = lock(&pool);
            let (raw, id, since) = (self.raw.clone(), self.id, pool.requests);
            pool.free.push(FreeBuffer { raw, id, since });
        }
    }
}

/// A free buffer in the pool.
struct FreeBuffer {
    raw: wgpu::Buffer,
    id: u64,
    /// The number of requests when it became free.
    since: u64,
}

/// The key of a bind group: a pipeline, the bytes of its parameters, and parts of buffers.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    pub pipeline: u64,
    pub parameters: u64,
    /// The buffer, the offset and the bytes of each part.
    pub parts: Vec<(u64, u64, u64)>,
}

/// The buffers and bind groups of a device.
#[derive(Default)]
pub(super) struct BufferPool {
    free: Vec<FreeBuffer>,
    groups: HashMap<GroupKey, wgpu::BindGroup>,
    /// The number of requests so far.
    requests: u64,
    /// The bytes of all buffers, including free ones.
    bytes: u64,
    created_buffers: u64,
    created_groups: u64,
}

impl BufferPool {
    /// Takes a free buffer of exactly this size and usage, if there is one. It keeps its old
    /// contents.
    pub fn reuse(this: &Arc<Mutex<Self>>, size: u64, usage: wgpu::BufferUsages) -> Option<Buffer> {
        let mut pool = lock(this);
        pool.requests += 1;
        let oldest = pool.requests.saturating_sub(IDLE_REQUESTS);
        let fits = |free: &FreeBuffer| free.raw.size() == size && free.raw.usage() == usage;
        let found = pool.free.iter().rposition(fits).map(|place| pool.free.remove(place));
        pool.release(|free| free.since < oldest);
        found.map(|FreeBuffer { raw, id, .. }| Buffer::from_raw(this, raw, id))
    }

    /// Registers a new buffer.
    pub fn add(this: &Arc<Mutex<Self>>, raw: wgpu::Buffer) -> Buffer {
        let mut pool = lock(this);
        pool.bytes += raw.size();
        pool.created_buffers += 1;
        let id = pool.created_buffers;
        Buffer::from_raw(this, raw, id)
    }

    /// Releases all free buffers, and returns true if there were any.
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

    /// Returns the bind group of a key, and creates it if necessary.
    pub fn group(
        &mut self,
        key: GroupKey,
        make: impl FnOnce() -> wgpu::BindGroup,
    ) -> wgpu::BindGroup {
        if self.groups.len() >= MOST_GROUPS && !self.groups.contains_key(&key) {
            self.groups.clear();
        }
        let created = &mut self.created_groups;
        let group = self.groups.entry(key).or_insert_with(|| {
            *created += 1;
            make()
        });
        group.clone()
    }

    /// The bytes of all buffers, including free ones.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The numbers of buffers and bind groups that were ever created.
    pub fn created(&self) -> (u64, u64) {
        (self.created_buffers, self.created_groups)
    }
}

impl Buffer {
    fn from_raw(pool: &Arc<Mutex<BufferPool>>, raw: wgpu::Buffer, id: u64) -> Self {
        Self(Arc::new(BufferInner { raw, id, pool: Arc::downgrade(pool) }))
    }
}

/// Locks a mutex whose data stays valid if a holder panics.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
