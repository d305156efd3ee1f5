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

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Half => "f16",
        }
    }

    /// What stands behind the name of a network: nothing, or `, f16`.
    pub fn suffix(self) -> String {
        match self {
            Self::Single => String::new(),
            Self::Half => format!(", {}", self.name()),
        }
    }

    /// Bytes of a gene on a device.
    pub fn bytes(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Half => 2,
        }
    }

    /// The smallest and the largest magnitude of its normal numbers.
    pub fn normal(self) -> [f32; 2] {
        match self {
            Self::Single => [f32::MIN_POSITIVE, f32::MAX],
            Self::Half => [1.0 / 16_384.0, 65_504.0],
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
        let [smallest, largest] = self.normal();
        if rounded.abs() < smallest {
            return 0.0_f32.copysign(gene);
        }
        if rounded.abs() > largest { f32::INFINITY.copysign(gene) } else { rounded }
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
        let mut all = Self::ALL.into_iter();
        all.find(|precision| precision.name() == text).ok_or_else(|| Error::Unknown {
            kind: "precision".into(),
            name: text.into(),
            known: Self::ALL.map(|precision| precision.name().to_owned()).into(),
        })
    }
}
