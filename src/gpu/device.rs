//! A device that is open: it makes buffers, runs dispatches and reads results back.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::adapter::{Adapter, DeviceKind, TENSOR, adapters, choose};
use super::buffer::{Buffer, BufferPool, lock};
use super::fault::{Health, Injection, Injections, lost};
use super::pipeline::{Pipeline, prepare_folder};
use super::source::ShaderSource;
use super::submission::{PARAMETER_BYTES, PendingSubmission};
use super::timing::{self, Clock};
use crate::error::{Error, Result};

/// An open device. Pipelines are compiled once for each text and kept; buffers are used again.
pub struct Device {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// The adapter's own name, and its interface.
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
    /// The parameters of one submission.
    pub(super) parameters: Buffer,
    pub(super) parameter_alignment: u64,
    pub(super) injections: Mutex<Injections>,
    /// Where texts are written that are compiled.
    pub(super) dump: Option<PathBuf>,
}

/// What a device is opened with, beside its adapter.
#[derive(Clone, Debug, Default)]
pub struct DeviceOptions {
    /// The folder that every shader is written into when it is compiled.
    pub dump: Option<PathBuf>,
    /// Faults on purpose, for verification.
    pub injections: Vec<Injection>,
}

impl DeviceOptions {
    /// Makes the folder for shaders, where one is named, and tries whether it can be written to.
    ///
    /// # Errors
    /// It cannot.
    pub fn prepare(&self) -> Result<()> {
        self.dump.as_deref().map_or(Ok(()), prepare_folder)
    }
}

/// A range of a buffer to read back.
pub struct Readback<'a> {
    /// The buffer.
    pub buffer: &'a Buffer,
    /// Bytes from its beginning.
    pub bytes: u64,
}

/// What a device has made so far. Once a program does the same again and again, none of it but the
/// submissions grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceCounts {
    /// Buffers, those for reading back included.
    pub buffers: u64,
    /// Groups that bind buffers to a kernel.
    pub groups: u64,
    /// Compiled kernels.
    pub pipelines: u64,
    /// Submissions.
    pub submissions: u64,
}

impl Device {
    /// Opens the adapter of a name, or the first hardware.
    ///
    /// # Errors
    /// No such adapter, or one that refuses.
    pub fn open(name: Option<&str>) -> Result<Self> {
        Self::open_with(name, &DeviceOptions::default())
    }

    /// The same, with a folder for shaders, or with faults on purpose.
    ///
    /// # Errors
    /// As [`Device::open`], and a folder that cannot be written to.
    pub fn open_with(name: Option<&str>, options: &DeviceOptions) -> Result<Self> {
        options.prepare()?;
        Self::of(choose(name)?, options)
    }

    /// The same adapter anew, after this device was lost, with the faults that have not come yet.
    /// A driver that was reset takes a moment to come back, and is given some seconds.
    ///
    /// # Errors
    /// The adapter is gone, or refuses.
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
        let is_same = |adapter: &Adapter| {
            (&adapter.name, &adapter.interface) == (&self.adapter.0, &self.adapter.1)
        };
        let adapter = adapters().into_iter().find(is_same).ok_or_else(|| {
            Error::NoAdapter(format!("{} was lost, and is no longer found", self.name))
        })?;
        let injections = lock(&self.injections).ahead();
        let device = Self::of(adapter, &DeviceOptions { dump: self.dump.clone(), injections })?;
        Ok(if self.has_clock() { device } else { device.without_clock() })
    }

    fn of(adapter: Adapter, options: &DeviceOptions) -> Result<Self> {
        let (tensor, experimental_features) = match adapter.tile {
            None => (wgpu::Features::empty(), wgpu::ExperimentalFeatures::disabled()),
            // SAFETY: kernels with cooperative matrices run only where they are asked for, within
            // what the adapter lists, and are held against others before.
            Some(_) => (TENSOR, unsafe { wgpu::ExperimentalFeatures::enabled() }),
        };
        // Asked for where there are subgroups of several sizes, it would leave theirs to chance.
        let subgroup = match adapter.subgroup {
            None => wgpu::Features::empty(),
            Some(_) => wgpu::Features::SUBGROUP,
        };
        let optional = adapter.inner.features() & (timing::FEATURE | HALVES);
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
            health: Health::of(&device),
            clock: Clock::of(&device, &queue),
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
            injections: Mutex::new(Injections::of(&options.injections)),
            dump: options.dump.clone(),
        })
    }

    /// The adapter's name and interface.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The driver, and its version.
    pub fn driver(&self) -> &str {
        &self.driver
    }

    /// Hardware or software.
    pub fn kind(&self) -> DeviceKind {
        self.kind
    }

    /// Rounds of loops, all together, that an invocation may take in one dispatch.
    pub fn loop_rounds(&self) -> u64 {
        self.loop_rounds
    }

    /// Whether shaders have numbers of half precision, in buffers too.
    pub fn has_halves(&self) -> bool {
        self.device.features().contains(HALVES)
    }

    /// The side of the tiles of half precision that it multiplies as a whole, where it does.
    pub fn tile(&self) -> Option<usize> {
        self.tile
    }

    /// Invocations of a subgroup, where every subgroup has as many.
    pub fn subgroup(&self) -> Option<usize> {
        self.subgroup
    }

    /// What the device allows.
    pub fn limits(&self) -> wgpu::Limits {
        self.device.limits()
    }

    /// What it has made so far.
    pub fn resource_counts(&self) -> ResourceCounts {
        let (buffers, groups) = lock(&self.memory).made();
        let pipelines = lock(&self.pipelines).len() as u64;
        ResourceCounts {
            buffers,
            groups,
            pipelines,
            submissions: lock(&self.pending).submissions(),
        }
    }

    /// Bytes of all its buffers, those that are kept to be used again included.
    pub fn held_bytes(&self) -> u64 {
        lock(&self.memory).bytes()
    }

    /// A storage buffer of zeros.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn storage(&self, label: &str, bytes: u64) -> Result<Buffer> {
        let (buffer, is_old) = self.room(label, bytes, STORAGE)?;
        if is_old {
            self.clear(&buffer);
        }
        Ok(buffer)
    }

    /// A storage buffer with these contents.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn upload<T: bytemuck::NoUninit>(&self, label: &str, data: &[T]) -> Result<Buffer> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let (buffer, _) = self.room(label, bytes.len() as u64, STORAGE)?;
        if buffer.size() == bytes.len() as u64 {
            self.write(&buffer, 0, bytes);
        } else {
            let mut padded = bytes.to_vec();
            padded.resize(buffer.size() as usize, 0);
            self.write(&buffer, 0, &padded);
        }
        Ok(buffer)
    }

    /// A buffer, and whether it is one that was used before.
    pub(super) fn room(
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
        let made = self.make(label, size, usage).or_else(|| {
            // What nobody holds may be in the way.
            self.submit_pending();
            let any = lock(&self.memory).release_all();
            self.poll_once(wgpu::PollType::wait_indefinitely());
            any.then(|| self.make(label, size, usage)).flatten()
        });
        let made = made.map(|raw| (BufferPool::add(&self.memory, raw), false));
        made.ok_or_else(|| self.out_of_memory(&doing(), Some(size)))
    }

    /// A buffer, unless the device is out of memory.
    fn make(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> Option<wgpu::Buffer> {
        if lock(&self.injections).refuses(lock(&self.memory).bytes() + size) {
            return None;
        }
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let descriptor =
            wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        pollster::block_on(memory.pop()).is_none().then_some(buffer)
    }

    /// Reads buffers back, when all that was run before is done; one submission and one wait.
    ///
    /// # Errors
    /// The device failed, in this or in what was run before.
    pub fn read(&self, readbacks: &[Readback<'_>]) -> Result<Vec<Vec<u32>>> {
        let parts = readbacks.iter().map(|Readback { buffer, bytes }| (*buffer, 0, *bytes));
        self.read_parts(&parts.collect::<Vec<_>>())
    }

    /// Reads so many bytes of a buffer back, from an offset.
    ///
    /// # Errors
    /// As [`Device::read`].
    pub fn read_part(&self, buffer: &Buffer, offset: u64, bytes: u64) -> Result<Vec<u32>> {
        Ok(self.read_parts(&[(buffer, offset, bytes)])?.remove(0))
    }

    /// Reads (buffer, offset, bytes) back.
    fn read_parts(&self, parts: &[(&Buffer, u64, u64)]) -> Result<Vec<Vec<u32>>> {
        let doing = "reading results";
        let total: u64 = parts.iter().map(|(_, _, bytes)| bytes).sum();
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        // Few sizes, so that results of about the same length use the same memory.
        let (staging, _) = self.room("readback", total.next_power_of_two(), usage)?;
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
            // The receiver lives until the answer has come.
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

    /// Waits until all that was run is done.
    ///
    /// # Errors
    /// The device failed, in this or in what was run before.
    pub fn wait(&self) -> Result<()> {
        self.submit_pending();
        self.settle("waiting")
    }
}

/// Numbers of half precision in shaders.
const HALVES: wgpu::Features = wgpu::Features::SHADER_F16;

const STORAGE: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST);

/// A buffer that is mapped, or about to be, until it is dropped.
struct Mapping(Buffer);

impl Drop for Mapping {
    fn drop(&mut self) {
        self.0.raw().unmap();
    }
}
