//! The three things that are measured: rollouts of a task, batched forward passes, and what a
//! generation costs outside scoring.

use std::sync::Arc;

use super::{Roofline, Row, Stopwatch, Times};
use crate::backend::{Backend, Cpu, Episodes, Gpu, Purpose, Reference, recombine_on_cpu};
use crate::error::{Error, Result};
use crate::gpu::Device;
use crate::network::{Activation, Network};
use crate::population::{Gaussian, NoiseKey, Proposal, Scale};
use crate::strategy::{Entry, Fitness, Settings, Start};
use crate::task::{Kind, Task};
use crate::verify::{self, CpuSubject, GpuSubject, Ladder, Rung, Subject};

/// A side of a comparison.
#[derive(Clone)]
pub enum Side {
    /// The fast CPU path.
    Cpu,
    /// The GPU path.
    Gpu(Arc<Device>),
    /// The naive reference.
    Reference,
}

/// What all measurements of a run share.
pub struct Bench {
    /// How often to repeat.
    pub watch: Stopwatch,
    /// What the CPU can do at most.
    pub roofline: Roofline,
}

/// Scale of the random genomes that are timed.
const GENOME_SCALE: f32 = 0.5;

impl Side {
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
            Self::Cpu => CpuSubject::default().adapter(),
            Self::Gpu(device) => device.name().to_owned(),
            Self::Reference => "one thread, f64".into(),
        }
    }

    fn subject(&self) -> Option<Box<dyn Subject>> {
        match self {
            Self::Cpu => Some(Box::new(CpuSubject::default())),
            Self::Gpu(device) => Some(Box::new(GpuSubject::new(Arc::clone(device)))),
            Self::Reference => None,
        }
    }

    fn open(&self, task: Arc<dyn Task>, network: Network) -> Result<Box<dyn Backend>> {
        Ok(match self {
            Self::Cpu => Box::new(Cpu::new(task, network)),
            Self::Gpu(device) => Box::new(Gpu::new(Arc::clone(device), task, network)?),
            Self::Reference => Box::new(Reference::new(task, network)),
        })
    }
}

impl Bench {
    /// Rollouts of exactly so many live steps for every individual; an episode that ends restarts
    /// at once.
    ///
    /// # Errors
    /// A data set, a backend that is wrong, or one that fails.
    pub fn rollouts(
        &self,
        side: &Side,
        task: &Arc<dyn Task>,
        network: &Network,
        population: usize,
        steps: u32,
    ) -> Result<Row> {
        let name = task.about().name.to_string();
        let Kind::Control(_) = task.kind() else {
            return self.passes(side, task, network, population);
        };
        let mut backend = side.open(Arc::clone(task), network.clone())?;
        backend.spawn(&cloud(network.parameters(), population))?;
        let whole = Episodes::new(1, Purpose::Benchmark, 0, 1);
        let episodes = Episodes { exact_steps: Some(steps), ..whole };
        let times = self.watch.time(|| {
            let scores = backend.score(&episodes)?;
            let counted = population as u64 * u64::from(steps);
            assert_eq!(scores.steps, counted, "every step of a benchmark is counted");
            Ok(())
        })?;
        let all_steps = population as f64 * f64::from(steps);
        let operations = 2.0 * network.parameters() as f64 * all_steps;
        let bytes = 4.0 * (network.parameters() * population) as f64;
        let mut row = self.row(side, &name, network.parameters(), population, times);
        row.network = Some(network.to_string());
        row.steps = Some(steps.into());
        row.evaluations_per_second = Some(population as f64 / times.median);
        row.steps_per_second = Some(all_steps / times.median);
        self.rate(&mut row, side, operations, bytes);
        Ok(row)
    }

    /// Scoring a data set's training part.
    fn passes(
        &self,
        side: &Side,
        task: &Arc<dyn Task>,
        network: &Network,
        population: usize,
    ) -> Result<Row> {
        let Kind::Data(data) = task.kind() else { unreachable!("a task has two kinds") };
        let mut backend = side.open(Arc::clone(task), network.clone())?;
        backend.spawn(&cloud(network.parameters(), population))?;
        let episodes = Episodes::new(1, Purpose::Benchmark, 0, 1);
        let times = self.watch.time(|| backend.score(&episodes).map(|_| ()))?;
        let samples = data.part(episodes.part()).len() as f64;
        let name = task.about().name.to_string();
        let mut row = self.row(side, &name, network.parameters(), population, times);
        row.network = Some(network.to_string());
        row.batch = Some(samples as u64);
        row.evaluations_per_second = Some(population as f64 / times.median);
        let operations = 2.0 * network.parameters() as f64 * samples * population as f64;
        let bytes = 4.0 * (network.parameters() * population) as f64;
        self.rate(&mut row, side, operations, bytes);
        Ok(row)
    }

    /// Forward passes of every individual on samples that all share.
    ///
    /// # Errors
    /// A backend that fails.
    pub fn forward(&self, side: &Side, spec: &str, population: usize, batch: usize) -> Result<Row> {
        let network = Network::parse_whole(spec, Activation::Tanh)?;
        let (inputs, outputs) = (network.inputs(), network.outputs());
        let task: Arc<dyn Task> = Arc::new(verify::random_samples(inputs, outputs, batch));
        let proposal = cloud(network.parameters(), population);
        let mut timed: Box<dyn FnMut() -> Result<()>> = match side {
            Side::Cpu => {
                let mut cpu = Cpu::new(task, network.clone());
                cpu.spawn(&proposal)?;
                let mut outputs = Vec::new();
                Box::new(move || {
                    cpu.forward_into(&mut outputs)?;
                    std::hint::black_box(&outputs);
                    Ok(())
                })
            }
            Side::Gpu(device) => {
                let device = Arc::clone(device);
                let mut gpu = Gpu::new(Arc::clone(&device), task, network.clone())?;
                gpu.spawn(&proposal)?;
                Box::new(move || {
                    let outputs = gpu.forward_on_device()?;
                    device.wait()?;
                    drop(outputs);
                    Ok(())
                })
            }
            Side::Reference => {
                let mut reference = Reference::new(task, network.clone());
                reference.spawn(&proposal)?;
                Box::new(move || {
                    std::hint::black_box(crate::backend::Forward::forward(&mut reference)?);
                    Ok(())
                })
            }
        };
        let times = self.watch.time(&mut *timed)?;
        drop(timed);
        let passes = (population * batch) as f64;
        let mut row = self.row(side, "forward", network.parameters(), population, times);
        row.network = Some(spec.to_owned());
        row.batch = Some(batch as u64);
        row.evaluations_per_second = Some(population as f64 / times.median);
        let moved =
            network.parameters() * population + batch * inputs + population * batch * outputs;
        self.rate(&mut row, side, 2.0 * network.parameters() as f64 * passes, 4.0 * moved as f64);
        Ok(row)
    }

    /// What a generation costs outside scoring: propose, spawn, recombine, update. On the CPU, where
    /// a Gaussian population is made as it is scored, every individual is made once, in cache.
    ///
    /// # Errors
    /// A strategy that refuses the sizes, or a backend that fails.
    pub fn generation(
        &self,
        side: &Side,
        entry: &Entry,
        parameters: usize,
        population: usize,
    ) -> Result<Row> {
        let settings = Settings::default();
        let centre = vec![0.0; parameters];
        let start = Start { genes: parameters, centre, population, seed: 1 };
        let mut strategy = entry.begin(&settings, start)?;
        let network = Network::of_parameters(parameters);
        let task: Arc<dyn Task> = Arc::new(verify::random_samples(network.inputs(), 1, 1));
        let mut cpu =
            matches!(side, Side::Cpu).then(|| Cpu::new(Arc::clone(&task), network.clone()));
        let mut other = if cpu.is_none() { Some(side.open(task, network)?) } else { None };
        let values = (0..population).map(|i| (i as f32 * 0.7).sin()).collect();
        let fitness = Fitness::new(values);
        let times = self.watch.time(|| {
            let proposal = strategy.ask();
            if let Some(cpu) = &mut cpu {
                cpu.spawn(&proposal)?;
                cpu.make_every_individual()?;
            }
            if let Some(backend) = &mut other {
                backend.spawn(&proposal)?;
            }
            let weights = strategy.weights(&fitness);
            let moments = weights.map(|weights| match &mut other {
                Some(backend) => backend.recombine(&weights),
                None => recombine_on_cpu(&proposal, &weights),
            });
            strategy.tell(&fitness, moments.transpose()?.as_ref())?;
            if let Side::Gpu(device) = side {
                device.wait()?;
            }
            Ok(())
        })?;
        let mut row = self.row(side, "generation", parameters, population, times);
        row.network = None;
        row.evaluations_per_second = Some(population as f64 / times.median);
        row.gbytes_per_second = Some(4.0 * (parameters * population) as f64 / times.median / 1e9);
        Ok(row)
    }

    fn row(&self, side: &Side, subject: &str, genes: usize, population: usize, t: Times) -> Row {
        Row {
            subject: subject.to_owned(),
            parameters: Some(genes as u64),
            population: Some(population as u64),
            backend: side.name().to_owned(),
            adapter: Some(side.adapter()),
            samples: self.watch.samples.into(),
            seconds_median: t.median,
            seconds_min: t.min,
            seconds_max: t.max,
            timing: "host".to_owned(),
            ..Row::default()
        }
    }

    /// Fills in operations and bytes a second, and the share of the CPU's roofline.
    fn rate(&self, row: &mut Row, side: &Side, operations: f64, bytes: f64) {
        row.gflops = Some(operations / row.seconds_median / 1e9);
        row.gbytes_per_second = Some(bytes / row.seconds_median / 1e9);
        if matches!(side, Side::Cpu) {
            let (share, bound) = self.roofline.share(operations, bytes, row.seconds_median);
            row.roofline_fraction = Some(share);
            row.roofline_bound = Some(bound.to_owned());
        }
    }
}

/// Climbs the rungs that a benchmark's numbers stand on.
///
/// # Errors
/// A side that is wrong: its numbers would mean nothing.
pub fn check(side: &Side, task: Option<&str>) -> Result<()> {
    let Some(subject) = side.subject() else { return Ok(()) };
    let rungs: Vec<Rung> = match task {
        Some(task) => Ladder::of(&[task])?.climb_task(subject.as_ref())?,
        None => Ladder::climb_networks(subject.as_ref())?,
    };
    match rungs.iter().find(|rung| !rung.passed()) {
        None => Ok(()),
        Some(rung) => Err(Error::Device {
            doing: format!("checking the {} backend before timing it", side.name()),
            problem: format!("rung {}, {}: {}", rung.name, rung.subject, rung.at),
        }),
    }
}

/// Random individuals.
fn cloud(genes: usize, individuals: usize) -> Proposal {
    Proposal::Gaussian(Gaussian {
        centre: vec![0.0; genes].into(),
        scale: Scale::Uniform(GENOME_SCALE),
        noise: NoiseKey { seed: 1, generation: 0 },
        individuals,
        mirrored: false,
    })
}
