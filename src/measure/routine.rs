//! Routine: a case that is ready to be repeated. Whatever is not timed has been done when it is made.

use std::sync::Arc;

use rayon::prelude::*;

use super::{BenchmarkBackend, BenchmarkCase, BenchmarkSubject, Measurement, PopulationOperation};
use crate::backend::{
    Backend, Cpu, Episodes, ForwardBackend, Gpu, Purpose, Reference, Tuning, Variant,
    recombine_on_cpu,
};
use crate::error::Result;
use crate::gpu::Device;
use crate::network::Network;
use crate::population::{ExplicitGenomes, Gaussian, NoiseKey, Proposal, Scale, Utilities};
use crate::random::{NORMALS_PER_BLOCK, Stream};
use crate::strategy::{Entry, Fitness, Settings, Start};
use crate::task::{DataSet, Kind, Task};
use crate::verify;

/// Scale of the random genomes that are timed.
const GENOME_SCALE: f32 = 0.5;

type Repeat = Box<dyn FnMut() -> Result<()>>;

/// A piece of work that can be repeated.
pub struct Routine {
    /// What it is; times and rates are empty.
    pub(super) row: Measurement,
    /// Floating-point operations of one repetition, where they are counted.
    pub(super) operations: Option<f64>,
    /// Bytes that one repetition must move at least: every weight, input and output once.
    pub(super) bytes: f64,
    /// The device whose clock times it, where all that is timed happens on a device.
    pub(super) device: Option<Arc<Device>>,
    repeat: Repeat,
}

impl Routine {
    /// Gets a case ready.
    ///
    /// # Errors
    /// A case that does not fit in memory, a strategy that refuses its sizes, or a backend that
    /// fails.
    pub fn prepare(case: &BenchmarkCase) -> Result<Self> {
        case.check()?;
        match &case.subject {
            BenchmarkSubject::Rollouts { task, network, steps } => match task.kind() {
                Kind::Control(_) => rollouts(case, task, network, *steps),
                Kind::Data(data) => passes(case, task, network, data),
                Kind::Function(_) => points(case, task, network),
            },
            BenchmarkSubject::Forward { spec, network, batch } => {
                forward(case, spec, network, *batch)
            }
            BenchmarkSubject::Population { verb, parameters, .. } => {
                population(case, *verb, *parameters)
            }
            BenchmarkSubject::Generation { strategy, parameters, .. } => {
                generation(case, strategy, *parameters)
            }
        }
    }

    /// Does it once, and waits until it is done.
    ///
    /// # Errors
    /// A backend that fails.
    pub fn run(&mut self) -> Result<()> {
        (self.repeat)()
    }

    fn new(case: &BenchmarkCase, subject: &str, variant: Option<Variant>, repeat: Repeat) -> Self {
        let row = Measurement {
            subject: subject.to_owned(),
            parameters: Some(case.subject.parameters() as u64),
            precision: case.subject.precision().name().to_owned(),
            population: Some(case.population as u64),
            backend: case.backend.name().to_owned(),
            adapter: Some(case.backend.adapter()),
            variant: variant.map(|variant| variant.name().to_owned()),
            ..Measurement::default()
        };
        let device = match &case.backend {
            BenchmarkBackend::Gpu(device) => Some(Arc::clone(device)),
            BenchmarkBackend::Cpu | BenchmarkBackend::Reference => None,
        };
        Self { row, operations: None, bytes: 0.0, device, repeat }
    }
}

/// Every individual lives exactly so many steps; an episode that ends restarts at once.
fn rollouts(
    case: &BenchmarkCase,
    task: &Arc<dyn Task>,
    network: &Network,
    steps: u32,
) -> Result<Routine> {
    let population = case.population;
    let (mut backend, variant) =
        case.backend.open(Arc::clone(task), network.clone(), case.tuning())?;
    case.backend.check_variant(task, network, variant)?;
    backend.spawn(&cloud(network.parameters(), population))?;
    let whole = Episodes::new(1, Purpose::Benchmark, 0, 1);
    let episodes = Episodes { exact_steps: Some(steps), ..whole };
    let counted = population as u64 * u64::from(steps);
    let repeat = Box::new(move || {
        let scores = backend.score(&episodes)?;
        assert_eq!(scores.steps, counted, "every step of a benchmark is counted");
        Ok(())
    });
    let mut work = Routine::new(case, &task.about().name, variant, repeat);
    work.row.network = Some(network.to_string());
    work.row.steps = Some(steps.into());
    let genes = (network.parameters() * population) as f64;
    work.operations = Some(2.0 * genes * f64::from(steps));
    // The weights, or the centre that they are made from, and a score.
    let read = match variant {
        Some(Variant::Fused(_)) => 4.0 * network.parameters() as f64,
        _ => case.gene_bytes() * genes,
    };
    work.bytes = read + 4.0 * population as f64;
    Ok(work)
}

/// Every individual is scored on a data set's training part.
fn passes(
    case: &BenchmarkCase,
    task: &Arc<dyn Task>,
    network: &Network,
    data: &DataSet,
) -> Result<Routine> {
    let population = case.population;
    let episodes = Episodes::new(1, Purpose::Benchmark, 0, 1);
    let samples = data.indices(episodes.split()).len();
    let inputs = samples * network.inputs();
    let (mut backend, variant) =
        case.backend.open(Arc::clone(task), network.clone(), case.tuning())?;
    case.backend.check_variant(task, network, variant)?;
    backend.spawn(&cloud(network.parameters(), population))?;
    let repeat = Box::new(move || backend.score(&episodes).map(|_| ()));
    let mut work = Routine::new(case, &task.about().name, variant, repeat);
    work.row.network = Some(network.to_string());
    work.row.batch = Some(samples as u64);
    let genes = (network.parameters() * population) as f64;
    work.operations = Some(2.0 * genes * samples as f64);
    work.bytes = case.gene_bytes() * genes + 4.0 * (inputs + population) as f64;
    Ok(work)
}

/// Every individual is evaluated as a point of a function.
fn points(case: &BenchmarkCase, task: &Arc<dyn Task>, network: &Network) -> Result<Routine> {
    let population = case.population;
    let (mut backend, variant) =
        case.backend.open(Arc::clone(task), network.clone(), case.tuning())?;
    case.backend.check_variant(task, network, variant)?;
    backend.spawn(&cloud(network.parameters(), population))?;
    let episodes = Episodes::new(1, Purpose::Benchmark, 0, 1);
    let repeat = Box::new(move || backend.score(&episodes).map(|_| ()));
    let mut work = Routine::new(case, &task.about().name, variant, repeat);
    let genes = (network.parameters() * population) as f64;
    work.bytes = case.gene_bytes() * genes + 4.0 * population as f64;
    Ok(work)
}

/// Every individual says something to every sample. The weights were written out beforehand: no
/// backend makes them within the time.
fn forward(case: &BenchmarkCase, spec: &str, network: &Network, batch: usize) -> Result<Routine> {
    let population = case.population;
    let (inputs, outputs) = (network.inputs(), network.outputs());
    let task: Arc<dyn Task> = Arc::new(verify::random_samples(inputs, outputs, batch));
    let proposal = written_out(network.parameters(), population);
    let mut variant = None;
    let repeat: Repeat = match &case.backend {
        BenchmarkBackend::Cpu => {
            let mut cpu = Cpu::new(task, network.clone());
            cpu.spawn(&proposal)?;
            let mut outputs = Vec::new();
            Box::new(move || {
                cpu.forward_into(&mut outputs)?;
                std::hint::black_box(&outputs);
                Ok(())
            })
        }
        BenchmarkBackend::Gpu(device) => {
            let device = Arc::clone(device);
            let (mut gpu, _) =
                Gpu::tuned(Arc::clone(&device), Arc::clone(&task), network.clone(), case.tuning())?;
            variant = Some(gpu.variant());
            case.backend.check_variant(&task, network, variant)?;
            gpu.spawn(&proposal)?;
            Box::new(move || {
                let outputs = gpu.forward_on_device()?;
                device.wait()?;
                drop(outputs);
                Ok(())
            })
        }
        BenchmarkBackend::Reference => {
            let mut reference = Reference::new(task, network.clone());
            reference.spawn(&proposal)?;
            Box::new(move || {
                std::hint::black_box(reference.forward()?);
                Ok(())
            })
        }
    };
    let mut work = Routine::new(case, "forward", variant, repeat);
    work.row.network = Some(spec.to_owned());
    work.row.batch = Some(batch as u64);
    let genes = (network.parameters() * population) as f64;
    work.operations = Some(2.0 * genes * batch as f64);
    let beside = (batch * inputs + population * batch * outputs) as f64;
    work.bytes = case.gene_bytes() * genes + 4.0 * beside;
    Ok(work)
}

/// A Gaussian population that is made, or whose noise is summed. Bytes are those of a population
/// that is written once, or read once: the noise is made again, and stands nowhere.
fn population(
    case: &BenchmarkCase,
    verb: PopulationOperation,
    parameters: usize,
) -> Result<Routine> {
    let individuals = case.population;
    let network = Network::with_parameters(parameters).with_precision(case.subject.precision());
    let task: Arc<dyn Task> = Arc::new(verify::random_samples(network.inputs(), 1, 1));
    let proposal = cloud(parameters, individuals);
    let wave = |rate: f32| (0..individuals).map(|i| (i as f32 * rate).sin()).collect();
    let weights = Utilities { first: wave(0.37), second: Some(wave(0.11)) };
    let repeat: Repeat = if let BenchmarkBackend::Cpu = case.backend {
        let mut cpu = Cpu::new(task, network);
        cpu.spawn(&proposal)?;
        Box::new(move || match verb {
            PopulationOperation::Spawn => cpu.generate_individuals(),
            PopulationOperation::Recombine => cpu.recombine(&weights).map(|_| ()),
        })
    } else {
        let (mut backend, _) = case.backend.open(task, network, Tuning::default())?;
        backend.spawn(&proposal)?;
        Box::new(move || match verb {
            PopulationOperation::Spawn => backend.spawn(&proposal),
            PopulationOperation::Recombine => backend.recombine(&weights).map(|_| ()),
        })
    };
    let mut work = Routine::new(case, verb.name(), None, repeat);
    let bytes = match verb {
        PopulationOperation::Spawn => case.gene_bytes(),
        PopulationOperation::Recombine => 4.0,
    };
    work.bytes = bytes * (parameters * individuals) as f64;
    // A device is held against its bandwidth alone; the CPU writes nothing.
    work.operations = matches!(case.backend, BenchmarkBackend::Gpu(_)).then_some(0.0);
    Ok(work)
}

/// A generation without its scoring. On the CPU, where a Gaussian population is made as it is
/// scored, every individual is made once.
fn generation(case: &BenchmarkCase, entry: &Entry, parameters: usize) -> Result<Routine> {
    let population = case.population;
    let settings = Settings::default();
    let centre = vec![0.0; parameters];
    let start = Start { genes: parameters, centre, population, seed: 1 };
    let mut strategy = entry.begin(&settings, start)?;
    let network = Network::with_parameters(parameters).with_precision(case.subject.precision());
    let task: Arc<dyn Task> = Arc::new(verify::random_samples(network.inputs(), 1, 1));
    let is_cpu = matches!(case.backend, BenchmarkBackend::Cpu);
    let mut cpu = is_cpu.then(|| Cpu::new(Arc::clone(&task), network.clone()));
    let mut other = match is_cpu {
        true => None,
        false => Some(case.backend.open(task, network, Tuning::default())?.0),
    };
    let values = (0..population).map(|i| (i as f32 * 0.7).sin()).collect();
    let fitness = Fitness::new(values);
    let device = match &case.backend {
        BenchmarkBackend::Gpu(device) => Some(Arc::clone(device)),
        BenchmarkBackend::Cpu | BenchmarkBackend::Reference => None,
    };
    let repeat = Box::new(move || {
        let proposal = strategy.ask();
        if let Some(cpu) = &mut cpu {
            cpu.spawn(&proposal)?;
            if matches!(proposal, Proposal::Gaussian(_)) {
                cpu.generate_individuals()?;
            }
        }
        if let Some(backend) = &mut other {
            backend.spawn(&proposal)?;
        }
        strategy.tell(&fitness, &mut |utilities| match &mut other {
            Some(backend) => backend.recombine(utilities),
            None => recombine_on_cpu(&proposal, utilities),
        })?;
        device.as_ref().map_or(Ok(()), |device| device.wait())
    });
    let mut work = Routine::new(case, "generation", None, repeat);
    work.bytes = case.gene_bytes() * (parameters * population) as f64;
    // Half of it happens beside the device, whose clock would not see that.
    work.device = None;
    Ok(work)
}

/// Random individuals, by a recipe.
fn cloud(genes: usize, individuals: usize) -> Proposal {
    Proposal::Gaussian(Gaussian {
        centre: vec![0.0; genes].into(),
        scale: Scale::Uniform(GENOME_SCALE),
        noise: NOISE,
        individuals,
        mirrored: false,
    })
}

/// Random individuals, written out.
fn written_out(genes: usize, individuals: usize) -> Proposal {
    let mut genomes: Arc<[f32]> = std::iter::repeat_n(0.0, genes * individuals).collect();
    let own = Arc::get_mut(&mut genomes).expect("nobody else has seen it");
    own.par_chunks_mut(genes).enumerate().for_each(|(individual, genome)| {
        let place = NOISE.counter(Stream::Noise, individual);
        for (block, genes) in genome.chunks_mut(NORMALS_PER_BLOCK).enumerate() {
            for (gene, normal) in genes.iter_mut().zip(place.normals(block as u32)) {
                *gene = GENOME_SCALE * normal;
            }
        }
    });
    Proposal::Explicit(ExplicitGenomes { genomes, genes })
}

const NOISE: NoiseKey = NoiseKey { seed: 1, generation: 0 };
