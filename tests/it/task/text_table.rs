//! The cells of a table: problems name the column and the line, and say what to do.

use deme::task::{DataFile, Goal};
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

#[test]
fn words_of_a_target_that_look_like_numbers_or_dates_are_noted() {
    let notes = |cells: [&str; 2], goal| {
        let row = |row: usize| format!("{row};\"{}\"\n", cells[row % 2]);
        let text = format!("a;y\n{}", (0..40).map(row).collect::<String>());
        let folder = TempDir::new().expect("a temporary folder");
        let path = written(&folder, "t.csv", text);
        let read = DataFile { goal, ..DataFile::new(&path) }.read().expect("a good table");
        read.notes.join("\n")
    };
    for cells in [["45%", "7 %"], ["1,200,000", "3,400,000"], ["$5", "-$7.50"], ["1'200 €", "5€"]]
    {
        let found = notes(cells, None);
        assert!(found.contains("most look like numbers, such as"), "{cells:?}: {found}");
        assert!(found.contains("on line 2; to predict numbers"), "{cells:?}: {found}");
        assert!(!notes(cells, Some(Goal::Classification)).contains("look like"), "{cells:?}");
    }
    for cells in [["2024-01-15", "2024-02-01"], ["1.2.2024", "15.12.2024"]] {
        assert!(notes(cells, None).contains("most look like dates"), "{cells:?}");
    }
    for cells in [["red", "blue"], ["10.0.0.1", "10.0.0.2"], ["a%", "b%"], ["1-2", "3-4"]] {
        assert!(!notes(cells, None).contains("look like"), "{cells:?}");
    }
}
