//! Checks of files: they can be read, and their numbers fit in memory.

use deme::task::DataFile;
use tempfile::TempDir;

use super::npy::npy;
use super::{problem, written};

#[test]
fn a_file_that_cannot_be_read_is_bad_input() {
    let folder = TempDir::new().expect("a temporary folder");
    let missing = folder.path().join("missing.csv");
    assert!(problem(DataFile::new(&missing).read()).contains("a file that can be read"));
}

#[test]
fn text_too_large_for_memory_is_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let large = written(&folder, "large.csv", "a,y\n".to_owned() + &"1,2\n".repeat(1000));
    let small = DataFile { memory: 10_000, ..DataFile::new(&large) };
    assert!(problem(small.read()).contains("of memory are free"));
}

#[test]
fn an_array_too_large_for_memory_is_refused_by_its_header() {
    let huge = npy("1000000000, 1000000000", &[]);
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "x.npy", huge);
    let source = DataFile { target: Some("y.npy"), memory: 1 << 30, ..DataFile::new(&path) };
    let problem = problem(source.read());
    assert!(problem.contains("1000000000") && problem.contains("1.0 GiB"), "{problem}");
}
