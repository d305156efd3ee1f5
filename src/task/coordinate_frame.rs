//! Coordinate frames of functions: the shift and the rotation of the points that a formula reads.
//!
//! # Shapes
//!
//! A genome `x` (`f32[n]`) has the coordinates `z = R (x - s)`, where `R` is orthogonal
//! (`f64[n][n]`) and `s` is the shift (`f64[n]`). Both depend on `n` alone, so they are the same in
//! every run.
//!
//! # Source
//!
//! Hansen et al. 2009, RR-6829. The rows of `R` are normals, orthonormalised by the Gram-Schmidt
//! process.

use crate::random::{Counter, NORMALS_PER_BLOCK, Stream, WORDS_PER_BLOCK};

/// The numbers of a shift lie in [-SHIFT, SHIFT), as in the source.
const SHIFT: f64 = 4.0;

/// The shift and the rotation of a function.
#[derive(Clone, Debug)]
pub(super) struct CoordinateFrame {
    dimensions: usize,
    /// `f64[dimensions]`, or empty.
    shift: Vec<f64>,
    /// `f64[dimensions][dimensions]`, orthogonal, or empty.
    rotation: Vec<f64>,
}

impl CoordinateFrame {
    /// Creates the frame of a number of dimensions.
    pub fn new(dimensions: usize, rotated: bool, shifted: bool) -> Self {
        let shift = if shifted { shift(dimensions) } else { Vec::new() };
        let rotation = if rotated { rotation(dimensions) } else { Vec::new() };
        Self { dimensions, shift, rotation }
    }

    /// True if points are shifted.
    pub fn is_shifted(&self) -> bool {
        !self.shift.is_empty()
    }

    /// True if points are rotated.
    pub fn is_rotated(&self) -> bool {
        !self.rotation.is_empty()
    }

    /// The length of [`CoordinateFrame::layout`].
    pub fn numbers(&self) -> usize {
        self.dimensions + self.rotation.len()
    }

    /// Returns the frame in the layout of the GPU: `f32[dimensions]`, the shift, followed by the
    /// rows of the rotation if there is one.
    pub fn layout(&self) -> Vec<f32> {
        let mut numbers = vec![0.0; self.dimensions];
        for (number, &shift) in numbers.iter_mut().zip(&self.shift) {
            *number = shift as f32;
        }
        numbers.extend(self.rotation.iter().map(|&number| number as f32));
        numbers
    }

    /// Returns the coordinates of a genome: z = R (x - s).
    pub fn coordinates(&self, genome: &[f32]) -> Vec<f64> {
        let mut point: Vec<f64> = genome.iter().copied().map(f64::from).collect();
        for (x, shift) in point.iter_mut().zip(&self.shift) {
            *x -= shift;
        }
        if self.rotation.is_empty() {
            return point;
        }
        let rows = self.rotation.chunks(self.dimensions);
        rows.map(|row| dot(row, &point)).collect()
    }

    /// Returns the genome with given coordinates, rounded to single precision.
    pub fn genome(&self, coordinate: impl Fn(usize) -> f64) -> Vec<f32> {
        let shift = |index: usize| self.shift.get(index).copied().unwrap_or(0.0);
        if self.rotation.is_empty() {
            return (0..self.dimensions).map(|k| (coordinate(k) + shift(k)) as f32).collect();
        }
        let turned = self.rotate_back((0..self.dimensions).map(coordinate).collect());
        turned.iter().enumerate().map(|(k, z)| (z + shift(k)) as f32).collect()
    }

    /// Multiplies a vector, such as a gradient, by the transposed rotation.
    pub fn rotate_back(&self, vector: Vec<f64>) -> Vec<f64> {
        if self.rotation.is_empty() {
            return vector;
        }
        let mut turned = vec![0.0; self.dimensions];
        for (row, number) in self.rotation.chunks(self.dimensions).zip(vector) {
            turned.iter_mut().zip(row).for_each(|(sum, x)| *sum += number * x);
        }
        turned
    }
}

/// The random counter of a shift (row 0) or of a row of a rotation, the same for every run.
fn counter(row: usize) -> Counter {
    Counter { seed: 0, stream: Stream::Instance, generation: 0, individual: row as u32 }
}

fn shift(dimensions: usize) -> Vec<f64> {
    let unit = |k: usize| counter(0).uniforms((k / WORDS_PER_BLOCK) as u32)[k % WORDS_PER_BLOCK];
    // Rounded to single precision, so that CPU and GPU have the same minimum.
    (0..dimensions).map(|k| f64::from((SHIFT * (2.0 * f64::from(unit(k)) - 1.0)) as f32)).collect()
}

/// Returns rows of normals, orthonormalised by Gram-Schmidt. Each row is orthogonalised twice,
/// because rounding leaves a residue.
fn rotation(dimensions: usize) -> Vec<f64> {
    let mut rotation: Vec<f64> = Vec::with_capacity(dimensions * dimensions);
    for row in 0..dimensions {
        let normal = |k: usize| {
            counter(row + 1).normals((k / NORMALS_PER_BLOCK) as u32)[k % NORMALS_PER_BLOCK]
        };
        let mut new: Vec<f64> = (0..dimensions).map(|k| f64::from(normal(k))).collect();
        for _ in 0..2 {
            for earlier in rotation.chunks(dimensions) {
                let along = dot(earlier, &new);
                new.iter_mut().zip(earlier).for_each(|(x, y)| *x -= along * y);
            }
        }
        let length = dot(&new, &new).sqrt();
        rotation.extend(new.iter().map(|x| x / length));
    }
    rotation
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
