//! The autotuner: measures the kernel variants that support a network on a device, and picks the
//! fastest.
//!
//! All candidates compute the same result, so the choice affects time only. A variant whose scores
//! differ from those of the plainest variant is left out.
//!
//! The measured quantity is the time of a generation: spawning genomes, and whole episodes
//! extrapolated from a few steps. Of the fused variants only the counterpart of the fastest team is
//! measured.
//!
//! The choice is stored in `tuning.json` in the folder that [`TuningOptions::cache`] names. Its key
//! has the adapter, the driver, the version of deme, the task, the number of samples, the network,
//! the population and the episodes. A file that is missing, damaged or read-only only costs the
//! time of another measurement.

mod cache;
mod timer;
mod workload;

pub use workload::Workload;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use cache::TuningCache;
use timer::{VariantTimer, fastest};

use super::{Gpu, Variant};
use crate::backend::Limits;
use crate::error::Result;
use crate::gpu::Device;
use crate::network::Network;
use crate::task::{Kind, Task};

/// Options of the autotuner. By default it measures nothing and stores nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TuningOptions {
    /// True to measure variants; otherwise the size of the network decides.
    pub measure: bool,
    /// The folder that stores earlier choices; `None` to store nothing.
    pub cache: Option<PathBuf>,
}

/// The inputs of the choice of a kernel variant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// The variant that the user requested; `None` lets the autotuner choose.
    pub variant: Option<Variant>,
    /// The variant that an earlier part of the run used, which is used again if it supports the
    /// network.
    pub resumed: Option<Variant>,
    /// The work to do; `None` if the networks have no layers.
    pub workload: Option<Workload>,
    /// The options of the autotuner.
    pub options: TuningOptions,
}

/// The reason for which a variant was selected.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectionReason {
    /// The user requested it.
    Requested,
    /// The run began with it.
    Resumed,
    /// No other variant supports the network.
    OnlyVariant,
    /// The variant suits the size of the network; nothing was measured.
    BySize,
    /// The variant was the fastest in an earlier measurement.
    Cached,
    /// The variant is the fastest of these, which are given with their seconds per generation.
    Measured(Vec<(Variant, f64)>),
}

impl fmt::Display for SelectionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Requested => f.write_str("as requested"),
            Self::Resumed => f.write_str("as the run began"),
            Self::OnlyVariant => f.write_str("the only variant"),
            Self::BySize => f.write_str("by size, without measurement"),
            Self::Cached => f.write_str("the fastest in an earlier measurement"),
            Self::Measured(times) => {
                let each = |(variant, seconds): &(Variant, f64)| {
                    format!("{} {:.3} ms", variant.name(), 1e3 * seconds)
                };
                let all: Vec<String> = times.iter().map(each).collect();
                write!(f, "the fastest of {} per generation", all.join(", "))
            }
        }
    }
}

impl Variant {
    /// Returns the variant that suits the size of a network, without measurement.
    pub fn by_size(network: &Network, kind: Kind<'_>, limits: &Limits) -> Self {
        let preferred = match kind {
            Kind::Control(_) => [Self::Unrolled, Self::Team(64)],
            Kind::Data(_) | Kind::Function(_) => [Self::Team(64), Self::Loop],
        };
        preferred.into_iter().find(|one| one.supports(network, kind, limits)).unwrap_or(Self::Loop)
    }
}

impl Gpu {
    /// Creates a backend with the variant that `tuning` selects, and returns the reason.
    ///
    /// # Errors
    /// Returns an error as [`Gpu::new`] does, if the requested variant does not support the
    /// network, or if the device fails.
    pub fn tuned(
        device: Arc<Device>,
        task: Arc<dyn Task>,
        network: Network,
        tuning: Tuning,
    ) -> Result<(Self, SelectionReason)> {
        let (variant, reason) = select(&device, &task, &network, tuning)?;
        Ok((Self::new(device, task, network)?.with_variant(variant)?, reason))
    }
}

/// Selects a variant.
fn select(
    device: &Arc<Device>,
    task: &Arc<dyn Task>,
    network: &Network,
    tuning: Tuning,
) -> Result<(Variant, SelectionReason)> {
    if let Some(variant) = tuning.variant {
        return Ok((variant, SelectionReason::Requested));
    }
    let limits = Gpu::limits_of(device);
    let supports = |variant: &Variant| variant.supports(network, task.kind(), &limits);
    if let Some(variant) = tuning.resumed.filter(supports) {
        return Ok((variant, SelectionReason::Resumed));
    }
    let variants = Variant::tunable(network, task.kind(), &limits);
    let workload = match tuning.workload {
        Some(workload) if variants.len() > 1 => workload,
        _ => return Ok((Variant::Loop, SelectionReason::OnlyVariant)),
    };
    if !tuning.options.measure {
        let variant = Variant::by_size(network, task.kind(), &limits);
        return Ok((variant, SelectionReason::BySize));
    }
    let cache = TuningCache::new(tuning.options.cache);
    let key = key(device, task.as_ref(), network, workload);
    if let Some(variant) = cache.get(&key).filter(|variant| variants.contains(variant)) {
        return Ok((variant, SelectionReason::Cached));
    }
    let times = VariantTimer::new(device, task, network, workload).times(&variants)?;
    let variant = fastest(&times);
    cache.insert(&key, variant);
    Ok((variant, SelectionReason::Measured(times)))
}

/// Returns the key of a choice in the cache: everything that the choice depends on.
fn key(device: &Device, task: &dyn Task, network: &Network, workload: Workload) -> String {
    let Workload { population, episodes, noise } = workload;
    let size = format!("{population}{} x {episodes}", if noise { " of noise" } else { "" });
    let version = format!("{}, {} layouts", env!("CARGO_PKG_VERSION"), Variant::ALL.len());
    let samples = match task.kind() {
        Kind::Data(data) => format!(" of {}", data.training),
        Kind::Control(_) | Kind::Function(_) => String::new(),
    };
    format!(
        "{} | {} | deme {version} | {}{samples} | {}-{network}-{}, {} | {size}",
        device.name(),
        device.driver(),
        task.about().name,
        network.inputs(),
        network.outputs(),
        network.precision().name(),
    )
}
