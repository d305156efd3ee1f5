//! The choice of a backend: by name, or the best one that there is.

use std::str::FromStr;
use std::sync::Arc;

use super::{Backend, Cpu, Gpu, Passes, Recovering, Reference, Tuning, kernels};
use crate::error::{Error, Result};
use crate::gpu::{Device, Hardness, Options, adapters};
use crate::network::Network;
use crate::task::{Examination, Task};

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

/// Backends for a run.
pub struct Opened {
    /// For the population.
    pub trainer: Box<dyn Backend>,
    /// For single networks, so that the population stays where it is.
    pub examiners: Examiners,
    /// Which it is and why, for a person.
    pub note: String,
}

/// Backends for single networks. Beside a GPU they are the CPU's: a network alone would leave a GPU
/// idle, and what learned on one implementation is judged by another.
pub struct Examiners {
    /// On the task itself, or on what validates its networks.
    pub validation: Box<dyn Backend>,
    /// On what judges them, where that is another task.
    pub held_out: Option<Box<dyn Backend>>,
}

impl Examiners {
    fn new(
        task: Arc<dyn Task>,
        network: Network,
        open: impl Fn(Arc<dyn Task>, Network) -> Box<dyn Backend>,
    ) -> Self {
        match task.examination() {
            None => Self { validation: open(task, network), held_out: None },
            Some(Examination { validation, held_out }) => Self {
                validation: open(validation.into(), network.clone()),
                held_out: Some(open(held_out.into(), network)),
            },
        }
    }

    fn on_cpu(task: Arc<dyn Task>, network: Network) -> Self {
        Self::new(task, network, |task, network| Box::new(Cpu::new(task, network)))
    }
}

/// Opens what was asked for; a GPU that is lost on the way is opened again, see [`Recovering`].
///
/// # Errors
/// No such adapter, or an adapter or a folder for shaders named for a backend that has none.
pub fn open(
    choice: Choice,
    adapter: Option<&str>,
    options: &Options,
    task: Arc<dyn Task>,
    network: Network,
    tuning: Tuning,
) -> Result<Opened> {
    if let (Choice::Cpu | Choice::Reference, Some(variant)) = (choice, tuning.variant) {
        let expected = "the gpu backend, whose kernels alone have variants";
        let got = format!("'{}' with another backend", variant.name());
        return Err(Error::invalid("--variant", expected, got));
    }
    match (choice, adapter) {
        (Choice::Cpu | Choice::Reference, Some(name)) => {
            let expected = "the gpu backend, which alone has adapters";
            Err(Error::invalid("--adapter", expected, format!("'{name}' with another backend")))
        }
        (Choice::Cpu | Choice::Reference, None) if options.dump.is_some() => {
            let expected = "the gpu backend, which alone has shaders";
            Err(Error::invalid("--dump-wgsl", expected, "another backend"))
        }
        (Choice::Cpu, None) => Ok(cpu(task, network, "as asked")),
        (Choice::Reference, None) => Ok(reference(task, network)),
        (Choice::Auto, None) => match hardware(options)? {
            Some(device) => gpu(device, "a hardware GPU was found", task, network, tuning),
            None if options.dump.is_none() => Ok(cpu(task, network, "no hardware GPU was found")),
            None => Ok(cpu(task, network, "no hardware GPU was found, so no shader is written")),
        },
        (Choice::Gpu, None) => {
            gpu(Device::open_with(None, options)?, "as asked", task, network, tuning)
        }
        (Choice::Auto | Choice::Gpu, Some(name)) => {
            let device = Device::open_with(Some(name), options)?;
            gpu(device, "named with --adapter", task, network, tuning)
        }
    }
}

/// The first hardware GPU that opens.
fn hardware(options: &Options) -> Result<Option<Device>> {
    let found = adapters().into_iter().any(|adapter| adapter.hardness == Hardness::Hardware);
    if !found {
        return Ok(None);
    }
    options.prepare()?;
    Ok(Device::open_with(None, options).ok())
}

fn cpu(task: Arc<dyn Task>, network: Network, why: &str) -> Opened {
    let trainer = Cpu::new(Arc::clone(&task), network.clone());
    let note = format!("backend: cpu ({why}), {}", trainer.adapter());
    let examiners = match task.examination() {
        // The samples of a data set are large, and need not be there twice.
        None => Examiners { validation: Box::new(trainer.beside()), held_out: None },
        Some(_) => Examiners::on_cpu(task, network),
    };
    Opened { trainer: Box::new(trainer), examiners, note }
}

fn reference(task: Arc<dyn Task>, network: Network) -> Opened {
    let trainer = Reference::new(Arc::clone(&task), network.clone());
    let note = "backend: reference (as asked), slow and in double precision".into();
    let examiners =
        Examiners::new(task, network, |task, network| Box::new(Reference::new(task, network)));
    Opened { trainer: Box::new(trainer), examiners, note }
}

fn gpu(
    device: Device,
    why: &str,
    task: Arc<dyn Task>,
    network: Network,
    tuning: Tuning,
) -> Result<Opened> {
    kernels::check_width(&network)?;
    let mut device = Arc::new(device);
    let name = device.name().to_owned();
    let (trainer, chosen) =
        Gpu::tuned(Arc::clone(&device), Arc::clone(&task), network.clone(), tuning)?;
    let variant = trainer.variant();
    let note = format!("backend: gpu ({why}), {name}; kernels: {} ({chosen})", variant.name());
    let (same_task, same_network) = (Arc::clone(&task), network.clone());
    let reopen = move || -> Result<Box<dyn Backend>> {
        device = Arc::new(device.reopen()?);
        let (task, network) = (Arc::clone(&same_task), same_network.clone());
        let gpu = Gpu::new(Arc::clone(&device), task, network)?.with_variant(variant)?;
        Ok(Box::new(Passes::new(gpu)))
    };
    let trainer = Recovering::new(Box::new(Passes::new(trainer)), Box::new(reopen));
    Ok(Opened { trainer: Box::new(trainer), examiners: Examiners::on_cpu(task, network), note })
}
