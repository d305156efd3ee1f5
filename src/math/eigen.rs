//! Eigendecomposition of symmetric matrices: `A = V diag(values) V^T`.
//!
//! Householder reflections bring the matrix to tridiagonal form `Q T Q^T`; implicit QL iterations
//! rotate `T` to diagonal form. The reflections of `Q` and the rotations are recorded and then
//! applied to panels of rows that stay in a near cache, one thread a panel.
//!
//! # Accuracy
//!
//! Eigenvalues are right to a few units of rounding of the largest one, and the eigenvectors are
//! orthogonal to as many. An eigenvalue far below the largest has no relative accuracy.
//!
//! # Source
//!
//! Golub and Van Loan, "Matrix Computations", 4th edition, 2013: section 5.1.2 for reflections,
//! section 8.3.1 for the tridiagonal form, section 8.3.3 for implicit shifts.

// Indexed loops over lanes are what the compiler turns into vectors.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::{Instructions, Matrix, SimdWork, run_simd};

/// Eigenvalues in ascending order, and their eigenvectors as the columns of a matrix.
pub struct Eigen {
    /// `f64[n]`, ascending.
    pub values: Vec<f64>,
    /// `n` x `n`; column `k` belongs to value `k` and has length 1.
    pub vectors: Matrix,
}

impl Eigen {
    /// Decomposes a symmetric matrix, of which the lower triangle is read.
    ///
    /// Returns `None` where a number of the matrix is not finite.
    pub fn from_lower(matrix: &Matrix) -> Option<Self> {
        let n = matrix.rows();
        let mut whole = symmetric(matrix)?;
        // A power of two, so that the largest number is about 1 and no product overflows or
        // vanishes.
        let largest = whole.numbers().iter().fold(0.0, |most: f64, number| most.max(number.abs()));
        let exponent = largest.max(f64::MIN_POSITIVE).log2().floor() as i32;
        let unit = 2f64.powi(exponent.clamp(-1000, 1000));
        whole.scale(1.0 / unit);
        let mut tridiagonal = run_simd(TridiagonalReduction { matrix: whole });
        let sweeps = tridiagonal.iterate()?;
        let panels: Vec<usize> = (0..n).step_by(PANEL).collect();
        let panels: Vec<Vec<[f64; PANEL]>> = panels
            .into_par_iter()
            .map(|first| run_simd(Panel { tridiagonal: &tridiagonal, sweeps: &sweeps, first }))
            .collect();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| tridiagonal.diagonal[a].total_cmp(&tridiagonal.diagonal[b]));
        Some(Self {
            values: order.iter().map(|&k| unit * tridiagonal.diagonal[k]).collect(),
            vectors: Matrix::from_fn(n, n, |row, column| {
                panels[row / PANEL][order[column]][row % PANEL]
            }),
        })
    }
}

/// Both triangles of a matrix from its lower one; `None` where a number is not finite.
fn symmetric(matrix: &Matrix) -> Option<Matrix> {
    let n = matrix.rows();
    let lower = |row: usize, column: usize| matrix[(row.max(column), row.min(column))];
    let whole = Matrix::from_fn(n, n, lower);
    whole.numbers().iter().all(|number| number.is_finite()).then_some(whole)
}

/// Rows of eigenvectors that take rotations together.
const PANEL: usize = 16;

/// QL iterations for one eigenvalue; two or three are usual.
const MAX_ITERATIONS: usize = 64;

/// QL iterations after which an off-diagonal entry counts as zero if it is negligible compared with
/// the largest entry. Before, it must be negligible compared with its neighbours on the diagonal,
/// which keeps small eigenvalues more accurate.
const PATIENCE: usize = 8;

/// `A = Q T Q^T`: the tridiagonal T, and Q as reflections `I - scale v v^T`.
struct Tridiagonal {
    /// `f64[n]`.
    diagonal: Vec<f64>,
    /// `f64[n]`: entry `k` is in row `k` and column `k + 1`; the last one is 0.
    off_diagonal: Vec<f64>,
    /// Column `k` holds the v of reflection `k` below its diagonal.
    reflections: Matrix,
    /// `f64[n]`.
    scales: Vec<f64>,
}

/// The work that reduces a symmetric matrix, of which both triangles are given.
struct TridiagonalReduction {
    matrix: Matrix,
}

impl SimdWork for TridiagonalReduction {
    type Output = Tridiagonal;

    /// Each step updates the rest of the matrix by the last reflection, `A -= v w^T + w v^T`, and
    /// multiplies it by the next v in the same pass over memory.
    #[inline(always)]
    fn run<I: Instructions>(self) -> Tridiagonal {
        let Self { mut matrix } = self;
        let n = matrix.rows();
        let (mut diagonal, mut off_diagonal) = (vec![0.0; n], vec![0.0; n]);
        let mut scales = vec![0.0; n];
        // The last reflection's v and w, and the next one's, from the current row on.
        let (mut v, mut w) = (vec![0.0; n], vec![0.0; n]);
        let (mut next_v, mut product) = (vec![0.0; n], vec![0.0; n]);
        for k in 0..n {
            update(&mut matrix.column_mut(k)[k..], &v[k..], &w[k..], v[k], w[k]);
            diagonal[k] = matrix[(k, k)];
            if k + 1 == n {
                break;
            }
            let below = &mut matrix.column_mut(k)[k + 1..];
            (off_diagonal[k], scales[k]) = reflect(below);
            next_v[k + 1..].copy_from_slice(below);
            for column in k + 1..n {
                let numbers = &mut matrix.column_mut(column)[k + 1..];
                update(numbers, &v[k + 1..], &w[k + 1..], v[column], w[column]);
                product[column] = dot(numbers, &next_v[k + 1..]);
            }
            let scale = scales[k];
            let half = 0.5 * scale * scale * dot(&product[k + 1..], &next_v[k + 1..]);
            for row in k + 1..n {
                v[row] = next_v[row];
                w[row] = scale * product[row] - half * next_v[row];
            }
        }
        Tridiagonal { diagonal, off_diagonal, reflections: matrix, scales }
    }
}

/// `numbers -= v w_k + w v_k`, which is column `k` of `A -= v w^T + w v^T`.
#[inline(always)]
fn update(numbers: &mut [f64], v: &[f64], w: &[f64], v_k: f64, w_k: f64) {
    let length = numbers.len();
    let (v, w) = (&v[..length], &w[..length]);
    for row in 0..length {
        numbers[row] -= v[row] * w_k + w[row] * v_k;
    }
}

/// The inner product, summed in eight lanes.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len();
    let b = &b[..length];
    let mut sums = [0.0; 8];
    let whole = length / 8 * 8;
    for first in (0..whole).step_by(8) {
        for l in 0..8 {
            sums[l] += a[first + l] * b[first + l];
        }
    }
    let rest: f64 = (whole..length).map(|k| a[k] * b[k]).sum();
    sums.iter().sum::<f64>() + rest
}

/// Replaces x by the v of the reflection that takes x to a multiple of its first unit vector.
/// Returns that multiple and the reflection's scale; the scale is 0 where x is such one already.
#[inline(always)]
fn reflect(x: &mut [f64]) -> (f64, f64) {
    let largest = x.iter().fold(0.0, |most: f64, number| most.max(number.abs()));
    if largest == 0.0 || x[1..].iter().all(|number| *number == 0.0) {
        let first = x[0];
        x.fill(0.0);
        return (first, 0.0);
    }
    // Divided by the largest number first, so that no square overflows or vanishes.
    x.iter_mut().for_each(|number| *number /= largest);
    let length = dot(x, x).sqrt();
    let multiple = if x[0] > 0.0 { -length } else { length };
    x[0] -= multiple;
    (multiple * largest, 2.0 / dot(x, x))
}

/// The rotations of one QL iteration, from the last one down to the first.
struct Sweep {
    /// The first rotation turns columns `first` and `first + 1`.
    first: usize,
    /// Cosines and sines; number `k` turns columns `first + k` and `first + k + 1`.
    rotations: Vec<[f64; 2]>,
}

impl Tridiagonal {
    /// Brings T to diagonal form, and returns the rotations that did it.
    ///
    /// Returns `None` if the iteration does not converge.
    fn iterate(&mut self) -> Option<Vec<Sweep>> {
        let (n, mut sweeps) = (self.diagonal.len(), Vec::new());
        let entries = self.diagonal.iter().chain(&self.off_diagonal);
        let largest = entries.fold(0.0, |most: f64, entry| most.max(entry.abs()));
        for first in 0..n {
            let mut iterations = 0;
            loop {
                let floor = if iterations < PATIENCE { 0.0 } else { largest };
                let last = (first..n).find(|&k| self.is_split_after(k, floor)).expect("a last row");
                if last == first {
                    break;
                }
                if iterations == MAX_ITERATIONS {
                    return None;
                }
                iterations += 1;
                sweeps.push(self.sweep(first, last));
            }
        }
        Some(sweeps)
    }

    /// True if off-diagonal entry `k` is below the rounding error of its neighbours on the
    /// diagonal, or of the floor.
    fn is_split_after(&self, k: usize, floor: f64) -> bool {
        let Some(next) = self.diagonal.get(k + 1) else { return true };
        let around = (self.diagonal[k].abs() + next.abs()).max(floor);
        self.off_diagonal[k].abs() <= f64::EPSILON * around + f64::MIN_POSITIVE
    }

    /// One implicit QL iteration with Wilkinson's shift on rows `first` to `last`.
    fn sweep(&mut self, first: usize, last: usize) -> Sweep {
        let (d, e) = (&mut self.diagonal, &mut self.off_diagonal);
        let half = (d[first + 1] - d[first]) / (2.0 * e[first]);
        let root = half.hypot(1.0).copysign(half);
        let mut g = d[last] - d[first] + e[first] / (half + root);
        let (mut cosine, mut sine, mut shift) = (1.0, 1.0, 0.0);
        let mut rotations = vec![[1.0, 0.0]; last - first];
        for k in (first..last).rev() {
            let (f, b) = (sine * e[k], cosine * e[k]);
            let length = f.hypot(g);
            e[k + 1] = length;
            if length == 0.0 {
                // The rows split here; what is left of the iteration is the identity.
                d[k + 1] -= shift;
                e[last] = 0.0;
                return Sweep { first, rotations };
            }
            (cosine, sine) = (g / length, f / length);
            let corrected = d[k + 1] - shift;
            let turned = (d[k] - corrected) * sine + 2.0 * cosine * b;
            shift = sine * turned;
            d[k + 1] = corrected + shift;
            g = cosine * turned - b;
            rotations[k - first] = [cosine, sine];
        }
        d[first] -= shift;
        e[first] = g;
        e[last] = 0.0;
        Sweep { first, rotations }
    }
}

/// The work that computes some rows of the eigenvectors, `Q` times all rotations.
struct Panel<'a> {
    tridiagonal: &'a Tridiagonal,
    sweeps: &'a [Sweep],
    /// The first row.
    first: usize,
}

impl SimdWork for Panel<'_> {
    /// `[columns][rows]`.
    type Output = Vec<[f64; PANEL]>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Vec<[f64; PANEL]> {
        let Self { tridiagonal, sweeps, first } = self;
        let Tridiagonal { reflections, scales, .. } = tridiagonal;
        let n = scales.len();
        let mut rows = vec![[0.0; PANEL]; n];
        for lane in 0..PANEL.min(n - first) {
            rows[first + lane][lane] = 1.0;
        }
        // Row vectors times the first reflection, times the second, ...
        for k in 0..n.saturating_sub(1) {
            if scales[k] == 0.0 {
                continue;
            }
            let (v, numbers) = (&reflections.column(k)[k + 1..], &mut rows[k + 1..]);
            let mut sums = [0.0; PANEL];
            for (factor, row) in v.iter().zip(numbers.iter()) {
                for l in 0..PANEL {
                    sums[l] += factor * row[l];
                }
            }
            for (factor, row) in v.iter().zip(numbers) {
                for l in 0..PANEL {
                    row[l] -= scales[k] * factor * sums[l];
                }
            }
        }
        for sweep in sweeps {
            let numbers = &mut rows[sweep.first..][..sweep.rotations.len() + 1];
            let mut upper = numbers[sweep.rotations.len()];
            for (k, [cosine, sine]) in sweep.rotations.iter().enumerate().rev() {
                // Two loops over arrays of their own become vectors; one loop over both does not.
                let lower = numbers[k];
                let (mut rotated, mut carried) = ([0.0; PANEL], [0.0; PANEL]);
                for l in 0..PANEL {
                    rotated[l] = sine * lower[l] + cosine * upper[l];
                }
                for l in 0..PANEL {
                    carried[l] = cosine * lower[l] - sine * upper[l];
                }
                numbers[k + 1] = rotated;
                upper = carried;
            }
            numbers[0] = upper;
        }
        rows
    }
}
