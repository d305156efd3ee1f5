//! Dialects: separators and decimal marks, decided by all lines.

use deme::task::{ColumnOptions, DataFile, LoadedDataSet};
use tempfile::TempDir;

use super::{problem, written};

fn load(name: &str, text: &str) -> deme::error::Result<LoadedDataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, name, text);
    DataFile { held_out: Some(0.0), ..DataFile::new(&path) }.read()
}

/// The names of the features, their means, and the notes behind the summary.
#[track_caller]
fn read(text: &str) -> (Vec<String>, Vec<f64>, Vec<String>) {
    let loaded = load("t.csv", text).expect("a good table");
    let preprocessing = loaded.data.preprocessing.expect("it is a file's");
    (preprocessing.columns, preprocessing.input_means, loaded.notes[1..].to_vec())
}

#[test]
fn semicolons_separate_although_a_name_has_a_comma() {
    let text = "temp, C;state\n20,5;off\n21,5;on\n22,5;off\n23,5;on\n";
    let (names, means, notes) = read(text);
    assert_eq!((names, means), (vec!["temp, C".to_owned()], vec![22.0]));
    assert!(notes[0].contains("separated by ';'"), "{notes:?}");
    assert!(notes[0].contains("'20,5' on line 2 is 20.5"), "{notes:?}");
    // One line that lacks its semicolon does not change the decision.
    let ragged = text.replace("22,5;off", "22,5");
    let problem = problem(load("t.csv", &ragged));
    assert!(problem.contains("t.csv:4: expected 2 values, got 1"), "{problem}");
}

#[test]
fn each_separator_is_found_and_said() {
    for separator in ['\t', ';', '|'] {
        let text = "a,b,y\n1.5,2,p\n2.5,3,q\n".replace(',', &separator.to_string());
        let (names, means, notes) = read(&text);
        assert_eq!((names.len(), means), (2, vec![2.0, 2.5]), "{separator:?}");
        assert!(notes[0].contains(&format!("separated by {separator:?}")), "{notes:?}");
        assert!(!notes[0].contains("decimal"), "{notes:?}");
    }
    let (_, _, notes) = read("a,b,y\n1.5,2,p\n2.5,3,q\n");
    assert_eq!(notes, [""; 0]);
}

#[test]
fn commas_separate_although_texts_have_other_separators() {
    let texts = [
        "id,\"notes; tags\",y\n1,\"2\",a\n2,\"3\",b\n",
        "id,x; scaled,y\n1,2,a\n2,3,b\n",
        "id,x,y\n1,2,a;b\n2,3,b;c\n",
        "id,x | z,y\n1,2,a\n2,3,b\n",
    ];
    for text in texts {
        let (names, means, _) = read(text);
        assert_eq!((names.len(), means), (2, vec![1.5, 2.5]), "{text}");
    }
}

#[test]
fn two_decimal_marks_are_refused() {
    let problem = problem(load("t.csv", "a;b;y\n1.234;5,5;p\n2.345;6,5;q\n"));
    assert!(problem.contains("t.csv:2: expected one decimal mark"), "{problem}");
    assert!(problem.contains("'5,5'") && problem.contains("'1.234' on line 2"), "{problem}");
    // Words with commas or dots are no numbers.
    let (_, means, _) = read("a;y\n1,5;v1.2\n2,5;v1.3\n");
    assert_eq!(means, [2.0]);
}

#[test]
fn texts_that_are_almost_numbers_are_refused_with_advice() {
    for (value, advice) in [
        ("\"1,234\"", "thousands separators"),
        ("1'234", "thousands separators"),
        ("1 234", "thousands separators"),
        ("5%", "percent"),
        ("0x1F", "decimal number"),
        ("2024-01-05", "got '2024-01-05'"),
        ("true", "got 'true'"),
    ] {
        let problem = problem(load("t.csv", &format!("a,b,y\n1,2,p\n1,{value},q\n")));
        assert!(problem.contains("t.csv:3: column 'b': expected a number"), "{problem}");
        assert!(problem.contains(advice), "{problem}");
    }
}

#[test]
fn tab_separated_files_may_have_empty_values() {
    let problem = problem(load("t.tsv", "a\tb\ty\n1\t2\tp\n\t\t\n"));
    assert!(problem.contains("t.tsv:3: column 'a': expected a value, got nothing"), "{problem}");
    assert_eq!(load("t.tsv", "a\tb\ty\n1\t2\tp\n3\t4\tq\n").expect("good").data.inputs, 2);
}

/// Reads a text with a delimiter that is given.
fn with_delimiter(text: &str, delimiter: &str) -> deme::error::Result<LoadedDataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "t.csv", text);
    let delimiter = Some(delimiter.parse()?);
    let columns = ColumnOptions { delimiter, ..ColumnOptions::default() };
    DataFile { columns, held_out: Some(0.0), ..DataFile::new(&path) }.read()
}

#[test]
fn a_delimiter_that_is_given_wins_and_must_fit_the_lines() {
    // The lines alone say commas.
    let text = "a|b,c|y\n1|2,5|p\n2|3,5|q\n";
    let loaded = with_delimiter(text, "|").expect("three columns");
    let preprocessing = loaded.data.preprocessing.expect("it is a file's");
    assert_eq!(preprocessing.columns, ["a", "b,c"]);
    assert_eq!(preprocessing.input_means, [1.5, 3.0]);
    let text = "a,b,y\n1,2,p\n2,3,q\n";
    for (delimiter, separator) in
        [("tab", "\t"), ("\\t", "\t"), ("\t", "\t"), (":", ":"), (" ", " ")]
    {
        let loaded = with_delimiter(&text.replace(',', separator), delimiter);
        let columns = loaded.expect("columns").data.preprocessing.expect("a file's").columns;
        assert_eq!(columns, ["a", "b"], "{delimiter:?}");
    }
    let refusal = problem(with_delimiter(text, ";"));
    assert!(refusal.contains("with ';' (--delimiter) between them, got 'a,b,y'"), "{refusal}");
    let refusal = problem(with_delimiter("a:b:y\n1:2:p\n2:3\n", ":"));
    assert!(refusal.contains("t.csv:3: expected 3 values, got 2"), "{refusal}");
    for delimiter in ["", ";;", "\"", "\n", "a", "1", ".", "-", "\u{e9}"] {
        let refusal = problem(with_delimiter(text, delimiter));
        assert!(refusal.contains("--delimiter: expected one ASCII character"), "{refusal}");
    }
}
