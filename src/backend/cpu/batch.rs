//! Batches of work items: the sizes that keep lanes and threads busy.

use crate::math::LANES;
use crate::network::Normaliser;
use crate::task::Outcome;

/// Consecutive work items that sixteen lanes process together.
pub(super) struct WorkBatch<'a> {
    /// The index of the first work item.
    pub first: usize,
    pub outcomes: &'a mut [Outcome],
    pub normaliser: Option<Normaliser<'a>>,
}

/// True if it is faster to run sixteen episodes of one individual in the lanes than to run sixteen
/// individuals.
///
/// If the genomes of sixteen individuals do not fit the first-level cache, loading them takes
/// longer than multiplying them. The genes of a single individual are loaded once for all lanes.
pub(super) fn episodes_side_by_side(individuals: usize, episodes: usize, genes: usize) -> bool {
    const CACHE_BYTES: usize = 48 << 10;
    let exceeds_cache = genes * LANES * size_of::<f32>() > CACHE_BYTES;
    let passes_by_episode = individuals * episodes.div_ceil(LANES);
    let passes_by_individual = individuals.div_ceil(LANES) * episodes;
    let cost_by_individual = if exceeds_cache { 2 } else { 1 };
    passes_by_episode < cost_by_individual * passes_by_individual
}

/// The number of work items in a batch: large, so that lanes are rarely idle at its end, but small
/// enough for every thread to receive several batches.
pub(super) fn batch_size(items: usize) -> usize {
    const BATCHES_PER_THREAD: usize = 8;
    const LARGEST: usize = 1024;
    let even = items / (rayon::current_num_threads() * BATCHES_PER_THREAD);
    even.next_multiple_of(LANES).clamp(LANES, LARGEST)
}
