//! Chunks: the numbers and the words of a register that are computed together.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use crate::math::{Instructions, LANES, LaneMask, Lanes, Mask, Real, single};

/// The number type of a machine: a chunk of lanes.
pub trait Chunk: Real {
    /// The words of the same lanes.
    type Word: Words;
    /// The words of a mask: all bits set or none.
    fn word(mask: Self::Mask) -> Self::Word;
    /// The mask of words that have all bits set or none.
    fn mask(word: Self::Word) -> Self::Mask;
    /// Computes a word for each lane.
    fn to_words(self, word: impl Fn(f64) -> u32) -> Self::Word;
    /// Computes a number for each lane.
    fn of_words(words: Self::Word, number: impl Fn(u32) -> f64) -> Self;
    /// The bits of the numbers in single precision.
    fn bits(self) -> Self::Word;
    /// The numbers in single precision with these bits.
    fn from_bits(bits: Self::Word) -> Self;
    /// The lanes of the chunks that are chosen for each lane.
    fn gathered(index: Self::Word, chunk: impl Fn(u32) -> Self) -> Self;
    /// The sine and the cosine.
    #[inline(always)]
    fn sine_cosine(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
}

/// A word in each lane.
pub trait Words: Copy + Default + std::fmt::Debug + Send + Sync {
    /// Sets every lane to one word.
    fn splat(word: u32) -> Self;
    /// Computes each lane from two others.
    fn zip(self, other: Self, word: impl Fn(u32, u32) -> u32) -> Self;
    /// Selects `yes` where all bits of the mask are set, and `no` where none is.
    fn select(self, yes: Self, no: Self) -> Self;
    /// True if a bit is set in any lane.
    fn any(self) -> bool;
    /// The lanes of the words that are chosen for each lane.
    fn gathered(self, words: impl Fn(u32) -> Self) -> Self;
}

impl Words for u32 {
    fn splat(word: u32) -> Self {
        word
    }
    fn zip(self, other: Self, word: impl Fn(u32, u32) -> u32) -> Self {
        word(self, other)
    }
    fn select(self, yes: Self, no: Self) -> Self {
        self & yes | !self & no
    }
    fn any(self) -> bool {
        self != 0
    }
    fn gathered(self, words: impl Fn(u32) -> Self) -> Self {
        words(self)
    }
}

impl Chunk for f64 {
    type Word = u32;
    fn word(mask: bool) -> u32 {
        if mask { u32::MAX } else { 0 }
    }
    fn mask(word: u32) -> bool {
        word != 0
    }
    fn to_words(self, word: impl Fn(f64) -> u32) -> u32 {
        word(self)
    }
    fn of_words(words: u32, number: impl Fn(u32) -> f64) -> Self {
        number(words)
    }
    fn bits(self) -> u32 {
        (self as f32).to_bits()
    }
    fn from_bits(bits: u32) -> Self {
        Self::from(f32::from_bits(bits))
    }
    fn gathered(index: u32, chunk: impl Fn(u32) -> Self) -> Self {
        chunk(index)
    }
}

impl Words for LaneMask {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self([word; LANES])
    }
    #[inline(always)]
    fn zip(self, other: Self, word: impl Fn(u32, u32) -> u32) -> Self {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = word(self.0[l], other.0[l]);
        }
        Self(out)
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        self & yes | !self & no
    }
    #[inline(always)]
    fn any(self) -> bool {
        Mask::any(self)
    }
    #[inline(always)]
    fn gathered(self, words: impl Fn(u32) -> Self) -> Self {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = words(self.0[l]).0[l];
        }
        Self(out)
    }
}

impl<I: Instructions> Chunk for Lanes<I> {
    type Word = LaneMask;
    #[inline(always)]
    fn word(mask: LaneMask) -> LaneMask {
        mask
    }
    #[inline(always)]
    fn mask(word: LaneMask) -> LaneMask {
        word
    }
    #[inline(always)]
    fn to_words(self, word: impl Fn(f64) -> u32) -> LaneMask {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = word(f64::from(self.0[l]));
        }
        LaneMask(out)
    }
    #[inline(always)]
    fn of_words(words: LaneMask, number: impl Fn(u32) -> f64) -> Self {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = number(words.0[l]) as f32;
        }
        Self::new(out)
    }
    #[inline(always)]
    fn bits(self) -> LaneMask {
        let mut out = [0; LANES];
        for l in 0..LANES {
            out[l] = self.0[l].to_bits();
        }
        LaneMask(out)
    }
    #[inline(always)]
    fn from_bits(bits: LaneMask) -> Self {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = f32::from_bits(bits.0[l]);
        }
        Self::new(out)
    }
    #[inline(always)]
    fn sine_cosine(self) -> (Self, Self) {
        let (mut sine, mut cosine) = ([0.0; LANES], [0.0; LANES]);
        for l in 0..LANES {
            (sine[l], cosine[l]) = single::sin_cos::<I>(self.0[l]);
        }
        (Self::new(sine), Self::new(cosine))
    }
    #[inline(always)]
    fn gathered(index: LaneMask, chunk: impl Fn(u32) -> Self) -> Self {
        let mut out = [0.0; LANES];
        for l in 0..LANES {
            out[l] = chunk(index.0[l]).0[l];
        }
        Self::new(out)
    }
}
