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
fn a_folder_is_no_file() {
    let folder = TempDir::new().expect("a temporary folder");
    let inside = folder.path().join("folder.csv");
    std::fs::create_dir(&inside).expect("a new folder");
    assert!(problem(DataFile::new(&inside).read()).contains("expected a file, got a folder"));
}

#[cfg(unix)]
#[test]
fn a_device_is_no_file() {
    // This device never ends.
    let folder = TempDir::new().expect("a temporary folder");
    let endless = folder.path().join("y.npy");
    std::os::unix::fs::symlink("/dev/zero", &endless).expect("a new link");
    let samples = written(&folder, "x.npy", npy("2, 1", &[0.0, 1.0]));
    for (path, target) in [(&endless, &samples), (&samples, &endless)] {
        let target = Some(target.to_str().expect("a plain name"));
        let problem = problem(DataFile { target, ..DataFile::new(path) }.read());
        assert!(problem.contains("got a pipe or a device"), "{problem}");
    }
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
