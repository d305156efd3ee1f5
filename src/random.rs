//! Counter-based random numbers: every draw is a pure function of a counter.
//!
//! The generator is Philox4x32-10. Its counter and key are (seed, [`Stream`], generation,
//! individual, block). A draw depends on nothing else: not on earlier draws, the number of threads,
//! or the processor. Rust and `shaders/random.wgsl` agree to the bit, so noise is never
//! transferred: each side computes the noise that it needs.
//!
//! # Shapes
//!
//! ```text
//! counter  [block, individual, generation, stream]    key  [seed low, seed high]
//!     └────────────────── philox ──────────────────────────────┘
//!                    [u32; 4]  one block of four words
//!          ┌────────────┴────────────┐
//!  4 uniforms in [0, 1)       8 normals, 16 bits each: word k → normals 2k (low half), 2k+1 (high)
//! ```
//!
//! # The normal distribution
//!
//! A normal is read from a table: 15 bits select one of 32,768 equally likely slices of the
//! half-normal distribution, and one bit selects the sign. The value of a slice is its mean, scaled
//! so that the variance is exactly 1. There are therefore 65,536 distinct values with mean 0,
//! variance 1 and largest magnitude [`LARGEST_NORMAL`]. Their distribution function differs from
//! the normal distribution's by at most 5/8 of 2^-16. The table is computed with the pure-Rust
//! `libm`, so it has the same bits on every machine.
//!
//! # Source
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//!
//! # Example
//!
//! ```
//! use deme::random::{Counter, Stream};
//! let counter = Counter { seed: 7, stream: Stream::Noise, generation: 3, individual: 41 };
//! assert_eq!(counter.normals(0), counter.normals(0));
//! assert_ne!(counter.normals(0), counter.normals(1));
//! ```

// The compiler turns indexed loops over lanes into vectors.
#![allow(clippy::needless_range_loop)]

use std::convert::Infallible;
use std::sync::LazyLock;

use rand::RngExt;

/// The normals of a block of four words.
pub const NORMALS_PER_BLOCK: usize = 8;
/// The words of a block.
pub const WORDS_PER_BLOCK: usize = 4;
/// The number of slices of the half-normal distribution in [`normal_table`].
pub const NORMAL_SLICES: usize = 1 << 15;
/// The largest magnitude of a normal: the mean of the outermost slice.
pub const LARGEST_NORMAL: f32 = 4.387_514_6;

/// The blocks of a chunk, which the CPU backend draws at once.
pub const BLOCKS_PER_CHUNK: usize = 16;
/// The normals of a chunk.
pub const NORMALS_PER_CHUNK: usize = BLOCKS_PER_CHUNK * NORMALS_PER_BLOCK;
/// The words of a chunk.
pub const WORDS_PER_CHUNK: usize = BLOCKS_PER_CHUNK * WORDS_PER_BLOCK;

const ROUNDS: usize = 10;
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// The purpose of a draw. Draws of different streams are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Stream {
    /// Gaussian perturbations of a centre, and mutations.
    Noise = 0,
    /// Crossover: the choice of a gene's parent, or its position between both.
    Crossover = 1,
    /// The choice of genes that mutate.
    MutationMask = 2,
    /// The initial weights of a run.
    Initial = 3,
    /// The choices of a strategy, such as tournaments and parents.
    Selection = 4,
    /// The start states of training episodes.
    Training = 5,
    /// The start states of the episodes that select the champion.
    Validation = 6,
    /// The start states of the held-out episodes that score the champion.
    HeldOut = 7,
    /// The inputs of `deme verify`.
    Verification = 8,
    /// The inputs of `deme bench`.
    Benchmark = 9,
    /// The shift and rotation of a test function.
    Instance = 10,
    /// The choice of the held-out samples of a data set.
    Split = 11,
}

/// The counter of a draw without its block number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// The run's seed.
    pub seed: u64,
    /// The purpose of the draw.
    pub stream: Stream,
    /// The generation, counted from 0.
    pub generation: u32,
    /// The individual, the mirrored pair, or the episode.
    pub individual: u32,
}

impl Counter {
    /// The four words of a block.
    #[inline(always)]
    pub fn words(&self, block: u32) -> [u32; WORDS_PER_BLOCK] {
        let [a, b, c, d] = philox(
            [[block], [self.individual], [self.generation], [self.stream as u32]],
            key(self.seed),
        );
        [a[0], b[0], c[0], d[0]]
    }

    /// The four uniforms in [0, 1) of a block, each a multiple of 2^-24.
    #[inline(always)]
    pub fn uniforms(&self, block: u32) -> [f32; WORDS_PER_BLOCK] {
        let [a, b, c, d] = self.words(block);
        [uniform(a), uniform(b), uniform(c), uniform(d)]
    }

    /// The eight normals of a block.
    pub fn normals(&self, block: u32) -> [f32; NORMALS_PER_BLOCK] {
        let table = normal_table();
        let words = self.words(block);
        std::array::from_fn(|n| normal(table, words[n / 2] >> (16 * (n % 2) as u32)))
    }

    /// The words of a chunk, in order. Chunk n begins with block n * [`BLOCKS_PER_CHUNK`].
    #[inline(always)]
    pub fn chunk_words(&self, chunk: u32) -> [u32; WORDS_PER_CHUNK] {
        const WIDTH: usize = BLOCKS_PER_CHUNK;
        let mut blocks = [chunk.wrapping_mul(WIDTH as u32); WIDTH];
        for l in 0..WIDTH {
            blocks[l] = blocks[l].wrapping_add(l as u32);
        }
        let [a, b, c, d] = philox(
            [
                blocks,
                [self.individual; WIDTH],
                [self.generation; WIDTH],
                [self.stream as u32; WIDTH],
            ],
            key(self.seed),
        );
        let mut words = [0; WORDS_PER_CHUNK];
        for l in 0..WIDTH {
            words[4 * l] = a[l];
            words[4 * l + 1] = b[l];
            words[4 * l + 2] = c[l];
            words[4 * l + 3] = d[l];
        }
        words
    }

    /// The uniforms of a chunk, in order.
    #[inline(always)]
    pub fn chunk_uniforms(&self, chunk: u32) -> [f32; WORDS_PER_CHUNK] {
        let words = self.chunk_words(chunk);
        let mut uniforms = [0.0; WORDS_PER_CHUNK];
        for w in 0..WORDS_PER_CHUNK {
            uniforms[w] = uniform(words[w]);
        }
        uniforms
    }

    /// The normals of a chunk, in order.
    #[inline(always)]
    pub fn chunk_normals(
        &self,
        table: &[f32; NORMAL_SLICES],
        chunk: u32,
    ) -> [f32; NORMALS_PER_CHUNK] {
        let words = self.chunk_words(chunk);
        let mut halves = [0u32; NORMALS_PER_CHUNK];
        for w in 0..WORDS_PER_CHUNK {
            halves[2 * w] = words[w];
            halves[2 * w + 1] = words[w] >> 16;
        }
        let mut normals = [0.0; NORMALS_PER_CHUNK];
        for n in 0..NORMALS_PER_CHUNK {
            normals[n] = normal(table, halves[n]);
        }
        normals
    }

    /// Returns a generator for [`rand`] and [`rand_distr`] that reads the blocks in order.
    pub fn generator(self) -> Generator {
        Generator { counter: self, block: 0, words: [0; WORDS_PER_BLOCK], next: WORDS_PER_BLOCK }
    }
}

/// The Philox key of a seed.
#[inline(always)]
pub fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// Computes Philox4x32-10 for `L` counters at once, from `counter[i][lane]` to `words[i][lane]`.
#[inline(always)]
pub fn philox<const L: usize>(counter: [[u32; L]; 4], key: [u32; 2]) -> [[u32; L]; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        for l in 0..L {
            let first = u64::from(a[l]) * u64::from(MULTIPLIERS[0]);
            let second = u64::from(c[l]) * u64::from(MULTIPLIERS[1]);
            a[l] = (second >> 32) as u32 ^ b[l] ^ k0;
            b[l] = second as u32;
            c[l] = (first >> 32) as u32 ^ d[l] ^ k1;
            d[l] = first as u32;
        }
        k0 = k0.wrapping_add(WEYL[0]);
        k1 = k1.wrapping_add(WEYL[1]);
    }
    [a, b, c, d]
}

/// The uniform in [0, 1) of the top 24 bits of a word. The conversion is exact, so every processor
/// agrees.
#[inline(always)]
pub fn uniform(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The normal that the low 16 bits select: bit 15 is the sign, the rest a slice of `table`.
#[inline(always)]
pub fn normal(table: &[f32; NORMAL_SLICES], bits: u32) -> f32 {
    let magnitude = table[(bits & 0x7FFF) as usize];
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

/// The mean of each slice of the half-normal distribution, ascending, scaled to variance 1.
pub fn normal_table() -> &'static [f32; NORMAL_SLICES] {
    static TABLE: LazyLock<Box<[f32; NORMAL_SLICES]>> = LazyLock::new(quantile_means);
    &TABLE
}

fn quantile_means() -> Box<[f32; NORMAL_SLICES]> {
    let slices = NORMAL_SLICES as f64;
    // The half-normal density, and the probability of a value above z.
    let density = |z: f64| (2.0 / std::f64::consts::PI).sqrt() * libm::exp(-0.5 * z * z);
    let above = |z: f64| libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
    let mut means = vec![0.0f64; NORMAL_SLICES];
    let (mut edge, mut edge_density) = (0.0, density(0.0));
    for (slice, mean) in means.iter_mut().enumerate() {
        let target = 1.0 - (slice + 1) as f64 / slices;
        let (next, next_density) = if target > 0.0 {
            let mut z: f64 = edge + 1.0 / (slices * edge_density);
            // Halley's method triples the number of correct digits, so after a step this small all
            // are correct. The first step is this small except for a few hundred edges in the tail.
            let mut step = f64::INFINITY;
            while step.abs() > 1e-6 {
                let newton = (above(z) - target) / density(z);
                step = newton / (1.0 - 0.5 * z * newton);
                z += step;
            }
            (z, density(z))
        } else {
            (f64::INFINITY, 0.0)
        };
        // The integral of z times the density over a slice is the decrease of the density.
        *mean = slices * (edge_density - next_density);
        (edge, edge_density) = (next, next_density);
    }
    let variance = means.iter().map(|z| z * z).sum::<f64>() / slices;
    let table: Vec<f32> = means.iter().map(|z| (z / variance.sqrt()) as f32).collect();
    table.into_boxed_slice().try_into().expect("the table has NORMAL_SLICES entries")
}

/// A [`rand`] generator over the blocks of one [`Counter`]. A checkpoint need not save it.
#[derive(Clone, Debug)]
pub struct Generator {
    counter: Counter,
    block: u32,
    words: [u32; WORDS_PER_BLOCK],
    next: usize,
}

impl Generator {
    /// Shuffles items by the algorithm of Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.random_range(0..=last));
        }
    }
}

impl rand::TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.next == WORDS_PER_BLOCK {
            self.words = self.counter.words(self.block);
            self.block = self.block.wrapping_add(1);
            self.next = 0;
        }
        let word = self.words[self.next];
        self.next += 1;
        Ok(word)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        let high = self.try_next_u32()?;
        Ok(u64::from(low) | u64::from(high) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}
