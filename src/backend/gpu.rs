//! The GPU backend: the packed population stays on the device, and fused kernels score it.
//!
//! The host uploads a recipe of a few kilobytes per generation, and reads back one number per
//! individual. A population that is larger than one binding is cut into shards (`plan.rs`), and
//! every operation loops over them.
//!
//! In control tasks and functions, neighbouring invocations read the same gene of neighbouring
//! individuals, so individuals are packed in blocks of 64. On data sets, in teams and in subgroups,
//! several invocations share one individual, so individuals are packed one by one. Fused kernels
//! generate genomes from the recipe, and their population is never stored (`recipe.rs`).

mod dataset;
mod forward;
mod function;
mod graphs;
pub mod kernels;
mod packed_population;
mod recipe;
mod recombine;
mod reduction;
mod results;
mod rollout;
mod spawn;
mod tensor;
mod thread_mapping;
mod tuner;
mod variant;

use std::sync::Arc;

use dataset::DeviceDataSet;
use graphs::DeviceGraphs;
use kernels::Kernels;
use packed_population::PackedPopulation;
use recipe::GaussianRecipe;
pub use tuner::{SelectionReason, Tuning, TuningOptions, Workload};
pub use variant::Variant;

use super::graphs::CompiledGraphs;
use super::plan::{Limits, Tile, WORK_PER_DISPATCH, WORKGROUP, fold};
use super::{Backend, Episodes, Scores};
use crate::error::{Error, Result};
use crate::gpu::layout::GatherParameters;
use crate::gpu::{Binding, Buffer, Device, Dispatch, Edit, Readback};
use crate::network::{Network, Normalisation, Precision};
use crate::population::{Graphs, Layout, Moments, Proposal, Utilities};
use crate::random;
use crate::task::{Kind, Task};

/// A backend on a GPU.
pub struct Gpu {
    device: Arc<Device>,
    limits: Limits,
    variant: Variant,
    task: Arc<dyn Task>,
    network: Network,
    edits: Vec<Edit>,
    normal_table: Buffer,
    /// The samples of a data set.
    samples: Option<DeviceDataSet>,
    /// The shift and rotation of a function.
    frame: Option<Buffer>,
    /// The means and scales, if observations are normalised.
    normalisation: Option<Buffer>,
    packed: Option<PackedPopulation>,
    /// The recipe of a population that is not packed, because fused kernels generate it.
    recipe: Option<GaussianRecipe>,
    /// The buffers of an earlier population, into which the next one is written.
    spare: Option<PackedPopulation>,
    /// The population, if its individuals are graphs.
    graphs: Option<DeviceGraphs>,
    proposal: Option<Proposal>,
}

impl Gpu {
    /// Creates a backend on an open device.
    ///
    /// # Errors
    /// Returns an error if the task has no WGSL, or if the device lacks the network's precision or
    /// is out of memory.
    pub fn new(device: Arc<Device>, task: Arc<dyn Task>, network: Network) -> Result<Self> {
        Self::with_faults(device, task, network, &[])
    }

    /// Creates a backend with faults planted in its shaders, for verification.
    ///
    /// # Errors
    /// Returns an error as [`Gpu::new`] does.
    pub fn with_faults(
        device: Arc<Device>,
        task: Arc<dyn Task>,
        network: Network,
        edits: &[Edit],
    ) -> Result<Self> {
        task.check_wgsl()?;
        check_precision(&device, network.precision())?;
        let limits = Self::limits_of(&device);
        let normal_table = device.upload("normal table", random::normal_table())?;
        let samples = match task.kind() {
            Kind::Data(data) => Some(DeviceDataSet::upload(&device, data)?),
            Kind::Control(_) | Kind::Function(_) => None,
        };
        let frame = match task.kind() {
            Kind::Function(function) => Some(device.upload("frame", &function.frame())?),
            Kind::Control(_) | Kind::Data(_) => None,
        };
        let edits = edits.to_vec();
        Ok(Self {
            device,
            limits,
            variant: Variant::Loop,
            task,
            network,
            edits,
            normal_table,
            samples,
            frame,
            normalisation: None,
            packed: None,
            recipe: None,
            spare: None,
            graphs: None,
            proposal: None,
        })
    }

    /// Selects the kernel variant for networks of layers. Graphs have one variant only.
    ///
    /// # Errors
    /// Returns an error if the variant does not support the network on this device.
    pub fn with_variant(mut self, variant: Variant) -> Result<Self> {
        let kind = self.task.kind();
        if !variant.supports(&self.network, kind, &self.limits) {
            let all = Variant::supporting(&self.network, kind, &self.limits);
            let names: Vec<&str> = all.into_iter().map(Variant::name).collect();
            let expected =
                format!("a variant that supports this network here: {}", names.join(", "));
            let refused = Error::invalid("--variant", expected, variant.name());
            return Err(match variant {
                Variant::Tensor => refused.advise(
                    "tensor supports data sets with --precision f16, on adapters with tensor cores",
                ),
                Variant::Subgroup => refused.advise(
                    "subgroup supports control tasks and dense layers that fit the registers, on \
                     adapters whose subgroups all have one size",
                ),
                _ => refused,
            });
        }
        self.variant = variant;
        if variant == Variant::Tensor {
            self.prepare_tensor()?;
        }
        Ok(self)
    }

    /// The variant of its kernels.
    pub fn variant(&self) -> Variant {
        if self.graphs.is_some() { Variant::Loop } else { self.variant }
    }

    /// Replaces the limits of the device, so that small populations have several shards.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Returns the limits of a device.
    pub fn limits_of(device: &Device) -> Limits {
        let limits = device.limits();
        Limits {
            binding_bytes: limits.max_storage_buffer_binding_size,
            buffer_bytes: limits.max_buffer_size,
            workgroups: limits.max_compute_workgroups_per_dimension,
            alignment: u64::from(limits.min_storage_buffer_offset_alignment),
            workgroup_bytes: u64::from(limits.max_compute_workgroup_storage_size),
            work_per_dispatch: WORK_PER_DISPATCH,
            loop_rounds: device.loop_rounds(),
            tile: device.tile().map(|side| Tile { side, cooperative: true }),
            subgroup: device.subgroup().filter(|&size| size > 1 && WORKGROUP.is_multiple_of(size)),
        }
    }

    /// The limits that its plans obey.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Composes the kernels of the task and the network.
    fn kernels(&self, lanes: usize) -> Kernels {
        let task = Some(self.task.as_ref());
        let kernels = match &self.graphs {
            None if self.variant == Variant::Unrolled => {
                Kernels::new(task, &self.network, lanes, &self.limits, &self.edits)
                    .unrolled(&self.network, &self.limits)
            }
            None => Kernels::new(task, &self.network, lanes, &self.limits, &self.edits),
            Some(graphs) => Kernels::for_graphs(
                task,
                self.task.ports(),
                graphs.capacity,
                &self.limits,
                &self.edits,
            ),
        };
        if self.normalisation.is_some() { kernels.normalised() } else { kernels }
    }

    /// Returns the packed layout of a population of genomes.
    fn layout(&self, proposal: &Proposal) -> Layout {
        Layout {
            individuals: proposal.individuals(),
            genes: self.network.parameters(),
            lanes: self.variant.lanes(self.task.kind()),
            precision: self.network.precision(),
        }
    }

    /// The number of values in the hidden state of an individual.
    fn state_size(&self) -> usize {
        self.graphs.as_ref().map_or(self.network.state_size(), |graphs| graphs.capacity.memories)
    }

    /// The number of multiply-adds in a forward pass of one individual.
    fn cost(&self) -> usize {
        self.graphs.as_ref().map_or(self.network.parameters(), |graphs| graphs.cost)
    }

    /// The largest number of loop iterations of an invocation in one forward pass.
    fn rounds(&self) -> u64 {
        match &self.graphs {
            None => kernels::loop_rounds(&self.network),
            Some(graphs) => 2 * (graphs.cost + graphs.capacity.slots) as u64,
        }
    }

    /// Compiles graphs and uploads them.
    fn spawn_graphs(&mut self, graphs: &Graphs) -> Result<()> {
        let compiled = CompiledGraphs::compile(graphs, self.task.ports())?;
        let graphs = DeviceGraphs::from_compiled(compiled)?;
        let lanes = Variant::Loop.lanes(self.task.kind());
        self.packed = Some(graphs.upload(&self.device, lanes, &self.limits)?);
        self.recipe = None;
        self.graphs = Some(graphs);
        Ok(())
    }

    /// Spawns a part of a larger population, whose first individual has the number `first`.
    ///
    /// # Errors
    /// Returns an error as [`Backend::spawn`] does.
    pub(super) fn spawn_from(&mut self, proposal: &Proposal, first: usize) -> Result<()> {
        let previous = self.proposal.as_ref().and_then(Proposal::parents);
        let genes = self.network.parameters();
        proposal.check(genes, previous)?;
        if let Proposal::Graphs(graphs) = proposal {
            self.spawn_graphs(graphs)?;
            self.proposal = Some(proposal.clone());
            return Ok(());
        }
        if self.graphs.take().is_some() {
            // Buffers of graphs cannot hold genomes.
            self.drop_population();
        }
        if let (Proposal::Gaussian(gaussian), Variant::Fused(_)) = (proposal, self.variant) {
            self.drop_population();
            self.recipe = Some(GaussianRecipe::upload(&self.device, gaussian, first)?);
            self.proposal = Some(proposal.clone());
            return Ok(());
        }
        // Offspring are bred from their parents; other populations may overwrite the last one.
        let is_bred = matches!(proposal, Proposal::Offspring(_));
        match &self.recipe {
            Some(recipe) if is_bred => {
                self.packed = Some(self.pack_recipe(recipe, 0, recipe.gaussian.individuals)?);
            }
            _ => {}
        }
        self.recipe = None;
        let spare = self.spare.take();
        let old = if is_bred { spare } else { self.packed.take() };
        // Buffers of another size are freed before new ones are allocated.
        let next = match old.filter(|old| old.has_size(proposal.individuals(), genes)) {
            Some(old) => old,
            None => PackedPopulation::allocate(&self.device, self.layout(proposal), &self.limits)?,
        };
        match proposal {
            Proposal::Gaussian(gaussian) => {
                self.perturb(&GaussianRecipe::upload(&self.device, gaussian, first)?, &next)?;
            }
            Proposal::Offspring(offspring) => self.breed(offspring, first, &next)?,
            Proposal::Explicit(explicit) => next.write(&self.device, explicit),
            Proposal::Cppn(genomes) => self.decode(genomes, &next)?,
            Proposal::Graphs(_) => unreachable!("spawned above"),
        }
        self.spare = self.packed.replace(next).filter(|_| is_bred);
        self.proposal = Some(proposal.clone());
        Ok(())
    }

    /// The proposal of the current population.
    pub(super) fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// Frees the population, but keeps its proposal.
    pub(super) fn drop_population(&mut self) {
        (self.packed, self.spare, self.recipe) = (None, None, None);
    }

    /// The number of genes of an individual.
    pub(super) fn genes(&self) -> usize {
        self.network.parameters()
    }

    /// The number of inputs of the network.
    pub(super) fn inputs(&self) -> usize {
        self.network.inputs()
    }

    fn packed(&self) -> Result<&PackedPopulation> {
        self.packed.as_ref().ok_or_else(super::no_population)
    }
}

/// Returns an error if the device lacks a precision.
fn check_precision(device: &Device, precision: Precision) -> Result<()> {
    if precision == Precision::Single || device.has_halves() {
        return Ok(());
    }
    let expected = format!("f32 on {}, whose shaders lack half precision", device.name());
    Err(Error::invalid("--precision", expected, precision.name())
        .advise("--backend cpu supports it and gives the same scores"))
}

impl Backend for Gpu {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn adapter(&self) -> String {
        self.device.name().to_owned()
    }

    fn kernel_variant(&self) -> Option<Variant> {
        Some(self.variant)
    }

    fn normalise(&mut self, normalisation: &Normalisation) -> Result<()> {
        super::check_normalisation(self.task.as_ref(), normalisation)?;
        let numbers = [&normalisation.means[..], &normalisation.scales].concat();
        self.normalisation = Some(self.device.upload("normalisation", &numbers)?);
        Ok(())
    }

    fn spawn(&mut self, proposal: &Proposal) -> Result<()> {
        self.spawn_from(proposal, 0)
    }

    fn score(&mut self, episodes: &Episodes) -> Result<Scores> {
        episodes.check()?;
        self.task.check_network(&self.network)?;
        match self.task.kind() {
            Kind::Control(simulation) => self.score_control(simulation, episodes),
            Kind::Data(data) => self.score_data(data, episodes),
            Kind::Function(function) => self.score_function(function, episodes),
        }
    }

    fn recombine(&mut self, utilities: &Utilities) -> Result<Moments> {
        let proposal = self.proposal.as_ref().ok_or_else(super::no_population)?;
        self.recombine_proposal(proposal, utilities)
    }

    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        if self.graphs.is_some() {
            return Err(super::no_genomes());
        }
        if let Some(recipe) = &self.recipe {
            super::check_count(count, recipe.gaussian.individuals)?;
            return self.recipe_genomes(recipe, count);
        }
        let packed = self.packed()?;
        super::check_count(count, packed.plan.layout.individuals)?;
        packed.genomes(&self.device, count)
    }

    fn individual(&mut self, index: usize) -> Result<Vec<f32>> {
        if let Some(graphs) = &self.graphs {
            return graphs.compiled.individual(index);
        }
        let count = match &self.recipe {
            Some(recipe) => recipe.gaussian.individuals,
            None => self.packed()?.plan.layout.individuals,
        };
        if index >= count {
            let expected = format!("a number below {count}");
            return Err(Error::invalid("an individual's index", expected, index));
        }
        if let Some(recipe) = &self.recipe {
            return self.pack_recipe(recipe, index, 1)?.genomes(&self.device, 1);
        }
        let packed = self.packed()?;
        let genes = self.network.parameters();
        let genome = self.device.storage("genome", 4 * genes as u64)?;
        let shard = packed.plan.shard_of(index);
        let first = packed.plan.shards[shard].first;
        let parameters =
            GatherParameters { individual: (index - first) as u32, ..Default::default() };
        let source = self.kernels(packed.plan.layout.lanes).gather();
        self.device.at_share(self.limits.light_share(genes)).run(&[Dispatch {
            source: &source,
            parameters: bytemuck::bytes_of(&parameters),
            bindings: vec![packed.shard(shard), Binding::whole(&genome)],
            workgroups: fold(genes.div_ceil(WORKGROUP), &self.limits)?,
        }])?;
        let words = self.device.read(&[Readback { buffer: &genome, bytes: 4 * genes as u64 }])?;
        Ok(words[0].iter().map(|&word| f32::from_bits(word)).collect())
    }
}
