//! `deme predict`: predictions of new rows, their scores, files and refusals.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = deme(folder, arguments).output().expect("the command runs");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// Trains on a table for a few generations, in the folder `run`.
fn trained(table: &str, flags: &[&str]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    fs::write(folder.path().join("table.csv"), table).expect("a new file");
    let arguments = ["train", "table.csv", "--backend", "cpu", "--out", "run", "--quiet"];
    let short = ["--generations", "60"];
    let (code, _, notes) = run(folder.path(), &[&arguments[..], &short, flags].concat());
    assert_eq!(code, Some(0), "{notes}");
    folder
}

fn predict(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(folder.path(), &[&["predict", "run"], arguments].concat())
}

fn document(folder: &TempDir, arguments: &[&str]) -> Value {
    let (code, out, notes) = predict(folder, &[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{notes}");
    serde_json::from_str(&out).expect("one JSON document")
}

/// Two classes that a line separates; one is called like a formula, and one has a comma.
fn two_classes() -> String {
    let row = |i: usize| {
        let class = if i.is_multiple_of(2) { "=1+1" } else { "\"red, dark\"" };
        format!("{},{},{class}\n", (i % 2) * 10 + i % 7, i % 5)
    };
    "a,b,kind\n".to_owned() + &(0..60).map(row).collect::<String>()
}

#[test]
fn classes_have_probabilities_by_name_and_are_scored_where_the_target_is_known() {
    let folder = trained(&two_classes(), &[]);
    fs::write(folder.path().join("new.csv"), "b,extra,a\n2,x,3\n1,y,12\n").expect("a new file");
    let (code, out, notes) = predict(&folder, &["new.csv", "--out", "p.csv"]);
    assert_eq!(code, Some(0), "{notes}");
    assert!(out.contains("p.csv: predictions of 2 rows"), "{out}");
    assert!(notes.starts_with("note: ") && notes.contains("ignored: extra"), "{notes}");
    let written = fs::read_to_string(folder.path().join("p.csv")).expect("a file");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], "row,prediction,probability_=1+1,\"probability_red, dark\"");
    assert!(lines[1].starts_with("1,'=1+1,") && lines[2].starts_with("2,\"red, dark\","));
    // The table of training has the targets: accuracy and confusion.
    let all = document(&folder, &["table.csv"]);
    assert_eq!(all["rows"], 60);
    assert_eq!(all["classes"], serde_json::json!(["=1+1", "red, dark"]));
    assert_eq!(all["scores"]["accuracy"], 1.0);
    assert_eq!(all["scores"]["confusion"], serde_json::json!([[30, 0], [0, 30]]));
    let first = &all["predictions"][0];
    assert_eq!(
        (&first["row"], &first["prediction"], &first["target"]),
        (&1.into(), &"=1+1".into(), &"=1+1".into())
    );
    let sum: f64 = ["=1+1", "red, dark"]
        .map(|class| first["probabilities"][class].as_f64().expect("a probability"))
        .iter()
        .sum();
    approx::assert_abs_diff_eq!(sum, 1.0, epsilon = 1e-12);
    let (_, printed, _) = predict(&folder, &["table.csv"]);
    assert!(printed.contains("accuracy 1 over 60 rows"), "{printed}");
    assert!(printed.contains("(20 of 60 rows; --out FILE writes all)"), "{printed}");
    // A champion file alone is enough.
    let champion = folder.path().join("run/champion.safetensors");
    fs::copy(champion, folder.path().join("alone.safetensors")).expect("a copy");
    fs::remove_dir_all(folder.path().join("run")).expect("a folder");
    let arguments = ["predict", "alone.safetensors", "new.csv", "--json"];
    assert_eq!(run(folder.path(), &arguments).0, Some(0));
}

#[test]
fn numbers_are_in_their_own_units_with_errors_of_each_target() {
    let row = |i: usize| format!("{i},{},{}\n", 1000 + 20 * i, 0.001 * (30.0 - i as f64));
    let table = "x,far,near\n".to_owned() + &(0..60).map(row).collect::<String>();
    let folder = trained(&table, &["--target", "far,near"]);
    let all = document(&folder, &["table.csv"]);
    let scores = &all["scores"];
    assert_eq!(
        (&scores["rows"], &all["targets"]),
        (&60.into(), &serde_json::json!(["far", "near"]))
    );
    let number = |value: &Value| value.as_f64().expect("a number");
    let targets = [&scores["targets"][0], &scores["targets"][1]];
    let mean = targets.map(|target| number(&target["r2"])).iter().sum::<f64>() / 2.0;
    approx::assert_abs_diff_eq!(number(&scores["r2"]), mean, epsilon = 1e-12);
    assert!(mean > 0.9, "{scores}");
    // The deviation of each target is 346 and 0.0173.
    assert!(
        number(&targets[0]["rmse"]) < 110.0 && number(&targets[1]["rmse"]) < 0.0055,
        "{scores}"
    );
    assert!(number(&targets[0]["mae"]) <= number(&targets[0]["rmse"]));
    let first = &all["predictions"][0];
    assert!((number(&first["prediction"]["far"]) - 1000.0).abs() < 400.0, "{first}");
    assert_eq!(number(&first["target"]["near"]), 0.03);
    // Rows without targets have no scores.
    fs::write(folder.path().join("new.csv"), "x\n3\n").expect("a new file");
    assert_eq!(document(&folder, &["new.csv"])["scores"], Value::Null);
    let (_, printed, _) = predict(&folder, &["new.csv", "--out", "p.csv"]);
    assert!(!printed.contains("RMSE"), "{printed}");
    let written = fs::read_to_string(folder.path().join("p.csv")).expect("a file");
    assert!(written.starts_with("row,prediction_far,prediction_near\n1,"), "{written}");
}

#[test]
fn built_in_data_sets_are_predicted_by_their_names() {
    let folder = TempDir::new().expect("a temporary folder");
    let arguments = ["train", "xor", "--backend", "cpu", "--out", "run", "--quiet"];
    assert_eq!(run(folder.path(), &arguments).0, Some(0));
    let all = document(&folder, &["xor"]);
    assert_eq!((&all["rows"], &all["scores"]["accuracy"]), (&4.into(), &1.0.into()));
    // The inputs of a file are found by their places.
    fs::write(folder.path().join("new.csv"), "p,q\n0,1\n1,1\n").expect("a new file");
    let all = document(&folder, &["new.csv"]);
    let answers = [&all["predictions"][0]["prediction"], &all["predictions"][1]["prediction"]];
    assert_eq!(answers, ["1", "0"]);
}

#[test]
fn files_that_do_not_fit_are_refused_and_nothing_is_written() {
    let folder = trained(&two_classes(), &[]);
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a new file");
    };
    write("short.csv", "a\n1\n");
    write("word.csv", "a,b\n1,x\n");
    write("notes.txt", "a,b\n1,2\n");
    for (arguments, words) in [
        (
            &["short.csv"][..],
            "short.csv:1: expected the columns that training read, got none named 'b'",
        ),
        (&["word.csv"], "word.csv:2: column 'b': expected a number, got 'x'"),
        (&["nowhere.csv"], "nowhere.csv"),
        (&["notes.txt"], "the file 'notes.txt'"),
        (&["table.csv", "--target", "kinds"], "did you mean 'kind'?"),
        (&["cartpole"], "the task cartpole"),
    ] {
        let (code, out, message) = predict(&folder, &[arguments, &["--out", "p.csv"]].concat());
        assert_eq!(code, Some(2), "{arguments:?}: {message}");
        assert!(out.is_empty() && message.contains(words), "{arguments:?}: {message}");
        assert!(!folder.path().join("p.csv").exists(), "{arguments:?}");
    }
    let arguments = ["train", "cartpole", "--generations", "1", "--out", "pole", "--quiet"];
    assert_eq!(run(folder.path(), &arguments).0, Some(0));
    let (code, _, message) = run(folder.path(), &["predict", "pole", "table.csv"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("expected a champion of a data set"), "{message}");
}

#[test]
fn a_delimiter_that_is_given_is_kept_and_given_again() {
    let table = two_classes().replace(',', ":").replace("red: dark", "red, dark");
    let folder = trained(&table, &["--delimiter", ":"]);
    let config = fs::read_to_string(folder.path().join("run/config.toml")).expect("a file");
    assert!(config.contains("delimiter = \":\""), "{config}");
    let (code, _, notes) = run(folder.path(), &["resume", "run", "--generations", "70"]);
    assert_eq!(code, Some(0), "{notes}");
    let all = document(&folder, &["table.csv", "--delimiter", ":"]);
    assert_eq!(all["rows"], 60);
    let (code, _, notes) = predict(&folder, &["table.csv"]);
    assert!(code == Some(2) && notes.contains("expected 1 value, got 2"), "{notes}");
    // The lines decide where no delimiter is given.
    let semicolons = table.replace(':', ";");
    fs::write(folder.path().join("semicolons.csv"), &semicolons).expect("a new file");
    let scores = document(&folder, &["semicolons.csv"])["scores"].clone();
    assert_eq!(scores, all["scores"]);
    let plain = trained(&two_classes(), &[]);
    let config = fs::read_to_string(plain.path().join("run/config.toml")).expect("a file");
    assert!(!config.contains("delimiter"), "{config}");
}

#[test]
fn a_file_without_names_is_read_by_the_places_of_its_columns() {
    let folder = trained(&two_classes(), &[]);
    let named = two_classes();
    let bare = named.split_once('\n').expect("a header").1;
    fs::write(folder.path().join("bare.csv"), bare).expect("a new file");
    let (code, _, message) = predict(&folder, &["bare.csv"]);
    assert_eq!(code, Some(2), "{message}");
    let read = document(&folder, &["bare.csv", "--no-header"]);
    let all = document(&folder, &["table.csv"]);
    assert_eq!((&read["rows"], &read["scores"]), (&all["rows"], &all["scores"]));
}
