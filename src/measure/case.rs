//! Jobs: what is to be measured, on which backend, at which size. A case is plain data; it says what it
//! takes before anything is allocated.

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

/// What is measured.
#[derive(Clone)]
pub enum BenchmarkSubject {
    /// Whole populations on a task. Control tasks: exactly `steps` live steps for every individual;
    /// data sets: the training part once.
    Rollouts {
        /// The task.
        task: Arc<dyn Task>,
        /// The network.
        network: Network,
        /// Steps of every individual; without meaning for a data set.
        steps: u32,
    },
    /// Forward passes of every individual on samples that all share.
    Forward {
        /// All layers, as they were named.
        spec: String,
        /// The same, parsed.
        network: Network,
        /// Samples.
        batch: usize,
    },
    /// A Gaussian population, made of its recipe, or the sum of its noise.
    Population {
        /// What is done with it.
        verb: PopulationOperation,
        /// Genes of an individual.
        parameters: usize,
        /// What they are kept in.
        precision: Precision,
    },
    /// What a generation costs outside scoring: propose, spawn, recombine, update.
    Generation {
        /// The strategy.
        strategy: &'static Entry,
        /// Genes of an individual.
        parameters: usize,
        /// What they are kept in.
        precision: Precision,
    },
}

/// What a backend does with a population beside scoring it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopulationOperation {
    /// Makes it.
    Spawn,
    /// Sums its noise by weights, and its square.
    Recombine,
}

impl PopulationOperation {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spawn => "spawn",
            Self::Recombine => "recombine",
        }
    }
}

/// One row that is to be measured.
#[derive(Clone)]
pub struct BenchmarkCase {
    /// What.
    pub subject: BenchmarkSubject,
    /// On which backend.
    pub backend: BenchmarkBackend,
    /// With how many individuals.
    pub population: usize,
    /// How kernels on a GPU are laid out; none for the fastest.
    pub variant: Option<Variant>,
    /// The options of the autotuner, which chooses the variant if none is named.
    pub tuning: TuningOptions,
}

impl BenchmarkCase {
    /// Bytes of a gene as it is read: half precision is a GPU's alone, others round and keep f32.
    pub(super) fn gene_bytes(&self) -> f64 {
        match self.backend {
            BenchmarkBackend::Gpu(_) => self.subject.precision().bytes() as f64,
            BenchmarkBackend::Cpu | BenchmarkBackend::Reference => 4.0,
        }
    }

    /// What a tuner needs to know.
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

/// Bytes that a case takes: some whatever the population, and some for each individual.
struct Bytes {
    fixed: u64,
    each: u64,
}

impl BenchmarkSubject {
    /// Forward passes through a network whose spec names all layers.
    ///
    /// # Errors
    /// As [`Network::parse_whole`].
    pub fn forward(spec: &str, batch: usize) -> Result<Self> {
        let network = Network::parse_whole(spec, Activation::Tanh)?;
        Ok(Self::Forward { spec: spec.to_owned(), network, batch })
    }

    /// The ways in which a device's kernels can be laid out for it; none where it runs none.
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

    /// Genes of an individual.
    pub fn parameters(&self) -> usize {
        match self {
            Self::Rollouts { network, .. } | Self::Forward { network, .. } => network.parameters(),
            Self::Generation { parameters, .. } | Self::Population { parameters, .. } => {
                *parameters
            }
        }
    }

    /// The same, whose genes are kept in these numbers.
    #[must_use]
    pub fn with_precision(mut self, kept_in: Precision) -> Self {
        match &mut self {
            Self::Rollouts { network, .. } | Self::Forward { network, .. } => {
                *network = network.clone().with_precision(kept_in);
            }
            Self::Generation { precision, .. } | Self::Population { precision, .. } => {
                *precision = kept_in;
            }
        }
        self
    }

    /// What genes are kept in.
    pub fn precision(&self) -> Precision {
        match self {
            Self::Rollouts { network, .. } | Self::Forward { network, .. } => network.precision(),
            Self::Generation { precision, .. } | Self::Population { precision, .. } => *precision,
        }
    }

    /// Multiply-adds of one individual in one repetition; of a generation, and of a population, the
    /// genes it is made of.
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
    /// Refuses a case that does not fit in memory.
    ///
    /// # Errors
    /// It names the population, what it needs and the largest that fits.
    pub fn check(&self) -> Result<()> {
        self.fits(available_bytes())
    }

    fn fits(&self, available: u64) -> Result<()> {
        let Bytes { fixed, each } = self.bytes();
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

    /// Bytes of this machine's memory at most. A hardware GPU's own memory is its own to refuse.
    fn bytes(&self) -> Bytes {
        // What is kept of each individual beside its genome: fitness, parents, ranks; on a device
        // its state and its steps too.
        const BESIDE: u64 = 256;
        let genome = 4 * self.subject.parameters() as u64;
        let shared_memory = self.backend.is_software_adapter();
        let (written, outputs, samples, copies) = match &self.subject {
            BenchmarkSubject::Rollouts { .. } => (0, 0, 0, u64::from(shared_memory)),
            // Written out once, packed by a backend, and staged on the way to a device.
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
            // One row a time is written out on the CPU.
            BenchmarkSubject::Population { .. } => (0, 0, 0, u64::from(shared_memory)),
            // The population and its parents.
            BenchmarkSubject::Generation { strategy, .. } => {
                let packed = Cpu::bytes(1, self.subject.parameters() as u64, strategy.breeds);
                let on_cpu = packed / genome.max(1);
                let on_device = (1 + u64::from(strategy.breeds)) * u64::from(shared_memory);
                let written = strategy.written_bytes.div_ceil(4);
                let copies = if matches!(self.backend, BenchmarkBackend::Gpu(_)) { on_device } else { on_cpu };
                (written, 0, 0, copies)
            }
        };
        // The reference writes every genome out.
        let naive = u64::from(matches!(self.backend, BenchmarkBackend::Reference));
        Bytes {
            fixed: BYTES_PER_GENE * self.subject.parameters() as u64 + samples,
            each: BESIDE + outputs + genome * (written + copies + naive),
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
            let message = case.fits(available).unwrap_err().to_string();
            let last = message.rsplit(' ').next().expect("a last word");
            let largest: usize = last.parse().expect("the largest population");
            assert!(BenchmarkCase { population: largest, ..case.clone() }.fits(available).is_ok());
            assert!(BenchmarkCase { population: largest + 1, ..case }.fits(available).is_err());
        }
    }

    #[test]
    fn what_is_written_out_counts_more() {
        let each: Vec<u64> = cases(1).iter().map(|case| case.bytes().each).collect();
        let [forward, naive_forward, bred, naive_bred, recipe, naive_recipe] = each[..] else {
            panic!("{each:?}");
        };
        // Once as it was written, and once as the backend keeps it.
        assert!(forward > 2 * 4 * 67 && naive_forward == forward);
        assert!(bred > recipe + 4 * 99 && naive_bred > bred && naive_recipe > recipe);
    }
}
