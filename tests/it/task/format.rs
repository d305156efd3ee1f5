//! Formats: by name, and by the first bytes.

use deme::task::{self, DataFile};
use tempfile::TempDir;

use super::{problem, written};

#[test]
fn names_determine_the_format() {
    let files = [
        "a.csv",
        "dir/A.CSV",
        "we ird\u{e9}'\"#.csv",
        "..csv",
        "x.npy",
        "x.y.npz",
        "train-images-idx3-ubyte.gz",
        "train-images-idx3-ubyte",
        "train-images.idx3-ubyte",
        "images.idx",
        "a.csv.gz",
        "A.TSV",
        "a.tsv.gz",
        "t10k-labels-idx1-ubyte.gz",
    ];
    for name in files {
        assert!(task::is_data_file(name), "{name}");
    }
    for name in [
        "",
        ".csv",
        "csv",
        "xor",
        ".csv.gz",
        "csv.gz",
        "a.npy.gz",
        "a.txt",
        "idx",
        "idx3-ubyte",
        "a-idx12",
    ] {
        assert!(!task::is_data_file(name), "{name}");
    }
    for name in ["x.npy", "images.idx"] {
        assert!(task::has_separate_targets(name), "{name}");
    }
    for name in ["x.npz", "x.csv", "xor"] {
        assert!(!task::has_separate_targets(name), "{name}");
    }
}

#[test]
fn first_bytes_of_another_format_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let npy: &[u8] = b"\x93NUMPY\x01\x00rest";
    let cases: [(&str, &[u8], &str); 10] = [
        ("a.csv", b"", "empty file"),
        ("a.npy", b"", "empty file"),
        ("a.npz", b"", "empty file"),
        ("a.idx", b"", "empty file"),
        ("a.csv", npy, "NumPy array"),
        ("a.csv", b"PK\x03\x04", "archive"),
        ("a.csv", b"\x1f\x8b\x08", "gzip"),
        ("a.npy", b"a,y\n1,2\n", "begins with \\x93NUMPY"),
        ("a.npz", npy, "begins with PK"),
        ("a.idx", npy, "begins with 0 0"),
    ];
    for (name, bytes, words) in cases {
        let path = written(&folder, name, bytes);
        let problem = problem(DataFile { target: Some("y.idx"), ..DataFile::new(&path) }.read());
        assert!(problem.contains(words) && problem.contains(name), "{name}: {problem}");
    }
    std::fs::create_dir(folder.path().join("folder.csv")).expect("a new folder");
    let folder = folder.path().join("folder.csv");
    assert!(problem(DataFile::new(&folder).read()).contains("folder.csv"));
}
