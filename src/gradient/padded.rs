//! Padded matrices: row-major matrices of `f32` whose rows begin at a vector.

use crate::math::{LANES, Lanes};

/// A matrix `f32[rows][columns]`. Each row is padded to whole vectors.
#[derive(Clone, Debug, Default)]
pub(super) struct PaddedMatrix {
    lanes: Vec<Lanes>,
    rows: usize,
    columns: usize,
}

impl PaddedMatrix {
    /// Creates a matrix of zeros.
    pub fn new(rows: usize, columns: usize) -> Self {
        let lanes = vec![Lanes::default(); rows * columns.div_ceil(LANES)];
        Self { lanes, rows, columns }
    }

    /// Changes the number of rows; new rows are zero.
    pub fn set_rows(&mut self, rows: usize) {
        self.lanes.resize(rows * self.vectors(), Lanes::default());
        self.rows = rows;
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of columns without padding.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Returns the number of vectors of a row.
    pub fn vectors(&self) -> usize {
        self.columns.div_ceil(LANES)
    }

    /// Returns all vectors, `[rows][vectors]`.
    pub fn lanes(&self) -> &[Lanes] {
        &self.lanes
    }

    /// Returns all vectors for writing.
    pub fn lanes_mut(&mut self) -> &mut [Lanes] {
        &mut self.lanes
    }

    /// Returns all numbers with their padding, and the distance from row to row.
    pub fn numbers(&self) -> (&[f32], usize) {
        (bytemuck::cast_slice(&self.lanes), self.vectors() * LANES)
    }

    /// Returns a row without its padding.
    pub fn row(&self, row: usize) -> &[f32] {
        let (numbers, stride) = self.numbers();
        &numbers[row * stride..][..self.columns]
    }

    /// Returns a row without its padding for writing.
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        let stride = self.vectors() * LANES;
        &mut bytemuck::cast_slice_mut(&mut self.lanes)[row * stride..][..self.columns]
    }
}
