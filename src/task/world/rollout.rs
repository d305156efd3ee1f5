//! Rollouts of a world in lanes: several chunks of sixteen lanes run one program.
//!
//! A program costs a little for each operation, whatever its lanes; many lanes share that cost. The
//! results of a lane depend only on its work item, so they have the same bits for any number of
//! chunks.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use super::programs::Programs;
use crate::math::{Instructions, LANES, Lanes, Mask, SimdWork};
use crate::network::{Network, Normaliser};
use crate::random::{self, Counter, WORDS_PER_BLOCK};
use crate::task::lane_rollout::{LanePolicies, LaneSlot};
use crate::task::{Assignment, ControlShape, Outcome, Span};
use crate::wgsl::RegisterMachine;

/// The number of chunks of sixteen lanes that run a program of a number of operations.
///
/// Many lanes share the cost of an operation, but the genomes of few lanes fit the first cache. On
/// cartpole (29 operations) one chunk is fastest, on acrobot (159) and double-pole-hidden (662)
/// four are, and on the maze (1,471) eight.
fn chunks_for(operations: usize) -> usize {
    match operations {
        0..100 => 1,
        100..1_000 => 4,
        _ => 8,
    }
}

/// The work of one batch.
pub struct WorldRollouts<'a> {
    pub shape: &'a ControlShape,
    pub programs: &'a Programs,
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

/// A chunk of sixteen lanes: its policies, and the observations that they act on.
struct Chunk<'a, I> {
    policies: Box<dyn LanePolicies<I> + 'a>,
    observation: Vec<Lanes<I>>,
    /// The sums over observations, if they are normalised.
    sums: Vec<Lanes<I>>,
    reward: Lanes<I>,
    /// The number of each lane's episode, and the time at which it began.
    episodes: [u32; LANES],
    began: [u64; LANES],
}

impl SimdWork for WorldRollouts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        let schedule = self.assignment.schedule(self.span);
        let ControlShape { state, observations, actions, behaviour, .. } = *self.shape;
        let has_step_inputs = self.shape.step_inputs() > actions.size();
        let (reward_output, ends_output, first_observation) = (state, state + 1, state + 2);
        let count =
            self.outcomes.len().div_ceil(LANES).clamp(1, chunks_for(self.programs.step.len()));
        let sums = if self.normaliser.is_some() { 2 * observations } else { 0 };
        let mut chunks: Vec<Chunk<'_, I>> = (0..count)
            .map(|_| Chunk {
                policies: self.assignment.policies::<I>(self.network),
                observation: vec![Lanes::default(); observations],
                sums: vec![Lanes::default(); sums],
                reward: Lanes::default(),
                episodes: [0; LANES],
                began: [0; LANES],
            })
            .collect();
        let mut machine = RegisterMachine::<Lanes<I>>::new(&self.programs.step, count);
        let mut starts = Starts::<I>::new(self.shape, self.programs, self.first);
        let mut action = vec![Lanes::<I>::default(); actions.size()];
        let mut slots: Vec<Option<LaneSlot>> = vec![None; count * LANES];
        let mut queue = 0..self.outcomes.len();
        let mut time = 0;
        for lane in 0..slots.len() {
            let Some(item) = queue.next() else {
                machine.release(lane);
                continue;
            };
            let slot = schedule.begin(item, time);
            slots[lane] = Some(slot);
            self.clear(item);
            let chunk = &mut chunks[lane / LANES];
            chunk.policies.assign(item, lane % LANES);
            chunk.begin(lane % LANES, slot);
            chunk.reward.0[lane % LANES] =
                starts.write(slot.episode, lane, &mut machine, &mut chunk.observation);
        }
        let mut due = LaneSlot::earliest_due(&slots);
        let mut active = slots.iter().flatten().count();
        while active > 0 {
            for (number, chunk) in chunks.iter_mut().enumerate() {
                if let Some(normaliser) = &self.normaliser {
                    let by = normaliser.normalisation;
                    by.apply_out_of_line(&mut chunk.observation, &mut chunk.sums);
                }
                let outputs = chunk.policies.act(&chunk.observation);
                actions.decide(outputs, &mut action);
                for (k, &number_of_action) in action.iter().enumerate() {
                    machine.input(state + k)[number] = number_of_action;
                }
                if has_step_inputs {
                    write_step_inputs(self.shape, self.first, chunk, number, time, &mut machine);
                }
            }
            // A lane whose loops take too many operations has a reward of NaN and ends.
            let _ = machine.run_lanes();
            time += 1;
            let deadline_reached = time >= due;
            for number in 0..count {
                let chunk = &mut chunks[number];
                chunk.reward = chunk.reward + machine.output(reward_output)[number];
                for (k, seen) in chunk.observation.iter_mut().enumerate() {
                    *seen = machine.output(first_observation + k)[number];
                }
                let ends = machine.word_output(ends_output)[number];
                if !deadline_reached && !ends.any() {
                    continue;
                }
                let mut remaining = if deadline_reached { (1 << LANES) - 1 } else { ends.bits() };
                while remaining != 0 {
                    let l = remaining.trailing_zeros() as usize;
                    let lane = number * LANES + l;
                    remaining &= remaining - 1;
                    let Some(mut slot) = slots[lane] else { continue };
                    let over = time >= slot.cutoff || ends.lane(l);
                    if !over && time < slot.end {
                        continue;
                    }
                    let outcome = &mut self.outcomes[slot.item];
                    outcome.reward += f64::from(chunk.reward.0[l]);
                    outcome.steps += time - slot.start;
                    for (k, sum) in outcome.behaviour[..behaviour].iter_mut().enumerate() {
                        *sum += f64::from(machine.output(k)[number].0[l]);
                    }
                    if let Some(normaliser) = &mut self.normaliser {
                        normaliser.add_lane(slot.item, l, time - slot.start, &mut chunk.sums);
                    }
                    if schedule.advance(&mut slot, time) {
                        slots[lane] = Some(slot);
                    } else {
                        slots[lane] = queue.next().map(|item| schedule.begin(item, time));
                        match slots[lane] {
                            Some(fresh) => {
                                chunk.policies.assign(fresh.item, l);
                                self.clear(fresh.item);
                            }
                            None => {
                                chunk.policies.release(l);
                                machine.release(lane);
                                active -= 1;
                            }
                        }
                    }
                    if let Some(slot) = slots[lane] {
                        let observation = &mut chunk.observation;
                        chunk.reward.0[l] =
                            starts.write(slot.episode, lane, &mut machine, observation);
                        chunk.begin(l, slot);
                        chunk.policies.reset_lane(l);
                        due = due.min(slot.cutoff).min(slot.end);
                    }
                }
            }
            if deadline_reached {
                due = LaneSlot::earliest_due(&slots);
            }
        }
    }
}

impl<I: Instructions> Chunk<'_, I> {
    /// Notes the episode that a lane begins.
    #[inline(always)]
    fn begin(&mut self, lane: usize, slot: LaneSlot) {
        self.episodes[lane] = slot.episode;
        self.began[lane] = slot.start;
    }
}

/// Writes the uniforms and the number of a step: the inputs of the program behind the action.
#[inline(always)]
fn write_step_inputs<I: Instructions>(
    shape: &ControlShape,
    first: Counter,
    chunk: &Chunk<'_, I>,
    number: usize,
    time: u64,
    machine: &mut RegisterMachine<'_, Lanes<I>>,
) {
    let Counter { seed, stream, generation, individual } = first;
    let (mut ages, mut episodes, mut blocks) = ([0; LANES], [0; LANES], [0; LANES]);
    for l in 0..LANES {
        ages[l] = time.wrapping_sub(chunk.began[l]) as u32;
        episodes[l] = individual.wrapping_add(chunk.episodes[l]);
        blocks[l] = shape.first_step_block(ages[l]);
    }
    let input = shape.state + shape.actions.size();
    for block in 0..shape.step_draws.div_ceil(WORDS_PER_BLOCK) {
        let blocks = blocks.map(|first| first.wrapping_add(block as u32));
        let counter = [blocks, episodes, [generation; LANES], [stream as u32; LANES]];
        let words = random::philox(counter, random::key(seed));
        for (k, word) in words.iter().enumerate() {
            let draw = block * WORDS_PER_BLOCK + k;
            if draw < shape.step_draws {
                machine.input(input + draw)[number] = Lanes::new(word.map(random::uniform));
            }
        }
    }
    if shape.has_step_number {
        let numbers = ages.map(|age| age as f32);
        machine.input(input + shape.step_draws)[number] = Lanes::new(numbers);
    }
}

impl WorldRollouts<'_> {
    /// Clears what is counted for a work item that begins.
    #[inline(always)]
    fn clear(&mut self, item: usize) {
        self.outcomes[item] = Outcome::default();
        if let Some(normaliser) = &mut self.normaliser {
            normaliser.row(item).fill(0.0);
        }
    }
}

/// The start states and their observations, computed sixteen episodes at a time on first use.
struct Starts<'a, I: Instructions> {
    shape: &'a ControlShape,
    machine: RegisterMachine<'a, Lanes<I>>,
    /// The random counter of episode 0.
    first: Counter,
    /// `[groups of sixteen episodes][numbers of a state, then of its observation, then the first
    /// term of the reward]`. That term is NaN after a start whose loops take too many operations.
    numbers: Vec<Lanes<I>>,
}

impl<'a, I: Instructions> Starts<'a, I> {
    #[inline(always)]
    fn new(shape: &'a ControlShape, programs: &'a Programs, first: Counter) -> Self {
        Self {
            shape,
            machine: RegisterMachine::new(&programs.start, 1),
            first,
            numbers: Vec::new(),
        }
    }

    /// Writes the start of an episode into a lane. Returns the first term of its reward.
    #[inline(always)]
    fn write(
        &mut self,
        episode: u32,
        lane: usize,
        step: &mut RegisterMachine<'_, Lanes<I>>,
        observation: &mut [Lanes<I>],
    ) -> f32 {
        let ControlShape { state, observations, .. } = *self.shape;
        let (group, column) = (episode as usize / LANES, episode as usize % LANES);
        let width = state + observations + 1;
        while self.numbers.len() <= group * width {
            self.extend();
        }
        let numbers = &self.numbers[group * width..];
        for k in 0..state {
            step.input(k)[lane / LANES].0[lane % LANES] = numbers[k].0[column];
        }
        for (k, seen) in observation.iter_mut().enumerate() {
            seen.0[lane % LANES] = numbers[state + k].0[column];
        }
        numbers[state + observations].0[column]
    }

    /// Appends the next sixteen starts.
    #[inline(always)]
    fn extend(&mut self) {
        let ControlShape { state, observations, draws, starts, .. } = *self.shape;
        let group = (self.numbers.len() / (state + observations + 1)) as u32;
        let Counter { seed, stream, generation, individual } = self.first;
        let mut episodes = [0; LANES];
        for l in 0..LANES {
            episodes[l] = individual.wrapping_add(group * LANES as u32 + l as u32);
        }
        for block in 0..draws.div_ceil(WORDS_PER_BLOCK) {
            let counter =
                [[block as u32; LANES], episodes, [generation; LANES], [stream as u32; LANES]];
            let words = random::philox(counter, random::key(seed));
            for (k, word) in words.iter().enumerate() {
                let draw = block * WORDS_PER_BLOCK + k;
                if draw < draws {
                    self.machine.input(draw)[0] = Lanes::new(word.map(random::uniform));
                }
            }
        }
        if let Some(count) = starts {
            self.machine.input(0)[0] = Lanes::new(episodes.map(|e| (e % count) as f32));
        }
        let has_failed = self.machine.run_lanes().is_err();
        for k in 0..state + observations {
            self.numbers.push(self.machine.output(k)[0]);
        }
        let mut first_terms = Lanes::default();
        for l in 0..LANES {
            if has_failed && self.machine.is_endless_in(l) {
                first_terms.0[l] = f32::NAN;
            }
        }
        self.numbers.push(first_terms);
    }
}
