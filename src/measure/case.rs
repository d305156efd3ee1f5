//! Benchmark cases: what to measure, on which backend, at which size. A case is plain data. It
//! knows the memory it needs before anything is allocated.

use std::sync::Arc;

use super::BenchmarkBackend;
use crate::backend::{Cpu, Gpu, Tuning, TuningOptions, Variant, Workload};
use crate::error::{Error, Result, readable};
use crate::gpu::Device;
use crate::network::{Activation, Network, Precision};
use crate::run::memory_budget::{BYTES_PER_GENE, available_bytes};
use crate::strategy::Entry;
use crate::task::{Kind, Task};
use crate::verify;

/// The subject of a benchmark.
#[derive(Clone)]
pub enum BenchmarkSubject {
    /// Rollouts of whole populations on a task: exactly `steps` steps of every individual on a
    /// control task, or one pass over the training part of a data set.
    Rollouts {
        /// The task.
        task: Arc<dyn Task>,
        /// The network.
        network: Network,
        /// The number of steps of every individual; ignored for a data set.
        steps: u32,
    },
    /// Forward passes of every individual on samples that all individuals share.
    Forward {
        /// The spec of all layers.
        spec: String,
        /// The network of that spec.
        network: Network,
        /// The number of samples.
        batch: usize,
    },
    /// The spawning of a Gaussian population, or the sum of its noise.
    Population {
        /// The operation on the population.
        operation: PopulationOperation,
        /// The number of genes of an individual.
        parameters: usize,
        /// The number format of genes.
        precision: Precision,
    },
    /// A generation without its scoring: propose, spawn, recombine, update.
    Generation {
        /// The strategy.
        strategy: &'static Entry,
        /// The number of genes of an individual.
        parameters: usize,
        /// The number format of genes.
        precision: Precision,
    },
}

/// An operation on a population other than scoring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopulationOperation {
    /// Spawns the population.
    Spawn,
    /// Sums the noise and its square, weighted by utilities.
    Recombine,
}

impl PopulationOperation {
    /// Returns the name of the operation on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spawn => "spawn",
            Self::Recombine => "recombine",
        }
    }
}

/// A benchmark case: one measurement to be made.
#[derive(Clone)]
pub struct BenchmarkCase {
    /// The subject.
    pub subject: BenchmarkSubject,
    /// The backend.
    pub backend: BenchmarkBackend,
    /// The number of individuals.
    pub population: usize,
    /// The kernel variant of a GPU; `None` for the fastest.
    pub variant: Option<Variant>,
    /// The options of the autotuner, which chooses the variant if none is named.
    pub tuning: TuningOptions,
}

impl BenchmarkCase {
    /// Returns the bytes of a gene in the backend's memory. Only a GPU stores half precision; other
    /// backends round to it and store f32.
    pub(super) fn gene_bytes(&self) -> f64 {
        match self.backend {
            BenchmarkBackend::Gpu(_) => self.subject.precision().bytes() as f64,
            BenchmarkBackend::Cpu | BenchmarkBackend::Reference => 4.0,
        }
    }

    /// Returns the input of the autotuner.
    pub(super) fn tuning(&self) -> Tuning {
        let workload = Workload { population: self.population, episodes: 1, noise: true };
        Tuning {
            variant: self.variant,
            resumed: None,
            workload: Some(workload),
            options: self.tuning.clone(),
        }
    }
}

/// The memory of a case: a fixed number of bytes, and a number of bytes for each individual.
struct MemoryNeed {
    fixed: u64,
    each: u64,
}

impl BenchmarkSubject {
    /// Returns forward passes through a network whose spec names all layers.
    ///
    /// # Errors
    /// Returns the errors of [`Network::parse_whole`].
    pub fn forward(spec: &str, batch: usize) -> Result<Self> {
        let network = Network::parse_whole(spec, Activation::Tanh)?;
        Ok(Self::Forward { spec: spec.to_owned(), network, batch })
    }

    /// Returns the kernel variants of a device that support this subject. The list is empty for a
    /// subject without kernel variants.
    pub fn variants(&self, device: &Device) -> Vec<Variant> {
        let limits = Gpu::limits_of(device);
        match self {
            Self::Rollouts { task, network, .. } => {
                Variant::supporting(network, task.kind(), &limits)
            }
            Self::Forward { network, .. } => {
                let task = verify::random_samples(network.inputs(), network.outputs(), 1);
                Variant::supporting(network, task.kind(), &limits)
            }
            Self::Generation { .. } | Self::Population { .. } => Vec::new(),
        }
    }

    /// Returns the number of genes of an individual.
    pub fn parameters(&self) -> usize {
        match self {
            Self::Rollouts { network, .. } | Self::Forward { network, .. } => network.parameters(),
            Self::Generation { parameters, .. } | Self::Population { parameters, .. } => {
                *parameters
            }
        }
    }

    /// Returns this subject with genes in another number format.
    #[must_use]
    pub fn with_precision(mut self, format: Precision) -> Self {
        match &mut self {
            Self::Rollouts { network, .. } | Self::Forward { network, .. } => {
                *network = network.clone().with_precision(format);
            }
            Self::Generation { precision, .. } | Self::Population { precision, .. } => {
                *precision = format;
            }
        }
        self
    }

    /// Returns the number format of genes.
    pub fn precision(&self) -> Precision {
        match self {
            Self::Rollouts { network, .. } | Self::Forward { network, .. } => network.precision(),
            Self::Generation { precision, .. } | Self::Population { precision, .. } => *precision,
        }
    }

    /// Returns the multiply-adds of one individual in one repetition. For a population and for a
    /// generation it is the number of genes of an individual.
    pub fn work(&self) -> u64 {
        let passes = match self {
            Self::Rollouts { task, steps, .. } => match task.kind() {
                Kind::Control(_) => u64::from(*steps),
                Kind::Data(data) => data.indices(crate::task::Split::Training).len() as u64,
                Kind::Function(_) => 1,
            },
            Self::Forward { batch, .. } => *batch as u64,
            Self::Generation { .. } | Self::Population { .. } => 1,
        };
        passes * self.parameters() as u64
    }
}

impl BenchmarkCase {
    /// Refuses a case that does not fit into memory.
    ///
    /// # Errors
    /// Returns an error that names the population, its memory and the largest one that fits.
    pub fn check(&self) -> Result<()> {
        self.check_bytes(available_bytes())
    }

    fn check_bytes(&self, available: u64) -> Result<()> {
        let MemoryNeed { fixed, each } = self.memory_need();
        let population = self.population as u64;
        let needed = fixed.saturating_add(each.saturating_mul(population));
        if needed <= available {
            return Ok(());
        }
        let genes = self.subject.parameters();
        Err(Error::TooLarge {
            what: format!("--population {population} on the {} backend", self.backend.name()),
            needed: format!(
                "{population} individuals of {genes} parameters x {each} bytes + {} = {}",
                readable(fixed),
                readable(needed)
            ),
            available: format!("{} of memory are free", readable(available)),
            largest: match available.checked_sub(fixed) {
                Some(rest) => format!("--population {}", rest / each),
                None => format!("a network of about {} parameters", available / BYTES_PER_GENE),
            },
        })
    }

    /// Returns the memory of this machine that the case needs at most. A hardware GPU checks its
    /// own memory.
    fn memory_need(&self) -> MemoryNeed {
        // The bytes of an individual besides its genome: fitness, parents and ranks, and on a
        // device also its state and its steps.
        const BYTES_BESIDE_GENOME: u64 = 256;
        let genome = 4 * self.subject.parameters() as u64;
        let shared_memory = self.backend.is_software_adapter();
        let (written, outputs, samples, copies) = match &self.subject {
            BenchmarkSubject::Rollouts { .. } => (0, 0, 0, u64::from(shared_memory)),
            // The genomes exist once explicitly, once packed by the backend, and once more while
            // they are copied to a device.
            BenchmarkSubject::Forward { network, batch, .. } => {
                let batch = *batch as u64;
                let outputs = 4 * batch * network.outputs() as u64;
                let copies = match self.backend {
                    BenchmarkBackend::Gpu(_) => 2,
                    BenchmarkBackend::Cpu => 1,
                    BenchmarkBackend::Reference => 0,
                };
                let samples = 4 * batch * network.inputs() as u64;
                (1, outputs, samples, copies + u64::from(shared_memory))
            }
            // The CPU generates one genome at a time.
            BenchmarkSubject::Population { .. } => (0, 0, 0, u64::from(shared_memory)),
            // A breeding strategy needs the population and its parents.
            BenchmarkSubject::Generation { strategy, .. } => {
                let packed = Cpu::bytes(1, self.subject.parameters() as u64, strategy.breeds);
                let on_cpu = packed / genome.max(1);
                let on_device = (1 + u64::from(strategy.breeds)) * u64::from(shared_memory);
                let written = strategy.written_bytes.div_ceil(4);
                let copies = if matches!(self.backend, BenchmarkBackend::Gpu(_)) {
                    on_device
                } else {
                    on_cpu
                };
                (written, 0, 0, copies)
            }
        };
        // The reference stores every genome explicitly.
        let explicit = u64::from(matches!(self.backend, BenchmarkBackend::Reference));
        MemoryNeed {
            fixed: BYTES_PER_GENE * self.subject.parameters() as u64 + samples,
            each: BYTES_BESIDE_GENOME + outputs + genome * (written + copies + explicit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategy;

    fn cases(population: usize) -> Vec<BenchmarkCase> {
        let generation = |name| {
            let strategy = strategy::by_name(name).expect("a strategy of the registry");
            BenchmarkSubject::Generation { strategy, parameters: 99, precision: Precision::Single }
        };
        let forward = BenchmarkSubject::forward("4-8-3", 7).expect("a good spec");
        let subjects = [forward, generation("ga"), generation("openai-es")];
        let with = |subject: &BenchmarkSubject| {
            [BenchmarkBackend::Cpu, BenchmarkBackend::Reference].map(|backend| BenchmarkCase {
                subject: subject.clone(),
                backend,
                population,
                variant: None,
                tuning: TuningOptions::default(),
            })
        };
        subjects.iter().flat_map(with).collect()
    }

    #[test]
    fn the_largest_population_named_fits_and_one_more_does_not() {
        let available = 1 << 30;
        for case in cases(1 << 40) {
            let message = case.check_bytes(available).unwrap_err().to_string();
            let last = message.rsplit(' ').next().expect("a last word");
            let largest: usize = last.parse().expect("the largest population");
            assert!(
                BenchmarkCase { population: largest, ..case.clone() }
                    .check_bytes(available)
                    .is_ok()
            );
            assert!(
                BenchmarkCase { population: largest + 1, ..case }.check_bytes(available).is_err()
            );
        }
    }

    #[test]
    fn explicit_genomes_need_more_memory() {
        let each: Vec<u64> = cases(1).iter().map(|case| case.memory_need().each).collect();
        let [forward, reference_forward, bred, reference_bred, recipe, reference_recipe] = each[..]
        else {
            panic!("{each:?}");
        };
        // The genome exists once explicitly and once packed by the backend.
        assert!(forward > 2 * 4 * 67 && reference_forward == forward);
        assert!(bred > recipe + 4 * 99 && reference_bred > bred && reference_recipe > recipe);
    }
}
