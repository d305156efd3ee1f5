//! Initialisation of the weights of a run's first genome. Biases are zero, except with a constant.
//!
//! Inputs and outputs are those of a weight matrix. A recurrent layer has a matrix for its inputs
//! and one for its feedback, for each gate.
//!
//! # Source
//!
//! `xavier` is Glorot and Bengio 2010, equation 16, with normals of that variance. `orthogonal` is
//! Saxe, McClelland and Ganguli 2014: the rows of a matrix of normals, or its columns if they are
//! fewer, are orthonormalised by the Gram-Schmidt process, twice (Giraud, Langou and Rozloznik
//! 2005), in double precision.

use std::fmt;
use std::str::FromStr;

use super::{Network, WeightMatrix};
use crate::error::{Error, Result};
use crate::random::{Counter, NORMALS_PER_BLOCK, Stream};

/// The forms of an [`Initialisation`] in text, and the file that a run may begin from instead.
const KNOWN: [&str; 7] =
    ["zero", "normal", "normal:DEVIATION", "xavier", "orthogonal", "constant:NUMBER", "FILE"];

/// A method for the initial weights of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialisation {
    /// All weights are zero, so every output starts at zero.
    Zero,
    /// Normal with this standard deviation in every layer.
    Normal(f64),
    /// Normal with variance 2 / (inputs + outputs).
    Xavier,
    /// Orthogonal matrices, which keep the length of a vector if outputs are no fewer than inputs.
    Orthogonal,
    /// Every gene, including biases, is this number: a start point for the search of a function.
    Constant(f64),
}

impl Network {
    /// Draws the first genome of a run, which depends on the seed alone.
    pub fn initialise(&self, method: Initialisation, seed: u64) -> Vec<f32> {
        if let Initialisation::Constant(number) = method {
            return vec![number as f32; self.parameters()];
        }
        let mut genome = vec![0.0; self.parameters()];
        let counter = Counter { seed, stream: Stream::Initial, generation: 0, individual: 0 };
        for matrix in self.layers().iter().flat_map(|layer| layer.matrices()).flatten() {
            let deviation = match method {
                Initialisation::Zero | Initialisation::Constant(_) => continue,
                Initialisation::Normal(deviation) => deviation,
                Initialisation::Xavier => (2.0 / (matrix.inputs + matrix.outputs) as f64).sqrt(),
                Initialisation::Orthogonal => 1.0,
            } as f32;
            for input in 0..matrix.inputs {
                let first = matrix.first_gene + input * matrix.stride;
                for (gene, value) in (first..).zip(&mut genome[first..][..matrix.outputs]) {
                    let block = counter.normals((gene / NORMALS_PER_BLOCK) as u32);
                    *value = deviation * block[gene % NORMALS_PER_BLOCK];
                }
            }
            if method == Initialisation::Orthogonal {
                orthogonalise(&matrix, &mut genome);
            }
        }
        genome
    }
}

/// Makes a weight matrix of a genome orthogonal.
fn orthogonalise(matrix: &WeightMatrix, genome: &mut [f32]) {
    let WeightMatrix { first_gene, inputs, outputs, stride } = *matrix;
    let count = inputs.min(outputs);
    // The gene of an element of a vector. The vectors are the rows if the rows are fewer.
    let gene = |vector: usize, element: usize| match inputs <= outputs {
        true => first_gene + vector * stride + element,
        false => first_gene + element * stride + vector,
    };
    let length = inputs.max(outputs);
    let mut vectors: Vec<Vec<f64>> = Vec::with_capacity(count);
    for v in 0..count {
        let mut vector: Vec<f64> = (0..length).map(|n| genome[gene(v, n)].into()).collect();
        // One pass leaves the rounding errors of the projections. A second pass removes them.
        for _ in 0..2 {
            for other in &vectors {
                let projection = dot(&vector, other);
                vector
                    .iter_mut()
                    .zip(other)
                    .for_each(|(number, other)| *number -= projection * other);
            }
        }
        let norm = dot(&vector, &vector).sqrt();
        vector.iter_mut().for_each(|number| *number /= norm);
        vectors.push(vector);
    }
    for (v, vector) in vectors.iter().enumerate() {
        for (n, &number) in vector.iter().enumerate() {
            genome[gene(v, n)] = number as f32;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Writes the form that [`FromStr`] reads, such as `normal:0.5`.
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

    /// Reads a method. `normal` without a standard deviation has 1.
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
                    let expected = "constant:NUMBER with a finite number";
                    Error::invalid("--initial", expected, format!("'{text}'"))
                })
            }
            _ => Err(Error::unknown("value of --initial", text, KNOWN)),
        }
    }
}
