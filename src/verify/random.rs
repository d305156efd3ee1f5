//! Rung 2: random words and normals have the same bits on both sides, and match known answers.

use super::{Comparison, Implementation, Rung};
use crate::error::Result;
use crate::random::{self, Counter, Stream};

/// Known answers of Philox4x32-10, from Random123: counter, key, words.
const KNOWN: [([u32; 4], u64, [u32; 4]); 3] = [
    ([0; 4], 0, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    ([u32::MAX; 4], u64::MAX, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        0x299f_31d0_a409_3822,
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ),
];

/// The number of counters for each seed.
const COUNTERS: u32 = 20_000;

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    let mut words = Comparison::new("2 random", "words", "equal bits");
    let mut normals = Comparison::new("2 random", "normals", "equal bits");
    for (counter, seed, expected) in KNOWN {
        let (found, _) = implementation.random_blocks(seed, &[counter])?[0];
        words.check_that(found == expected, || {
            format!("known answer of {}: got {}", hexadecimal(counter), hexadecimal(found))
        });
    }
    let streams = [Stream::Noise, Stream::Crossover, Stream::HeldOut];
    for (seed, stream) in [1, u64::MAX / 3, 0x1234_5678_9abc_def0].into_iter().zip(streams) {
        // Half of the blocks and individuals are near zero, the others anywhere in the range.
        let spread = |i: u32| if i.is_multiple_of(2) { i / 2 } else { i.wrapping_mul(0x9E37_79B9) };
        let place = |i: u32| Counter { seed, stream, generation: i / 64, individual: spread(i) };
        let counters: Vec<[u32; 4]> =
            (0..COUNTERS).map(|i| [spread(i + 7), spread(i), i / 64, stream as u32]).collect();
        let found = implementation.random_blocks(seed, &counters)?;
        for (i, (found_words, found_normals)) in (0..COUNTERS).zip(found) {
            let expected = place(i).words(spread(i + 7));
            let at = || {
                let [block, individual, generation, stream] = counters[i as usize];
                format!(
                    "seed {seed}, stream {stream}, generation {generation}, individual \
                     {individual}, block {block}"
                )
            };
            words.check_that(found_words == expected, at);
            let expected = expected_normals(expected);
            normals.check_that(found_normals == expected, at);
        }
    }
    Ok(vec![words.into_rung(), normals.into_rung()])
}

/// Writes words in hexadecimal, as the tables of known answers do.
fn hexadecimal(words: [u32; 4]) -> String {
    words.map(|word| format!("{word:08x}")).join(" ")
}

/// The normals of words, by definition: each half of a word is a sign bit and an index of the
/// table.
fn expected_normals(words: [u32; 4]) -> [u32; 8] {
    let table = random::normal_table();
    std::array::from_fn(|n| {
        let half = if n % 2 == 0 { words[n / 2] & 0xFFFF } else { words[n / 2] >> 16 };
        let magnitude = table[half as usize % random::NORMAL_SLICES];
        if half >= 0x8000 { (-magnitude).to_bits() } else { magnitude.to_bits() }
    })
}
