//! Precision: the numbers that the genes of a network are kept in.
//!
//! Arithmetic is in single precision whatever genes are kept in: half precision halves what a GPU
//! reads, and what a population takes there. Everywhere a gene is rounded the same way when its
//! genome is made, so that backends agree:
//!
//! - to the nearest number of eleven significant bits, of two that are as near to the even one;
//! - below 2^-14 in magnitude, the smallest normal number of IEEE 754 binary16, to zero of its
//!   sign: drivers may do so with what stands below, or not;
//! - above 65,504 in magnitude, the largest one, to infinity.

use std::str::FromStr;

use crate::error::{Error, Result};

/// The smallest and the largest magnitude of a normal number of half precision.
const SMALLEST: f32 = 1.0 / 16_384.0;
const LARGEST: f32 = 65_504.0;

/// What genes are kept in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// IEEE 754 binary32.
    #[default]
    Single,
    /// IEEE 754 binary16, its normal numbers.
    Half,
}

impl Precision {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Single, Self::Half];
    /// The names on the command line.
    pub const NAMES: [&str; 2] = ["f32", "f16"];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Bytes of a gene on a device.
    pub fn bytes(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Half => 2,
        }
    }

    /// The number that is kept where this one is meant.
    pub fn kept(self, gene: f32) -> f32 {
        if self == Self::Single || gene.is_nan() {
            return gene;
        }
        let bits = gene.to_bits();
        // Thirteen of the twenty-four significant bits go; a tie goes to the even neighbour.
        let rounded = f32::from_bits((bits + 0xFFF + (bits >> 13 & 1)) & !0x1FFF);
        if rounded.abs() < SMALLEST {
            return 0.0_f32.copysign(gene);
        }
        if rounded.abs() > LARGEST { f32::INFINITY.copysign(gene) } else { rounded }
    }

    /// Makes a genome what is kept of it.
    pub fn keep(self, genome: &mut [f32]) {
        if self != Self::Single {
            genome.iter_mut().for_each(|gene| *gene = self.kept(*gene));
        }
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "f32" => Ok(Self::Single),
            "f16" => Ok(Self::Half),
            other => Err(Error::Unknown {
                kind: "precision".into(),
                name: other.into(),
                known: Self::NAMES.map(String::from).into(),
            }),
        }
    }
}
