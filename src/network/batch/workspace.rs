//! Memory of the forward passes: buffers between layers, and genomes that are fetched ahead.

use crate::math::{Instructions, Lanes};

/// The buffers between layers, reused for every individual.
#[derive(Default)]
pub struct Workspace {
    pub(super) source: Vec<Lanes>,
    pub(super) target: Vec<Lanes>,
}

/// Prefetches the next genome step by step while the current one is in use.
pub(super) struct Prefetcher<'a>(std::slice::Chunks<'a, f32>);

impl<'a> Prefetcher<'a> {
    /// The numbers of a cache line.
    const LINE: usize = 16;

    pub fn new(genome: &'a [f32]) -> Self {
        Self(genome.chunks(Self::LINE))
    }

    /// Prefetches a number of further genes.
    #[inline(always)]
    pub fn prefetch<I: Instructions>(&mut self, numbers: usize) {
        for line in self.0.by_ref().take(numbers.div_ceil(Self::LINE)) {
            I::prefetch(&line[0]);
        }
    }
}

/// Returns the first `length` elements of a buffer, which grows if necessary.
pub(super) fn grown<T: Copy + Default>(store: &mut Vec<T>, length: usize) -> &mut [T] {
    if store.len() < length {
        store.resize(length, T::default());
    }
    &mut store[..length]
}
