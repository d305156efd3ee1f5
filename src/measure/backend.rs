//! The sides of a comparison: the backends that are measured.

use std::sync::Arc;

use crate::backend::{Backend, Cpu, Gpu, Reference, Tuning, Variant};
use crate::error::{Error, Result};
use crate::gpu::{Device, DeviceKind};
use crate::network::Network;
use crate::task::Task;
use crate::verify::{CpuImplementation, GpuImplementation, Ladder, Rung, Implementation};

/// A side of a comparison.
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
    /// Its name on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Gpu(_) => "gpu",
            Self::Reference => "reference",
        }
    }

    /// The device, for a person.
    pub fn adapter(&self) -> String {
        match self {
            Self::Cpu => CpuImplementation::default().adapter(),
            Self::Gpu(device) => device.name().to_owned(),
            Self::Reference => "one thread, f64".into(),
        }
    }

    /// Whether it is a software adapter, whose memory is the CPU's.
    pub fn is_software_adapter(&self) -> bool {
        matches!(self, Self::Gpu(device) if device.kind() == DeviceKind::Software)
    }

    /// Climbs the rungs that a benchmark's numbers stand on: those of a task, or those of networks
    /// and populations.
    ///
    /// # Errors
    /// A side that is wrong: its numbers would mean nothing.
    pub fn check(&self, task: Option<&str>) -> Result<()> {
        let Some(subject) = self.subject() else { return Ok(()) };
        let rungs: Vec<Rung> = match task {
            Some(task) => Ladder::for_tasks(&[task])?.check_tasks(subject.as_ref())?,
            None => Ladder::check_networks(subject.as_ref())?,
        };
        self.all_passed(&rungs)
    }

    /// Holds the kernels that are about to be timed to the plainest, with the network and on the
    /// task that are meant.
    ///
    /// # Errors
    /// Kernels that are wrong: their times would mean nothing.
    pub(super) fn check_variant(
        &self,
        task: &Arc<dyn Task>,
        network: &Network,
        variant: Option<Variant>,
    ) -> Result<()> {
        let (Some(subject), Some(variant)) = (self.subject(), variant) else { return Ok(()) };
        let rung = Ladder::check_variant(subject.as_ref(), task, network, variant.name())?;
        self.all_passed(rung.as_slice())
    }

    fn all_passed(&self, rungs: &[Rung]) -> Result<()> {
        match rungs.iter().find(|rung| !rung.passed()) {
            None => Ok(()),
            Some(rung) => Err(Error::Device {
                doing: format!("checking the {} backend before timing it", self.name()),
                problem: format!("rung {}, {}: {}", rung.name, rung.subject, rung.at),
            }),
        }
    }

    fn subject(&self) -> Option<Box<dyn Implementation>> {
        match self {
            Self::Cpu => Some(Box::new(CpuImplementation::default())),
            Self::Gpu(device) => Some(Box::new(GpuImplementation::new(Arc::clone(device)))),
            Self::Reference => None,
        }
    }

    /// The backend, and how its kernels are laid out, where it has some.
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
