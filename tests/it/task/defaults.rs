//! Defaults of a run on a file: valid for every size of file, and not more work than takes minutes.

use deme::run::Request;
use tempfile::TempDir;

use super::written;

#[test]
fn every_size_of_file_has_defaults_that_a_run_accepts() {
    let folder = TempDir::new().expect("a temporary folder");
    for (rows, columns) in [(3, 1), (150, 4), (5000, 3), (300, 200)] {
        let header: String = (0..columns).map(|column| format!("c{column},")).collect();
        let row = |row: usize| {
            let numbers: String =
                (0..columns).map(|c| format!("{},", (row * 7 + c) % 11)).collect();
            format!("{numbers}{}\n", ["p", "q"][row % 2])
        };
        let rows: String = (0..rows).map(row).collect();
        let path = written(&folder, "t.csv", format!("{header}y\n{rows}"));
        let path = path.to_str().expect("a plain path");
        Request::for_task(path).check().unwrap_or_else(|error| panic!("{columns}: {error}"));
    }
}
