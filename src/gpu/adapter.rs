//! Adapters: the GPUs of this machine, and software that emulates one.

use std::fmt;

use wgpu::CooperativeScalarType;

use crate::error::{Error, Result};

/// The kind of processor that an adapter computes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A GPU.
    Hardware,
    /// The CPU, which emulates a GPU. It proves correctness, but its speed means nothing.
    Software,
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hardware => "hardware",
            Self::Software => "software",
        })
    }
}

/// The limit of loop iterations on Mesa's software adapter. After 65,535 iterations in total, it
/// silently leaves all loops of an invocation. The margin covers iterations that plans do not
/// count.
const LLVMPIPE_ROUNDS: u64 = 60_000;

/// An adapter that can run the kernels.
pub struct Adapter {
    /// The name, as the driver reports it.
    pub name: String,
    /// The graphics API: vulkan, metal or dx12.
    pub interface: String,
    /// The driver and its version.
    pub driver: String,
    /// The kind of processor.
    pub kind: DeviceKind,
    /// The largest number of loop iterations of an invocation in one dispatch, over all its loops.
    pub loop_rounds: u64,
    /// The side of the tiles that its tensor cores multiply in half precision, if it has any.
    pub tile: Option<usize>,
    /// The number of invocations in a subgroup, if all subgroups have the same size.
    pub subgroup: Option<usize>,
    pub(super) inner: wgpu::Adapter,
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.interface)
    }
}

/// Lists every adapter that can run the kernels, hardware first.
pub fn adapters() -> Vec<Adapter> {
    let descriptor = wgpu::InstanceDescriptor {
        backends: wgpu::Backends::PRIMARY,
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    };
    let instance = wgpu::Instance::new(descriptor);
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let mut adapters: Vec<Adapter> = found.into_iter().map(describe).collect();
    adapters.sort_by_key(|adapter| adapter.kind == DeviceKind::Software);
    adapters
}

/// Reads the properties of an adapter.
fn describe(inner: wgpu::Adapter) -> Adapter {
    let info = inner.get_info();
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu
        | wgpu::DeviceType::IntegratedGpu
        | wgpu::DeviceType::VirtualGpu => DeviceKind::Hardware,
        wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => DeviceKind::Software,
    };
    Adapter {
        loop_rounds: if info.name.contains("llvmpipe") { LLVMPIPE_ROUNDS } else { u64::MAX },
        tile: tile(&inner),
        subgroup: subgroup(&inner),
        name: info.name,
        interface: info.backend.to_string(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        kind,
        inner,
    }
}

/// The features that kernels on tensor cores need.
pub(super) const TENSOR: wgpu::Features = wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX
    .union(wgpu::Features::SHADER_F16)
    .union(wgpu::Features::SUBGROUP);

/// Returns the size of subgroups, if they all have the same size.
fn subgroup(adapter: &wgpu::Adapter) -> Option<usize> {
    let info = adapter.get_info();
    let (least, most) = (info.subgroup_min_size, info.subgroup_max_size);
    let is_usable = adapter.features().contains(wgpu::Features::SUBGROUP) && least == most;
    is_usable.then_some(least as usize)
}

/// Returns the side of the largest square tiles that an adapter multiplies in half precision and
/// sums in single precision.
fn tile(adapter: &wgpu::Adapter) -> Option<usize> {
    if !adapter.features().contains(TENSOR) {
        return None;
    }
    let (factors, sums) = (CooperativeScalarType::F16, CooperativeScalarType::F32);
    let all = adapter.cooperative_matrix_properties().into_iter();
    let sides = all.filter(|one| {
        let is_square = one.m_size == one.n_size && one.n_size == one.k_size;
        is_square && one.ab_type == factors && one.cr_type == sums && [8, 16].contains(&one.m_size)
    });
    sides.map(|one| one.m_size as usize).max()
}

/// Chooses the adapter whose name contains `name`, in any case; without a name, the first hardware
/// adapter. A software adapter must be named.
///
/// # Errors
/// Returns [`Error::NoAdapter`] if there is none, and [`Error::Unknown`] if none has the name.
pub(super) fn choose(name: Option<&str>) -> Result<Adapter> {
    let adapters = adapters();
    let names: Vec<String> = adapters.iter().map(|adapter| adapter.name.clone()).collect();
    if adapters.is_empty() {
        let problem = "the system has no Vulkan, Metal or DirectX 12 driver; install one \
            (on Debian, mesa-vulkan-drivers also brings a software adapter), or use --backend cpu";
        return Err(Error::NoAdapter(problem.into()));
    }
    let fits = |adapter: &Adapter| match name {
        Some(name) => adapter.name.to_lowercase().contains(&name.to_lowercase()),
        None => adapter.kind == DeviceKind::Hardware,
    };
    match (adapters.into_iter().find(fits), name) {
        (Some(adapter), _) => Ok(adapter),
        (None, Some(name)) => Err(Error::unknown("adapter", name, names)),
        (None, None) => Err(Error::NoAdapter(format!(
            "this machine has only software adapters ({}), which are used only if named: \
             --adapter {}",
            names.join(", "),
            names[0].split_whitespace().next().unwrap_or_default()
        ))),
    }
}
