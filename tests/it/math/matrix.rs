//! Matrices: products against sums that are written out.

use deme::math::Matrix;

fn example(rows: usize, columns: usize, seed: usize) -> Matrix {
    Matrix::from_fn(rows, columns, |r, c| ((7 * r + 13 * c + seed) % 11) as f64 - 5.0)
}

/// Whole numbers of this size are exact, so every order of summation gives the same bits.
fn product(left: &Matrix, right: &Matrix) -> Matrix {
    Matrix::from_fn(left.rows(), right.columns(), |row, column| {
        (0..left.columns()).map(|k| left[(row, k)] * right[(k, column)]).sum()
    })
}

#[test]
fn products_are_sums_of_products() {
    for (rows, inner, columns) in [(1, 1, 1), (2, 3, 4), (17, 5, 9), (70, 130, 66)] {
        let (left, right) = (example(rows, inner, 1), example(inner, columns, 2));
        assert_eq!(left.times(&right), product(&left, &right));
        let transposed = Matrix::from_fn(columns, inner, |row, column| right[(column, row)]);
        assert_eq!(left.times_transposed(&transposed), product(&left, &right));
        assert_eq!(transposed.transposed(), right);
    }
}

#[test]
fn the_lower_triangle_of_a_product_is_added() {
    for (size, inner) in [(1, 1), (5, 3), (64, 10), (150, 7)] {
        let (left, right) = (example(size, inner, 3), example(size, inner, 4));
        let mut sum = example(size, size, 5);
        sum.scale_and_add_lower(3.0, &left, &right);
        let expected = product(&left, &right.transposed());
        for column in 0..size {
            for row in column..size {
                let before = example(size, size, 5)[(row, column)];
                assert_eq!(sum[(row, column)], 3.0 * before + expected[(row, column)]);
            }
        }
    }
}
