//! Tables from CSV text: what is read, what is refused, and where.

use std::path::PathBuf;

use deme::error::{Error, Result};
use deme::task::{self, DataSet, Part, Task};
use tempfile::TempDir;

fn read(text: &str, target: Option<&str>) -> Result<DataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).expect("a new file");
    task::read_csv(&path, target)
}

/// The line and the problem that a text is refused for.
#[track_caller]
fn refused(text: &str, target: Option<&str>) -> (usize, String) {
    match read(text, target) {
        Err(Error::File { path, line, problem }) => {
            assert_eq!(path.file_name(), PathBuf::from("table.csv").file_name());
            (line, problem)
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it should be refused: {text}"),
    }
}

#[test]
fn rows_that_are_ragged_or_no_numbers_are_refused_with_their_line() {
    let (line, problem) = refused("a,b,y\n1,2,0\n1,2\n", None);
    assert_eq!((line, problem.as_str()), (3, "expected 3 values, got 2"));
    let (line, problem) = refused("a,b,y\n1,2,0\n\n1,2,3,4\n", None);
    assert_eq!((line, problem.as_str()), (4, "expected 3 values, got 4"));
    let (line, _) = refused("a,b,y\r\n1,2,0\r\n\r\n1,2,1\r\n\"x\n\",2,0\r\n", None);
    assert_eq!(line, 5);
    for bad in ["two", "NaN", "inf", "1e999", "", "1;2"] {
        let (line, problem) = refused(&format!("a,b,y\n1,2,0\n1,{bad},1\n"), None);
        assert_eq!(line, 3);
        assert_eq!(problem, format!("expected a number in column 'b', got '{bad}'"));
    }
}

#[test]
fn columns_and_classes_that_are_missing_are_refused() {
    let (line, problem) = refused("a,b\n1,2\n", Some("y"));
    assert_eq!(line, 1);
    assert!(problem.contains("'y'") && problem.contains("a, b"), "{problem}");
    for text in ["", "y\n1\n2\n", "a,y\n", "a,y\n1,x\n2,x\n"] {
        refused(text, None);
    }
}

#[test]
fn quoted_fields_spaces_and_line_ends_are_understood() {
    let text = "\"a, first\",b,\"y\"\r\n 1.5 , -2e1 ,\"red, dark\"\r\n2.5,3,blue\r\n";
    let data = read(text, Some("y")).expect("a good table");
    assert_eq!((data.inputs, data.outputs, data.labels.len()), (2, 2, 2));
    // Classes in order of the alphabet: blue, then red.
    assert_eq!(data.labels, [1, 0]);
    // Scaled to mean 0 and variance 1.
    assert_eq!(data.features, [-1.0, -1.0, 1.0, 1.0]);
}

#[test]
fn classes_that_are_numbers_stand_in_numeric_order() {
    let data = read("y,a\n10,1\n9,2\n-1,3\n10,4\n", Some("y")).expect("a good table");
    assert_eq!(data.labels, [2, 1, 0, 2]);
    let data = read("y,a\n10,1\n9,2\nx,3\n10,4\n", Some("y")).expect("a good table");
    assert_eq!(data.labels, [0, 1, 2, 0]);
}

#[test]
fn the_target_is_the_named_column_or_the_last() {
    let text = "y,a,z\n0,1,5\n1,2,6\n0,3,5\n";
    assert_eq!(read(text, Some("y")).expect("a good table").labels, [0, 1, 0]);
    assert_eq!(read(text, None).expect("a good table").labels, [0, 1, 0]);
    assert_eq!(read(text, Some("a")).expect("a good table").labels, [0, 1, 2]);
}

#[test]
fn every_fifth_of_a_class_is_held_out_and_the_training_part_is_standard() {
    let rows = (0..40).map(|i| format!("{},{},{}\n", i * i, 7, ["p", "q"][i % 2]));
    let data = read(&format!("a,constant,y\n{}", rows.collect::<String>()), None).expect("good");
    let held_out = data.part(Part::HeldOut);
    assert_eq!((data.part(Part::Training), held_out.clone()), (0..32, 32..40));
    assert_eq!(held_out.filter(|&sample| data.labels[sample] == 0).count(), 4);
    let values = || data.part(Part::Training).map(|sample| f64::from(data.sample(sample)[0]));
    approx::assert_abs_diff_eq!(values().sum::<f64>() / 32.0, 0.0, epsilon = 1e-6);
    approx::assert_abs_diff_eq!(values().map(|x| x * x).sum::<f64>() / 32.0, 1.0, epsilon = 1e-6);
    assert!((0..40).all(|sample| data.sample(sample)[1] == 0.0));
    assert_eq!(data.about().name, "table");
}

#[test]
fn a_few_samples_judge_what_they_have_trained() {
    let data = read("a,y\n1,p\n2,q\n3,p\n", None).expect("a good table");
    assert!(data.held_out_is_training);
    assert_eq!(data.part(Part::HeldOut), 0..3);
}

#[test]
fn a_file_that_cannot_be_read_is_bad_input() {
    let missing = task::read_csv(&PathBuf::from("no/such/file.csv"), None);
    assert!(missing.is_err_and(|error| error.is_input()));
}

#[test]
fn long_tables_and_many_classes_take_no_longer_a_row() {
    const ROWS: usize = 100_000;
    let rows: String = (0..ROWS).map(|row| format!("{row},{row}\n")).collect();
    let begun = std::time::Instant::now();
    let data = read(&format!("a,y\n{rows}"), None).expect("a good table");
    let seconds = begun.elapsed().as_secs_f64();
    assert!(data.labels.iter().map(|&label| label as usize).eq(0..ROWS));
    // A tenth of a second; were each row to be found from the first, it would be ten.
    assert!(seconds < if cfg!(debug_assertions) { 10.0 } else { 2.0 }, "{seconds} s");
}
