//! Routines: benchmark cases that are ready to run. Everything that is not timed is done
//! beforehand.

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

/// The scale of the random genomes that are timed.
const GENOME_SCALE: f32 = 0.5;

type Repetition = Box<dyn FnMut() -> Result<()>>;

/// A benchmark case that is ready to run, as often as needed.
pub struct Routine {
    /// The measurement of this case. Its times and rates are still empty.
    pub(super) measurement: Measurement,
    /// The floating-point operations of one repetition, if they are counted.
    pub(super) operations: Option<f64>,
    /// The fewest bytes that one repetition can move: every weight, input and output once.
    pub(super) bytes: f64,
    /// The device whose clock times the routine, if all of it runs on a device.
    pub(super) device: Option<Arc<Device>>,
    repeat: Repetition,
}

impl Routine {
    /// Prepares a case.
    ///
    /// # Errors
    /// Returns an error if the case does not fit into memory, the strategy refuses its sizes, or
    /// the backend fails.
    pub fn prepare(case: &BenchmarkCase) -> Result<Self> {
        case.check()?;
        match &case.subject {
            BenchmarkSubject::Rollouts { task, network, steps } => match task.kind() {
                Kind::Control(_) => prepare_rollouts(case, task, network, *steps),
                Kind::Data(data) => prepare_data_set(case, task, network, data),
                Kind::Function(_) => prepare_function(case, task, network),
            },
            BenchmarkSubject::Forward { spec, network, batch } => {
                prepare_forward(case, spec, network, *batch)
            }
            BenchmarkSubject::Population { operation, parameters, .. } => {
                prepare_population(case, *operation, *parameters)
            }
            BenchmarkSubject::Generation { strategy, parameters, .. } => {
                prepare_generation(case, strategy, *parameters)
            }
        }
    }

    /// Runs the routine once and waits until it is done.
    ///
    /// # Errors
    /// Returns an error if the backend fails.
    pub fn run(&mut self) -> Result<()> {
        (self.repeat)()
    }

    fn new(
        case: &BenchmarkCase,
        subject: &str,
        variant: Option<Variant>,
        repeat: Repetition,
    ) -> Self {
        let measurement = Measurement {
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
        Self { measurement, operations: None, bytes: 0.0, device, repeat }
    }
}

/// Prepares rollouts: every individual takes exactly `steps` steps. An episode that ends restarts
/// at once.
fn prepare_rollouts(
    case: &BenchmarkCase,
    task: &Arc<dyn Task>,
    network: &Network,
    steps: u32,
) -> Result<Routine> {
    let population = case.population;
    let (mut backend, variant) =
        case.backend.open(Arc::clone(task), network.clone(), case.tuning())?;
    case.backend.check_variant(task, network, variant)?;
    backend.spawn(&gaussian_proposal(network.parameters(), population))?;
    let episode = Episodes::new(1, Purpose::Benchmark, 0, 1);
    let episodes = Episodes { exact_steps: Some(steps), ..episode };
    let expected = population as u64 * u64::from(steps);
    let repeat = Box::new(move || {
        let scores = backend.score(&episodes)?;
        assert_eq!(scores.steps, expected, "every step of a benchmark is counted");
        Ok(())
    });
    let mut routine = Routine::new(case, &task.about().name, variant, repeat);
    routine.measurement.network = Some(network.to_string());
    routine.measurement.steps = Some(steps.into());
    let genes = (network.parameters() * population) as f64;
    routine.operations = Some(2.0 * genes * f64::from(steps));
    // A repetition reads the weights, or the centre that they are generated from, and writes a
    // score for each individual.
    let read = match variant {
        Some(Variant::Fused(_)) => 4.0 * network.parameters() as f64,
        _ => case.gene_bytes() * genes,
    };
    routine.bytes = read + 4.0 * population as f64;
    Ok(routine)
}

/// Prepares a data set: every individual is scored on the training part.
fn prepare_data_set(
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
    backend.spawn(&gaussian_proposal(network.parameters(), population))?;
    let repeat = Box::new(move || backend.score(&episodes).map(|_| ()));
    let mut routine = Routine::new(case, &task.about().name, variant, repeat);
    routine.measurement.network = Some(network.to_string());
    routine.measurement.batch = Some(samples as u64);
    let genes = (network.parameters() * population) as f64;
    routine.operations = Some(2.0 * genes * samples as f64);
    routine.bytes = case.gene_bytes() * genes + 4.0 * (inputs + population) as f64;
    Ok(routine)
}

/// Prepares a function: every individual is evaluated as one point.
fn prepare_function(
    case: &BenchmarkCase,
    task: &Arc<dyn Task>,
    network: &Network,
) -> Result<Routine> {
    let population = case.population;
    let (mut backend, variant) =
        case.backend.open(Arc::clone(task), network.clone(), case.tuning())?;
    case.backend.check_variant(task, network, variant)?;
    backend.spawn(&gaussian_proposal(network.parameters(), population))?;
    let episodes = Episodes::new(1, Purpose::Benchmark, 0, 1);
    let repeat = Box::new(move || backend.score(&episodes).map(|_| ()));
    let mut routine = Routine::new(case, &task.about().name, variant, repeat);
    let genes = (network.parameters() * population) as f64;
    routine.bytes = case.gene_bytes() * genes + 4.0 * population as f64;
    Ok(routine)
}

/// Prepares forward passes: every individual computes its outputs for every sample. The genomes are
/// spawned beforehand, so no backend generates them while it is timed.
fn prepare_forward(
    case: &BenchmarkCase,
    spec: &str,
    network: &Network,
    batch: usize,
) -> Result<Routine> {
    let population = case.population;
    let (inputs, outputs) = (network.inputs(), network.outputs());
    let task: Arc<dyn Task> = Arc::new(verify::random_samples(inputs, outputs, batch));
    let proposal = explicit_proposal(network.parameters(), population);
    let mut variant = None;
    let repeat: Repetition = match &case.backend {
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
    let mut routine = Routine::new(case, "forward", variant, repeat);
    routine.measurement.network = Some(spec.to_owned());
    routine.measurement.batch = Some(batch as u64);
    let genes = (network.parameters() * population) as f64;
    routine.operations = Some(2.0 * genes * batch as f64);
    let samples_and_outputs = (batch * inputs + population * batch * outputs) as f64;
    routine.bytes = case.gene_bytes() * genes + 4.0 * samples_and_outputs;
    Ok(routine)
}

/// Prepares the spawning of a Gaussian population, or the sum of its noise. The bytes are those of
/// a population that is written once or read once: the noise itself is generated and never stored.
fn prepare_population(
    case: &BenchmarkCase,
    operation: PopulationOperation,
    parameters: usize,
) -> Result<Routine> {
    let individuals = case.population;
    let network = Network::with_parameters(parameters).with_precision(case.subject.precision());
    let task: Arc<dyn Task> = Arc::new(verify::random_samples(network.inputs(), 1, 1));
    let proposal = gaussian_proposal(parameters, individuals);
    let wave = |rate: f32| (0..individuals).map(|i| (i as f32 * rate).sin()).collect();
    let utilities = Utilities { first: wave(0.37), second: Some(wave(0.11)) };
    let repeat: Repetition = if let BenchmarkBackend::Cpu = case.backend {
        let mut cpu = Cpu::new(task, network);
        cpu.spawn(&proposal)?;
        Box::new(move || match operation {
            PopulationOperation::Spawn => cpu.generate_individuals(),
            PopulationOperation::Recombine => cpu.recombine(&utilities).map(|_| ()),
        })
    } else {
        let (mut backend, _) = case.backend.open(task, network, Tuning::default())?;
        backend.spawn(&proposal)?;
        Box::new(move || match operation {
            PopulationOperation::Spawn => backend.spawn(&proposal),
            PopulationOperation::Recombine => backend.recombine(&utilities).map(|_| ()),
        })
    };
    let mut routine = Routine::new(case, operation.name(), None, repeat);
    let bytes = match operation {
        PopulationOperation::Spawn => case.gene_bytes(),
        PopulationOperation::Recombine => 4.0,
    };
    routine.bytes = bytes * (parameters * individuals) as f64;
    // A device is compared with its bandwidth alone. The CPU has no roofline here, because it
    // writes nothing.
    routine.operations = matches!(case.backend, BenchmarkBackend::Gpu(_)).then_some(0.0);
    Ok(routine)
}

/// Prepares a generation without its scoring. The CPU normally generates a Gaussian population
/// while it scores it; here it generates every individual once. A repetition is as many generations
/// as it takes until their cost repeats.
fn prepare_generation(case: &BenchmarkCase, entry: &Entry, parameters: usize) -> Result<Routine> {
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
    let generations = strategy.cost_period();
    let mut generation = move || {
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
    };
    let repeat = Box::new(move || (0..generations).try_for_each(|_| generation()));
    let mut routine = Routine::new(case, "generation", None, repeat);
    routine.measurement.generations = Some(generations as u64);
    routine.bytes = case.gene_bytes() * (parameters * population) as f64;
    // Half of a generation runs on the CPU, which the device's clock does not measure.
    routine.device = None;
    Ok(routine)
}

/// Returns a recipe of random individuals.
fn gaussian_proposal(genes: usize, individuals: usize) -> Proposal {
    Proposal::Gaussian(Gaussian {
        centre: vec![0.0; genes].into(),
        scale: Scale::Uniform(GENOME_SCALE),
        noise: NOISE,
        individuals,
        mirrored: false,
    })
}

/// Returns the genomes of random individuals.
fn explicit_proposal(genes: usize, individuals: usize) -> Proposal {
    let mut genomes: Arc<[f32]> = std::iter::repeat_n(0.0, genes * individuals).collect();
    let own = Arc::get_mut(&mut genomes).expect("the only reference");
    own.par_chunks_mut(genes).enumerate().for_each(|(individual, genome)| {
        let counter = NOISE.counter(Stream::Noise, individual);
        for (block, genes) in genome.chunks_mut(NORMALS_PER_BLOCK).enumerate() {
            for (gene, normal) in genes.iter_mut().zip(counter.normals(block as u32)) {
                *gene = GENOME_SCALE * normal;
            }
        }
    });
    Proposal::Explicit(ExplicitGenomes { genomes, genes })
}

const NOISE: NoiseKey = NoiseKey { seed: 1, generation: 0 };
