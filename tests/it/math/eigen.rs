//! Eigendecompositions: the product of the parts is the matrix, and the vectors are orthonormal.

use deme::math::{Eigen, Matrix};

/// A symmetric matrix of numbers between -1 and 1 without a pattern.
fn random_symmetric(size: usize, seed: u64) -> Matrix {
    Matrix::from_fn(size, size, |row, column| {
        let (high, low) = (row.max(column) as f64, row.min(column) as f64);
        let wave = (12.9898 * high + 78.233 * low + seed as f64).sin();
        (43758.5453 * wave).fract()
    })
}

/// `V diag(values) V^T`.
fn compose(eigen: &Eigen) -> Matrix {
    let (size, vectors) = (eigen.values.len(), &eigen.vectors);
    let scaled = Matrix::from_fn(size, size, |row, k| vectors[(row, k)] * eigen.values[k]);
    scaled.times_transposed(vectors)
}

#[track_caller]
fn assert_close(got: &Matrix, expected: &Matrix, limit: f64) {
    let pairs = got.numbers().iter().zip(expected.numbers());
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst <= limit, "off by {worst}, more than {limit}");
}

/// Decomposes, and checks what every decomposition has to fulfil.
#[track_caller]
fn decompose(matrix: &Matrix) -> Eigen {
    let eigen = Eigen::from_lower(matrix).expect("finite numbers");
    let size = matrix.rows();
    let largest = eigen.values.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let limit = 8.0 * size as f64 * f64::EPSILON;
    assert_close(&compose(&eigen), matrix, limit * largest);
    let squares = eigen.vectors.transposed().times(&eigen.vectors);
    assert_close(&squares, &Matrix::identity(size), limit);
    assert!(eigen.values.is_sorted(), "values ascend: {:?}", eigen.values);
    eigen
}

#[test]
fn random_matrices_are_decomposed() {
    for size in [1, 2, 3, 4, 7, 15, 16, 17, 33, 64, 100, 257] {
        decompose(&random_symmetric(size, size as u64));
    }
}

/// Eigenvalues of `[[2, 1], [1, 2]]` are 1 and 3.
#[test]
fn a_matrix_of_two_rows_has_known_eigenvalues() {
    let eigen = decompose(&Matrix::from_columns(2, vec![2.0, 1.0, 1.0, 2.0]));
    assert!((eigen.values[0] - 1.0).abs() < 1e-15 && (eigen.values[1] - 3.0).abs() < 1e-15);
}

/// The second difference has the eigenvalues `2 - 2 cos(k pi / (n + 1))`.
#[test]
fn the_second_difference_has_known_eigenvalues() {
    let size = 50;
    let matrix = Matrix::from_fn(size, size, |row, column| match row.abs_diff(column) {
        0 => 2.0,
        1 => -1.0,
        _ => 0.0,
    });
    let eigen = decompose(&matrix);
    for (k, value) in eigen.values.iter().enumerate() {
        let angle = (k + 1) as f64 * std::f64::consts::PI / (size + 1) as f64;
        let expected = 2.0 - 2.0 * angle.cos();
        assert!((value - expected).abs() < 1e-13, "{value}, not {expected}");
    }
}

#[test]
fn equal_extreme_and_vanishing_numbers_are_decomposed() {
    decompose(&Matrix::identity(20));
    decompose(&Matrix::from_fn(9, 9, |_, _| 0.0));
    decompose(&Matrix::from_fn(9, 9, |_, _| 1.0));
    for scale in [1e-300, 1e-150, 1e150, 1e300] {
        decompose(&Matrix::from_fn(9, 9, |a, b| scale / (1 + a + b) as f64));
    }
    // Variances that differ by 28 powers of ten, as those of a search on an ellipsoid.
    let diagonal = |a: usize, b: usize| if a == b { 1e14 * 10f64.powi(-(a as i32)) } else { 0.0 };
    let eigen = decompose(&Matrix::from_fn(29, 29, diagonal));
    assert!((eigen.values[28] / 1e14 - 1.0).abs() < 1e-14);
}

/// A few outer products less their mean, as the gradient of a strategy with a small population:
/// nearly all eigenvalues are equal, and rounding stands between them.
#[test]
fn matrices_of_low_rank_are_decomposed() {
    let (size, rank) = (200, 16);
    for seed in 0..24 {
        let wave = |row: usize, k: usize| (3.7 * row as f64 + 91.3 * (seed + k) as f64).sin();
        let noise = |row: usize, k: usize| 3.0 * (43758.5453 * wave(row, k)).fract();
        let weight = |k: usize| (k as f64 - 7.5) / 50.0;
        let entry = |row: usize, column: usize| {
            (0..rank).map(|k| weight(k) * noise(row, k) * noise(column, k)).sum::<f64>()
        };
        let mean = (0..size).map(|row| entry(row, row)).sum::<f64>() / size as f64;
        decompose(&Matrix::from_fn(size, size, |row, column| {
            entry(row, column) - if row == column { mean } else { 0.0 }
        }));
    }
}

#[test]
fn only_the_lower_triangle_is_read() {
    let matrix = random_symmetric(12, 5);
    let lower =
        Matrix::from_fn(
            12,
            12,
            |row, column| {
                if row >= column { matrix[(row, column)] } else { f64::NAN }
            },
        );
    let eigen = Eigen::from_lower(&lower).expect("the lower triangle is finite");
    assert_close(&compose(&eigen), &matrix, 1e-13);
}

#[test]
fn a_number_that_is_not_finite_has_no_decomposition() {
    for number in [f64::NAN, f64::INFINITY] {
        let mut matrix = random_symmetric(6, 1);
        matrix[(4, 2)] = number;
        assert!(Eigen::from_lower(&matrix).is_none());
    }
}
