//! Rollouts of an environment: sixteen networks act in lanes, then the environment of each lane
//! takes its step.
//!
//! The results of a lane depend only on its work item, so they have the same bits however the work
//! items are distributed over lanes and threads.

use crate::math::{Instructions, LANES, Lanes, SimdWork};
use crate::network::{Network, Normaliser};
use crate::random::Counter;
use crate::task::environment::{
    Environment, EnvironmentPool, EnvironmentStep, behaviour_of, episode_seed,
};
use crate::task::lane_rollout::{LanePolicies, LaneSlot, Schedule};
use crate::task::{Assignment, ControlShape, Outcome, Span};

/// The work of one batch.
pub struct EnvironmentRollouts<'a> {
    pub shape: &'a ControlShape,
    pub pool: &'a EnvironmentPool,
    pub network: &'a Network,
    pub assignment: Assignment<'a>,
    /// The random counter of the first episode; `individual` is the episode's number.
    pub first: Counter,
    pub span: Span,
    /// The outcome of each work item; overwritten.
    pub outcomes: &'a mut [Outcome],
    /// The normaliser of observations, if they are normalised; its rows are overwritten.
    pub normaliser: Option<Normaliser<'a>>,
}

/// A lane: its environment, and the episode in it.
struct EnvironmentLane {
    environment: Box<dyn Environment>,
    observation: Vec<f32>,
    reward: f64,
    slot: Option<LaneSlot>,
}

impl SimdWork for EnvironmentRollouts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        let schedule = self.assignment.schedule(self.span);
        let mut policies = self.assignment.policies::<I>(self.network);
        let observations = self.shape.observations;
        let count = self.outcomes.len().min(LANES);
        let lanes = (0..count).map(|_| EnvironmentLane {
            environment: self.pool.take(),
            observation: vec![0.0; observations],
            reward: 0.0,
            slot: None,
        });
        let mut lanes: Vec<EnvironmentLane> = lanes.collect();
        self.run_lanes(&mut *policies, schedule, &mut lanes);
        self.pool.give_back(lanes.into_iter().map(|lane| lane.environment));
    }
}

impl EnvironmentRollouts<'_> {
    #[inline(always)]
    fn run_lanes<I: Instructions>(
        &mut self,
        policies: &mut dyn LanePolicies<I>,
        schedule: Schedule,
        lanes: &mut [EnvironmentLane],
    ) {
        let actions = self.shape.actions;
        let observations = self.shape.observations;
        let mut observation = vec![Lanes::<I>::default(); observations];
        let sums = if self.normaliser.is_some() { 2 * observations } else { 0 };
        let mut sums = vec![Lanes::<I>::default(); sums];
        let mut outputs_of_lanes = vec![Lanes::<I>::default(); actions.size()];
        let mut action = vec![0.0; actions.size()];
        let (mut time, mut active) = (0, lanes.len());
        let mut queue = 0..self.outcomes.len();
        for (l, lane) in lanes.iter_mut().enumerate() {
            self.begin_item(&mut queue, schedule, time, lane);
            if let Some(slot) = lane.slot {
                policies.assign(slot.item, l);
            }
        }
        while active > 0 {
            for (l, lane) in lanes.iter().enumerate() {
                for (lanes, &number) in observation.iter_mut().zip(&lane.observation) {
                    lanes.0[l] = number;
                }
            }
            if let Some(normaliser) = &self.normaliser {
                normaliser.normalisation.apply_out_of_line(&mut observation, &mut sums);
            }
            actions.decide(policies.act(&observation), &mut outputs_of_lanes);
            time += 1;
            for (l, lane) in lanes.iter_mut().enumerate() {
                let Some(mut slot) = lane.slot else { continue };
                for (number, lanes) in action.iter_mut().zip(&outputs_of_lanes) {
                    *number = lanes.0[l];
                }
                let EnvironmentStep { reward, ended } =
                    lane.environment.step(&action, &mut lane.observation);
                lane.reward += f64::from(reward);
                let is_over = ended || time >= slot.cutoff;
                if !is_over && time < slot.end {
                    continue;
                }
                self.add_episode(lane, slot, time);
                if let Some(normaliser) = &mut self.normaliser {
                    normaliser.add_lane(slot.item, l, time - slot.start, &mut sums);
                }
                if schedule.advance(&mut slot, time) {
                    self.begin_episode(slot, lane);
                } else {
                    self.begin_item(&mut queue, schedule, time, lane);
                    match lane.slot {
                        Some(fresh) => policies.assign(fresh.item, l),
                        None => {
                            policies.release(l);
                            active -= 1;
                            continue;
                        }
                    }
                }
                policies.reset_lane(l);
            }
        }
    }

    /// Adds the episode of a lane to the outcome of its work item.
    fn add_episode(&mut self, lane: &mut EnvironmentLane, slot: LaneSlot, time: u64) {
        let outcome = &mut self.outcomes[slot.item];
        outcome.reward += std::mem::take(&mut lane.reward);
        outcome.steps += time - slot.start;
        let behaviour = behaviour_of(&*lane.environment, self.shape.behaviour);
        for (sum, number) in outcome.behaviour.iter_mut().zip(behaviour) {
            *sum += f64::from(number);
        }
    }

    /// Begins the next work item in a lane, if one is left.
    fn begin_item(
        &mut self,
        queue: &mut std::ops::Range<usize>,
        schedule: Schedule,
        time: u64,
        lane: &mut EnvironmentLane,
    ) {
        lane.slot = None;
        let Some(item) = queue.next() else { return };
        self.outcomes[item] = Outcome::default();
        if let Some(normaliser) = &mut self.normaliser {
            normaliser.row(item).fill(0.0);
        }
        self.begin_episode(schedule.begin(item, time), lane);
    }

    /// Begins the episode of a slot in a lane.
    fn begin_episode(&self, slot: LaneSlot, lane: &mut EnvironmentLane) {
        lane.slot = Some(slot);
        let individual = self.first.individual.wrapping_add(slot.episode);
        lane.observation.fill(0.0);
        let seed = episode_seed(Counter { individual, ..self.first });
        lane.environment.reset(seed, &mut lane.observation);
    }
}
