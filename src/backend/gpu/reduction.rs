//! The reduction of episodes to results on a device: mean returns, mean behaviours, and sums over
//! observations.

use std::ops::Range;

use super::super::plan::{RolloutPlan, WORKGROUP, fold};
use super::Gpu;
use super::kernels::Kernels;
use super::results::Results;
use crate::error::Result;
use crate::gpu::layout::{AverageParameters, BehaviourParameters, ObservationSumParameters};
use crate::gpu::{Binding, Buffer, Dispatch, ShaderSource};
use crate::task::ControlShape;

/// The episodes that run side by side in a dispatch.
pub(super) struct EpisodeGroup {
    /// The first episode.
    pub first: u32,
    /// The number of episodes.
    pub count: u32,
    /// The number of invocations: rows times episodes.
    pub invocations: usize,
}

impl EpisodeGroup {
    /// Returns the group that begins with episode `first`; `all` is the total number of episodes.
    pub fn new(first: u32, plan: &RolloutPlan, all: u32) -> Self {
        let count = plan.episodes.min(all - first);
        Self { first, count, invocations: plan.rows * count as usize }
    }
}

/// The reduction of the episodes of one shard.
pub(super) struct EpisodeReduction<'a> {
    pub gpu: &'a Gpu,
    pub kernels: &'a Kernels,
    pub results: &'a Results,
    /// The individuals of the shard.
    pub individuals: Range<usize>,
    /// The index of the shard's first workgroup in the buffer of steps.
    pub first_group: usize,
    pub shape: &'a ControlShape,
    pub plan: &'a RolloutPlan,
    /// The number of episodes in all groups.
    pub episodes: u32,
    /// The episodes, as the rollout kernel stored them.
    pub progress: &'a Buffer,
}

impl EpisodeReduction<'_> {
    /// Adds a group of episodes to the results.
    pub fn run(&self, group: &EpisodeGroup) -> Result<()> {
        self.average_returns(group)?;
        if let Some(behaviours) = &self.results.behaviours {
            self.average_behaviours(group, behaviours)?;
        }
        match &self.results.observation_sums {
            Some(sums) => self.sum_observations(group, sums),
            None => Ok(()),
        }
    }

    fn average_returns(&self, group: &EpisodeGroup) -> Result<()> {
        let parameters = AverageParameters {
            first_individual: self.individuals.start as u32,
            first_group: self.first_group as u32,
            individuals: self.individuals.len() as u32,
            rows: self.plan.rows as u32,
            invocations: group.invocations as u32,
            episodes: group.count,
            all_episodes: self.episodes,
            begins: u32::from(self.is_first(group)),
            ends: u32::from(self.is_last(group)),
            ..Default::default()
        };
        let (source, results) = (self.kernels.average(), self.results);
        let buffers = [self.progress, &results.values, &results.steps];
        self.dispatch(&source, bytemuck::bytes_of(&parameters), &buffers, self.plan.rows)
    }

    fn average_behaviours(&self, group: &EpisodeGroup, behaviours: &Buffer) -> Result<()> {
        let parameters = BehaviourParameters {
            first_individual: self.individuals.start as u32,
            individuals: self.individuals.len() as u32,
            rows: self.plan.rows as u32,
            invocations: group.invocations as u32,
            episodes: group.count,
            all_episodes: self.episodes,
            begins: u32::from(self.is_first(group)),
            ends: u32::from(self.is_last(group)),
        };
        let invocations = self.plan.rows * self.shape.behaviour;
        let (source, buffers) = (self.kernels.behaviour(), [self.progress, behaviours]);
        self.dispatch(&source, bytemuck::bytes_of(&parameters), &buffers, invocations)
    }

    fn sum_observations(&self, group: &EpisodeGroup, sums: &Buffer) -> Result<()> {
        let parameters = ObservationSumParameters {
            first_individual: self.individuals.start as u32,
            individuals: self.individuals.len() as u32,
            rows: self.plan.rows as u32,
            invocations: group.invocations as u32,
            episodes: group.count,
            begins: u32::from(self.is_first(group)),
            ..Default::default()
        };
        let invocations = self.plan.rows * (1 + self.gpu.observation_words(self.shape));
        let (source, buffers) = (self.kernels.observation_sums(), [self.progress, sums]);
        self.dispatch(&source, bytemuck::bytes_of(&parameters), &buffers, invocations)
    }

    /// Runs a kernel. The number of invocations is a multiple of the workgroup size.
    fn dispatch(
        &self,
        source: &ShaderSource,
        parameters: &[u8],
        buffers: &[&Buffer],
        invocations: usize,
    ) -> Result<()> {
        let limits = &self.gpu.limits;
        let light = limits.light_share(self.plan.rows * self.plan.episodes as usize);
        self.gpu.device.at_share(light).run(&[Dispatch {
            source,
            parameters,
            bindings: buffers.iter().map(|buffer| Binding::whole(buffer)).collect(),
            workgroups: fold(invocations / WORKGROUP, limits)?,
        }])
    }

    fn is_first(&self, group: &EpisodeGroup) -> bool {
        group.first == 0
    }

    fn is_last(&self, group: &EpisodeGroup) -> bool {
        group.first + group.count == self.episodes
    }
}
