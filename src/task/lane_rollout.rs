//! The fast CPU rollout: sixteen lanes, each of which takes the next work item when it is done.
//!
//! A work item yields one outcome. It is either an individual with all its episodes, or one episode
//! of an individual that all lanes share. A lane never waits for its neighbours while work items
//! are left. A lane's results depend only on its work item, so outcomes have the same bits however
//! the work items are distributed over lanes.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

mod policies;
mod schedule;

pub(super) use policies::LanePolicies;
use policies::{GraphPolicies, LaneGenomes, LayeredPolicies};
pub(super) use schedule::{LaneSlot, Schedule};

use super::{Actions, Control, LARGEST_BEHAVIOUR, Outcome, Span};
use crate::math::{Instructions, LANES, LaneMask, Lanes, Mask, Real, SimdWork};
use crate::network::{Network, Normaliser, Phenotype, SharedGenome};
use crate::random::{self, Counter, WORDS_PER_BLOCK};

/// The work items of a rollout, and the policies that play them.
#[derive(Clone, Copy)]
pub enum Assignment<'a> {
    /// A work item per individual, a network of layers. It plays its episodes one after another.
    Individuals {
        /// Writes the genome of the individual with this index into `f32[parameters]`.
        genome: &'a dyn Fn(usize, &mut [f32]),
        /// Episodes of each individual.
        episodes: u32,
    },
    /// A work item per episode, all played by the network with this genome.
    Episodes(&'a [f32]),
    /// A work item per individual, a graph. It plays its episodes one after another.
    Graphs {
        /// The individuals, in the order of the outcomes.
        graphs: &'a [&'a Phenotype],
        /// Episodes of each individual.
        episodes: u32,
    },
    /// A work item per episode, all played by this graph.
    EpisodesOfGraph(&'a Phenotype),
}

/// The work of one block of sixteen lanes.
pub(super) struct LaneRollouts<'a, T> {
    pub task: &'a T,
    pub network: &'a Network,
    pub assignment: Assignment<'a>,
    /// The random counter of the first episode's start; `individual` is the episode's number.
    pub first: Counter,
    pub span: Span,
    /// The outcome of each work item; overwritten.
    pub outcomes: &'a mut [Outcome],
    /// The normaliser of observations, if they are normalised; its rows are overwritten.
    pub normaliser: Option<Normaliser<'a>>,
}

impl<T: Control> SimdWork for LaneRollouts<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        let schedule = self.assignment.schedule(self.span);
        let mut policies = self.assignment.policies::<I>(self.network);
        self.run_lanes(&mut *policies, schedule);
    }
}

impl<'a> Assignment<'a> {
    /// Returns the episodes of each work item.
    pub(super) fn schedule(&self, span: Span) -> Schedule {
        let (episodes, offset) = match *self {
            Self::Individuals { episodes, .. } | Self::Graphs { episodes, .. } => (episodes, 0),
            Self::Episodes(_) | Self::EpisodesOfGraph(_) => (1, 1),
        };
        Schedule { episodes, offset, span }
    }

    /// Creates the policies of sixteen lanes.
    #[inline(always)]
    pub(super) fn policies<I: Instructions>(
        &self,
        network: &'a Network,
    ) -> Box<dyn LanePolicies<I> + 'a> {
        match *self {
            Self::Individuals { genome, .. } => {
                let genomes = LaneGenomes::<I>::new(network.parameters(), genome);
                Box::new(LayeredPolicies::new(network, genomes))
            }
            Self::Episodes(genome) => Box::new(LayeredPolicies::new(network, SharedGenome(genome))),
            Self::Graphs { graphs, .. } => Box::new(GraphPolicies::new(graphs.to_vec())),
            Self::EpisodesOfGraph(graph) => Box::new(GraphPolicies::new(vec![graph])),
        }
    }
}

/// The largest count of observations, actions, or draws of a start. A task that needs more does not
/// compile.
const ROOM: usize = 32;

impl<T: Control> LaneRollouts<'_, T> {
    #[inline(always)]
    fn run_lanes<I: Instructions>(
        &mut self,
        policies: &mut dyn LanePolicies<I>,
        schedule: Schedule,
    ) {
        const {
            let fits = T::DRAWS <= ROOM && T::OBSERVATIONS <= ROOM && T::ACTIONS.size() <= ROOM;
            assert!(fits, "a task has 32 draws, observations and actions at most");
            assert!(T::BEHAVIOUR <= LARGEST_BEHAVIOUR, "a behaviour has 4 numbers at most");
            assert!(T::STARTS.is_none() || T::DRAWS == 1, "the number of a listed start is a draw");
        };
        let zero = Lanes::<I>::from_f64(0.0);
        let mut observation = [zero; ROOM];
        let mut action = [zero; ROOM];
        let mut starts = StartStates::<T>::new(self.task, self.first);
        let mut state: T::State<Lanes<I>> = self.task.start(&[zero; ROOM][..T::DRAWS]);
        let mut reward = zero;
        let sums = if self.normaliser.is_some() { 2 * T::OBSERVATIONS } else { 0 };
        let mut sums = vec![zero; sums];
        let mut slots = [None; LANES];
        let mut queue = 0..self.outcomes.len();
        let mut time = 0;
        for lane in 0..LANES {
            slots[lane] = self.next(&mut queue, schedule, time);
            if let Some(slot) = slots[lane] {
                policies.assign(slot.item, lane);
                starts.write(slot.episode, lane, &mut state);
            }
        }
        let (mut active, mut due) = active_and_due::<LaneMask>(&slots);

        while active.any() {
            self.task.observe(&state, &mut observation[..T::OBSERVATIONS]);
            if let Some(normaliser) = &self.normaliser {
                normaliser
                    .normalisation
                    .apply_out_of_line(&mut observation[..T::OBSERVATIONS], &mut sums);
            }
            let outputs = policies.act(&observation[..T::OBSERVATIONS]);
            Actions::decide(T::ACTIONS, outputs, &mut action);
            let (next, gained) = self.task.step(&state, &action[..T::ACTIONS.size()]);
            state = next;
            reward = reward + gained;
            time += 1;
            let terminated = self.task.terminated(&state) & active;
            let deadline_reached = time >= due;
            if !deadline_reached && !terminated.any() {
                continue;
            }
            let mut remaining = if deadline_reached { active.bits() } else { terminated.bits() };
            let mut any_released = false;
            while remaining != 0 {
                let lane = remaining.trailing_zeros() as usize;
                remaining &= remaining - 1;
                let Some(mut slot) = slots[lane] else { continue };
                let over = time >= slot.cutoff || terminated.lane(lane);
                if !over && time < slot.end {
                    continue;
                }
                let outcome = &mut self.outcomes[slot.item];
                outcome.reward += f64::from(reward.0[lane]);
                outcome.steps += time - slot.start;
                for (sum, number) in
                    outcome.behaviour.iter_mut().zip(&state.as_ref()[..T::BEHAVIOUR])
                {
                    *sum += f64::from(number.0[lane]);
                }
                reward.0[lane] = 0.0;
                if let Some(normaliser) = &mut self.normaliser {
                    normaliser.add_lane(slot.item, lane, time - slot.start, &mut sums);
                }
                if schedule.advance(&mut slot, time) {
                    slots[lane] = Some(slot);
                } else {
                    slots[lane] = self.next(&mut queue, schedule, time);
                    match slots[lane] {
                        Some(fresh) => policies.assign(fresh.item, lane),
                        None => {
                            policies.release(lane);
                            any_released = true;
                        }
                    }
                }
                if let Some(slot) = slots[lane] {
                    starts.write(slot.episode, lane, &mut state);
                    policies.reset_lane(lane);
                    due = due.min(slot.cutoff).min(slot.end);
                }
            }
            // In all other cases the old deadline is at worst too early, which costs one check.
            if deadline_reached || any_released {
                (active, due) = active_and_due(&slots);
            }
        }
    }

    /// Takes the next work item from the queue, if one is left.
    #[inline(always)]
    fn next(
        &mut self,
        queue: &mut std::ops::Range<usize>,
        schedule: Schedule,
        time: u64,
    ) -> Option<LaneSlot> {
        let item = queue.next()?;
        self.outcomes[item] = Outcome::default();
        if let Some(normaliser) = &mut self.normaliser {
            normaliser.row(item).fill(0.0);
        }
        Some(schedule.begin(item, time))
    }
}

/// Returns the lanes that have a work item, and the earliest time at which one of them is due,
/// unless its state ends the episode before.
#[inline(always)]
fn active_and_due<M: Mask>(slots: &[Option<LaneSlot>; LANES]) -> (M, u64) {
    (M::from_lanes(|lane| slots[lane].is_some()), LaneSlot::earliest_due(slots))
}

/// The start states of episodes, computed sixteen at a time on first use.
struct StartStates<'a, T> {
    task: &'a T,
    /// The random counter of episode 0.
    first: Counter,
    /// `[groups of sixteen episodes][numbers of a state]`.
    states: Vec<Lanes>,
}

impl<'a, T: Control> StartStates<'a, T> {
    #[inline(always)]
    fn new(task: &'a T, first: Counter) -> Self {
        Self { task, first, states: Vec::new() }
    }

    /// Writes the start state of an episode into a lane.
    #[inline(always)]
    fn write<I: Instructions>(
        &mut self,
        episode: u32,
        lane: usize,
        state: &mut T::State<Lanes<I>>,
    ) {
        let numbers = state.as_mut();
        let (group, column) = (episode as usize / LANES, episode as usize % LANES);
        while self.states.len() <= group * numbers.len() {
            self.extend::<I>(numbers.len());
        }
        let starts = &self.states[group * numbers.len()..][..numbers.len()];
        for (number, start) in numbers.iter_mut().zip(starts) {
            number.0[lane] = start.0[column];
        }
    }

    /// Appends the next sixteen start states.
    #[inline(always)]
    fn extend<I: Instructions>(&mut self, numbers: usize) {
        let group = (self.states.len() / numbers) as u32;
        let Counter { seed, stream, generation, individual } = self.first;
        let mut episodes = [0; LANES];
        for l in 0..LANES {
            episodes[l] = individual.wrapping_add(group * LANES as u32 + l as u32);
        }
        let mut draws = [Lanes::<I>::from_f64(0.0); ROOM];
        for block in 0..T::DRAWS.div_ceil(WORDS_PER_BLOCK) {
            let counter =
                [[block as u32; LANES], episodes, [generation; LANES], [stream as u32; LANES]];
            let words = random::philox(counter, random::key(seed));
            for (word, draw) in words.iter().zip(&mut draws[block * WORDS_PER_BLOCK..]) {
                *draw = Lanes::from_lanes(|l| random::uniform(word[l]));
            }
        }
        if let Some(count) = T::STARTS {
            draws[0] = Lanes::from_lanes(|l| (episodes[l] % count) as f32);
        }
        let state: T::State<Lanes<I>> = self.task.start(&draws[..T::DRAWS]);
        self.states.extend(state.as_ref().iter().map(|number| number.cast::<crate::math::Plain>()));
    }
}
