//! Adapters: the GPUs of this machine, and software that acts as one.

use std::fmt;

use wgpu::CooperativeScalarType;

use crate::error::{Error, Result};

/// Whether an adapter computes on hardware of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKind {
    /// A graphics processor.
    Hardware,
    /// The CPU, in the guise of one: it proves correctness, never speed.
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

/// Mesa's software adapter leaves all loops of an invocation after 65,535 rounds taken together,
/// without a word; kernels of ours take that many less what stands around their plans.
const LLVMPIPE_ROUNDS: u64 = 60_000;

/// One adapter.
pub struct Adapter {
    /// Its name, as the driver gives it.
    pub name: String,
    /// The programming interface: vulkan, metal, dx12.
    pub interface: String,
    /// The driver, and its version.
    pub driver: String,
    /// Hardware or software.
    pub kind: DeviceKind,
    /// Rounds of loops, all together, that an invocation may take in one dispatch.
    pub loop_rounds: u64,
    /// The side of the tiles of half precision that it multiplies as a whole, where it does.
    pub tile: Option<usize>,
    /// Invocations of a subgroup, where every subgroup has as many.
    pub subgroup: Option<usize>,
    pub(super) inner: wgpu::Adapter,
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.interface)
    }
}

/// Every adapter that can run the kernels, hardware first.
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

/// What tensor cores need of a device.
pub(super) const TENSOR: wgpu::Features = wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX
    .union(wgpu::Features::SHADER_F16)
    .union(wgpu::Features::SUBGROUP);

/// Invocations of every subgroup, where they are of one size.
fn subgroup(adapter: &wgpu::Adapter) -> Option<usize> {
    let info = adapter.get_info();
    let (least, most) = (info.subgroup_min_size, info.subgroup_max_size);
    let is_usable = adapter.features().contains(wgpu::Features::SUBGROUP) && least == most;
    is_usable.then_some(least as usize)
}

/// The largest square tiles of half precision, summed in single precision, that an adapter lists.
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

/// The adapter whose name contains these words, whatever their case; without a name the first of
/// hardware. Software is taken only when it is named.
///
/// # Errors
/// [`Error::NoAdapter`] where there is none, [`Error::Unknown`] where none is so named.
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
        (None, Some(name)) => {
            Err(Error::Unknown { kind: "adapter".into(), name: name.into(), known: names })
        }
        (None, None) => Err(Error::NoAdapter(format!(
            "only software stands in for one here ({}), and that is taken only when named: \
             --adapter {}",
            names.join(", "),
            names[0].split_whitespace().next().unwrap_or_default()
        ))),
    }
}
