//! Dense matrices in double precision, column by column, and their products.

use std::ops::{Index, IndexMut};

use matrixmultiply::dgemm;
use serde::{Deserialize, Serialize};

/// A matrix `f64[columns][rows]`: each column is contiguous.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    rows: usize,
    numbers: Vec<f64>,
}

impl Matrix {
    /// A matrix whose numbers are computed from row and column.
    pub fn from_fn(rows: usize, columns: usize, number: impl Fn(usize, usize) -> f64) -> Self {
        let number = &number;
        let column = |column: usize| (0..rows).map(move |row| number(row, column));
        Self { rows, numbers: (0..columns).flat_map(column).collect() }
    }

    /// A matrix of these numbers, column by column.
    ///
    /// # Panics
    /// Panics if the numbers do not fill whole columns.
    pub fn from_columns(rows: usize, numbers: Vec<f64>) -> Self {
        assert!(rows > 0 && numbers.len().is_multiple_of(rows), "numbers fill whole columns");
        Self { rows, numbers }
    }

    /// The identity matrix of a size.
    pub fn identity(size: usize) -> Self {
        Self::from_fn(size, size, |row, column| if row == column { 1.0 } else { 0.0 })
    }

    /// True for a square matrix of this size, of finite numbers.
    pub fn is_square(&self, size: usize) -> bool {
        self.rows == size
            && Some(self.numbers.len()) == size.checked_mul(size)
            && self.numbers.iter().all(|number| number.is_finite())
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.numbers.len() / self.rows
    }

    /// The numbers on the diagonal of a square matrix.
    pub fn diagonal(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.numbers.iter().step_by(self.rows + 1).copied()
    }

    /// All numbers, column by column.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    /// The numbers, column by column, without the matrix around them.
    pub fn into_numbers(self) -> Vec<f64> {
        self.numbers
    }

    /// One column, `f64[rows]`.
    pub fn column(&self, column: usize) -> &[f64] {
        &self.numbers[column * self.rows..][..self.rows]
    }

    /// One column, `f64[rows]`, to write to.
    pub fn column_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.numbers[column * self.rows..][..self.rows]
    }

    /// Multiplies every number.
    pub fn scale(&mut self, factor: f64) {
        self.numbers.iter_mut().for_each(|number| *number *= factor);
    }

    /// The matrix whose rows are the columns of this one.
    #[must_use]
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.columns(), self.rows, |row, column| self[(column, row)])
    }

    /// The product with another matrix.
    pub fn times(&self, other: &Self) -> Self {
        let mut product = vec![0.0; self.rows * other.columns()];
        multiply_add(self.view(), other.view(), &mut product, self.rows, 0.0);
        Self { rows: self.rows, numbers: product }
    }

    /// The product with the transpose of another matrix.
    pub fn times_transposed(&self, other: &Self) -> Self {
        let mut product = vec![0.0; self.rows * other.rows];
        multiply_add(self.view(), other.view().transposed(), &mut product, self.rows, 0.0);
        Self { rows: self.rows, numbers: product }
    }

    /// Scales this square matrix and adds `left` times the transpose of `right`, on and below the
    /// diagonal; numbers above it are undefined afterwards.
    pub fn scale_and_add_lower(&mut self, scale: f64, left: &Self, right: &Self) {
        /// Columns that one product computes, so that little above the diagonal is computed.
        const COLUMNS: usize = 64;
        let rows = self.rows;
        for first in (0..rows).step_by(COLUMNS) {
            let (left, right) = (left.view().rows_from(first), right.view().rows_from(first));
            let columns = COLUMNS.min(rows - first);
            let target = &mut self.numbers[first * rows + first..];
            multiply_add(left, right.first_rows(columns).transposed(), target, rows, scale);
        }
    }

    fn view(&self) -> View<'_> {
        let (rows, columns) = (self.rows, self.columns());
        View { numbers: &self.numbers, rows, columns, row_stride: 1, column_stride: rows }
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.column(column)[row]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.column_mut(column)[row]
    }
}

/// A part of a matrix, or of its transpose.
#[derive(Clone, Copy)]
struct View<'a> {
    numbers: &'a [f64],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl View<'_> {
    fn transposed(self) -> Self {
        let Self { numbers, rows, columns, row_stride, column_stride } = self;
        let (row_stride, column_stride) = (column_stride, row_stride);
        Self { numbers, rows: columns, columns: rows, row_stride, column_stride }
    }

    fn rows_from(self, first: usize) -> Self {
        let numbers = &self.numbers[first * self.row_stride..];
        Self { numbers, rows: self.rows - first, ..self }
    }

    fn first_rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Numbers from the first to the last one, with what lies between.
    fn extent(&self) -> usize {
        let last = |count: usize, stride: usize| (count - 1) * stride;
        let is_empty = self.rows == 0 || self.columns == 0;
        if is_empty {
            return 0;
        }
        1 + last(self.rows, self.row_stride) + last(self.columns, self.column_stride)
    }
}

/// `target = scale target + left right`; the target's columns stand `stride` numbers apart.
fn multiply_add(left: View, right: View, target: &mut [f64], stride: usize, scale: f64) {
    assert!(left.columns == right.rows, "as many columns as rows");
    let product = View {
        numbers: target,
        rows: left.rows,
        columns: right.columns,
        row_stride: 1,
        column_stride: stride,
    };
    for view in [left, right, product] {
        assert!(view.extent() <= view.numbers.len(), "a part of the matrix");
    }
    // SAFETY: by the assertions, every number that the strides reach lies within its slice, and
    // the target is borrowed alone.
    unsafe {
        dgemm(
            left.rows,
            left.columns,
            right.columns,
            1.0,
            left.numbers.as_ptr(),
            left.row_stride as isize,
            left.column_stride as isize,
            right.numbers.as_ptr(),
            right.row_stride as isize,
            right.column_stride as isize,
            scale,
            target.as_mut_ptr(),
            1,
            stride as isize,
        );
    }
}
