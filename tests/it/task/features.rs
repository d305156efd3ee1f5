//! Features: columns of words, and missing values.

use deme::error::Result;
use deme::task::{Categories, ColumnOptions, DataFile, LoadedDataSet, MissingValues};
use tempfile::TempDir;

use super::written;

fn read(text: &str, columns: ColumnOptions, held_out: f64) -> Result<LoadedDataSet> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = written(&folder, "table.csv", text);
    DataFile { columns, held_out: Some(held_out), ..DataFile::new(&path) }.read()
}

fn refused(text: &str, columns: ColumnOptions) -> String {
    read(text, columns, 0.0).map(|_| ()).expect_err("it should be refused").to_string()
}

const AUTO: ColumnOptions = ColumnOptions {
    delimiter: None,
    drop: None,
    features: None,
    categories: Categories::Auto,
    missing: MissingValues::Error,
};

#[test]
fn a_column_of_words_becomes_an_input_for_each_word() {
    let text = "colour,size,y\nred,1,0.5\nblue,2,1.5\nred,3,2.5\ngreen,4,-1\n";
    let message = refused(text, ColumnOptions::default());
    assert!(message.contains("table.csv:2") && message.contains("column 'colour'"), "{message}");
    assert!(message.contains("'red'") && message.contains("--categories auto"), "{message}");
    let preprocessing = read(text, AUTO, 0.0).expect("a good table").data.preprocessing;
    let preprocessing = preprocessing.expect("it is a file's");
    let names = ["colour=blue", "colour=green", "colour=red", "size"];
    assert_eq!(preprocessing.columns, names);
    assert_eq!(preprocessing.input_means, [0.25, 0.25, 0.5, 2.5]);
    let columns = preprocessing.table.expect("it is a table's").features;
    assert_eq!(columns[0].words, ["blue", "green", "red"]);
    assert!(columns[1].words.is_empty());
}

#[test]
fn words_among_fractions_and_too_many_words_are_refused() {
    let message = refused("a,b,y\n0.5,1,2\nlow,2,0.5\n1.5,3,1\n", AUTO);
    assert!(
        message.contains("table.csv:3: column 'a': expected a number as in other rows, got 'low'")
    );
    // Whole numbers are words beside words.
    let read = read("a,b,y\n10,1,2\n11,2,0.5\n12A,3,1\n", AUTO, 0.0).expect("a good table");
    assert_eq!(read.data.inputs, 4);
    let rows: String = (0..101).map(|row| format!("name{row},{row},{}.5\n", row % 7)).collect();
    let message = refused(&format!("a,b,y\n{rows}"), AUTO);
    assert!(message.contains("at most 100 different words") && message.contains("--drop"));
}

#[test]
fn missing_values_are_refused_by_default_and_the_error_names_the_flag() {
    for (row, column) in [(",1,1", "a"), ("1,NA,1", "b"), ("1,1,", "y")] {
        let message = refused(&format!("a,b,y\n1,2,0.5\n{row}\n2,1,5\n"), ColumnOptions::default());
        assert!(message.contains(&format!("table.csv:3: column '{column}': expected a value")));
        assert!(message.contains("--missing drop"), "{message}");
        assert_eq!(message.contains("--missing mean"), column != "y", "{message}");
    }
}

#[test]
fn rows_with_missing_values_are_left_out_and_counted() {
    let columns = ColumnOptions { missing: MissingValues::Drop, ..ColumnOptions::default() };
    let text = "a,b,y\n1,2,0.5\n,3,1\n4,?,2\n2,5,\n3,6,1.5\n7,1,2.5\n";
    let read = read(text, columns, 0.0).expect("a good table");
    assert_eq!(read.data.len(), 3);
    let preprocessing = read.data.preprocessing.as_ref().expect("it is a file's");
    assert_eq!(preprocessing.input_means, [11.0 / 3.0, 3.0]);
    let note = "--missing drop: 3 of 6 rows are left out, with missing values: 1 in 'a', 1 in 'b', \
                1 in 'y'";
    assert!(read.notes.iter().any(|line| line == note), "{:?}", read.notes);
}

#[test]
fn a_missing_feature_becomes_the_mean_of_the_training_samples_only() {
    let columns = ColumnOptions { missing: MissingValues::Mean, ..ColumnOptions::default() };
    // Held-out values are far off, so a mean over all samples would differ.
    let rows: String = (0..40).map(|row| format!("{row},{row},{}.5\n", row * row % 11)).collect();
    let text = format!("a,b,y\n{rows}").replace("\n7,7,", "\n,7,").replace("\n8,8,", "\n,8,");
    let read = read(&text, columns, 0.5).expect("a good table");
    let (data, notes) = (&read.data, &read.notes);
    let preprocessing = data.preprocessing.as_ref().expect("it is a file's");
    let raw = |sample: usize, input: usize| {
        let x = f64::from(data.sample(sample)[input]);
        preprocessing.input_means[input] + x / preprocessing.input_scales[input]
    };
    let mut training = Vec::new();
    for sample in 0..data.training {
        let (a, b) = (raw(sample, 0), raw(sample, 1).round());
        if b != 7.0 && b != 8.0 {
            approx::assert_abs_diff_eq!(a, b, epsilon = 1e-4);
            training.push(a);
        }
    }
    let mean = training.iter().sum::<f64>() / training.len() as f64;
    approx::assert_abs_diff_eq!(preprocessing.input_means[0], mean, epsilon = 1e-4);
    for sample in 0..data.len() {
        if [7.0, 8.0].contains(&raw(sample, 1).round()) {
            assert_eq!(data.sample(sample)[0], 0.0);
        }
    }
    assert!(notes.iter().any(|line| line.contains("--missing mean") && line.ends_with("2 in 'a'")));
    let table = preprocessing.table.as_ref().expect("it is a table's");
    assert_eq!(table.missing, MissingValues::Mean);
    // A target is never filled in, and a column needs one value.
    assert!(refused("a,y\n1,0.5\n2,\n3,1\n", columns).contains("column 'y': expected a value"));
    let message = refused("a,b,y\n,1,0.5\n,2,1\n,4,2\n", columns);
    assert!(message.contains("feature 'a': expected a value in the training samples"), "{message}");
}
