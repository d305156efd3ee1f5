//! Counter-based randomness: every draw is a pure function of where it is used.
//!
//! The generator is Philox4x32-10. A draw is addressed by (seed, [`Stream`], generation,
//! individual, block); nothing depends on what was drawn before, on the number of threads, or on
//! the processor. Rust and `shaders/random.wgsl` agree to the bit, so noise is never shipped: the
//! side that needs it makes it again.
//!
//! # Shapes
//!
//! ```text
//! counter  [block, individual, generation, stream]    key  [seed low, seed high]
//!     └────────────────── philox ──────────────────────────────┘
//!                    [u32; 4]  one block of words
//!          ┌────────────┴────────────┐
//!   4 units in [0, 1)         8 normals, 16 bits each: word k → normals 2k (low half), 2k+1 (high)
//! ```
//!
//! # The normal distribution
//!
//! A normal is read from a table: 15 bits choose one of 32,768 equally likely slices of the
//! half-normal distribution, one bit the sign. A slice stands for its mean, and all are scaled so
//! that the variance is exactly 1. Hence 65,536 distinct values, mean 0, variance 1, largest |z|
//! [`LARGEST_NORMAL`], and a distribution function that is nowhere further than 5/8 of
//! 2^-16 from the normal's. The table is computed with the pure-Rust `libm`, so it has the same
//! bits everywhere.
//!
//! # Source
//!
//! Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//!
//! # Example
//!
//! ```
//! use deme::random::{Place, Stream};
//! let place = Place { seed: 7, stream: Stream::Noise, generation: 3, individual: 41 };
//! assert_eq!(place.normals(0), place.normals(0));
//! assert_ne!(place.normals(0), place.normals(1));
//! ```

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use std::convert::Infallible;
use std::sync::LazyLock;

/// Normals in one block of four words.
pub const NORMALS_A_BLOCK: usize = 8;
/// Words in one block.
pub const WORDS_A_BLOCK: usize = 4;
/// Slices of the half-normal distribution in [`normal_table`].
pub const NORMAL_SLICES: usize = 1 << 15;
/// The largest |z| that is ever drawn: the mean of the outermost slice.
pub const LARGEST_NORMAL: f32 = 4.387_514_6;

/// Blocks of a stretch: what the fast CPU path makes at once.
pub const BLOCKS_A_STRETCH: usize = 16;
/// Normals of a stretch.
pub const NORMALS_A_STRETCH: usize = BLOCKS_A_STRETCH * NORMALS_A_BLOCK;
/// Words of a stretch.
pub const WORDS_A_STRETCH: usize = BLOCKS_A_STRETCH * WORDS_A_BLOCK;

const ROUNDS: usize = 10;
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// What a draw is for: draws of different streams are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Stream {
    /// Gaussian perturbations of a centre, and mutations.
    Noise = 0,
    /// Which parent a gene comes from, and where between them.
    Crossover = 1,
    /// Which genes mutate.
    Gate = 2,
    /// The first weights of a run.
    Initial = 3,
    /// A strategy's own choices: tournaments, parents.
    Selection = 4,
    /// Starts of the episodes that train.
    Training = 5,
    /// Starts of the episodes that choose the champion.
    Validation = 6,
    /// Starts of the episodes that judge it, met by nothing else.
    HeldOut = 7,
    /// Inputs of `deme verify`.
    Verification = 8,
    /// Inputs of `deme bench`.
    Benchmark = 9,
    /// A function's shift and rotation.
    Instance = 10,
    /// Which samples of a data set are held out.
    Split = 11,
}

/// Where a draw is used; a block number completes the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The run's seed.
    pub seed: u64,
    /// What the draw is for.
    pub stream: Stream,
    /// The generation, counted from 0.
    pub generation: u32,
    /// The individual, the mirrored pair, or the episode.
    pub individual: u32,
}

impl Place {
    /// The block's four words.
    #[inline(always)]
    pub fn words(&self, block: u32) -> [u32; WORDS_A_BLOCK] {
        let [a, b, c, d] = philox(
            [[block], [self.individual], [self.generation], [self.stream as u32]],
            key(self.seed),
        );
        [a[0], b[0], c[0], d[0]]
    }

    /// The block's four uniforms in [0, 1), each a multiple of 2^-24.
    #[inline(always)]
    pub fn units(&self, block: u32) -> [f32; WORDS_A_BLOCK] {
        let [a, b, c, d] = self.words(block);
        [unit(a), unit(b), unit(c), unit(d)]
    }

    /// The block's eight normals.
    pub fn normals(&self, block: u32) -> [f32; NORMALS_A_BLOCK] {
        let table = normal_table();
        let words = self.words(block);
        std::array::from_fn(|n| normal(table, words[n / 2] >> (16 * (n % 2) as u32)))
    }

    /// The words of a stretch, in order; stretch n begins with block n * [`BLOCKS_A_STRETCH`].
    #[inline(always)]
    pub fn stretch_words(&self, stretch: u32) -> [u32; WORDS_A_STRETCH] {
        const SIDE: usize = BLOCKS_A_STRETCH;
        let mut blocks = [stretch.wrapping_mul(SIDE as u32); SIDE];
        for l in 0..SIDE {
            blocks[l] = blocks[l].wrapping_add(l as u32);
        }
        let [a, b, c, d] = philox(
            [blocks, [self.individual; SIDE], [self.generation; SIDE], [self.stream as u32; SIDE]],
            key(self.seed),
        );
        let mut words = [0; WORDS_A_STRETCH];
        for l in 0..SIDE {
            words[4 * l] = a[l];
            words[4 * l + 1] = b[l];
            words[4 * l + 2] = c[l];
            words[4 * l + 3] = d[l];
        }
        words
    }

    /// The uniforms of a stretch, in order.
    #[inline(always)]
    pub fn stretch_units(&self, stretch: u32) -> [f32; WORDS_A_STRETCH] {
        let words = self.stretch_words(stretch);
        let mut units = [0.0; WORDS_A_STRETCH];
        for w in 0..WORDS_A_STRETCH {
            units[w] = unit(words[w]);
        }
        units
    }

    /// The normals of a stretch, in order.
    #[inline(always)]
    pub fn stretch_normals(
        &self,
        table: &[f32; NORMAL_SLICES],
        stretch: u32,
    ) -> [f32; NORMALS_A_STRETCH] {
        let words = self.stretch_words(stretch);
        let mut halves = [0u32; NORMALS_A_STRETCH];
        for w in 0..WORDS_A_STRETCH {
            halves[2 * w] = words[w];
            halves[2 * w + 1] = words[w] >> 16;
        }
        let mut normals = [0.0; NORMALS_A_STRETCH];
        for n in 0..NORMALS_A_STRETCH {
            normals[n] = normal(table, halves[n]);
        }
        normals
    }

    /// A generator for [`rand`] and [`rand_distr`] that reads the blocks of this place in order.
    pub fn generator(self) -> Generator {
        Generator { place: self, block: 0, words: [0; WORDS_A_BLOCK], next: WORDS_A_BLOCK }
    }
}

/// The key of a seed.
#[inline(always)]
pub fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// Philox4x32-10 on `L` counters at once; `counter[i][lane]`, words likewise.
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

/// A uniform in [0, 1) from the top 24 bits of a word; exact, so every processor agrees.
#[inline(always)]
pub fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// The normal that the low 16 bits choose: bit 15 is the sign, the rest a slice of `table`.
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
    // The half-normal density, and the probability above z.
    let density = |z: f64| (2.0 / std::f64::consts::PI).sqrt() * libm::exp(-0.5 * z * z);
    let above = |z: f64| libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
    let mut means = vec![0.0f64; NORMAL_SLICES];
    let (mut edge, mut edge_density) = (0.0, density(0.0));
    for (slice, mean) in means.iter_mut().enumerate() {
        let target = 1.0 - (slice + 1) as f64 / slices;
        let (next, next_density) = if target > 0.0 {
            let mut z: f64 = edge + 1.0 / (slices * edge_density);
            // Halley's method triples the correct digits: behind a step this small are all of them.
            // It is the first step but for a few hundred edges in the tail.
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
        // The integral of z times the density over a slice is the fall of the density.
        *mean = slices * (edge_density - next_density);
        (edge, edge_density) = (next, next_density);
    }
    let variance = means.iter().map(|z| z * z).sum::<f64>() / slices;
    let table: Vec<f32> = means.iter().map(|z| (z / variance.sqrt()) as f32).collect();
    table.into_boxed_slice().try_into().expect("the table has NORMAL_SLICES entries")
}

/// A [`rand`] generator over the blocks of one [`Place`]; it holds nothing that a checkpoint needs.
#[derive(Clone, Debug)]
pub struct Generator {
    place: Place,
    block: u32,
    words: [u32; WORDS_A_BLOCK],
    next: usize,
}

impl rand::TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.next == WORDS_A_BLOCK {
            self.words = self.place.words(self.block);
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
