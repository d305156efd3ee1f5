//! Stretches: many blocks at once, with the bits of one after another, by every instruction set.

use deme::math::{InstructionSet, Instructions, SimdWork, run_simd_with};
use deme::random::{
    BLOCKS_PER_CHUNK, Counter, NORMALS_PER_BLOCK, NORMALS_PER_CHUNK, WORDS_PER_BLOCK,
    WORDS_PER_CHUNK, normal_table,
};
use proptest::prelude::*;

use super::{COUNTER, STREAMS};

/// A chunk as bits: words, units and normals.
#[derive(Clone, Debug, PartialEq)]
struct Bits {
    words: Vec<u32>,
    units: Vec<u32>,
    normals: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Chunk(Counter, u32);

impl SimdWork for Chunk {
    type Output = Bits;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Bits {
        let Self(place, chunk) = self;
        Bits {
            words: place.chunk_words(chunk).to_vec(),
            units: place.chunk_uniforms(chunk).map(f32::to_bits).to_vec(),
            normals: place.chunk_normals(normal_table(), chunk).map(f32::to_bits).to_vec(),
        }
    }
}

/// The blocks of a chunk, one after another; their numbers begin again where they overflow.
fn blocks(place: Counter, chunk: u32) -> Bits {
    let first = chunk.wrapping_mul(BLOCKS_PER_CHUNK as u32);
    let blocks = || (0..BLOCKS_PER_CHUNK as u32).map(move |block| first.wrapping_add(block));
    Bits {
        words: blocks().flat_map(|block| place.words(block)).collect(),
        units: blocks().flat_map(|block| place.uniforms(block)).map(f32::to_bits).collect(),
        normals: blocks().flat_map(|block| place.normals(block)).map(f32::to_bits).collect(),
    }
}

#[track_caller]
fn check(place: Counter, chunk: u32) {
    let expected = blocks(place, chunk);
    assert_eq!(expected.words.len(), WORDS_PER_CHUNK);
    assert_eq!(expected.normals.len(), NORMALS_PER_CHUNK);
    for set in InstructionSet::available() {
        assert_eq!(run_simd_with(set, Chunk(place, chunk)), expected, "{set:?}, {place:?}");
    }
}

#[test]
fn a_stretch_is_so_many_blocks() {
    assert_eq!(WORDS_PER_CHUNK, BLOCKS_PER_CHUNK * WORDS_PER_BLOCK);
    assert_eq!(NORMALS_PER_CHUNK, BLOCKS_PER_CHUNK * NORMALS_PER_BLOCK);
    // The last chunk whose blocks have numbers of their own, and those that begin again.
    const LAST: u32 = u32::MAX / BLOCKS_PER_CHUNK as u32;
    for stream in STREAMS {
        for chunk in [0, 1, 2, 1000, LAST - 1, LAST, LAST + 1, LAST + 2, u32::MAX] {
            check(Counter { stream, ..COUNTER }, chunk);
        }
    }
    assert_eq!(blocks(COUNTER, LAST + 1), blocks(COUNTER, 0));
    assert_ne!(blocks(COUNTER, LAST), blocks(COUNTER, 0));
}

proptest! {
    #[test]
    fn stretches_are_their_blocks_in_order(
        seed: u64,
        generation: u32,
        individual: u32,
        chunk: u32,
    ) {
        check(Counter { seed, generation, individual, ..COUNTER }, chunk);
    }
}
