//! The options for reading a file.

use deme::task::DataFile;
use tempfile::TempDir;

use super::{problem, written};

#[test]
fn an_invalid_share_is_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", "a,y\n1,p\n2,q\n");
    for share in [-0.1, 1.0, 20.0, f64::NAN, f64::INFINITY] {
        let read = DataFile { held_out: Some(share), ..DataFile::new(&path) }.read();
        assert!(problem(read).contains("--held-out"), "{share}");
        let read = DataFile { validation: Some(share), ..DataFile::new(&path) }.read();
        assert!(problem(read).contains("--validation"), "{share}");
    }
}
