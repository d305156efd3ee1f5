//! The precision in which the genes of a network are stored.
//!
//! Arithmetic is always in single precision. Storage in half precision halves the memory of a
//! population on a GPU, and the bytes that it reads. Every backend rounds a gene in the same way
//! when it makes a genome:
//!
//! - to the nearest number of eleven significant bits, ties to even;
//! - to zero with its sign, if its magnitude is below 2^-14, the smallest normal number of IEEE 754
//!   binary16: drivers may or may not keep subnormal numbers;
//! - to infinity, if its magnitude is above 65,504, the largest number.

use std::str::FromStr;

use crate::error::{Error, Result, by_name};

/// The number format of genes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// IEEE 754 binary32.
    #[default]
    Single,
    /// The normal numbers of IEEE 754 binary16.
    Half,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Self; 2] = [Self::Single, Self::Half];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Half => "f16",
        }
    }

    /// The suffix to the name of a network: empty, or `, f16`.
    pub fn suffix(self) -> String {
        match self {
            Self::Single => String::new(),
            Self::Half => format!(", {}", self.name()),
        }
    }

    /// The bytes of a gene on a device.
    pub fn bytes(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Half => 2,
        }
    }

    /// The smallest and the largest magnitude of a normal number.
    pub fn normal(self) -> [f32; 2] {
        match self {
            Self::Single => [f32::MIN_POSITIVE, f32::MAX],
            Self::Half => [1.0 / 16_384.0, 65_504.0],
        }
    }

    /// Rounds a gene to the precision.
    pub fn round(self, gene: f32) -> f32 {
        if self == Self::Single || gene.is_nan() {
            return gene;
        }
        let bits = gene.to_bits();
        // Rounding drops thirteen of the twenty-four significant bits. Ties go to even.
        let rounded = f32::from_bits((bits + 0xFFF + (bits >> 13 & 1)) & !0x1FFF);
        let [smallest, largest] = self.normal();
        if rounded.abs() < smallest {
            return 0.0_f32.copysign(gene);
        }
        if rounded.abs() > largest { f32::INFINITY.copysign(gene) } else { rounded }
    }

    /// Rounds every gene of a genome.
    pub fn round_all(self, genome: &mut [f32]) {
        if self != Self::Single {
            genome.iter_mut().for_each(|gene| *gene = self.round(*gene));
        }
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        by_name("precision", text, Self::ALL, |precision| precision.name())
    }
}
