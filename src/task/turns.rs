//! Turns: many rollouts in sixteen lanes, each lane taking the next when its own is over.
//!
//! A turn is what one lane does for one outcome: an individual with all its episodes, or one
//! episode of an individual that all lanes share. A lane never waits for its neighbours while turns
//! are left, and what a lane computes depends on nothing but its turn, so outcomes have the same
//! bits however turns fall on lanes.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

mod players;

use players::{Graphs, Layered, Players, Seats};

use super::{Actions, Control, LARGEST_BEHAVIOUR, Outcome, Span};
use crate::math::{Instructions, LANES, LaneMask, Lanes, Mask, Real, Vectorised};
use crate::network::{Crew, Network, Normaliser, Phenotype, Shared};
use crate::random::{self, Place, WORDS_A_BLOCK};

/// Who takes turns.
#[derive(Clone, Copy)]
pub enum Cast<'a> {
    /// A turn is an individual: it plays so many episodes, one after another.
    Individuals {
        /// Writes an individual's genome: its number, and room for `[parameters]`.
        genome: &'a dyn Fn(usize, &mut [f32]),
        /// Episodes of each.
        episodes: u32,
    },
    /// A turn is an episode: all are played by the individual of this genome.
    Episodes(&'a [f32]),
    /// A turn is an individual, each a graph: it plays so many episodes, one after another.
    Graphs {
        /// The individuals, in the order of their turns.
        graphs: &'a [&'a Phenotype],
        /// Episodes of each.
        episodes: u32,
    },
    /// A turn is an episode: all are played by this graph.
    EpisodesOfGraph(&'a Phenotype),
}

/// The work of sixteen lanes.
pub(super) struct Turns<'a, T> {
    pub task: &'a T,
    pub network: &'a Network,
    pub cast: Cast<'a>,
    /// The place of the first episode's draws; `individual` is the episode's number.
    pub first: Place,
    pub span: Span,
    /// One a turn, written.
    pub outcomes: &'a mut [Outcome],
    /// Where observations are normalised; its rows are written.
    pub normaliser: Option<Normaliser<'a>>,
}

impl<T: Control> Vectorised for Turns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Instructions>(mut self) {
        match self.cast {
            Cast::Individuals { genome, episodes } => {
                let seats = Seats::<I>::new(self.network.parameters(), genome);
                let mut players = Layered::new(self.network, seats);
                let schedule = Schedule { episodes, offset: 0 };
                if I::COPIES {
                    self.play::<I, Layered<I, Seats<I>>>(&mut players, schedule);
                } else {
                    self.play::<I, dyn Players<I>>(&mut players, schedule);
                }
            }
            Cast::Episodes(genome) => {
                let mut players = Layered::new(self.network, Shared(genome));
                self.play::<I, dyn Players<I>>(&mut players, Schedule { episodes: 1, offset: 1 });
            }
            Cast::Graphs { graphs, episodes } => {
                let crew = Crew::<I>::for_graphs(graphs);
                let mut players = Graphs { crew, graphs };
                self.play::<I, dyn Players<I>>(&mut players, Schedule { episodes, offset: 0 });
            }
            Cast::EpisodesOfGraph(graph) => {
                let crew = Crew::<I>::for_graphs(&[graph]);
                let mut players = Graphs { crew, graphs: &[graph] };
                self.play::<I, dyn Players<I>>(&mut players, Schedule { episodes: 1, offset: 1 });
            }
        }
    }
}

/// Which episodes turns have.
#[derive(Clone, Copy)]
struct Schedule {
    /// Episodes of a turn.
    episodes: u32,
    /// How many episodes after its predecessor's a turn's first one is.
    offset: u32,
}

/// Where a lane is in its turn.
#[derive(Clone, Copy)]
struct Seat {
    turn: usize,
    /// Episodes of the turn that are over, restarts not counted.
    played: u32,
    /// The number of the episode, from the first one's on.
    episode: u32,
    /// The time of the episode's start.
    start: u64,
    /// The time at which the episode is cut off.
    cut: u64,
    /// The time at which the span is over, whatever the episode.
    end: u64,
}

/// The most numbers in an observation, an action, or a start's draws; a task that needs more does
/// not compile.
const ROOM: usize = 32;

impl<T: Control> Turns<'_, T> {
    #[inline(always)]
    fn play<I, P>(&mut self, players: &mut P, schedule: Schedule)
    where
        I: Instructions,
        P: Players<I> + ?Sized,
    {
        const {
            let fits = T::DRAWS <= ROOM && T::OBSERVATIONS <= ROOM && T::ACTIONS.size() <= ROOM;
            assert!(fits, "a task has 32 draws, observations and actions at most");
            assert!(T::BEHAVIOUR <= LARGEST_BEHAVIOUR, "a behaviour has 4 numbers at most");
            assert!(T::STARTS.is_none() || T::DRAWS == 1, "the number of a listed start is a draw");
        };
        let zero = Lanes::<I>::of(0.0);
        let mut observation = [zero; ROOM];
        let mut action = [zero; ROOM];
        let mut starts = Starts::<T>::new(self.task, self.first);
        let mut state: T::State<Lanes<I>> = self.task.start(&[zero; ROOM][..T::DRAWS]);
        let mut reward = zero;
        let sums = if self.normaliser.is_some() { 2 * T::OBSERVATIONS } else { 0 };
        let mut sums = vec![zero; sums];
        let mut seats = [None; LANES];
        let mut waiting = 0..self.outcomes.len();
        let mut time = 0;
        for lane in 0..LANES {
            seats[lane] = self.next(&mut waiting, schedule, time);
            if let Some(seat) = seats[lane] {
                players.seat(seat.turn, lane);
                starts.write(seat.episode, lane, &mut state);
            }
        }
        let (mut playing, mut due) = awaited::<LaneMask>(&seats);

        while playing.any() {
            self.task.observe(&state, &mut observation[..T::OBSERVATIONS]);
            if let Some(normaliser) = &self.normaliser {
                normaliser.by.apply_apart(&mut observation[..T::OBSERVATIONS], &mut sums);
            }
            let seen = &observation[..T::OBSERVATIONS];
            let outputs = players.act(seen);
            Actions::decide(T::ACTIONS, outputs, &mut action);
            let (next, gained) = self.task.step(&state, &action[..T::ACTIONS.size()]);
            state = next;
            reward = reward + gained;
            time += 1;
            let terminated = self.task.terminated(&state) & playing;
            let all_are_due = time >= due;
            if !all_are_due && !terminated.any() {
                continue;
            }
            let mut left = if all_are_due { playing.bits() } else { terminated.bits() };
            let mut someone_rises = false;
            while left != 0 {
                let lane = left.trailing_zeros() as usize;
                left &= left - 1;
                let Some(mut seat) = seats[lane] else { continue };
                let over = time >= seat.cut || terminated.lane(lane);
                if !over && time < seat.end {
                    continue;
                }
                let outcome = &mut self.outcomes[seat.turn];
                outcome.reward += f64::from(reward.0[lane]);
                outcome.steps += time - seat.start;
                for (sum, number) in
                    outcome.behaviour.iter_mut().zip(&state.as_ref()[..T::BEHAVIOUR])
                {
                    *sum += f64::from(number.0[lane]);
                }
                reward.0[lane] = 0.0;
                if let Some(normaliser) = &mut self.normaliser {
                    normaliser.book(seat.turn, lane, time - seat.start, &mut sums);
                }
                if self.goes_on(&mut seat, schedule, time) {
                    seats[lane] = Some(seat);
                } else {
                    seats[lane] = self.next(&mut waiting, schedule, time);
                    match seats[lane] {
                        Some(fresh) => players.seat(fresh.turn, lane),
                        None => {
                            players.rise(lane);
                            someone_rises = true;
                        }
                    }
                }
                if let Some(seat) = seats[lane] {
                    starts.write(seat.episode, lane, &mut state);
                    players.forget_lane(lane);
                    due = due.min(seat.cut).min(seat.end);
                }
            }
            // Otherwise the time that was due before is early at worst.
            if all_are_due || someone_rises {
                (playing, due) = awaited(&seats);
            }
        }
    }

    /// The next turn's seat, if one is left.
    #[inline(always)]
    fn next(
        &mut self,
        waiting: &mut std::ops::Range<usize>,
        schedule: Schedule,
        time: u64,
    ) -> Option<Seat> {
        let turn = waiting.next()?;
        self.outcomes[turn] = Outcome::default();
        if let Some(normaliser) = &mut self.normaliser {
            normaliser.row(turn).fill(0.0);
        }
        let episode = schedule.offset.wrapping_mul(turn as u32);
        let mut seat = Seat { turn, played: 0, episode, start: time, cut: 0, end: 0 };
        self.begin_span(&mut seat, time);
        Some(seat)
    }

    /// Begins what is next in the turn, now that an episode or a span is over; false if nothing is.
    #[inline(always)]
    fn goes_on(&self, seat: &mut Seat, schedule: Schedule, time: u64) -> bool {
        seat.episode = seat.episode.wrapping_add(1);
        if let Span::Steps { limit, .. } = self.span
            && time < seat.end
        {
            seat.start = time;
            seat.cut = time + u64::from(limit);
            return true;
        }
        seat.played += 1;
        seat.episode = schedule.offset.wrapping_mul(seat.turn as u32).wrapping_add(seat.played);
        self.begin_span(seat, time);
        seat.played < schedule.episodes
    }

    #[inline(always)]
    fn begin_span(&self, seat: &mut Seat, time: u64) {
        let (count, limit) = match self.span {
            Span::Episode(limit) => (limit, limit),
            Span::Steps { count, limit } => (count, limit),
        };
        seat.start = time;
        seat.cut = time + u64::from(limit);
        seat.end = time + u64::from(count);
    }
}

/// Which lanes have a turn, and the first time at which one is over if no state ends it before.
#[inline(always)]
fn awaited<M: Mask>(seats: &[Option<Seat>; LANES]) -> (M, u64) {
    let mut due = u64::MAX;
    for seat in seats.iter().flatten() {
        due = due.min(seat.cut).min(seat.end);
    }
    (M::from_lanes(|lane| seats[lane].is_some()), due)
}

/// The starts of episodes, made sixteen at a time when they are first asked for.
struct Starts<'a, T> {
    task: &'a T,
    first: Place,
    /// `[groups of sixteen episodes][numbers of a state]`.
    states: Vec<Lanes>,
}

impl<'a, T: Control> Starts<'a, T> {
    #[inline(always)]
    fn new(task: &'a T, first: Place) -> Self {
        Self { task, first, states: Vec::new() }
    }

    /// Writes the start of an episode into a lane.
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
            self.make::<I>(numbers.len());
        }
        let starts = &self.states[group * numbers.len()..][..numbers.len()];
        for (number, start) in numbers.iter_mut().zip(starts) {
            number.0[lane] = start.0[column];
        }
    }

    /// The next sixteen.
    #[inline(always)]
    fn make<I: Instructions>(&mut self, numbers: usize) {
        let group = (self.states.len() / numbers) as u32;
        let Place { seed, stream, generation, individual } = self.first;
        let mut episodes = [0; LANES];
        for l in 0..LANES {
            episodes[l] = individual.wrapping_add(group * LANES as u32 + l as u32);
        }
        let mut draws = [Lanes::<I>::of(0.0); ROOM];
        for block in 0..T::DRAWS.div_ceil(WORDS_A_BLOCK) {
            let counter =
                [[block as u32; LANES], episodes, [generation; LANES], [stream as u32; LANES]];
            let words = random::philox(counter, random::key(seed));
            for (word, draw) in words.iter().zip(&mut draws[block * WORDS_A_BLOCK..]) {
                *draw = Lanes::from_lanes(|l| random::unit(word[l]));
            }
        }
        if let Some(count) = T::STARTS {
            draws[0] = Lanes::from_lanes(|l| (episodes[l] % count) as f32);
        }
        let state: T::State<Lanes<I>> = self.task.start(&draws[..T::DRAWS]);
        self.states.extend(state.as_ref().iter().map(|number| number.with::<crate::math::Plain>()));
    }
}
