//! The backends that a benchmark compares.

use std::sync::Arc;

use crate::backend::{Backend, Cpu, Gpu, Reference, Tuning, Variant};
use crate::error::{Error, Result};
use crate::gpu::{Device, DeviceKind};
use crate::network::Network;
use crate::task::Task;
use crate::verify::{CpuImplementation, GpuImplementation, Implementation, Ladder, Rung};

/// A backend that is measured.
#[derive(Clone)]
pub enum BenchmarkBackend {
    /// The fast CPU path.
    Cpu,
    /// The GPU path.
    Gpu(Arc<Device>),
    /// The naive reference.
    Reference,
}

impl BenchmarkBackend {
    /// Returns the name of the backend on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu(_) => "gpu",
            Self::Reference => "reference",
        }
    }

    /// Returns a description of the device for the user.
    pub fn adapter(&self) -> String {
        match self {
            Self::Cpu => CpuImplementation::default().adapter(),
            Self::Gpu(device) => device.name().to_owned(),
            Self::Reference => "one thread, f64".into(),
        }
    }

    /// True if this is a software adapter, which uses the CPU's memory.
    pub fn is_software_adapter(&self) -> bool {
        matches!(self, Self::Gpu(device) if device.kind() == DeviceKind::Software)
    }

    /// Verifies the backend before it is timed: on a task, or on networks and populations.
    ///
    /// # Errors
    /// Returns an error if the backend computes wrong results, whose times would mean nothing.
    pub fn check(&self, task: Option<&Arc<dyn Task>>) -> Result<()> {
        let Some(implementation) = self.implementation() else { return Ok(()) };
        let rungs: Vec<Rung> = match task {
            Some(task) => {
                Ladder::for_own_tasks([Arc::clone(task)]).check_tasks(implementation.as_ref())?
            }
            None => Ladder::check_networks(implementation.as_ref())?,
        };
        self.expect_passed(&rungs)
    }

    /// Compares the kernel variant that is to be timed with the plainest one, on the same task and
    /// network.
    ///
    /// # Errors
    /// Returns an error if the variant computes wrong results, whose times would mean nothing.
    pub(super) fn check_variant(
        &self,
        task: &Arc<dyn Task>,
        network: &Network,
        variant: Option<Variant>,
    ) -> Result<()> {
        let (Some(implementation), Some(variant)) = (self.implementation(), variant) else {
            return Ok(());
        };
        let rung = Ladder::check_variant(implementation.as_ref(), task, network, variant.name())?;
        self.expect_passed(rung.as_slice())
    }

    fn expect_passed(&self, rungs: &[Rung]) -> Result<()> {
        match rungs.iter().find(|rung| !rung.passed()) {
            None => Ok(()),
            Some(rung) => Err(Error::Device {
                doing: format!("checking the {} backend before timing it", self.name()),
                problem: format!("rung {}, {}: {}", rung.name, rung.subject, rung.at),
            }),
        }
    }

    fn implementation(&self) -> Option<Box<dyn Implementation>> {
        match self {
            Self::Cpu => Some(Box::new(CpuImplementation::default())),
            Self::Gpu(device) => Some(Box::new(GpuImplementation::new(Arc::clone(device)))),
            Self::Reference => None,
        }
    }

    /// Opens the backend, and returns it with its kernel variant if it has kernels.
    pub(super) fn open(
        &self,
        task: Arc<dyn Task>,
        network: Network,
        tuning: Tuning,
    ) -> Result<(Box<dyn Backend>, Option<Variant>)> {
        Ok(match self {
            Self::Cpu => (Box::new(Cpu::new(task, network)), None),
            Self::Gpu(device) => {
                let (gpu, _) = Gpu::tuned(Arc::clone(device), task, network, tuning)?;
                let variant = gpu.variant();
                (Box::new(gpu), Some(variant))
            }
            Self::Reference => (Box::new(Reference::new(task, network)), None),
        })
    }
}
