//! The choice of a backend: by name, or the best one that there is.

use std::str::FromStr;
use std::sync::Arc;

use super::{Backend, Cpu, Gpu, Reference, kernels};
use crate::error::{Error, Result};
use crate::gpu::{Device, Hardness, adapters};
use crate::network::Network;
use crate::task::Task;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A hardware GPU if there is one, else the CPU.
    Auto,
    /// The fast CPU path.
    Cpu,
    /// A GPU; a software adapter only where it is named.
    Gpu,
    /// The naive one, in double precision.
    Reference,
}

impl Choice {
    /// The names on the command line.
    pub const NAMES: [&str; 4] = ["auto", "cpu", "gpu", "reference"];
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            "reference" => Ok(Self::Reference),
            other => Err(Error::Unknown {
                kind: "backend".into(),
                name: other.into(),
                known: Self::NAMES.map(String::from).into(),
            }),
        }
    }
}

/// Two backends.
pub struct Opened {
    /// For the population.
    pub trainer: Box<dyn Backend>,
    /// For single networks, so that the population stays where it is. Beside a GPU it is the CPU's:
    /// a network alone would leave a GPU idle, and what learned on one implementation is judged by
    /// another.
    pub examiner: Box<dyn Backend>,
    /// Which it is and why, for a person.
    pub note: String,
}

/// Opens what was asked for.
///
/// # Errors
/// No such adapter, or an adapter named for a backend that has none.
pub fn open(
    choice: Choice,
    adapter: Option<&str>,
    task: Arc<dyn Task>,
    network: Network,
) -> Result<Opened> {
    match (choice, adapter) {
        (Choice::Cpu | Choice::Reference, Some(name)) => {
            let expected = "the gpu backend, which alone has adapters";
            Err(Error::invalid("--adapter", expected, format!("'{name}' with another backend")))
        }
        (Choice::Cpu, None) => Ok(cpu(task, network, "as asked")),
        (Choice::Reference, None) => Ok(reference(task, network)),
        (Choice::Auto, None) => match hardware() {
            Some(device) => gpu(device, "a hardware GPU was found", task, network),
            None => Ok(cpu(task, network, "no hardware GPU was found")),
        },
        (Choice::Gpu, None) => gpu(Device::open(None)?, "as asked", task, network),
        (Choice::Auto | Choice::Gpu, Some(name)) => {
            gpu(Device::open(Some(name))?, "named with --adapter", task, network)
        }
    }
}

/// The first hardware GPU that opens.
fn hardware() -> Option<Device> {
    let found = adapters().into_iter().any(|adapter| adapter.hardness == Hardness::Hardware);
    found.then(|| Device::open(None).ok()).flatten()
}

fn cpu(task: Arc<dyn Task>, network: Network, why: &str) -> Opened {
    let trainer = Cpu::new(task, network);
    let note = format!("backend: cpu ({why}), {}", trainer.adapter());
    Opened { examiner: Box::new(trainer.beside()), trainer: Box::new(trainer), note }
}

fn reference(task: Arc<dyn Task>, network: Network) -> Opened {
    let trainer = Reference::new(Arc::clone(&task), network.clone());
    let note = "backend: reference (as asked), slow and in double precision".into();
    Opened { trainer: Box::new(trainer), examiner: Box::new(Reference::new(task, network)), note }
}

fn gpu(device: Device, why: &str, task: Arc<dyn Task>, network: Network) -> Result<Opened> {
    kernels::check_width(&network)?;
    let device = Arc::new(device);
    let note = format!("backend: gpu ({why}), {}", device.name());
    let trainer = Gpu::new(device, Arc::clone(&task), network.clone())?;
    Ok(Opened { trainer: Box::new(trainer), examiner: Box::new(Cpu::new(task, network)), note })
}
