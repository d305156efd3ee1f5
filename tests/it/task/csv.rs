//! CSV files: values, errors and their lines.

use deme::error::{Error, Result};
use deme::task::{DataFile, DataSet, Goal, Objective};
use tempfile::TempDir;

use super::written;

fn read(text: &str, target: Option<&str>) -> Result<DataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "table.csv", text);
    DataFile { target, held_out: Some(0.0), ..DataFile::new(&path) }.read().map(|read| read.data)
}

/// The line and the problem of an error.
#[track_caller]
fn refused(text: &str, target: Option<&str>) -> (usize, String) {
    match read(text, target) {
        Err(Error::File { path, line, problem }) => {
            assert_eq!(path.file_name().expect("a name"), "table.csv");
            (line, problem)
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it should be refused: {text}"),
    }
}

#[test]
fn rows_of_the_wrong_length_are_refused_with_their_line() {
    let (line, problem) = refused("a,b,y\n1,2,0\n1,2\n", None);
    assert_eq!((line, problem.as_str()), (3, "expected 3 values, got 2"));
    let (line, problem) = refused("a,b,y\n1,2,0\n\n1,2,3,4\n", None);
    assert_eq!((line, problem.as_str()), (4, "expected 3 values, got 4"));
    let (line, _) = refused("a,b,y\r\n1,2,0\r\n\r\n1,2,1\r\n\"x\n\",2,0\r\n", None);
    assert_eq!(line, 5);
}

#[test]
fn words_and_numbers_that_are_not_finite_are_refused_with_line_and_column() {
    for bad in ["two", "inf", "-inf", "1e999", "1;2"] {
        let (line, problem) = refused(&format!("a,b,y\n1,2,0\n1,{bad},1\n"), None);
        assert_eq!(line, 3);
        assert!(problem.starts_with(&format!("column 'b': expected a number, got '{bad}'")));
        let is_word = matches!(bad, "two" | "1;2");
        assert_eq!(problem.contains("--categories auto"), is_word, "{problem}");
    }
}

#[test]
fn missing_values_are_refused_in_features_and_in_the_target() {
    for missing in ["", "NA", "NaN", "null", "?", "n/a"] {
        for (row, column) in [(format!("1,{missing},1"), "b"), (format!("1,2,{missing}"), "y")] {
            let (line, problem) = refused(&format!("a,b,y\n1,2,0\n{row}\n1,2,5\n"), None);
            assert_eq!(line, 3);
            assert!(problem.starts_with(&format!("column '{column}': expected a value")));
        }
    }
}

#[test]
fn incomplete_headers_are_refused() {
    let cases = [
        ("a,b,a\n1,2,3\n", None, "got 'a' twice"),
        (",a,y\n0,1,2\n", None, "none for column 1; if it is an index"),
        ("a,y,\n0,p,\n", None, "none for column 3; if lines end with a separator"),
        ("y\n1\n2\n", None, "at least two columns"),
        ("a b y\n1 2 0\n", None, "with commas, semicolons, tabs or | between them"),
        ("1,2,3\n4,5,6\n", None, "got what looks like a sample: 1, 2, 3"),
    ];
    for (text, target, words) in cases {
        let (line, problem) = refused(text, target);
        assert_eq!(line, 1);
        assert!(problem.contains(words), "{text}: {problem}");
    }
    for text in ["a,y\n", "a,y\n1,x\n", "a,y\n1,x\n2,x\n"] {
        assert!(refused(text, None).1.contains("at least two classes"), "{text}");
    }
}

#[test]
fn quoted_fields_spaces_and_line_ends_are_understood() {
    let text = "\u{feff}\"a, first\",b,\"y\"\r\n 1.5 , -2e1 ,\"red, dark\"\r\n2.5,3,blue\r\n";
    let data = read(text, Some("y")).expect("a good table");
    assert_eq!((data.inputs, data.outputs), (2, 2));
    // Classes in alphabetical order: blue, then red.
    assert_eq!(data.targets, [1.0, 0.0]);
    let preprocessing = data.preprocessing.expect("it is a file's");
    assert_eq!(preprocessing.classes, ["blue", "red, dark"]);
    assert_eq!(preprocessing.columns, ["a, first", "b"]);
    assert_eq!(preprocessing.targets, ["y"]);
    // Scaled to mean 0 and variance 1.
    assert_eq!(data.features, [-1.0, -1.0, 1.0, 1.0]);
}

#[test]
fn the_target_is_the_named_column_or_the_last() {
    let text = "y,a,z\n0,1,5\n1,2,6\n0,3,5\n";
    assert_eq!(read(text, Some("y")).expect("a good table").targets, [0.0, 1.0, 0.0]);
    assert_eq!(read(text, None).expect("a good table").targets, [0.0, 1.0, 0.0]);
    assert_eq!(read(text, Some("a")).expect("a good table").targets, [0.0, 1.0, 2.0]);
}

#[test]
fn a_word_among_numbers_that_are_not_classes_is_an_error() {
    let (line, problem) = refused("a,y\n1,0.5\n2,0.25\n3,oops\n4,1.5\n", None);
    assert_eq!(line, 4);
    assert!(problem.contains("'oops'") && problem.contains("--goal"), "{problem}");
    // Among classes the word is a further class.
    let data = read("a,y\n1,10\n2,9\n3,x\n4,10\n", None).expect("a good table");
    assert_eq!(data.targets, [0.0, 1.0, 2.0, 0.0]);
}

/// The classes of a column.
#[track_caller]
fn classes(values: &[&str], goal: Option<Goal>) -> Vec<String> {
    let rows: String = values.iter().enumerate().map(|(x, y)| format!("{x},{y}\n")).collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", format!("x,y\n{rows}"));
    let read = DataFile { goal, held_out: Some(0.0), ..DataFile::new(&path) }.read();
    read.expect("a good table").data.preprocessing.expect("it is a file's").classes
}

#[test]
fn whole_labels_of_any_length_stay_apart() {
    let labels = ["9007199254740993", "9007199254740992", "9007199254740994", "9007199254740993.0"];
    assert_eq!(
        classes(&labels, None),
        ["9007199254740992", "9007199254740993", "9007199254740994"]
    );
    let limits = ["18446744073709551615", "18446744073709551614", "-9223372036854775808"];
    assert_eq!(classes(&limits, None), [limits[2], limits[1], limits[0]]);
    // Beyond 64 bits they are words, in numerical order.
    let long =
        ["100000000000000000000000000000000000000001", "99999999999999999999999999999999999999999"];
    assert_eq!(classes(&long, None), [long[1], long[0]]);
    let fractions = ["0.12345678901234567891", "0.12345678901234567892", "0.50", "0.5"];
    let found = classes(&fractions, Some(Goal::Classification));
    assert_eq!(found, [fractions[0], fractions[1], fractions[3]]);
}

#[test]
fn spellings_of_a_number_are_one_class_and_codes_are_words() {
    assert_eq!(classes(&["1", "1.0", "+1", "0", "-0", "1e0"], None), ["0", "1"]);
    assert_eq!(classes(&["01", "1", "10", "010"], None), ["1", "01", "10", "010"]);
    assert_eq!(classes(&["true", "false", "true"], None), ["false", "true"]);
}

#[test]
fn the_time_per_row_does_not_depend_on_the_length() {
    const ROWS: usize = 100_000;
    let rows: String = (0..ROWS).map(|row| format!("{row},{row}\n")).collect();
    let begun = std::time::Instant::now();
    let data = read(&format!("a,y\n{rows}"), None).expect("a good table");
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!((data.objective, data.targets.len()), (Objective::SquaredError, ROWS));
    let words: String = (0..ROWS).map(|row| format!("{row},w{row}\n")).collect();
    let data = read(&format!("a,y\n{words}"), None).expect("a good table");
    assert_eq!((data.objective, data.outputs), (Objective::CrossEntropy, ROWS));
    // This takes 0.1 s. If finding a row meant counting from the first, it would take 10 s.
    assert!(seconds < if cfg!(debug_assertions) { 10.0 } else { 2.0 }, "{seconds} s");
}
