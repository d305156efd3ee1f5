//! Tests of chunks: many blocks at once give the bits of single blocks, on every instruction set.

use deme::math::{InstructionSet, Instructions, SimdWork, run_simd_with};
use deme::random::{
    BLOCKS_PER_CHUNK, Counter, NORMALS_PER_BLOCK, NORMALS_PER_CHUNK, WORDS_PER_BLOCK,
    WORDS_PER_CHUNK, normal_table,
};
use proptest::prelude::*;

use super::{COUNTER, STREAMS};

/// The bits of a chunk: words, uniforms and normals.
#[derive(Clone, Debug, PartialEq)]
struct Bits {
    words: Vec<u32>,
    uniforms: Vec<u32>,
    normals: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Chunk(Counter, u32);

impl SimdWork for Chunk {
    type Output = Bits;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Bits {
        let Self(counter, chunk) = self;
        Bits {
            words: counter.chunk_words(chunk).to_vec(),
            uniforms: counter.chunk_uniforms(chunk).map(f32::to_bits).to_vec(),
            normals: counter.chunk_normals(normal_table(), chunk).map(f32::to_bits).to_vec(),
        }
    }
}

/// The blocks of a chunk, one by one. Their numbers wrap around.
fn blocks(counter: Counter, chunk: u32) -> Bits {
    let first = chunk.wrapping_mul(BLOCKS_PER_CHUNK as u32);
    let blocks = || (0..BLOCKS_PER_CHUNK as u32).map(move |block| first.wrapping_add(block));
    Bits {
        words: blocks().flat_map(|block| counter.words(block)).collect(),
        uniforms: blocks().flat_map(|block| counter.uniforms(block)).map(f32::to_bits).collect(),
        normals: blocks().flat_map(|block| counter.normals(block)).map(f32::to_bits).collect(),
    }
}

#[track_caller]
fn check(counter: Counter, chunk: u32) {
    let expected = blocks(counter, chunk);
    assert_eq!(expected.words.len(), WORDS_PER_CHUNK);
    assert_eq!(expected.normals.len(), NORMALS_PER_CHUNK);
    for set in InstructionSet::available() {
        assert_eq!(run_simd_with(set, Chunk(counter, chunk)), expected, "{set:?}, {counter:?}");
    }
}

#[test]
fn a_chunk_consists_of_blocks() {
    assert_eq!(WORDS_PER_CHUNK, BLOCKS_PER_CHUNK * WORDS_PER_BLOCK);
    assert_eq!(NORMALS_PER_CHUNK, BLOCKS_PER_CHUNK * NORMALS_PER_BLOCK);
    // The last chunk before block numbers wrap around, and chunks after it.
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
    fn chunks_are_their_blocks_in_order(
        seed: u64,
        generation: u32,
        individual: u32,
        chunk: u32,
    ) {
        check(Counter { seed, generation, individual, ..COUNTER }, chunk);
    }
}
