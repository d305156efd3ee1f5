//! The selection of a backend: by name, or the best one available.

use std::str::FromStr;
use std::sync::Arc;

use super::{
    Backend, Cpu, Gpu, MultiPassGpu, RecoveringBackend, Reference, Tuning, kernels, start_threads,
};
use crate::error::{Error, Result, by_name};
use crate::gpu::{Device, DeviceKind, DeviceOptions, adapters};
use crate::network::Network;
use crate::task::{EvaluationTasks, Task};

/// The backend that a user requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendChoice {
    /// A hardware GPU if there is one, else the CPU.
    Auto,
    /// The fast CPU path.
    Cpu,
    /// A GPU. A software adapter is used only if `--adapter` names it.
    Gpu,
    /// The naive path in double precision.
    Reference,
}

impl BackendChoice {
    /// The names on the command line, in the order of `ALL`.
    pub const NAMES: [&str; 4] = ["auto", "cpu", "gpu", "reference"];
    const ALL: [Self; 4] = [Self::Auto, Self::Cpu, Self::Gpu, Self::Reference];
}

impl FromStr for BackendChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let choices = Self::NAMES.into_iter().zip(Self::ALL);
        by_name("backend", text, choices, |(name, _)| name).map(|(_, choice)| choice)
    }
}

/// The backends of a run.
pub struct RunBackends {
    /// The backend that evaluates the population.
    pub training: Box<dyn Backend>,
    /// The backends that evaluate single networks, so that the population can stay in place.
    pub evaluation: EvaluationBackends,
    /// The name of the training backend and the reason for its choice, for a person.
    pub note: String,
}

/// Backends that evaluate single networks.
///
/// If a GPU evaluates the population, they run on the CPU: one network would leave a GPU idle, and
/// a network that was trained by one implementation is scored by another.
pub struct EvaluationBackends {
    /// The backend for validation, on the task itself or on its validation task.
    pub validation: Box<dyn Backend>,
    /// The backend for held-out scores, if the task is scored on another task.
    pub held_out: Option<Box<dyn Backend>>,
}

impl EvaluationBackends {
    fn new(
        task: Arc<dyn Task>,
        network: Network,
        open: impl Fn(Arc<dyn Task>, Network) -> Box<dyn Backend>,
    ) -> Self {
        match task.evaluation_tasks() {
            None => Self { validation: open(task, network), held_out: None },
            Some(EvaluationTasks { validation, held_out }) => Self {
                validation: open(validation.into(), network.clone()),
                held_out: Some(open(held_out.into(), network)),
            },
        }
    }

    fn on_cpu(task: Arc<dyn Task>, network: Network) -> Self {
        Self::new(task, network, |task, network| Box::new(Cpu::new(task, network)))
    }
}

/// Opens the backends of a run. A GPU that is lost during the run is reopened, see
/// [`RecoveringBackend`].
///
/// # Errors
/// Returns an error if there is no such adapter, if a GPU is asked for and the task has no WGSL, if
/// an adapter, a kernel variant or a folder for shaders is set for a backend without them, or if
/// the system starts no threads.
pub fn open(
    choice: BackendChoice,
    adapter: Option<&str>,
    options: &DeviceOptions,
    task: Arc<dyn Task>,
    network: Network,
    tuning: Tuning,
) -> Result<RunBackends> {
    start_threads(None)?;
    let needs_gpu = adapter.is_some() || tuning.variant.is_some() || options.dump.is_some();
    if choice == BackendChoice::Gpu || (choice == BackendChoice::Auto && needs_gpu) {
        task.check_wgsl()?;
    }
    if let (BackendChoice::Cpu | BackendChoice::Reference, Some(variant)) = (choice, tuning.variant)
    {
        let expected = "the gpu backend (no other backend has kernel variants)";
        let got = format!("'{}' with another backend", variant.name());
        return Err(Error::invalid("--variant", expected, got));
    }
    match (choice, adapter) {
        (BackendChoice::Cpu | BackendChoice::Reference, Some(name)) => {
            let expected = "the gpu backend (no other backend has adapters)";
            Err(Error::invalid("--adapter", expected, format!("'{name}' with another backend")))
        }
        (BackendChoice::Cpu | BackendChoice::Reference, None) if options.dump.is_some() => {
            let expected = "the gpu backend (no other backend has shaders)";
            Err(Error::invalid("--dump-wgsl", expected, "another backend"))
        }
        (BackendChoice::Cpu, None) => Ok(cpu(task, network, "as requested")),
        (BackendChoice::Reference, None) => Ok(reference(task, network)),
        (BackendChoice::Auto, None) if !task.has_wgsl() => {
            Ok(cpu(task, network, "the task has no WGSL, which a GPU needs"))
        }
        (BackendChoice::Auto, None) => match hardware(options)? {
            Some(device) => gpu(device, "a hardware GPU was found", task, network, tuning),
            None if options.dump.is_none() => Ok(cpu(task, network, "no hardware GPU was found")),
            None => Ok(cpu(task, network, "no hardware GPU was found, so no shader is written")),
        },
        (BackendChoice::Gpu, None) => {
            gpu(Device::open_with(None, options)?, "as requested", task, network, tuning)
        }
        (BackendChoice::Auto | BackendChoice::Gpu, Some(name)) => {
            let device = Device::open_with(Some(name), options)?;
            gpu(device, "named with --adapter", task, network, tuning)
        }
    }
}

/// Opens the first hardware GPU, if there is one.
fn hardware(options: &DeviceOptions) -> Result<Option<Device>> {
    let found = adapters().into_iter().any(|adapter| adapter.kind == DeviceKind::Hardware);
    if !found {
        return Ok(None);
    }
    options.prepare()?;
    Ok(Device::open_with(None, options).ok())
}

fn cpu(task: Arc<dyn Task>, network: Network, reason: &str) -> RunBackends {
    let training = Cpu::new(Arc::clone(&task), network.clone());
    let note = format!("backend: cpu ({reason}), {}", training.adapter());
    let evaluation = match task.evaluation_tasks() {
        // A sibling shares the samples of a data set, which may be large.
        None => EvaluationBackends { validation: Box::new(training.sibling()), held_out: None },
        Some(_) => EvaluationBackends::on_cpu(task, network),
    };
    RunBackends { training: Box::new(training), evaluation, note }
}

fn reference(task: Arc<dyn Task>, network: Network) -> RunBackends {
    let training = Reference::new(Arc::clone(&task), network.clone());
    let note = "backend: reference (as requested), slow and in double precision".into();
    let evaluation = EvaluationBackends::new(task, network, |task, network| {
        Box::new(Reference::new(task, network))
    });
    RunBackends { training: Box::new(training), evaluation, note }
}

fn gpu(
    device: Device,
    reason: &str,
    task: Arc<dyn Task>,
    network: Network,
    tuning: Tuning,
) -> Result<RunBackends> {
    kernels::check_width(&network)?;
    let mut device = Arc::new(device);
    let name = device.name().to_owned();
    let (gpu, selection_reason) =
        Gpu::tuned(Arc::clone(&device), Arc::clone(&task), network.clone(), tuning)?;
    let variant = gpu.variant();
    let kernels = variant.name();
    let note = format!("backend: gpu ({reason}), {name}; kernels: {kernels} ({selection_reason})");
    let (same_task, same_network) = (Arc::clone(&task), network.clone());
    let reopen = move || -> Result<Box<dyn Backend>> {
        device = Arc::new(device.reopen()?);
        let (task, network) = (Arc::clone(&same_task), same_network.clone());
        let gpu = Gpu::new(Arc::clone(&device), task, network)?.with_variant(variant)?;
        Ok(Box::new(MultiPassGpu::new(gpu)))
    };
    let training = RecoveringBackend::new(Box::new(MultiPassGpu::new(gpu)), Box::new(reopen));
    let evaluation = EvaluationBackends::on_cpu(task, network);
    Ok(RunBackends { training: Box::new(training), evaluation, note })
}
