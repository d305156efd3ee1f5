//! A run's first genome: how its weights are chosen. Biases are zero, but for a constant's.
//!
//! Inputs and outputs are those of a matrix: a recurrent layer has one for what goes in and one for
//! what it remembers, of each gate.
//!
//! # Source
//!
//! `xavier`: Glorot and Bengio 2010, equation 16, with normals of that variance. `orthogonal`:
//! Saxe, McClelland and Ganguli 2014: the rows of a matrix of normals, or its columns where there
//! are fewer of those, made orthogonal and of length 1 one after another, by Gram and Schmidt's
//! method, twice (Giraud, Langou and Rozloznik 2005), in double precision.

use std::fmt;
use std::str::FromStr;

use super::{Network, WeightMatrix};
use crate::error::{Error, Result};
use crate::random::{Counter, NORMALS_PER_BLOCK, Stream};

/// What [`Initialisation`] is written as.
const KNOWN: [&str; 6] =
    ["zero", "normal", "normal:DEVIATION", "xavier", "orthogonal", "constant:NUMBER"];

/// How a run's first weights are chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialisation {
    /// All zero: every output starts at zero.
    Zero,
    /// Normal, of this standard deviation, whatever the layer.
    Normal(f64),
    /// Normal with variance 2 / (inputs + outputs).
    Xavier,
    /// Orthogonal: what goes in comes out as long as it was, where outputs are no fewer.
    Orthogonal,
    /// Every gene, biases too, is this number: a point to begin a function's search at.
    Constant(f64),
}

impl Network {
    /// A first genome, the same for the same seed.
    pub fn initialise(&self, how: Initialisation, seed: u64) -> Vec<f32> {
        if let Initialisation::Constant(number) = how {
            return vec![number as f32; self.parameters()];
        }
        let mut genome = vec![0.0; self.parameters()];
        let place = Counter { seed, stream: Stream::Initial, generation: 0, individual: 0 };
        for matrix in self.layers().iter().flat_map(|layer| layer.matrices()).flatten() {
            let deviation = match how {
                Initialisation::Zero | Initialisation::Constant(_) => continue,
                Initialisation::Normal(deviation) => deviation,
                Initialisation::Xavier => (2.0 / (matrix.inputs + matrix.outputs) as f64).sqrt(),
                Initialisation::Orthogonal => 1.0,
            } as f32;
            for input in 0..matrix.inputs {
                let first = matrix.first_gene + input * matrix.stride;
                for (gene, value) in (first..).zip(&mut genome[first..][..matrix.outputs]) {
                    let block = place.normals((gene / NORMALS_PER_BLOCK) as u32);
                    *value = deviation * block[gene % NORMALS_PER_BLOCK];
                }
            }
            if how == Initialisation::Orthogonal {
                orthogonalise(&matrix, &mut genome);
            }
        }
        genome
    }
}

/// Makes a matrix of a genome orthogonal.
fn orthogonalise(matrix: &WeightMatrix, genome: &mut [f32]) {
    let WeightMatrix { first_gene, inputs, outputs, stride } = *matrix;
    let count = inputs.min(outputs);
    // The number at a place of one of the vectors: a row where the rows are fewer.
    let at = |vector: usize, place: usize| match inputs <= outputs {
        true => first_gene + vector * stride + place,
        false => first_gene + place * stride + vector,
    };
    let length = inputs.max(outputs);
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    for v in 0..count {
        let mut vector: Vec<f64> = (0..length).map(|place| genome[at(v, place)].into()).collect();
        // Once leaves the rounding of what was taken away; twice leaves that of what is left.
        for _ in 0..2 {
            for other in &vectors {
                let share = dot(&vector, other);
                vector.iter_mut().zip(other).for_each(|(number, other)| *number -= share * other);
            }
        }
        let norm = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|number| *number /= norm);
        vectors.push(vector);
    }
    for (v, vector) in vectors.iter().enumerate() {
        for (place, &number) in vector.iter().enumerate() {
            genome[at(v, place)] = number as f32;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Writes what is read again: `normal:0.5`.
impl fmt::Display for Initialisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => f.write_str("zero"),
            Self::Normal(deviation) => write!(f, "normal:{deviation}"),
            Self::Xavier => f.write_str("xavier"),
            Self::Orthogonal => f.write_str("orthogonal"),
            Self::Constant(number) => write!(f, "constant:{number}"),
        }
    }
}

impl FromStr for Initialisation {
    type Err = Error;

    /// Reads a name, `normal` with its standard deviation, or without one for 1.
    fn from_str(text: &str) -> Result<Self> {
        match (text, text.split_once(':')) {
            ("zero", _) => Ok(Self::Zero),
            ("xavier", _) => Ok(Self::Xavier),
            ("orthogonal", _) => Ok(Self::Orthogonal),
            ("normal", _) => Ok(Self::Normal(1.0)),
            (_, Some(("normal", deviation))) => {
                let number = deviation.parse().ok();
                let fits = |&deviation: &f64| (1e-30..=1e30).contains(&deviation);
                number.filter(fits).map(Self::Normal).ok_or_else(|| {
                    let expected = "normal:DEVIATION with a number from 1e-30 to 1e30";
                    Error::invalid("--initial", expected, format!("'{text}'"))
                })
            }
            (_, Some(("constant", number))) => {
                let number = number.parse().ok().filter(|x: &f64| (*x as f32).is_finite());
                number.map(Self::Constant).ok_or_else(|| {
                    let expected = "constant:NUMBER with a number that is finite";
                    Error::invalid("--initial", expected, format!("'{text}'"))
                })
            }
            _ => Err(Error::Unknown {
                kind: "value of --initial".into(),
                name: text.into(),
                known: KNOWN.map(String::from).into(),
            }),
        }
    }
}
