//! An open device: it allocates buffers, runs dispatches and reads results back.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::adapter::{Adapter, DeviceKind, TENSOR, adapters, choose};
use super::buffer::{Buffer, BufferPool, lock};
use super::clock::{self, Clock};
use super::health::{Health, lost};
use super::injection::{Injection, Injections};
use super::pending_submission::{PARAMETER_BYTES, PendingSubmission};
use super::pipeline::{Pipeline, prepare_folder};
use super::source::ShaderSource;
use crate::error::{Error, Result};

/// An open device. It compiles each shader once, and reuses buffers.
pub struct Device {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// The adapter's name and its graphics API.
    adapter: (String, String),
    name: String,
    driver: String,
    loop_rounds: u64,
    tile: Option<usize>,
    subgroup: Option<usize>,
    kind: DeviceKind,
    pub(super) clock: Option<Clock>,
    pub(super) health: Arc<Health>,
    pub(super) memory: Arc<Mutex<BufferPool>>,
    pub(super) pipelines: Mutex<HashMap<ShaderSource, Arc<Pipeline>>>,
    pub(super) pending: Mutex<PendingSubmission>,
    /// The buffer of the parameters of one submission.
    pub(super) parameters: Buffer,
    pub(super) parameter_alignment: u64,
    pub(super) injections: Mutex<Injections>,
    /// The folder that compiled shaders are written to.
    pub(super) dump: Option<PathBuf>,
    /// True if kernels are compiled with index checks.
    pub(super) checks_indices: bool,
}

/// The options for opening a device.
#[derive(Clone, Debug, Default)]
pub struct DeviceOptions {
    /// The folder that every shader is written to when it is compiled.
    pub dump: Option<PathBuf>,
    /// Injected faults, for verification.
    pub injections: Vec<Injection>,
    /// True if every index of a kernel is checked, for verification. Kernels are then slower.
    pub checks_indices: bool,
}

impl DeviceOptions {
    /// Creates the folder for shaders, if one is named.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be created or written to.
    pub fn prepare(&self) -> Result<()> {
        self.dump.as_deref().map_or(Ok(()), prepare_folder)
    }
}

/// The beginning of a buffer, to be read back.
pub struct Readback<'a> {
    /// The buffer.
    pub buffer: &'a Buffer,
    /// The number of bytes.
    pub bytes: u64,
}

/// The numbers of resources that a device has created. When a program repeats the same work, only
/// the number of submissions grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceCounts {
    /// Buffers, including those for reading back.
    pub buffers: u64,
    /// Bind groups, which bind buffers to a kernel.
    pub groups: u64,
    /// Compiled kernels.
    pub pipelines: u64,
    /// Submissions.
    pub submissions: u64,
}

impl Device {
    /// Opens the adapter with a name, or the first hardware adapter.
    ///
    /// # Errors
    /// Returns an error if there is no such adapter, or if it cannot be opened.
    pub fn open(name: Option<&str>) -> Result<Self> {
        Self::open_with(name, &DeviceOptions::default())
    }

    /// Opens an adapter with options.
    ///
    /// # Errors
    /// Returns an error as [`Device::open`] does, or if the folder cannot be written to.
    pub fn open_with(name: Option<&str>, options: &DeviceOptions) -> Result<Self> {
        options.prepare()?;
        Self::from_adapter(choose(name)?, options)
    }

    /// Opens the same adapter again after this device was lost, with the injected faults that have
    /// not occurred yet. A driver needs some time after a reset, so this waits for a few seconds.
    ///
    /// # Errors
    /// Returns an error if the adapter is gone, or if it cannot be opened.
    pub fn reopen(&self) -> Result<Self> {
        const WAITS: [u64; 2] = [1, 4];
        for seconds in WAITS {
            if let Ok(device) = self.reopen_at_once() {
                return Ok(device);
            }
            std::thread::sleep(std::time::Duration::from_secs(seconds));
        }
        self.reopen_at_once()
    }

    fn reopen_at_once(&self) -> Result<Self> {
        let injections = lock(&self.injections).pending();
        let (dump, checks_indices) = (self.dump.clone(), self.checks_indices);
        self.open_again(&DeviceOptions { dump, injections, checks_indices })
    }

    /// Opens the same adapter a second time, so that it checks every index of a kernel.
    ///
    /// # Errors
    /// Returns an error if the adapter is gone, or if it cannot be opened.
    pub fn open_with_index_checks(&self) -> Result<Self> {
        self.open_again(&DeviceOptions { checks_indices: true, ..DeviceOptions::default() })
    }

    fn open_again(&self, options: &DeviceOptions) -> Result<Self> {
        let is_same = |adapter: &Adapter| {
            (&adapter.name, &adapter.interface) == (&self.adapter.0, &self.adapter.1)
        };
        let adapter = adapters().into_iter().find(is_same).ok_or_else(|| {
            Error::NoAdapter(format!("{} was open and is no longer found", self.name))
        })?;
        let device = Self::from_adapter(adapter, options)?;
        Ok(if self.has_clock() { device } else { device.without_clock() })
    }

    fn from_adapter(adapter: Adapter, options: &DeviceOptions) -> Result<Self> {
        let (tensor, experimental_features) = match adapter.tile {
            None => (wgpu::Features::empty(), wgpu::ExperimentalFeatures::disabled()),
            // SAFETY: kernels with cooperative matrices run only on request, use only tiles that
            // the adapter lists, and pass a self-test first.
            Some(_) => (TENSOR, unsafe { wgpu::ExperimentalFeatures::enabled() }),
        };
        // If subgroups have several sizes, requesting the feature would leave their size to chance.
        let subgroup = match adapter.subgroup {
            None => wgpu::Features::empty(),
            Some(_) => wgpu::Features::SUBGROUP,
        };
        let optional = adapter.inner.features() & (clock::FEATURE | HALVES);
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("deme"),
            required_features: optional | tensor | subgroup,
            experimental_features,
            required_limits: adapter.inner.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.inner.request_device(&descriptor)).map_err(|error| {
                Error::Device { doing: format!("opening {adapter}"), problem: error.to_string() }
            })?;
        let memory = Arc::new(Mutex::new(BufferPool::default()));
        let parameters = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("parameters"),
            size: PARAMETER_BYTES,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Ok(Self {
            health: Health::listen_to(&device),
            clock: Clock::new(&device, &queue),
            parameter_alignment: device.limits().min_uniform_buffer_offset_alignment.into(),
            parameters: BufferPool::add(&memory, parameters),
            device,
            queue,
            name: adapter.to_string(),
            driver: adapter.driver,
            loop_rounds: adapter.loop_rounds,
            tile: adapter.tile,
            subgroup: adapter.subgroup,
            kind: adapter.kind,
            adapter: (adapter.name, adapter.interface),
            memory,
            pipelines: Mutex::default(),
            pending: Mutex::default(),
            injections: Mutex::new(Injections::new(&options.injections)),
            dump: options.dump.clone(),
            checks_indices: options.checks_indices,
        })
    }

    /// The adapter's name and its graphics API.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The driver and its version.
    pub fn driver(&self) -> &str {
        &self.driver
    }

    /// The kind of processor.
    pub fn kind(&self) -> DeviceKind {
        self.kind
    }

    /// The largest number of loop iterations of an invocation in one dispatch, over all its loops.
    pub fn loop_rounds(&self) -> u64 {
        self.loop_rounds
    }

    /// Returns true if shaders support half precision, in buffers too.
    pub fn has_halves(&self) -> bool {
        self.device.features().contains(HALVES)
    }

    /// The side of the tiles that its tensor cores multiply in half precision, if it has any.
    pub fn tile(&self) -> Option<usize> {
        self.tile
    }

    /// The number of invocations in a subgroup, if all subgroups have the same size.
    pub fn subgroup(&self) -> Option<usize> {
        self.subgroup
    }

    /// The limits of the device.
    pub fn limits(&self) -> wgpu::Limits {
        self.device.limits()
    }

    /// The numbers of resources that the device has created.
    pub fn resource_counts(&self) -> ResourceCounts {
        let (buffers, groups) = lock(&self.memory).created();
        let pipelines = lock(&self.pipelines).len() as u64;
        ResourceCounts { buffers, groups, pipelines, submissions: lock(&self.pending).submissions }
    }

    /// The bytes of all buffers, including free ones that are kept for reuse.
    pub fn allocated_bytes(&self) -> u64 {
        lock(&self.memory).bytes()
    }

    /// Allocates a storage buffer of zeros.
    ///
    /// # Errors
    /// Returns [`Error::OutOfMemory`] if there is no memory for it.
    pub fn storage(&self, label: &str, bytes: u64) -> Result<Buffer> {
        let (buffer, is_reused) = self.allocate(label, bytes, STORAGE)?;
        if is_reused {
            self.clear(&buffer);
        }
        Ok(buffer)
    }

    /// Allocates a storage buffer with these contents.
    ///
    /// # Errors
    /// Returns [`Error::OutOfMemory`] if there is no memory for it.
    pub fn upload<T: bytemuck::NoUninit>(&self, label: &str, data: &[T]) -> Result<Buffer> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let (buffer, _) = self.allocate(label, bytes.len() as u64, STORAGE)?;
        if buffer.size() == bytes.len() as u64 {
            self.write(&buffer, 0, bytes);
        } else {
            let mut padded = bytes.to_vec();
            padded.resize(buffer.size() as usize, 0);
            self.write(&buffer, 0, &padded);
        }
        Ok(buffer)
    }

    /// Allocates a buffer. The flag is true if the buffer is reused and has old contents.
    pub(super) fn allocate(
        &self,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<(Buffer, bool)> {
        // An empty buffer cannot be bound.
        let size = bytes.max(16).next_multiple_of(4);
        if let Some(buffer) = BufferPool::reuse(&self.memory, size, usage) {
            return Ok((buffer, true));
        }
        let doing = || format!("allocating {label}");
        self.health.check_lost(&doing())?;
        let created = self.create(label, size, usage).or_else(|| {
            // Free buffers may occupy the memory.
            self.submit_pending();
            let any = lock(&self.memory).release_all();
            self.poll_once(wgpu::PollType::wait_indefinitely());
            any.then(|| self.create(label, size, usage)).flatten()
        });
        let buffer = created.map(|raw| (BufferPool::add(&self.memory, raw), false));
        buffer.ok_or_else(|| self.out_of_memory(&doing(), Some(size)))
    }

    /// Creates a buffer, or returns `None` if the device is out of memory.
    fn create(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> Option<wgpu::Buffer> {
        if lock(&self.injections).refuses_allocation(lock(&self.memory).bytes() + size) {
            return None;
        }
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let descriptor =
            wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        pollster::block_on(memory.pop()).is_none().then_some(buffer)
    }

    /// Reads buffers back after all earlier work, in one submission and one wait.
    ///
    /// # Errors
    /// Returns an error if the device failed, in this or in earlier work.
    pub fn read(&self, readbacks: &[Readback<'_>]) -> Result<Vec<Vec<u32>>> {
        let parts = readbacks.iter().map(|Readback { buffer, bytes }| (*buffer, 0, *bytes));
        self.read_parts(&parts.collect::<Vec<_>>())
    }

    /// Reads a part of a buffer back.
    ///
    /// # Errors
    /// Returns an error as [`Device::read`] does.
    pub fn read_part(&self, buffer: &Buffer, offset: u64, bytes: u64) -> Result<Vec<u32>> {
        Ok(self.read_parts(&[(buffer, offset, bytes)])?.remove(0))
    }

    /// Reads parts back, each given by its buffer, offset and bytes.
    pub(super) fn read_parts(&self, parts: &[(&Buffer, u64, u64)]) -> Result<Vec<Vec<u32>>> {
        let doing = "reading results";
        let total: u64 = parts.iter().map(|(_, _, bytes)| bytes).sum();
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        // Rounding up makes results of similar lengths reuse the same buffer.
        let (staging, _) = self.allocate("readback", total.next_power_of_two(), usage)?;
        let staging = Mapping(staging);
        self.submit_with(|encoder| {
            let mut target = 0;
            for &(buffer, offset, bytes) in parts {
                let (source, staging) = (buffer.raw(), staging.0.raw());
                encoder.copy_buffer_to_buffer(source, offset, staging, target, bytes);
                target += bytes;
            }
        });
        let (sender, receiver) = std::sync::mpsc::channel();
        staging.0.raw().map_async(wgpu::MapMode::Read, .., move |mapped| {
            // The receiver lives until the buffer is mapped.
            let _ = sender.send(mapped);
        });
        self.settle(doing)?;
        match receiver.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(lost(doing, &error.to_string())),
            Err(error) => return Err(lost(doing, &error.to_string())),
        }
        let view = staging.0.raw().get_mapped_range(..);
        let view = view.map_err(|error| lost(doing, &error.to_string()))?;
        let mut words = Vec::with_capacity(parts.len());
        let mut begin = 0;
        for (_, _, bytes) in parts {
            let end = begin + *bytes as usize;
            words.push(bytemuck::pod_collect_to_vec(&view[begin..end]));
            begin = end;
        }
        Ok(words)
    }

    /// Waits until all work is done.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn wait(&self) -> Result<()> {
        self.submit_pending();
        self.settle("waiting")
    }
}

/// The feature for half precision in shaders.
const HALVES: wgpu::Features = wgpu::Features::SHADER_F16;

const STORAGE: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST);

/// A buffer that is unmapped when it is dropped.
struct Mapping(Buffer);

impl Drop for Mapping {
    fn drop(&mut self) {
        self.0.raw().unmap();
    }
}
