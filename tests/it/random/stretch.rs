//! Stretches: many blocks at once, with the bits of one after another, by every instruction set.

use deme::math::{Instructions, Vectorised, Vectors, vectorised_with};
use deme::random::{
    BLOCKS_A_STRETCH, NORMALS_A_BLOCK, NORMALS_A_STRETCH, Place, WORDS_A_BLOCK, WORDS_A_STRETCH,
    normal_table,
};
use proptest::prelude::*;

use super::{PLACE, STREAMS};

/// A stretch as bits: words, units and normals.
#[derive(Clone, Debug, PartialEq)]
struct Bits {
    words: Vec<u32>,
    units: Vec<u32>,
    normals: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Stretch(Place, u32);

impl Vectorised for Stretch {
    type Output = Bits;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Bits {
        let Self(place, stretch) = self;
        Bits {
            words: place.stretch_words(stretch).to_vec(),
            units: place.stretch_units(stretch).map(f32::to_bits).to_vec(),
            normals: place.stretch_normals(normal_table(), stretch).map(f32::to_bits).to_vec(),
        }
    }
}

/// The blocks of a stretch, one after another; their numbers begin again where they overflow.
fn blocks(place: Place, stretch: u32) -> Bits {
    let first = stretch.wrapping_mul(BLOCKS_A_STRETCH as u32);
    let blocks = || (0..BLOCKS_A_STRETCH as u32).map(move |block| first.wrapping_add(block));
    Bits {
        words: blocks().flat_map(|block| place.words(block)).collect(),
        units: blocks().flat_map(|block| place.units(block)).map(f32::to_bits).collect(),
        normals: blocks().flat_map(|block| place.normals(block)).map(f32::to_bits).collect(),
    }
}

#[track_caller]
fn check(place: Place, stretch: u32) {
    let expected = blocks(place, stretch);
    assert_eq!(expected.words.len(), WORDS_A_STRETCH);
    assert_eq!(expected.normals.len(), NORMALS_A_STRETCH);
    for set in Vectors::all_available() {
        assert_eq!(vectorised_with(set, Stretch(place, stretch)), expected, "{set:?}, {place:?}");
    }
}

#[test]
fn a_stretch_is_so_many_blocks() {
    assert_eq!(WORDS_A_STRETCH, BLOCKS_A_STRETCH * WORDS_A_BLOCK);
    assert_eq!(NORMALS_A_STRETCH, BLOCKS_A_STRETCH * NORMALS_A_BLOCK);
    // The last stretch whose blocks have numbers of their own, and those that begin again.
    const LAST: u32 = u32::MAX / BLOCKS_A_STRETCH as u32;
    for stream in STREAMS {
        for stretch in [0, 1, 2, 1000, LAST - 1, LAST, LAST + 1, LAST + 2, u32::MAX] {
            check(Place { stream, ..PLACE }, stretch);
        }
    }
    assert_eq!(blocks(PLACE, LAST + 1), blocks(PLACE, 0));
    assert_ne!(blocks(PLACE, LAST), blocks(PLACE, 0));
}

proptest! {
    #[test]
    fn stretches_are_their_blocks_in_order(
        seed: u64,
        generation: u32,
        individual: u32,
        stretch: u32,
    ) {
        check(Place { seed, generation, individual, ..PLACE }, stretch);
    }
}
