//! Tables: held-out samples must fit the others.

use deme::task::DataFile;
use tempfile::TempDir;

use super::npy::{archive, npy};
use super::problem;

#[test]
fn held_out_samples_of_another_length_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = archive(
        &folder,
        &[
            ("x_train", npy("2, 2", &[0.0, 1.0, 2.0, 3.0])),
            ("y_train", npy("2,", &[0.0, 1.0])),
            ("x_test", npy("1, 3", &[0.0, 1.0, 2.0])),
            ("y_test", npy("1,", &[1.0])),
        ],
    );
    let problem = problem(DataFile::new(&path).read());
    let expected = "expected 2 numbers in a held-out sample, as in the others, got 3";
    assert!(problem.contains(expected), "{problem}");
}
