//! New rows: columns by name or by place, words, gaps, and arrays.

use std::path::Path;

use deme::error::Result;
use deme::task::{Categories, ColumnOptions, DataFile, MissingValues, NewRows, Preprocessing};
use tempfile::TempDir;

use super::written;

const TRAINING: &str = "size,colour,y\n1,red,0.5\n2,blue,1.5\n,red,2.5\n6,green,-1\n";

fn preprocessing(folder: &TempDir, text: &str, missing: MissingValues) -> Preprocessing {
    let path = written(folder, "training.csv", text);
    let columns =
        ColumnOptions { categories: Categories::Auto, missing, ..ColumnOptions::default() };
    let no_header = text.starts_with(|first: char| first.is_ascii_digit());
    let file = DataFile { columns, no_header, held_out: Some(0.0), ..DataFile::new(&path) };
    file.read().expect("a good table").data.preprocessing.expect("it is a file's")
}

fn rows(path: &Path, known: &Preprocessing) -> Result<NewRows> {
    DataFile::new(path).read_rows(Some(known), known.input_means.len())
}

#[test]
fn columns_are_found_by_name_and_others_are_ignored_with_a_note() {
    let folder = TempDir::new().expect("a temporary folder");
    let known = preprocessing(&folder, TRAINING, MissingValues::Mean);
    assert_eq!(known.columns, ["size", "colour=blue", "colour=green", "colour=red"]);
    let path = written(&folder, "new.csv", "id,colour,size\n7,green,4\n8,red,\n9,teal,5\n");
    let read = rows(&path, &known).expect("good rows");
    assert_eq!((read.numbers, read.targets), (vec![1, 2, 3], None));
    // The gap is the mean over the training samples: 3. An unknown word is 0 in every input.
    let expected = [[4.0, 0.0, 1.0, 0.0], [3.0, 0.0, 0.0, 1.0], [5.0, 0.0, 0.0, 0.0]];
    assert_eq!(read.features, expected.concat());
    for words in ["ignored: id", "'teal' in 'colour' (1)", "--missing mean", "1 in 'size'"] {
        assert!(read.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", read.notes);
    }
    // The targets are read where they are there.
    let path = written(&folder, "more.csv", "y,colour,size\n0.25,green,4\n,red,2\n");
    let read = rows(&path, &known).expect("good rows");
    assert_eq!(read.targets, Some(vec!["0.25".into(), String::new()]));
}

#[test]
fn columns_that_are_absent_and_bad_values_are_refused() {
    let folder = TempDir::new().expect("a temporary folder");
    let known =
        preprocessing(&folder, &TRAINING.replace("\n,red", "\n3,red"), MissingValues::Error);
    for (text, words) in [
        ("Size,y\n1,2\n", "got none named 'size', 'colour'; its columns are: Size, y"),
        ("size,colour\n1,red\nx,red\n", "new.csv:3: column 'size': expected a number, got 'x'"),
        ("size,colour\n,red\n", "new.csv:2: column 'size': expected a value, got nothing"),
        ("size,colour\n", "expected rows to predict, got none"),
        ("size,colour,size\n1,red,2\n", "got 'size' twice"),
        ("", "empty"),
    ] {
        let path = written(&folder, "new.csv", text);
        let message = rows(&path, &known).map(|_| ()).expect_err("bad rows").to_string();
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn rows_with_gaps_are_left_out_where_training_left_them_out() {
    let folder = TempDir::new().expect("a temporary folder");
    let known = preprocessing(&folder, TRAINING, MissingValues::Drop);
    let path = written(&folder, "new.csv", "size,colour\n1,red\n,red\n3,blue\n");
    let rows = rows(&path, &known).expect("good rows");
    assert_eq!(rows.numbers, [1, 3]);
    assert!(rows.notes.iter().any(|note| note.contains("1 of 3 rows are left out")));
}

#[test]
fn columns_without_names_are_found_by_their_places() {
    let folder = TempDir::new().expect("a temporary folder");
    let training = "1,0.5,2\n2,1.5,3\n3,2.5,5\n6,-1,4\n";
    let path = written(&folder, "training.csv", training);
    let file = DataFile { no_header: true, target: Some("2"), ..DataFile::new(&path) };
    let data = DataFile { held_out: Some(0.0), ..file }.read().expect("a good table").data;
    let known = data.preprocessing.expect("it is a file's");
    let path = written(&folder, "with.csv", "10,0.25,20\n11,0.5,21\n");
    let with = rows(&path, &known).expect("good rows");
    assert_eq!(with.features, [10.0, 20.0, 11.0, 21.0]);
    assert_eq!(with.targets, Some(vec!["0.25".into(), "0.5".into()]));
    let path = written(&folder, "without.csv", "10,20\n11,21\n");
    let without = rows(&path, &known).expect("good rows");
    assert_eq!((without.features, without.targets), (with.features, None));
    let path = written(&folder, "wide.csv", "10,20,1,2\n");
    let message = rows(&path, &known).map(|_| ()).expect_err("too many columns").to_string();
    assert!(message.contains("expected 3 columns, or 2 without the target"), "{message}");
}
