//! A device that is open: it makes buffers, runs dispatches and reads results back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use wgpu::util::DeviceExt;

use super::adapter::{Hardness, choose};
use super::dispatch::Dispatch;
use super::source::Source;
use super::timing::{self, Clock};
use crate::error::{Error, Result};

/// An open device. Pipelines are compiled once for each text and kept.
pub struct Device {
    device: wgpu::Device,
    queue: wgpu::Queue,
    name: String,
    driver: String,
    loop_rounds: u64,
    hardness: Hardness,
    pub(super) clock: Option<Clock>,
    pipelines: Mutex<HashMap<Source, wgpu::ComputePipeline>>,
    complaint: Arc<Mutex<Option<String>>>,
}

/// A range of a buffer to read back.
pub struct Readback<'a> {
    /// The buffer.
    pub buffer: &'a wgpu::Buffer,
    /// Bytes from its beginning.
    pub bytes: u64,
}

impl Device {
    /// Opens the adapter of a name, or the first hardware.
    ///
    /// # Errors
    /// No such adapter, or one that refuses.
    pub fn open(name: Option<&str>) -> Result<Self> {
        let adapter = choose(name)?;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("deme"),
            required_features: adapter.inner.features() & timing::FEATURE,
            required_limits: adapter.inner.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.inner.request_device(&descriptor)).map_err(|error| {
                Error::Device { doing: format!("opening {adapter}"), problem: error.to_string() }
            })?;
        let complaint = Arc::new(Mutex::new(None));
        let heard = Arc::clone(&complaint);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.get_or_insert_with(|| error.to_string());
        }));
        Ok(Self {
            clock: Clock::of(&device, &queue),
            device,
            queue,
            name: adapter.to_string(),
            driver: adapter.driver,
            loop_rounds: adapter.loop_rounds,
            hardness: adapter.hardness,
            pipelines: Mutex::default(),
            complaint,
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
    pub fn hardness(&self) -> Hardness {
        self.hardness
    }

    /// Rounds of loops, all together, that an invocation may take in one dispatch.
    pub fn loop_rounds(&self) -> u64 {
        self.loop_rounds
    }

    /// What the device allows.
    pub fn limits(&self) -> wgpu::Limits {
        self.device.limits()
    }

    /// An empty storage buffer.
    ///
    /// # Errors
    /// The device is out of memory.
    pub fn storage(&self, label: &str, bytes: u64) -> Result<wgpu::Buffer> {
        let usage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        self.buffer(label, bytes, usage)
    }

    /// A storage buffer with these contents.
    ///
    /// # Errors
    /// The device is out of memory.
    pub fn upload<T: bytemuck::NoUninit>(&self, label: &str, data: &[T]) -> Result<wgpu::Buffer> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let buffer = self.storage(label, bytes.len() as u64)?;
        self.write(&buffer, 0, bytes);
        Ok(buffer)
    }

    /// Writes bytes into a buffer, before the next dispatch.
    pub fn write(&self, buffer: &wgpu::Buffer, offset: u64, bytes: &[u8]) {
        self.queue.write_buffer(buffer, offset, bytes);
    }

    pub(super) fn buffer(
        &self,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        // An empty buffer cannot be bound.
        let size = bytes.max(16).next_multiple_of(4);
        let descriptor =
            wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        let buffer = self.device.create_buffer(&descriptor);
        match pollster::block_on(memory.pop()) {
            None => Ok(buffer),
            Some(error) => Err(Error::Device {
                doing: format!("allocating {size} bytes for {label}"),
                problem: format!("{error}; use a smaller population, or --backend cpu"),
            }),
        }
    }

    /// Runs dispatches in order, in one submission.
    ///
    /// # Errors
    /// A shader that does not compile, or a device that fails.
    pub fn run(&self, dispatches: &[Dispatch<'_>]) -> Result<()> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        for dispatch in dispatches {
            self.encode(&mut encoder, dispatch)?;
        }
        self.queue.submit([encoder.finish()]);
        self.complain("running kernels")
    }

    /// Submits what a function encodes.
    pub(super) fn encode_and_submit(&self, encode: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encode(&mut encoder);
        self.queue.submit([encoder.finish()]);
    }

    fn encode(&self, encoder: &mut wgpu::CommandEncoder, dispatch: &Dispatch<'_>) -> Result<()> {
        let label = dispatch.source.label.as_str();
        let pipeline = self.pipeline(dispatch.source)?;
        let parameters = self.device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some(label),
            contents: dispatch.parameters,
            usage: wgpu::BufferUsages::UNIFORM,
        });
        let mut entries =
            vec![wgpu::BindGroupEntry { binding: 0, resource: parameters.as_entire_binding() }];
        for (slot, binding) in dispatch.bindings.iter().enumerate() {
            entries.push(wgpu::BindGroupEntry {
                binding: slot as u32 + 1,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &binding.buffer,
                    offset: binding.offset,
                    size: std::num::NonZeroU64::new(binding.bytes),
                }),
            });
        }
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        });
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some(label),
            timestamp_writes: self.clock.as_ref().and_then(Clock::writes),
        });
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &group, &[]);
        let [x, y, z] = dispatch.workgroups;
        pass.dispatch_workgroups(x, y, z);
        Ok(())
    }

    fn pipeline(&self, source: &Source) -> Result<wgpu::ComputePipeline> {
        let mut pipelines = self.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipeline) = pipelines.get(source) {
            return Ok(pipeline.clone());
        }
        source.validate()?;
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(&source.label),
            source: wgpu::ShaderSource::Wgsl(source.text.as_str().into()),
        };
        let checks = wgpu::ShaderRuntimeChecks::unchecked();
        // SAFETY: the text is ours and has just been validated; every index in it is guarded by
        // the kernel, and every loop ends.
        let module = unsafe { self.device.create_shader_module_trusted(descriptor, checks) };
        let pipeline = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&source.label),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: Default::default(),
            cache: None,
        });
        self.complain(&format!("compiling '{}'", source.label))?;
        pipelines.insert(source.clone(), pipeline.clone());
        Ok(pipeline)
    }

    /// Reads buffers back, when all that was run before is done; one copy and one wait.
    ///
    /// # Errors
    /// The device was lost.
    pub fn read(&self, readbacks: &[Readback<'_>]) -> Result<Vec<Vec<u32>>> {
        let total: u64 = readbacks.iter().map(|readback| readback.bytes).sum();
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let staging = self.buffer("readback", total, usage)?;
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut offset = 0;
        for readback in readbacks {
            encoder.copy_buffer_to_buffer(readback.buffer, 0, &staging, offset, readback.bytes);
            offset += readback.bytes;
        }
        self.queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |mapped| {
            // The receiver lives until the answer has come.
            let _ = sender.send(mapped);
        });
        let lost = |problem: String| Error::Device { doing: "reading results".into(), problem };
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|error| lost(error.to_string()))?;
        self.complain("reading results")?;
        match receiver.recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(lost(error.to_string())),
            Err(error) => return Err(lost(error.to_string())),
        }
        let view = staging.get_mapped_range(..).map_err(|error| lost(error.to_string()))?;
        let mut words = Vec::with_capacity(readbacks.len());
        let mut offset = 0;
        for readback in readbacks {
            let end = offset + readback.bytes as usize;
            words.push(bytemuck::pod_collect_to_vec(&view[offset..end]));
            offset = end;
        }
        Ok(words)
    }

    /// Waits until all that was run is done.
    ///
    /// # Errors
    /// The device was lost.
    pub fn wait(&self) -> Result<()> {
        let polled = self.device.poll(wgpu::PollType::wait_indefinitely());
        polled.map_err(|error| Error::Device {
            doing: "waiting".into(),
            problem: error.to_string(),
        })?;
        self.complain("waiting")
    }

    /// Reports what the device complained of since the last time.
    fn complain(&self, doing: &str) -> Result<()> {
        let mut heard = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        match heard.take() {
            None => Ok(()),
            Some(problem) => Err(Error::Device { doing: doing.into(), problem }),
        }
    }
}
