//! The plan of a benchmark: checked flags, and the cases that they ask to measure.

use std::sync::Arc;

use deme::backend::Variant;
use deme::error::{Error, Result};
use deme::gpu::Device;
use deme::measure::{BenchmarkBackend, BenchmarkCase, BenchmarkSubject, PopulationOperation};
use deme::network::{Activation, Precision};
use deme::run::Request;
use deme::strategy;
use deme::task::{self, Kind, Task};

use super::flags::Flags;
use crate::cli::autotuner;
use crate::cli::names::{BENCHMARK_BACKENDS, BENCHMARK_PARTS};
use crate::cli::sizes::{one_size, sizes};

/// The default populations: powers of four, while a row takes no more than seconds.
const POPULATIONS: [u64; 6] = [64, 256, 1024, 4096, 16_384, 65_536];
/// The largest number of multiply-adds of a row with a default population.
const MAX_WORK: u64 = 15_000_000_000;
/// The largest number of genes of a generation with a default population.
const MAX_GENES: u64 = 1 << 26;
/// The factor by which a software adapter or the reference is slower, roughly.
const SLOWDOWN: u64 = 64;
/// The largest default number of steps. Some tasks have a hundred times as many.
const MAX_DEFAULT_STEPS: u32 = 1000;

/// Checked flags.
pub struct Plan {
    /// The task's name, if a built-in task is measured.
    pub task: Option<Arc<dyn Task>>,
    /// The backends to measure.
    pub backends: Vec<BenchmarkBackend>,
    /// The rows to measure.
    pub cases: Vec<BenchmarkCase>,
    /// Timed repetitions of each row.
    pub samples: u32,
}

impl Plan {
    /// Checks the flags.
    ///
    /// # Errors
    /// Returns an error if a flag is wrong, a case does not fit, or the GPU does not open.
    pub fn check(flags: &Flags) -> Result<Self> {
        let samples = one_size("--samples", flags.samples.unwrap_or(10))? as u32;
        let subjects = subjects(flags)?;
        let populations = sizes("--population", &flags.population, &POPULATIONS)?;
        let backends = backends(flags)?;
        let mut cases = Vec::new();
        // The backends are the inner loop, so that rows to compare are measured one after another.
        for &population in &populations {
            for subject in &subjects {
                if flags.population.is_empty() && is_long(subject, population, &backends) {
                    continue;
                }
                for backend in &backends {
                    for variant in variants(flags, subject, backend)? {
                        let (subject, backend) = (subject.clone(), backend.clone());
                        let tuning = autotuner::options();
                        cases.push(BenchmarkCase { subject, backend, population, variant, tuning });
                    }
                }
            }
        }
        cases.iter().try_for_each(BenchmarkCase::check)?;
        let task = match &subjects[..] {
            // A data file has no rungs of its own: its networks are checked.
            [BenchmarkSubject::Rollouts { task, .. }, ..]
                if !task::is_data_file(&flags.subject) =>
            {
                Some(Arc::clone(task))
            }
            _ => None,
        };
        Ok(Self { task, backends, cases, samples })
    }
}

/// The kernel variants to measure on a backend; `None` leaves the choice to the autotuner.
fn variants(
    flags: &Flags,
    subject: &BenchmarkSubject,
    backend: &BenchmarkBackend,
) -> Result<Vec<Option<Variant>>> {
    let named = flags.variant.as_deref().map(Variant::by_name).transpose()?;
    let BenchmarkBackend::Gpu(device) = backend else { return Ok(vec![None]) };
    let all = if flags.variants { subject.variants(device) } else { Vec::new() };
    if all.is_empty() {
        return Ok(vec![named]);
    }
    Ok(all.into_iter().map(Some).collect())
}

/// True if a default population takes too long. The first one never does.
fn is_long(subject: &BenchmarkSubject, population: usize, backends: &[BenchmarkBackend]) -> bool {
    let limit = match subject {
        BenchmarkSubject::Generation { .. } | BenchmarkSubject::Population { .. } => MAX_GENES,
        BenchmarkSubject::Rollouts { .. } | BenchmarkSubject::Forward { .. } => MAX_WORK,
    };
    let is_slow = |backend: &BenchmarkBackend| {
        matches!(backend, BenchmarkBackend::Reference) || backend.is_software_adapter()
    };
    let limit = if backends.iter().any(is_slow) { limit / SLOWDOWN } else { limit };
    population as u64 > POPULATIONS[0] && subject.work().saturating_mul(population as u64) > limit
}

/// A sentence for each flag that has no effect on what is measured.
pub fn unused_flags(flags: &Flags) -> Vec<String> {
    let subject = flags.subject.as_str();
    let (is_forward, is_generation) = (subject == "forward", subject == "generation");
    // These parts of a generation have genes, but no network.
    let has_only_genes = is_generation || operation(subject).is_some();
    let is_file = task::is_data_file(subject);
    let is_task = !is_forward && !has_only_genes && !is_file;
    let has_none = |subject| task::by_name(subject).is_ok_and(|task| !is_control(&*task));
    let has_steps = is_task && !has_none(subject);
    let unused = |is_given: bool, has_effect: bool, flag: &'static str| {
        (is_given && !has_effect).then_some(flag)
    };
    let mut data = Request::default();
    flags.data.fill(&mut data);
    let data = data.data_file_flags().into_iter().map(|(flag, _)| unused(true, is_file, flag));
    let unused = [
        unused(flags.network.is_some(), !has_only_genes, "--network"),
        unused(!flags.batch.is_empty(), is_forward, "--batch"),
        unused(flags.steps.is_some(), has_steps, "--steps"),
        unused(!flags.parameters.is_empty(), has_only_genes, "--parameters"),
        unused(flags.strategy.is_some(), is_generation, "--strategy"),
        unused(flags.variant.is_some() || flags.variants, !has_only_genes, "--variant"),
    ];
    let line = |flag| format!("{flag} has no effect on deme bench {subject}");
    data.chain(unused).flatten().map(line).collect()
}

/// The operation on a population that a subject names.
fn operation(subject: &str) -> Option<PopulationOperation> {
    let all = [PopulationOperation::Spawn, PopulationOperation::Recombine];
    all.into_iter().find(|operation| operation.name() == subject)
}

fn is_control(task: &(dyn Task + 'static)) -> bool {
    matches!(task.kind(), Kind::Control(_))
}

/// The subjects to measure, in the precision of the flags.
fn subjects(flags: &Flags) -> Result<Vec<BenchmarkSubject>> {
    let precision = flags.precision.as_deref().map_or(Ok(Precision::default()), str::parse)?;
    let subjects = subjects_by_name(flags)?.into_iter();
    Ok(subjects.map(|subject| subject.with_precision(precision)).collect())
}

fn subjects_by_name(flags: &Flags) -> Result<Vec<BenchmarkSubject>> {
    let genes = || sizes("--parameters", &flags.parameters, &[10_000]);
    let precision = Precision::default();
    match flags.subject.as_str() {
        "forward" => {
            let network = flags.network.as_deref().unwrap_or("64-128-10");
            let batches = sizes("--batch", &flags.batch, &[64])?;
            batches.into_iter().map(|batch| BenchmarkSubject::forward(network, batch)).collect()
        }
        "generation" => {
            let strategy = strategy::by_name(flags.strategy.as_deref().unwrap_or("openai-es"))?;
            let subject =
                |parameters| BenchmarkSubject::Generation { strategy, parameters, precision };
            Ok(genes()?.into_iter().map(subject).collect())
        }
        name => {
            if let Some(operation) = operation(name) {
                let subject =
                    |parameters| BenchmarkSubject::Population { operation, parameters, precision };
                return Ok(genes()?.into_iter().map(subject).collect());
            }
            let mut request = Request::for_task(name);
            flags.data.fill(&mut request);
            let task: Arc<dyn Task> = request.load_task().map_err(with_parts)?.task;
            let spec = flags.network.as_deref().unwrap_or(task.about().defaults.network);
            let network = task.network(spec, Activation::Tanh)?;
            let steps = u64::from(task.step_limit().clamp(1, MAX_DEFAULT_STEPS));
            let steps = one_size("--steps", flags.steps.unwrap_or(steps))? as u32;
            Ok(vec![BenchmarkSubject::Rollouts { task, network, steps }])
        }
    }
}

/// The backends to measure: by default the CPU, and a hardware GPU if there is one.
fn backends(flags: &Flags) -> Result<Vec<BenchmarkBackend>> {
    let (adapter, options) = (flags.adapter.as_deref(), flags.shaders.options());
    options.prepare()?;
    let open = || {
        let device = Device::open_with(adapter, &options)?;
        Ok(BenchmarkBackend::Gpu(Arc::new(device)))
    };
    if flags.backend.is_empty() {
        let gpu = if flags.adapter.is_some() { Some(open()?) } else { open().ok() };
        return Ok([Some(BenchmarkBackend::Cpu), gpu].into_iter().flatten().collect());
    }
    let by_name = |name: &String| match name.as_str() {
        "cpu" => Ok(BenchmarkBackend::Cpu),
        "gpu" => open(),
        "reference" => Ok(BenchmarkBackend::Reference),
        other => Err(Error::unknown("backend to measure", other, BENCHMARK_BACKENDS)),
    };
    flags.backend.iter().map(by_name).collect()
}

/// Adds the parts of a generation to the known names of an unknown task.
fn with_parts(error: Error) -> Error {
    match error {
        Error::Unknown { name, known, .. } => {
            let known = known.into_iter().chain(BENCHMARK_PARTS.map(String::from));
            Error::unknown("subject of a benchmark", name, known)
        }
        other => other,
    }
}
