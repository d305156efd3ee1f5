//! The thread mapping: how invocations are divided among individuals and their episodes or samples.

use super::super::plan::{InvocationCost, Limits, WORKGROUP};
use super::Gpu;
use super::dataset::DeviceDataSet;
use super::kernels::{Kernels, OVERHEAD_ROUNDS, Subgroup, Team, Tensor};
use super::variant::{UNROLLED_OUTPUTS, Variant};
use crate::error::{Error, Result};
use crate::gpu::{Buffer, ShaderSource};
use crate::network::{Cell, Network};
use crate::task::Kind;

/// The invocations that roll an individual out.
pub(super) enum RolloutMapping {
    /// One invocation runs an individual in one episode.
    Invocation,
    /// A team runs an individual in several episodes at once.
    Team(Team),
    /// A subgroup runs an individual in one episode.
    Subgroup(Subgroup),
}

impl RolloutMapping {
    /// Returns the thread mapping of a variant for `episodes` episodes at once, or `None` if the
    /// variant does not support the network.
    pub fn for_variant(
        variant: Variant,
        network: &Network,
        episodes: u32,
        limits: &Limits,
    ) -> Option<Self> {
        match variant {
            Variant::Loop => Some(Self::Invocation),
            Variant::Unrolled => is_unrollable(network).then_some(Self::Invocation),
            Variant::Team(threads) if is_dense(network) => {
                Team::for_episodes(network, threads, episodes, limits).map(Self::Team)
            }
            Variant::Fused(threads) if is_dense(network) => {
                Team::for_fused_episodes(network, threads, episodes, limits).map(Self::Team)
            }
            Variant::Subgroup => Subgroup::for_network(network, limits).map(Self::Subgroup),
            Variant::Team(_) | Variant::Fused(_) | Variant::Tensor => None,
        }
    }

    /// Composes the rollout kernel.
    pub fn source(&self, kernels: &Kernels, network: &Network) -> ShaderSource {
        match self {
            Self::Invocation => kernels.rollout(),
            Self::Team(team) => kernels.team_rollout(network, team),
            Self::Subgroup(subgroup) => kernels.subgroup_rollout(network, subgroup),
        }
    }

    /// Returns the cost of an individual in an episode before its first step.
    pub fn setup_cost(&self, network: &Network) -> InvocationCost {
        match self {
            Self::Team(team) => team.setup_cost(network),
            Self::Invocation | Self::Subgroup(_) => InvocationCost::default(),
        }
    }

    /// Returns the number of workgroups for `rows` individuals, a multiple of the workgroup size,
    /// in `episodes` episodes each.
    pub fn groups(&self, rows: usize, episodes: u32) -> usize {
        let (individuals, side_by_side) = match self {
            Self::Invocation => (WORKGROUP, 1),
            Self::Team(team) => (team.per_workgroup(), team.columns),
            Self::Subgroup(subgroup) => (subgroup.per_workgroup(), 1),
        };
        rows * (episodes as usize).div_ceil(side_by_side) / individuals
    }
}

/// The invocations that compute the samples of a data set.
pub(super) enum SampleMapping {
    /// One invocation computes one sample at a time.
    Invocation,
    /// A workgroup computes several samples at a time.
    Team(Team),
    /// A workgroup computes several samples at a time by tiles.
    Tensor(Tensor),
}

impl SampleMapping {
    /// Returns the thread mapping of a variant, or `None` if the variant does not support the
    /// network.
    pub fn for_variant(variant: Variant, network: &Network, limits: &Limits) -> Option<Self> {
        match variant {
            Variant::Loop => Some(Self::Invocation),
            Variant::Unrolled => is_unrollable(network).then_some(Self::Invocation),
            // A workgroup runs one individual.
            Variant::Team(WORKGROUP) if is_dense(network) => {
                Team::for_samples(network, limits).map(Self::Team)
            }
            Variant::Tensor => Tensor::for_network(network, limits).map(Self::Tensor),
            Variant::Team(_) | Variant::Fused(_) | Variant::Subgroup => None,
        }
    }

    /// Composes the loss kernel.
    pub fn loss_source(&self, kernels: &Kernels, network: &Network) -> ShaderSource {
        match self {
            Self::Invocation => kernels.loss(),
            Self::Team(team) => kernels.team_loss(network, team),
            Self::Tensor(tensor) => kernels.tensor_loss(network, tensor),
        }
    }

    /// Composes the kernel of batched forward passes.
    pub fn forward_source(&self, kernels: &Kernels, network: &Network) -> ShaderSource {
        match self {
            Self::Invocation => kernels.forward(),
            Self::Team(team) => kernels.team_forward(network, team),
            Self::Tensor(tensor) => kernels.tensor_forward(network, tensor),
        }
    }

    /// Returns the number of workgroups for batched forward passes.
    pub fn forward_groups(&self, individuals: usize, samples: usize) -> usize {
        match self {
            Self::Invocation => (individuals * samples).div_ceil(WORKGROUP),
            Self::Team(team) => individuals * samples.div_ceil(team.columns),
            Self::Tensor(tensor) => individuals * samples.div_ceil(tensor.columns),
        }
    }

    /// Returns the loop iterations of an invocation for 64 samples, given those of `loop` for one
    /// sample.
    pub fn rounds(&self, network: &Network, rounds: u64) -> u64 {
        let batches = |columns| WORKGROUP.div_ceil(columns) as u64;
        match self {
            Self::Invocation => rounds + OVERHEAD_ROUNDS,
            Self::Team(team) => (rounds + OVERHEAD_ROUNDS) * batches(team.columns),
            Self::Tensor(tensor) => tensor.rounds_of_64(network),
        }
    }

    /// Returns the features in the precision that the kernels read.
    pub fn features<'a>(&self, samples: &'a DeviceDataSet) -> &'a Buffer {
        match self {
            Self::Invocation | Self::Team(_) => &samples.features,
            Self::Tensor(_) => samples.halves.as_ref().expect("with_variant uploads them"),
        }
    }
}

impl Variant {
    /// Returns true if the variant can run a network on a task within a device's limits.
    pub fn supports(self, network: &Network, kind: Kind<'_>, limits: &Limits) -> bool {
        Self::ALL.contains(&self)
            && match kind {
                Kind::Control(_) => RolloutMapping::for_variant(self, network, 1, limits).is_some(),
                Kind::Data(_) => SampleMapping::for_variant(self, network, limits).is_some(),
                Kind::Function(_) => self == Self::Loop,
            }
    }

    /// The variants that support a network, the plainest first.
    pub fn supporting(network: &Network, kind: Kind<'_>, limits: &Limits) -> Vec<Self> {
        let all = Self::ALL.into_iter();
        all.filter(|variant| variant.supports(network, kind, limits)).collect()
    }

    /// The variants from which the autotuner may choose: those that support a network and compute
    /// the same result as `loop`.
    pub fn tunable(network: &Network, kind: Kind<'_>, limits: &Limits) -> Vec<Self> {
        let all = Self::supporting(network, kind, limits).into_iter();
        all.filter(|variant| variant.is_exact()).collect()
    }
}

impl Kernels {
    /// Composes the kernels of a variant that run networks on the task. There are none for `loop`,
    /// whose kernels [`Kernels::running`] composes.
    pub fn for_variant(
        &self,
        variant: Variant,
        network: &Network,
        kind: Kind<'_>,
        limits: &Limits,
    ) -> Vec<ShaderSource> {
        match (variant, kind) {
            (Variant::Loop, _) | (_, Kind::Function(_)) => Vec::new(),
            (Variant::Unrolled, _) => self.clone().unrolled(network, limits).running(Some(kind)),
            (_, Kind::Control(_)) => {
                // One episode and several differ, and so do raw and normalised observations.
                let mapping = |n| RolloutMapping::for_variant(variant, network, n, limits);
                let normalised = self.clone().normalised();
                let both = |mapping: RolloutMapping| {
                    [self, &normalised].map(|kernels| mapping.source(kernels, network))
                };
                [1, 4].into_iter().filter_map(mapping).flat_map(both).collect()
            }
            (_, Kind::Data(_)) => {
                let mapping = SampleMapping::for_variant(variant, network, limits).into_iter();
                let both = |mapping: SampleMapping| {
                    [mapping.loss_source(self, network), mapping.forward_source(self, network)]
                };
                mapping.flat_map(both).collect()
            }
        }
    }
}

impl Gpu {
    /// Selects the thread mapping of the current population in `episodes` episodes at once.
    ///
    /// # Errors
    /// Returns an error if the population exists as a recipe only, and the device cannot generate
    /// its genomes any more.
    pub(super) fn rollout_mapping(&self, episodes: u32) -> Result<RolloutMapping> {
        let variant = match self.variant() {
            // A packed population runs in ordinary teams.
            Variant::Fused(threads) if self.recipe.is_none() => Variant::Team(threads),
            variant => variant,
        };
        let mapping = RolloutMapping::for_variant(variant, &self.network, episodes, &self.limits);
        match mapping {
            Some(mapping) => Ok(mapping),
            None if self.recipe.is_none() => Ok(RolloutMapping::Invocation),
            None => {
                let expected =
                    "a device whose workgroups hold a genome, as the device did when it was opened";
                Err(Error::invalid("--variant", expected, variant.name()))
            }
        }
    }

    /// Selects the thread mapping for the samples of a data set.
    pub(super) fn sample_mapping(&self) -> SampleMapping {
        SampleMapping::for_variant(self.variant(), &self.network, &self.limits)
            .unwrap_or(SampleMapping::Invocation)
    }
}

/// Returns true if all layers of a network are dense.
fn is_dense(network: &Network) -> bool {
    network.layers().iter().all(|layer| layer.cell == Cell::Dense)
}

/// Returns true if the layers of a network are dense, and small enough to be written out.
fn is_unrollable(network: &Network) -> bool {
    let widest = network.layers().iter().map(|layer| layer.outputs).max();
    is_dense(network) && widest.is_some_and(|outputs| outputs <= UNROLLED_OUTPUTS)
}
