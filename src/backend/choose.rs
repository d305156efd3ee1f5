//! The choice of a backend: by name, or the best one that there is.

use std::str::FromStr;
use std::sync::Arc;

use super::{Backend, Cpu, Gpu, Reference};
use crate::error::{Error, Result};
use crate::gpu::{self, Device, Hardness};
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
    /// For single networks, so that the population stays where it is.
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
        (Choice::Gpu, None) => gpu(None, "as asked", task, network),
        (Choice::Auto | Choice::Gpu, Some(name)) => gpu(Some(name), "as named", task, network),
        (Choice::Auto, None) => {
            let adapters = gpu::adapters();
            if adapters.iter().any(|adapter| adapter.hardness == Hardness::Hardware) {
                return gpu(None, "hardware was found", task, network);
            }
            let why = if adapters.is_empty() {
                "no GPU was found"
            } else {
                "only a software adapter was found"
            };
            Ok(cpu(task, network, why))
        }
    }
}

fn cpu(task: Arc<dyn Task>, network: Network, why: &str) -> Opened {
    let trainer = Cpu::new(Arc::clone(&task), network.clone());
    let note = format!("backend: cpu ({why}), {}", trainer.adapter());
    Opened { trainer: Box::new(trainer), examiner: Box::new(Cpu::new(task, network)), note }
}

fn reference(task: Arc<dyn Task>, network: Network) -> Opened {
    let trainer = Reference::new(Arc::clone(&task), network.clone());
    let note = "backend: reference (as asked), slow and in double precision".into();
    Opened { trainer: Box::new(trainer), examiner: Box::new(Reference::new(task, network)), note }
}

/// The population lives on the GPU, and single networks on the CPU: a hundred episodes of one
/// network would be one thread's work on a GPU. It also means that what a GPU has bred is judged by
/// another implementation.
fn gpu(adapter: Option<&str>, why: &str, task: Arc<dyn Task>, network: Network) -> Result<Opened> {
    let device = Arc::new(Device::open(adapter)?);
    let note = match device.hardness() {
        Hardness::Hardware => format!("backend: gpu ({why}), {}", device.name()),
        Hardness::Software => {
            format!("backend: gpu ({why}), {}, which is software and slow", device.name())
        }
    };
    let trainer = Gpu::new(device, Arc::clone(&task), network.clone())?;
    Ok(Opened { trainer: Box::new(trainer), examiner: Box::new(Cpu::new(task, network)), note })
}
