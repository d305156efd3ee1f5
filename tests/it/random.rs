//! Tests of random words, uniforms and normals: known answers, properties of the table, statistics.

mod chunk;

use approx::assert_abs_diff_eq;
use deme::math::LANES;
use deme::random::{
    self, Counter, LARGEST_NORMAL, NORMAL_SLICES, NORMALS_PER_BLOCK, Stream, WORDS_PER_BLOCK,
};
use proptest::prelude::*;
use rand_distr::{Distribution, Poisson, StandardNormal};

/// The number of draws of a statistic.
const DRAWS: usize = 1_000_000;
/// The largest error of a statistic, in standard errors. The draws are fixed. One good seed in a
/// million exceeds this.
const STANDARD_ERRORS: f64 = 5.0;
/// The Kolmogorov-Smirnov distance, times the root of the draws, that one good seed in a hundred
/// exceeds.
const KOLMOGOROV: f64 = 1.63;

/// The documented distance of the table's distribution from the normal distribution.
const FURTHEST: f64 = 0.625 / 65_536.0;

const STREAMS: [Stream; 11] = [
    Stream::Noise,
    Stream::Crossover,
    Stream::MutationMask,
    Stream::Initial,
    Stream::Selection,
    Stream::Training,
    Stream::Validation,
    Stream::HeldOut,
    Stream::Split,
    Stream::Verification,
    Stream::Benchmark,
];

const COUNTER: Counter =
    Counter { seed: 20_250, stream: Stream::Noise, generation: 3, individual: 17 };

/// The first `count` normals of a counter.
fn normals(counter: Counter, count: usize) -> Vec<f64> {
    let blocks = (0..count.div_ceil(NORMALS_PER_BLOCK) as u32).flat_map(|b| counter.normals(b));
    blocks.take(count).map(f64::from).collect()
}

/// The first `count` uniforms of a counter.
fn uniforms(counter: Counter, count: usize) -> Vec<f64> {
    let blocks = (0..count.div_ceil(WORDS_PER_BLOCK) as u32).flat_map(|b| counter.uniforms(b));
    blocks.take(count).map(f64::from).collect()
}

fn mean(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    values.sum::<f64>() / count as f64
}

/// The probability of a normal below z.
fn below(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[test]
fn philox_gives_the_known_answers_of_random123() {
    let known = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([!0; 4], [!0; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, words) in known {
        assert_eq!(random::philox(counter.map(|word: u32| [word]), key), words.map(|w| [w]));
    }
}

#[test]
fn the_counter_is_block_individual_generation_stream_and_the_key_is_the_seed() {
    for stream in STREAMS {
        let counter = Counter { seed: 0x1234_5678_9abc_def0, stream, ..COUNTER };
        let input = [[5], [counter.individual], [counter.generation], [stream as u32]];
        let words = random::philox(input, [0x9abc_def0, 0x1234_5678]);
        assert_eq!(counter.words(5).map(|word| [word]), words);
    }
}

proptest! {
    #[test]
    fn lanes_of_philox_agree_with_single_counters(
        counters in prop::array::uniform16(prop::array::uniform4(any::<u32>())),
        key in prop::array::uniform2(any::<u32>()),
    ) {
        let counter = std::array::from_fn(|word| counters.map(|counter| counter[word]));
        let words: [[u32; LANES]; 4] = random::philox(counter, key);
        for (lane, counter) in counters.into_iter().enumerate() {
            let alone = random::philox(counter.map(|word| [word]), key);
            prop_assert_eq!(words.map(|word| [word[lane]]), alone);
        }
    }

    #[test]
    fn uniforms_and_normals_follow_from_the_words(seed: u64, block: u32) {
        let counter = Counter { seed, ..COUNTER };
        let (words, normals) = (counter.words(block), counter.normals(block));
        for (word, unit) in words.into_iter().zip(counter.uniforms(block)) {
            prop_assert_eq!(f64::from(unit), f64::from(word >> 8) / 16_777_216.0);
            prop_assert!((0.0..1.0).contains(&unit));
        }
        for (n, normal) in normals.into_iter().enumerate() {
            let half = (words[n / 2] >> (16 * (n % 2))) & 0xFFFF;
            let magnitude = random::normal_table()[half as usize % NORMAL_SLICES];
            let signed = if half < 0x8000 { magnitude } else { -magnitude };
            prop_assert_eq!(normal.to_bits(), signed.to_bits());
        }
    }
}

#[test]
fn the_normal_table_ascends_has_variance_one_and_ends_at_the_largest_normal() {
    let table = random::normal_table();
    assert!(table[0] > 0.0);
    assert!(table.windows(2).all(|pair| pair[0] < pair[1]));
    let variance = mean(table.iter().map(|&z| f64::from(z).powi(2)), NORMAL_SLICES);
    // Every entry is rounded to single precision.
    assert_abs_diff_eq!(variance, 1.0, epsilon = 1e-6);
    assert_eq!(table[NORMAL_SLICES - 1], LARGEST_NORMAL);
}

#[test]
fn the_distribution_of_the_table_is_close_to_the_normal() {
    // Both signs of every entry are equally likely. The distribution jumps at each.
    let jump = 0.5 / NORMAL_SLICES as f64;
    for (slice, &z) in random::normal_table().iter().enumerate() {
        let expected = below(f64::from(z)) - 0.5;
        for found in [slice, slice + 1].map(|below| below as f64 * jump) {
            assert_abs_diff_eq!(found, expected, epsilon = FURTHEST);
        }
    }
}

#[test]
fn the_normal_table_has_the_same_bits_everywhere() {
    // FNV-1a over the words. A change here changes the results of every run.
    let bits = random::normal_table().iter().map(|z| z.to_bits());
    let checksum = bits.fold(0xcbf2_9ce4_8422_2325u64, |hash, word| {
        (hash ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    assert_eq!(checksum, 11_589_385_472_426_702_336);
}

#[test]
fn normals_have_the_moments_of_the_normal() {
    let draws = normals(COUNTER, DRAWS);
    let moment = |power| mean(draws.iter().map(|z| z.powi(power)), DRAWS);
    // The variances of powers of a normal: 1, 2, 15, 96.
    for (power, expected, variance) in
        [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
    {
        let error = (variance / DRAWS as f64).sqrt();
        assert_abs_diff_eq!(moment(power), expected, epsilon = STANDARD_ERRORS * error);
    }
}

#[test]
fn normals_have_the_tails_of_the_normal() {
    let draws = normals(COUNTER, DRAWS);
    for limit in [2.0, 3.0, 4.0] {
        let expected = 2.0 * below(-limit);
        let share = mean(draws.iter().map(|z| f64::from(u8::from(z.abs() > limit))), DRAWS);
        let error = (expected * (1.0 - expected) / DRAWS as f64).sqrt();
        assert_abs_diff_eq!(share, expected, epsilon = STANDARD_ERRORS * error);
    }
    assert!(draws.iter().all(|z| z.abs() <= f64::from(LARGEST_NORMAL)));
}

#[test]
fn normals_are_close_to_the_normal_distribution() {
    let mut draws = normals(COUNTER, DRAWS);
    draws.sort_unstable_by(f64::total_cmp);
    let count = DRAWS as f64;
    let distances = draws.iter().enumerate().map(|(rank, &z)| {
        let expected = below(z);
        (expected - rank as f64 / count).abs().max((expected - (rank + 1) as f64 / count).abs())
    });
    assert!(distances.fold(0.0, f64::max) < KOLMOGOROV / count.sqrt());
}

#[test]
fn uniforms_are_uniform() {
    const BINS: usize = 256;
    let mut counts = [0.0; BINS];
    uniforms(COUNTER, DRAWS).iter().for_each(|unit| counts[(unit * BINS as f64) as usize] += 1.0);
    let expected = DRAWS as f64 / BINS as f64;
    let chi_squared: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
    // Chi squared with n degrees of freedom has mean n and variance 2 n. Both tails are suspect.
    let degrees = (BINS - 1) as f64;
    assert_abs_diff_eq!(chi_squared, degrees, epsilon = STANDARD_ERRORS * (2.0 * degrees).sqrt());
}

#[test]
fn every_bit_of_every_word_is_set_half_the_time() {
    let blocks = DRAWS / WORDS_PER_BLOCK;
    let mut counts = [[0u32; 32]; WORDS_PER_BLOCK];
    for block in 0..blocks as u32 {
        for (word, counts) in COUNTER.words(block).into_iter().zip(&mut counts) {
            counts.iter_mut().enumerate().for_each(|(bit, count)| *count += word >> bit & 1);
        }
    }
    for count in counts.into_iter().flatten() {
        let error = 0.5 * (blocks as f64).sqrt();
        assert_abs_diff_eq!(
            f64::from(count),
            0.5 * blocks as f64,
            epsilon = STANDARD_ERRORS * error
        );
    }
}

/// Fails if two series, or their squares, are correlated.
#[track_caller]
fn assert_independent(a: &[f64], b: &[f64]) {
    let count = a.len().min(b.len());
    let limit = STANDARD_ERRORS / (count as f64).sqrt();
    let correlation = mean(a.iter().zip(b).map(|(a, b)| a * b), count);
    assert_abs_diff_eq!(correlation, 0.0, epsilon = limit);
    // z^2 - 1 has variance 2.
    let squares = a.iter().zip(b).map(|(a, b)| (a * a - 1.0) * (b * b - 1.0) / 2.0);
    assert_abs_diff_eq!(mean(squares, count), 0.0, epsilon = limit);
}

#[test]
fn streams_seeds_generations_and_individuals_are_independent() {
    const COUNT: usize = 100_000;
    let here = normals(COUNTER, COUNT);
    for stream in STREAMS.into_iter().filter(|&stream| stream != COUNTER.stream) {
        assert_independent(&here, &normals(Counter { stream, ..COUNTER }, COUNT));
    }
    for step in [1, 2, 16, 1 << 16, 1 << 31] {
        let individual = COUNTER.individual + step;
        assert_independent(&here, &normals(Counter { individual, ..COUNTER }, COUNT));
        let generation = COUNTER.generation + step;
        assert_independent(&here, &normals(Counter { generation, ..COUNTER }, COUNT));
        let seed = COUNTER.seed + u64::from(step);
        assert_independent(&here, &normals(Counter { seed, ..COUNTER }, COUNT));
        let seed = COUNTER.seed + (u64::from(step) << 32);
        assert_independent(&here, &normals(Counter { seed, ..COUNTER }, COUNT));
    }
    for lag in 1..=2 * NORMALS_PER_BLOCK {
        assert_independent(&here, &here[lag..]);
    }
}

#[test]
fn the_generator_reads_the_blocks_in_order() {
    let mut generator = COUNTER.generator();
    for block in 0..50 {
        for word in COUNTER.words(block) {
            assert_eq!(generator.next_u32(), word);
        }
    }
    let [low, high, ..] = COUNTER.words(0);
    assert_eq!(COUNTER.generator().next_u64(), u64::from(high) << 32 | u64::from(low));
    let words: Vec<u8> = (0..8).flat_map(|b| COUNTER.words(b)).flat_map(u32::to_le_bytes).collect();
    for length in [0, 1, 3, 4, 5, 16, 37, 128] {
        let mut bytes = vec![0; length];
        COUNTER.generator().fill_bytes(&mut bytes);
        assert_eq!(bytes, words[..length]);
    }
}

#[test]
fn the_generator_serves_rand_distr() {
    const COUNT: usize = 100_000;
    let root = (COUNT as f64).sqrt();
    let sample = |seed| -> Vec<f64> {
        StandardNormal.sample_iter(Counter { seed, ..COUNTER }.generator()).take(COUNT).collect()
    };
    assert_eq!(sample(1), sample(1));
    assert_ne!(sample(1), sample(2));
    assert_abs_diff_eq!(mean(sample(1).into_iter(), COUNT), 0.0, epsilon = STANDARD_ERRORS / root);
    let rate = 3.0;
    let counts = Poisson::new(rate).expect("a rate").sample_iter(COUNTER.generator()).take(COUNT);
    let error = f64::sqrt(rate) / root;
    assert_abs_diff_eq!(mean(counts, COUNT), rate, epsilon = STANDARD_ERRORS * error);
}

#[test]
fn every_order_of_a_shuffle_is_equally_likely() {
    let place = Counter { seed: 2, stream: Stream::Selection, generation: 0, individual: 0 };
    let mut generator = place.generator();
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..6000 {
        let mut items = [0, 1, 2];
        generator.shuffle(&mut items);
        *counts.entry(items).or_insert(0u32) += 1;
    }
    assert_eq!(counts.len(), 6, "{counts:?}");
    // A count of 1000 has a standard error of 29.
    assert!(counts.values().all(|&count| count.abs_diff(1000) < 145), "{counts:?}");
    generator.shuffle::<u8>(&mut []);
}
