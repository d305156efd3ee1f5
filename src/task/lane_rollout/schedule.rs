//! The schedule of a rollout: which episode each lane plays, and when it is over.

use crate::task::Span;

/// The episodes of each work item.
#[derive(Clone, Copy)]
pub struct Schedule {
    /// Episodes of a work item.
    pub episodes: u32,
    /// The distance between the first episodes of two consecutive work items.
    pub offset: u32,
    /// The length of a rollout.
    pub span: Span,
}

/// A lane's progress in its work item. Times are steps of the whole block of lanes.
#[derive(Clone, Copy)]
pub struct LaneSlot {
    /// The index of the work item.
    pub item: usize,
    /// Episodes of the work item that are over; restarts do not count.
    played: u32,
    /// The number of the episode, relative to the first one.
    pub episode: u32,
    /// The time at which the episode began.
    pub start: u64,
    /// The time at which the episode is cut off.
    pub cutoff: u64,
    /// The time at which the span ends, even in the middle of an episode.
    pub end: u64,
}

impl Schedule {
    /// Returns the slot of a lane that begins a work item.
    #[inline(always)]
    pub fn begin(&self, item: usize, time: u64) -> LaneSlot {
        let episode = self.offset.wrapping_mul(item as u32);
        let mut slot = LaneSlot { item, played: 0, episode, start: time, cutoff: 0, end: 0 };
        self.begin_span(&mut slot, time);
        slot
    }

    /// Begins the next episode or span of the work item; returns false if the work item is done.
    #[inline(always)]
    pub fn advance(&self, slot: &mut LaneSlot, time: u64) -> bool {
        slot.episode = slot.episode.wrapping_add(1);
        if let Span::Steps { limit, .. } = self.span
            && time < slot.end
        {
            slot.start = time;
            slot.cutoff = time + u64::from(limit);
            return true;
        }
        slot.played += 1;
        slot.episode = self.offset.wrapping_mul(slot.item as u32).wrapping_add(slot.played);
        self.begin_span(slot, time);
        slot.played < self.episodes
    }

    #[inline(always)]
    fn begin_span(&self, slot: &mut LaneSlot, time: u64) {
        let (count, limit) = match self.span {
            Span::Episode(limit) => (limit, limit),
            Span::Steps { count, limit } => (count, limit),
        };
        slot.start = time;
        slot.cutoff = time + u64::from(limit);
        slot.end = time + u64::from(count);
    }
}

impl LaneSlot {
    /// Returns the earliest time at which one of the lanes is due, unless its state ends the
    /// episode before.
    #[inline(always)]
    pub fn earliest_due(slots: &[Option<Self>]) -> u64 {
        let due = |slot: &Self| slot.cutoff.min(slot.end);
        slots.iter().flatten().map(due).min().unwrap_or(u64::MAX)
    }
}
