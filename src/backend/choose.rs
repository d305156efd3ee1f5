//! The choice of a backend: by name, or the best one that there is.

use std::str::FromStr;
use std::sync::Arc;

use super::{Backend, Cpu, Reference};
use crate::error::{Error, Result};
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

/// Two backends of a kind.
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
        (Choice::Auto, None) => {
            let adapters = gpu::adapters();
            match adapters.iter().find(|adapter| adapter.is_hardware()) {
                Some(adapter) => gpu(adapter, "a hardware GPU was found", task, network),
                None if adapters.is_empty() => Ok(cpu(task, network, "no GPU was found")),
                None => Ok(cpu(task, network, "only a software adapter was found")),
            }
        }
        (Choice::Gpu, None) => {
            let adapters = gpu::adapters();
            let hardware = adapters.iter().find(|adapter| adapter.is_hardware());
            let adapter = hardware.ok_or_else(|| Error::NoAdapter(without_hardware(&adapters)))?;
            gpu(adapter, "as asked", task, network)
        }
        (Choice::Auto | Choice::Gpu, Some(name)) => {
            let adapters = gpu::adapters();
            let wanted = name.to_lowercase();
            let named = |adapter: &&gpu::AdapterInfo| adapter.name.to_lowercase().contains(&wanted);
            let adapter = adapters.iter().find(named).ok_or_else(|| unknown(name, &adapters))?;
            gpu(adapter, "named with --adapter", task, network)
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

fn gpu(
    adapter: &gpu::AdapterInfo,
    why: &str,
    task: Arc<dyn Task>,
    network: Network,
) -> Result<Opened> {
    Ok(Opened {
        trainer: gpu::open(adapter, Arc::clone(&task), network.clone())?,
        examiner: gpu::open(adapter, task, network)?,
        note: format!("backend: gpu ({why}), {}", adapter.name),
    })
}

fn without_hardware(adapters: &[gpu::AdapterInfo]) -> String {
    if adapters.is_empty() {
        return "none was found; install a Vulkan, Metal or DirectX 12 driver, or use --backend cpu"
            .into();
    }
    let names: Vec<&str> = adapters.iter().map(|adapter| adapter.name.as_str()).collect();
    format!(
        "only software adapters were found ({}); ask for one with --adapter NAME, or use \
         --backend cpu",
        names.join(", ")
    )
}

fn unknown(name: &str, adapters: &[gpu::AdapterInfo]) -> Error {
    if adapters.is_empty() {
        return Error::NoAdapter(format!("none was found, so none is named '{name}'"));
    }
    Error::Unknown {
        kind: "adapter".into(),
        name: name.into(),
        known: adapters.iter().map(|adapter| adapter.name.clone()).collect(),
    }
}

pub use gpu::{AdapterInfo, adapters};

/// The seam to `crate::gpu`: replace this module by imports from there.
mod gpu {
    use super::{Arc, Backend, Error, Network, Result, Task};

    /// A GPU, or a program that acts as one.
    #[derive(Clone, Debug, serde::Serialize)]
    pub struct AdapterInfo {
        /// What the driver calls it.
        pub name: String,
        /// The interface it is reached by: vulkan, metal, dx12.
        pub backend: String,
        /// `hardware` or `software`.
        pub device_type: String,
        /// The driver and its version.
        pub driver: String,
    }

    impl AdapterInfo {
        /// Whether it is a real one.
        pub fn is_hardware(&self) -> bool {
            self.device_type == "hardware"
        }
    }

    /// Every adapter of this machine.
    pub fn adapters() -> Vec<AdapterInfo> {
        Vec::new()
    }

    pub(super) fn open(
        adapter: &AdapterInfo,
        _task: Arc<dyn Task>,
        _network: Network,
    ) -> Result<Box<dyn Backend>> {
        Err(Error::NoAdapter(format!("{} is not wired up", adapter.name)))
    }
}
