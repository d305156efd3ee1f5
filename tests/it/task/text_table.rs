//! The cells of a table: problems name the column and the line, and say what to do.

use deme::task::DataFile;
use tempfile::TempDir;

use super::{problem, written};

#[test]
fn problems_of_a_cell_name_its_column_and_line_and_the_remedy() {
    let folder = TempDir::new().expect("a temporary folder");
    for (cell, words) in [
        ("\"1,000\"", "got '1,000'; remove thousands separators"),
        ("5%", "got '5%'; remove the percent signs"),
        ("0x1f", "got '0x1f'; write it as a decimal number"),
        ("red", "got 'red'; if the column has categories, use --categories auto"),
        ("", "expected a value, got nothing; fill missing values in, or use --missing drop or"),
        ("NA", "got 'NA', which stands for a missing one"),
    ] {
        let path = written(&folder, "table.csv", format!("a,b,y\n1,2,0\n3,{cell},1\n5,6,0\n"));
        let message = problem(DataFile::new(&path).read());
        assert!(message.contains("table.csv:3: column 'b': "), "{message}");
        assert!(message.contains(words), "{cell}: {message}");
    }
}
