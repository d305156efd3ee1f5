//! Column options: their names, and the files that have no columns.

use deme::task::{Categories, ColumnOptions, DataFile, MissingValues};
use tempfile::TempDir;

use super::{problem, written};

#[test]
fn options_have_names_and_others_are_refused_with_a_suggestion() {
    assert_eq!("auto".parse::<Categories>().expect("a name"), Categories::Auto);
    assert_eq!("mean".parse::<MissingValues>().expect("a name"), MissingValues::Mean);
    let message = "means".parse::<MissingValues>().expect_err("no such name").to_string();
    assert!(message.contains("--missing 'means' (did you mean 'mean'?)"), "{message}");
    let message = "one-hot".parse::<Categories>().expect_err("no such name").to_string();
    assert!(message.contains("value of --categories 'one-hot'; known: refuse, auto"), "{message}");
}

#[test]
fn options_of_columns_are_refused_for_arrays() {
    let folder = TempDir::new().expect("a temporary folder");
    let golden =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/arrays.npz");
    let bytes = std::fs::read(golden).expect("the golden arrays");
    let path = written(&folder, "arrays.npz", bytes);
    for (columns, words) in [
        (
            ColumnOptions { delimiter: ";".parse().ok(), ..ColumnOptions::default() },
            "--delimiter: expected a table",
        ),
        (ColumnOptions { drop: Some("a"), ..ColumnOptions::default() }, "--drop: expected a table"),
        (
            ColumnOptions { missing: MissingValues::Drop, ..ColumnOptions::default() },
            "--missing: expected a table with columns, a CSV file, as the task, got 'drop'",
        ),
    ] {
        let message = problem(DataFile { columns, ..DataFile::new(&path) }.read());
        assert!(message.contains(words), "{message}");
    }
}
