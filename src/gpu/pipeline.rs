//! Pipelines: shaders that are validated and compiled, and on request written to a folder.

use std::borrow::Cow;
use std::path::Path;

use naga::{AddressSpace, StorageAccess};

use super::buffer::Buffer;
use super::index_checks::{CheckedModule, Record};
use super::source::ShaderSource;
use crate::error::{Error, Result};
use crate::files;

/// A compiled kernel.
pub(super) struct Pipeline {
    pub id: u64,
    pub label: String,
    pub raw: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
    /// The record of index checks, if it has them.
    pub record: Option<Record>,
}

impl Pipeline {
    /// Validates and compiles a shader. `id` is unique on the device.
    ///
    /// # Errors
    /// Returns an error if the shader is not valid. The device reports the errors of its driver.
    pub fn new(device: &wgpu::Device, id: u64, source: &ShaderSource) -> Result<Self> {
        let (module, info) = source.validated()?;
        let layout = layout(device, source, &module, &info);
        let text = wgpu::ShaderSource::Wgsl(source.text.as_str().into());
        let raw = compile(device, source, text, &layout);
        Ok(Self { id, label: source.label.clone(), raw, layout, record: None })
    }

    /// Compiles a shader with index checks. `allocate` allocates the buffer of their record.
    ///
    /// # Errors
    /// Returns an error as [`Pipeline::new`] does, or if there is no memory for the record.
    pub fn with_index_checks(
        device: &wgpu::Device,
        id: u64,
        source: &ShaderSource,
        allocate: impl FnOnce(u64) -> Result<Buffer>,
    ) -> Result<Self> {
        let CheckedModule { module, info, binding, places } = CheckedModule::from_source(source)?;
        let layout = layout(device, source, &module, &info);
        let record = match places.len() {
            0 => None,
            count => Some(Record { binding, buffer: allocate(4 * count as u64)?, places }),
        };
        let module = wgpu::ShaderSource::Naga(Cow::Owned(module));
        let raw = compile(device, source, module, &layout);
        Ok(Self { id, label: source.label.clone(), raw, layout, record })
    }
}

/// Compiles a validated shader.
fn compile(
    device: &wgpu::Device,
    source: &ShaderSource,
    text: wgpu::ShaderSource<'_>,
    layout: &wgpu::BindGroupLayout,
) -> wgpu::ComputePipeline {
    let descriptor = wgpu::ShaderModuleDescriptor { label: Some(&source.label), source: text };
    let checks = match source.is_trusted {
        true => wgpu::ShaderRuntimeChecks::unchecked(),
        false => wgpu::ShaderRuntimeChecks::checked(),
    };
    // SAFETY: the shader has just been validated. One with a part that a user wrote is checked. The
    // others are part of this crate: no index is out of bounds, for rung `5 bounds` of verification
    // runs every kernel with index checks, and fails if an index reaches the end of its array; and
    // every loop ends.
    let module = unsafe { device.create_shader_module_trusted(descriptor, checks) };
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(&source.label),
        bind_group_layouts: &[Some(layout)],
        immediate_size: 0,
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(&source.label),
        layout: Some(&layout),
        module: &module,
        entry_point: Some("main"),
        // The defaults clear workgroup memory, and the kernels rely on it.
        compilation_options: Default::default(),
        cache: None,
    })
}

/// Creates the layout of a kernel's bindings. Parameters have a dynamic offset, so that those
/// of all dispatches can share one buffer.
fn layout(
    device: &wgpu::Device,
    source: &ShaderSource,
    module: &naga::Module,
    info: &naga::valid::ModuleInfo,
) -> wgpu::BindGroupLayout {
    let used = info.get_entry_point(0);
    let bound = module.global_variables.iter().filter(|(handle, _)| !used[*handle].is_empty());
    let entry = |(_, variable): (_, &naga::GlobalVariable)| {
        let binding = variable.binding.as_ref()?.binding;
        let (ty, has_dynamic_offset) = match variable.space {
            AddressSpace::Uniform => (wgpu::BufferBindingType::Uniform, true),
            AddressSpace::Storage { access } => {
                let read_only = !access.contains(StorageAccess::STORE);
                (wgpu::BufferBindingType::Storage { read_only }, false)
            }
            _ => return None,
        };
        let visibility = wgpu::ShaderStages::COMPUTE;
        let ty = wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None };
        Some(wgpu::BindGroupLayoutEntry { binding, visibility, ty, count: None })
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some(&source.label),
        entries: &bound.filter_map(entry).collect::<Vec<_>>(),
    })
}

/// Creates the folder of `--dump-wgsl` and checks that it can be written to.
///
/// # Errors
/// Returns an error if the folder cannot be created or written to.
pub(super) fn prepare_folder(folder: &Path) -> Result<()> {
    let probe = folder.join(format!(".deme-{}", std::process::id()));
    let refused = |problem: String| {
        let got = format!("{} ({problem})", folder.display());
        Error::invalid("--dump-wgsl", "a folder that can be created and written to", got)
    };
    std::fs::create_dir_all(folder).map_err(|source| refused(source.to_string()))?;
    files::create_new(&probe).map_err(|error| refused(error.to_string()))?;
    std::fs::remove_file(&probe).map_err(|source| refused(source.to_string()))
}

/// Writes a shader to `LABEL-HASH.wgsl`.
pub(super) fn write_shader(folder: &Path, source: &ShaderSource) -> Result<()> {
    files::replace(folder, &name_of(source), source.text.as_bytes())
}

/// Returns the name of a shader's file.
fn name_of(source: &ShaderSource) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let label: String = source.label.chars().map(plain).collect();
    format!("{label}-{:08x}.wgsl", crc32fast::hash(source.text.as_bytes()))
}
