//! The GPU path: the packed population stays on the device, and fused kernels run on it.
//!
//! Up go recipes, kilobytes a generation; down comes one number an individual. A population larger
//! than one binding is cut into shards (`plan.rs`); each verb loops over them.
//!
//! Individuals stand in blocks of 64 where neighbours run side by side and read the same gene at
//! once, as they do in control tasks and functions, and one by one where several invocations are
//! one individual: on data sets, in teams and in subgroups. A population that those who play it
//! make for themselves stands nowhere (`recipe.rs`).

mod graphs;
pub mod kernels;
mod players;
mod recipe;
mod recombine;
mod score;
mod spawn;
mod sums;
mod tensor;
mod tuner;
mod variant;

use std::sync::Arc;

use graphs::OnDevice;
use kernels::Kernels;
use recipe::Recipe;
use spawn::Packed;
use sums::Samples;
pub use tuner::{Tuning, Why, Workload};
pub use variant::Variant;

use super::graphs::Compiled;
use super::plan::{Limits, Tile, WORK_A_DISPATCH, WORKGROUP, fold};
use super::{Backend, Episodes, Scores};
use crate::error::{Error, Result};
use crate::gpu::layout::Gathering;
use crate::gpu::{Binding, Buffer, Device, Dispatch, Edit, Readback};
use crate::network::{Network, Normalisation, Precision};
use crate::population::{Graphs, Layout, Moments, Proposal, Weights};
use crate::random;
use crate::task::{Kind, Task};

/// Individuals in a block, for control tasks.
const CONTROL_LANES: usize = WORKGROUP;

/// The backend on a device.
pub struct Gpu {
    device: Arc<Device>,
    limits: Limits,
    variant: Variant,
    task: Arc<dyn Task>,
    network: Network,
    edits: Vec<Edit>,
    normal_table: Buffer,
    samples: Option<Samples>,
    /// Of a function: its shift and rotation.
    frame: Option<Buffer>,
    /// Means and scales, where observations are normalised.
    normalisation: Option<Buffer>,
    packed: Option<Packed>,
    /// Of a population that was not packed, since whoever plays it makes it.
    recipe: Option<Recipe>,
    /// The buffers of the population before, for the next one to be written into.
    spare: Option<Packed>,
    /// Of a population of graphs.
    graphs: Option<OnDevice>,
    proposal: Option<Proposal>,
}

impl Gpu {
    /// A backend on an open device.
    ///
    /// # Errors
    /// A network that the kernels do not take, or a device that is out of memory.
    pub fn new(device: Arc<Device>, task: Arc<dyn Task>, network: Network) -> Result<Self> {
        Self::with_faults(device, task, network, &[])
    }

    /// The same with faults planted in its shaders, for verification.
    ///
    /// # Errors
    /// As [`Gpu::new`].
    pub fn with_faults(
        device: Arc<Device>,
        task: Arc<dyn Task>,
        network: Network,
        edits: &[Edit],
    ) -> Result<Self> {
        check_precision(&device, network.precision())?;
        let limits = Self::limits_of(&device);
        let normal_table = device.upload("normal table", random::normal_table())?;
        let samples = match task.kind() {
            Kind::Data(data) => Some(Samples::upload(&device, data)?),
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

    /// Lays the kernels of layers out in another way; those of graphs have but one.
    ///
    /// # Errors
    /// A variant that does not take the network.
    pub fn with_variant(mut self, variant: Variant) -> Result<Self> {
        let kind = self.task.kind();
        if !variant.takes(&self.network, kind, &self.limits) {
            let all = Variant::that_take(&self.network, kind, &self.limits);
            let names: Vec<&str> = all.into_iter().map(Variant::name).collect();
            let expected = format!("one that takes this network here: {}", names.join(", "));
            let refused = Error::invalid("--variant", expected, variant.name());
            return Err(match variant {
                Variant::Tensor => refused.advise(
                    "tensor takes data sets with --precision f16, on adapters with tensor cores",
                ),
                Variant::Subgroup => refused.advise(
                    "subgroup takes control tasks and dense layers that fit the registers, on \
                     adapters whose subgroups are all of one size",
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

    /// How its kernels are laid out.
    pub fn variant(&self) -> Variant {
        if self.graphs.is_some() { Variant::Loop } else { self.variant }
    }

    /// Lets this backend act as if the device allowed less; shards are then met with small
    /// populations.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What plans need to know of a device.
    pub fn limits_of(device: &Device) -> Limits {
        let limits = device.limits();
        Limits {
            binding_bytes: limits.max_storage_buffer_binding_size,
            buffer_bytes: limits.max_buffer_size,
            workgroups: limits.max_compute_workgroups_per_dimension,
            alignment: u64::from(limits.min_storage_buffer_offset_alignment),
            workgroup_bytes: u64::from(limits.max_compute_workgroup_storage_size),
            work_a_dispatch: WORK_A_DISPATCH,
            loop_rounds: device.loop_rounds(),
            tile: device.tile().map(|side| Tile { side, cooperative: true }),
            subgroup: device.subgroup().filter(|&size| size > 1 && WORKGROUP.is_multiple_of(size)),
        }
    }

    /// What its plans go by.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    fn kernels(&self, lanes: usize) -> Kernels {
        let task = Some(self.task.as_ref());
        let kernels = match &self.graphs {
            None if self.variant == Variant::Unrolled => {
                Kernels::new(task, &self.network, lanes, &self.limits, &self.edits)
                    .unrolled(&self.network, &self.limits)
            }
            None => Kernels::new(task, &self.network, lanes, &self.limits, &self.edits),
            Some(graphs) => {
                Kernels::for_graphs(task, self.task.ports(), graphs.room, &self.limits, &self.edits)
            }
        };
        if self.normalisation.is_some() { kernels.normalised() } else { kernels }
    }

    /// How a population of genomes shall be packed.
    fn layout(&self, proposal: &Proposal) -> Layout {
        Layout {
            individuals: proposal.individuals(),
            genes: self.network.parameters(),
            lanes: self.variant.lanes(self.task.kind()),
            precision: self.network.precision(),
        }
    }

    /// Numbers that an individual remembers.
    fn memory(&self) -> usize {
        self.graphs.as_ref().map_or(self.network.memory(), |graphs| graphs.room.memories)
    }

    /// Multiply-adds of an individual's pass.
    fn cost(&self) -> usize {
        self.graphs.as_ref().map_or(self.network.parameters(), |graphs| graphs.cost)
    }

    /// Rounds of loops that an invocation takes for a pass at most.
    fn rounds(&self) -> u64 {
        match &self.graphs {
            None => kernels::rounds(&self.network),
            Some(graphs) => 2 * (graphs.cost + graphs.room.slots) as u64,
        }
    }

    /// Compiles graphs, and writes them to the device.
    fn spawn_graphs(&mut self, graphs: &Graphs) -> Result<()> {
        let compiled = Compiled::of(graphs, self.task.ports())?;
        let graphs = OnDevice::of(compiled)?;
        let lanes = Variant::Loop.lanes(self.task.kind());
        self.packed = Some(graphs.upload(&self.device, lanes, &self.limits)?);
        self.recipe = None;
        self.graphs = Some(graphs);
        Ok(())
    }

    /// Makes a population from a recipe whose individuals are counted from `first`: a part of a
    /// larger one.
    ///
    /// # Errors
    /// As [`Backend::spawn`].
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
            // Their kernels and their room are no genomes'.
            self.forget();
        }
        if let (Proposal::Gaussian(gaussian), Variant::Fused(_)) = (proposal, self.variant) {
            self.forget();
            self.recipe = Some(Recipe::upload(&self.device, gaussian, first)?);
            self.proposal = Some(proposal.clone());
            return Ok(());
        }
        // Children need their parents to stay; any other population may take their place.
        let bred = matches!(proposal, Proposal::Offspring(_));
        match &self.recipe {
            Some(recipe) if bred => {
                self.packed = Some(self.made(recipe, 0, recipe.gaussian.individuals)?);
            }
            _ => {}
        }
        self.recipe = None;
        let spare = self.spare.take();
        let room = if bred { spare } else { self.packed.take() };
        // What does not fit makes room before another is allocated.
        let next = match room.filter(|room| room.holds(proposal.individuals(), genes)) {
            Some(room) => room,
            None => Packed::allocate(&self.device, self.layout(proposal), &self.limits)?,
        };
        match proposal {
            Proposal::Gaussian(gaussian) => {
                self.stray(&Recipe::upload(&self.device, gaussian, first)?, &next)?;
            }
            Proposal::Offspring(offspring) => self.breed(offspring, first, &next)?,
            Proposal::Explicit(explicit) => next.write(&self.device, explicit),
            Proposal::Painted(painted) => self.paint(painted, &next)?,
            Proposal::Graphs(_) => unreachable!("spawned above"),
        }
        self.spare = self.packed.replace(next).filter(|_| bred);
        self.proposal = Some(proposal.clone());
        Ok(())
    }

    /// The recipe of the population that is there.
    pub(super) fn proposal(&self) -> Option<&Proposal> {
        self.proposal.as_ref()
    }

    /// Lets the population go, and keeps its recipe.
    pub(super) fn forget(&mut self) {
        (self.packed, self.spare, self.recipe) = (None, None, None);
    }

    /// Genes of an individual.
    pub(super) fn genes(&self) -> usize {
        self.network.parameters()
    }

    /// Inputs of its network.
    pub(super) fn inputs(&self) -> usize {
        self.network.inputs()
    }

    fn packed(&self) -> Result<&Packed> {
        self.packed.as_ref().ok_or_else(super::no_population)
    }
}

/// Refuses numbers that a device does not have.
fn check_precision(device: &Device, precision: Precision) -> Result<()> {
    if precision == Precision::Single || device.has_halves() {
        return Ok(());
    }
    let expected =
        format!("f32 on {}, whose shaders have no numbers of half precision", device.name());
    Err(Error::invalid("--precision", expected, precision.name())
        .advise("--backend cpu takes it, and gives the same scores"))
}

impl Backend for Gpu {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn adapter(&self) -> String {
        self.device.name().to_owned()
    }

    fn laid_out(&self) -> Option<Variant> {
        Some(self.variant)
    }

    fn normalise(&mut self, by: &Normalisation) -> Result<()> {
        super::check_normalisation(self.task.as_ref(), by)?;
        let numbers = [&by.means[..], &by.scales].concat();
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
            Kind::Control(simulation) => self.roll(simulation, episodes),
            Kind::Data(data) => self.judge(data, episodes),
            Kind::Function(function) => self.evaluate(function, episodes),
        }
    }

    fn recombine(&mut self, weights: &Weights) -> Result<Moments> {
        let proposal = self.proposal.as_ref().ok_or_else(super::no_population)?;
        self.recombine_of(proposal, weights)
    }

    fn genomes(&mut self, count: usize) -> Result<Vec<f32>> {
        if self.graphs.is_some() {
            return Err(super::no_genomes());
        }
        if let Some(recipe) = &self.recipe {
            super::check_count(count, recipe.gaussian.individuals)?;
            return self.genomes_of(recipe, count);
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
            return self.made(recipe, index, 1)?.genomes(&self.device, 1);
        }
        let packed = self.packed()?;
        let genes = self.network.parameters();
        let genome = self.device.storage("genome", 4 * genes as u64)?;
        let shard = packed.plan.shard_of(index);
        let first = packed.plan.shards[shard].first;
        let parameters = Gathering { individual: (index - first) as u32, ..Default::default() };
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
