//! Variants: the ways in which the kernels that run networks are laid out on a device.
//!
//! Every variant but `tensor` takes the terms of a sum in the same order, each by one multiply-add,
//! so that which one runs should be nobody's business but the clock's. On Mesa's software adapter
//! all of them give the same bits, as a test demands; rung 5 of verification holds each against
//! `loop`, and `tensor` against the reference.
//!
//! # The ladder
//!
//! P genes, E episodes side by side; a step is one of one individual in one episode. All variants
//! take 2 P operations a step for the network, and what the task takes. Words of four bytes are
//! counted as they are asked for; caches may answer. No variant has been measured on hardware yet.
//!
//! - `loop`: an invocation is an individual in an episode; layers are loops, neighbours read
//!   neighbouring words. P words of weights a step, from memory, coalesced. Takes every network.
//! - `unrolled`: the same, with the outputs of every layer written out: their sums stand in
//!   registers, and what goes in is read once for all of them. P words a step, from memory,
//!   coalesced. Takes dense layers of up to [`UNROLLED_OUTPUTS`] outputs.
//! - `team-8` to `team-64`: so many invocations are an individual, in up to 16 episodes at once.
//!   The genome is read once a dispatch and stays in workgroup memory, where it fits: P / E words a
//!   step from there, or from memory where it does not fit. Of a data set, `team-64` takes 32
//!   samples at once, and a weight once for four of them. Takes dense layers.
//! - `fused-8` to `fused-64`: as `team-8` to `team-64`, but a population of noise around a centre
//!   is never written: a team makes its genome in workgroup memory, from the recipe, at the
//!   beginning of a dispatch. P / 8 blocks of Philox and 2 P words (3 P where each gene has its own
//!   scale) of tables that all teams read; a team reads P words of its own, which spawning wrote
//!   before. No memory for genomes: a population is as large as the states of its episodes allow.
//!   Takes dense layers whose genome fits workgroup memory; children, and genomes that were made by
//!   hand, are played as by teams.
//! - `subgroup`: the invocations of a subgroup are an individual in an episode, and step it
//!   together. Each has the weights of some outputs in registers: the genome is read once a
//!   dispatch, and each number that goes from layer to layer is broadcast from register to
//!   register: a broadcast for each multiply-add of an invocation where a layer is no wider than
//!   the subgroup, for every two where it is twice as wide. No word of memory of any kind a step,
//!   and no barrier. Takes dense layers whose weights fit the registers, on devices whose subgroups
//!   are all of one size.
//! - `tensor`: a workgroup is an individual on up to 64 samples of a data set, E; subgroups
//!   multiply tiles of 8 x 8 or 16 x 16 numbers of half precision on tensor cores, and sum them in
//!   single precision. P / 2 words of weights are read for E samples, and as many copied again of
//!   layers in which no tile may begin. Takes dense layers in half precision, where the adapter
//!   lists such tiles. It rounds inputs and what hidden layers give to half precision, which no
//!   other variant does: it runs only where it is asked for, and was held against the same sums,
//!   number by number, when it began.
//!
//! Genes in half precision ([`Precision::Half`](crate::network::Precision)) halve the words of
//! weights in every variant; all other arithmetic is as before.
//!
//! # What hardware still has to confirm
//!
//! `benches/gpu.sh` verifies and measures in one go; the bars stand in `benches/peers/gpu.toml`.
//! No answer is known yet to any of these:
//!
//! - which variant is the fastest for which network, and its share of the device's multiply-adds;
//! - whether tiles are right on tensor cores: Mesa, which computes them in software, agrees;
//! - whether what goes from layer to layer is better off in workgroup memory, where `loop` and
//!   `unrolled` keep it as far as it fits, than in an invocation's own: what compilers make of the
//!   latter decided that;
//! - whether broadcasts from register to register, of `subgroup`, are faster than workgroup memory,
//!   of `team-32`; and whether a driver brings a subgroup together again behind a branch in it, as
//!   Mesa's does: broadcasts count on that;
//! - whether `fused-N`, which makes the noise again in every dispatch, beats writing genes once and
//!   reading them in every dispatch: the tuner weighs the two by whole generations.

use super::kernels::{Kernels, Subgroup, Team, Tensor};
use crate::backend::plan::Limits;
use crate::error::{Error, Result};
use crate::gpu::Source;
use crate::network::{Cell, Network};
use crate::task::Kind;

/// The most outputs of a layer whose sums stand in registers: a text of two such layers took Mesa's
/// software adapter 1.9 s to compile, and one of twice as many 6.8 s.
pub const UNROLLED_OUTPUTS: usize = 32;

/// How kernels that run networks are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// An invocation is an individual in an episode, or on a sample; layers are loops.
    Loop,
    /// The same; the outputs of layers are written out.
    Unrolled,
    /// So many invocations are an individual.
    Team(usize),
    /// So many invocations are an individual, and make its genome where they play it.
    Fused(usize),
    /// A subgroup is an individual, whose genome is in its registers.
    Subgroup,
    /// Layers are multiplied by tiles, on tensor cores.
    Tensor,
}

impl Variant {
    /// All of them, the plainest first.
    pub const ALL: [Self; 12] = [
        Self::Loop,
        Self::Unrolled,
        Self::Team(8),
        Self::Team(16),
        Self::Team(32),
        Self::Team(64),
        Self::Fused(8),
        Self::Fused(16),
        Self::Fused(32),
        Self::Fused(64),
        Self::Subgroup,
        Self::Tensor,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loop => "loop",
            Self::Unrolled => "unrolled",
            Self::Team(8) => "team-8",
            Self::Team(16) => "team-16",
            Self::Team(32) => "team-32",
            Self::Team(_) => "team-64",
            Self::Fused(8) => "fused-8",
            Self::Fused(16) => "fused-16",
            Self::Fused(32) => "fused-32",
            Self::Fused(_) => "fused-64",
            Self::Subgroup => "subgroup",
            Self::Tensor => "tensor",
        }
    }

    /// The one of a name.
    ///
    /// # Errors
    /// [`Error::Unknown`] lists those there are.
    pub fn named(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name).ok_or_else(|| Error::Unknown {
            kind: "variant".into(),
            name: name.into(),
            known: Self::ALL.map(|variant| variant.name().to_owned()).into(),
        })
    }

    /// Whether it can run a network on a task within a device's limits.
    pub fn takes(self, network: &Network, kind: Kind<'_>, limits: &Limits) -> bool {
        let dense = network.layers().iter().all(|layer| layer.cell == Cell::Dense);
        match (self, kind) {
            (Self::Loop, _) => true,
            (_, Kind::Function(_)) => false,
            (Self::Unrolled, _) => {
                let widest = network.layers().iter().map(|layer| layer.outputs).max();
                dense && widest.is_some_and(|outputs| outputs <= UNROLLED_OUTPUTS)
            }
            (Self::Team(threads), Kind::Control(_)) => {
                dense && Team::of_episodes(network, threads, 1, limits).is_some()
            }
            // A workgroup judges one individual.
            (Self::Team(threads), Kind::Data(_)) => {
                dense && threads == 64 && Team::of_samples(network, limits).is_some()
            }
            (Self::Fused(threads), Kind::Control(_)) => {
                dense && Team::making(network, threads, 1, limits).is_some()
            }
            (Self::Subgroup, Kind::Control(_)) => Subgroup::of(network, limits).is_some(),
            (Self::Fused(_) | Self::Subgroup, Kind::Data(_)) => false,
            (Self::Tensor, Kind::Control(_)) => false,
            (Self::Tensor, Kind::Data(_)) => Tensor::of(network, limits).is_some(),
        }
    }

    /// The same, which makes genomes where it plays them; none where there is no such one.
    pub(super) fn fused(self) -> Option<Self> {
        match self {
            Self::Team(threads) => Some(Self::Fused(threads)),
            _ => None,
        }
    }

    /// Whether it computes the same as all others that do, so that a clock may choose it.
    pub fn is_exact(self) -> bool {
        self != Self::Tensor
    }

    /// Those that can.
    pub fn that_take(network: &Network, kind: Kind<'_>, limits: &Limits) -> Vec<Self> {
        Self::ALL.into_iter().filter(|variant| variant.takes(network, kind, limits)).collect()
    }

    /// Of those, the ones that compute the same as `loop`.
    pub fn that_a_clock_may_choose(
        network: &Network,
        kind: Kind<'_>,
        limits: &Limits,
    ) -> Vec<Self> {
        let all = Self::that_take(network, kind, limits).into_iter();
        all.filter(|variant| variant.is_exact()).collect()
    }

    /// Individuals in a block of the packed population: as many as read the same gene side by side.
    pub(super) fn lanes(self, kind: Kind<'_>) -> usize {
        match (self, kind) {
            (_, Kind::Data(_)) => 1,
            (Self::Team(_) | Self::Fused(_) | Self::Subgroup, Kind::Control(_)) => 1,
            (_, Kind::Control(_) | Kind::Function(_)) => super::CONTROL_LANES,
        }
    }
}

impl Kernels {
    /// Those that run networks on the task, laid out in another way than as loops.
    pub fn of_variant(
        &self,
        variant: Variant,
        network: &Network,
        kind: Kind<'_>,
        limits: &Limits,
    ) -> Vec<Source> {
        // With observations as they are, and normalised.
        let normalised = self.clone().normalised();
        let both = |rollout: &dyn Fn(&Self) -> Source| [self, &normalised].map(rollout);
        match (variant, kind) {
            (Variant::Loop, _) | (_, Kind::Function(_)) => Vec::new(),
            (Variant::Tensor, _) => {
                let tensor = Tensor::of(network, limits).into_iter();
                let both = |tensor: Tensor| {
                    [self.tensor_judge(network, &tensor), self.tensor_forward(network, &tensor)]
                };
                tensor.flat_map(both).collect()
            }
            (Variant::Unrolled, kind) => self.clone().unrolled(network, limits).running(Some(kind)),
            (Variant::Subgroup, _) => {
                let subgroup = Subgroup::of(network, limits).into_iter();
                subgroup
                    .flat_map(|one| both(&|kernels| kernels.subgroup_rollout(network, &one)))
                    .collect()
            }
            (Variant::Team(threads) | Variant::Fused(threads), Kind::Control(_)) => {
                let of = if matches!(variant, Variant::Team(_)) {
                    Team::of_episodes
                } else {
                    Team::making
                };
                let teams = [1, 4].into_iter().filter_map(|n| of(network, threads, n, limits));
                teams
                    .flat_map(|team| both(&|kernels| kernels.team_rollout(network, &team)))
                    .collect()
            }
            (Variant::Fused(_), Kind::Data(_)) => Vec::new(),
            (Variant::Team(_), Kind::Data(_)) => {
                let team = Team::of_samples(network, limits).into_iter();
                let both = |team: Team| {
                    [self.team_judge(network, &team), self.team_forward(network, &team)]
                };
                team.flat_map(both).collect()
            }
        }
    }
}
