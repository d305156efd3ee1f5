//! Who plays: how the invocations of a rollout are divided among individuals and their episodes.

use super::super::plan::{Effort, WORKGROUP};
use super::Gpu;
use super::kernels::{Kernels, Subgroup, Team};
use super::variant::Variant;
use crate::error::{Error, Result};
use crate::gpu::Source;
use crate::network::Network;

/// Who plays an individual.
pub(super) enum Players {
    /// An invocation, in one episode.
    Alone,
    /// A team, in some episodes at once.
    Team(Team),
    /// A subgroup, in one episode.
    Subgroup(Subgroup),
}

impl Players {
    /// The kernel of the rollout.
    pub fn source(&self, kernels: &Kernels, network: &Network) -> Source {
        match self {
            Self::Alone => kernels.rollout(),
            Self::Team(team) => kernels.team_rollout(network, team),
            Self::Subgroup(subgroup) => kernels.subgroup_rollout(network, subgroup),
        }
    }

    /// What an individual takes in an episode before its first step.
    pub fn beginning(&self, network: &Network) -> Effort {
        match self {
            Self::Team(team) => team.beginning(network),
            Self::Alone | Self::Subgroup(_) => Effort::default(),
        }
    }

    /// Workgroups of so many individuals, rounded up to whole workgroups, in so many episodes.
    pub fn groups(&self, rows: usize, episodes: u32) -> usize {
        let (individuals, side_by_side) = match self {
            Self::Alone => (WORKGROUP, 1),
            Self::Team(team) => (team.a_workgroup(), team.columns),
            Self::Subgroup(subgroup) => (subgroup.a_workgroup(), 1),
        };
        rows * (episodes as usize).div_ceil(side_by_side) / individuals
    }
}

impl Gpu {
    /// Who plays the individuals that are there, in so many episodes side by side.
    pub(super) fn players(&self, episodes: u32) -> Result<Players> {
        let (network, limits) = (&self.network, &self.limits);
        let others = match self.variant() {
            // There is nothing else that this population could be played from.
            Variant::Fused(threads) if self.recipe.is_some() => {
                let making = Team::making(network, threads, episodes, limits);
                let expected = "a device whose workgroups hold a genome, as it was when it began";
                let refused = || Error::invalid("--variant", expected, self.variant.name());
                return making.map(Players::Team).ok_or_else(refused);
            }
            Variant::Team(threads) | Variant::Fused(threads) => {
                Team::of_episodes(network, threads, episodes, limits).map(Players::Team)
            }
            Variant::Subgroup => Subgroup::of(network, limits).map(Players::Subgroup),
            Variant::Loop | Variant::Unrolled | Variant::Tensor => None,
        };
        Ok(others.unwrap_or(Players::Alone))
    }
}
