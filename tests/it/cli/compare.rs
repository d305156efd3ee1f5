//! `deme compare`: its table, its JSON document, its files and its refusals.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, json, text};

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

const SMALL: [&str; 7] = ["compare", "xor", "--backend", "cpu", "--seeds", "3", "--strategies"];

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_document_has_rows_curves_and_trials() {
    let (code, document) = json(&[&SMALL[..], &["ga,simple-ga:sigma=0.5", "--json"]].concat());
    assert_eq!(code, Some(0));
    assert_eq!((&document["task"], &document["seeds"]), (&"xor".into(), &3.into()));
    assert_eq!((&document["backend"], &document["target"]), (&"cpu".into(), &1.0.into()));
    let rows = document["rows"].as_array().expect("rows");
    let names: Vec<_> = rows.iter().map(|row| row["strategy"].as_str().expect("a name")).collect();
    assert_eq!(names, ["ga", "simple-ga:sigma=0.5"]);
    let promised = [
        "strategy",
        "network",
        "parameters",
        "population",
        "trials",
        "solved",
        "success_rate",
        "stopped",
        "broken",
        "evaluations_median",
        "evaluations_lower",
        "evaluations_upper",
        "evaluations_mean",
        "evaluations_spent",
        "expected_evaluations",
        "seconds_median",
        "seconds_lower",
        "seconds_upper",
        "score_median",
        "score_lower",
        "score_upper",
        "score_min",
    ];
    assert!(rows.iter().all(|row| keys(row) == BTreeSet::from(promised)));
    assert_eq!(document["trials"].as_array().map(Vec::len), Some(6));
    let point = &document["curves"][0]["points"][0];
    assert_eq!(keys(point), BTreeSet::from(["evaluations", "lower", "median", "upper"]));
}

#[test]
fn the_table_is_printed_and_written_to_files() {
    let folder = folder();
    let files = ["--csv", "a.csv", "--markdown", "a.md", "--svg", "a.svg"];
    let arguments = [&SMALL[..], &["ga,random-search"], &files].concat();
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    let (table, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{notes}");
    assert!(table.contains("3 of 3") && table.contains("over solved trials only"), "{table}");
    assert!(notes.lines().all(|line| line.starts_with("note: ")), "{notes}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect(name);
    let machine = table.trim_end().lines().last().expect("the machine");
    assert_eq!(read("a.md").trim_end().lines().last(), Some(machine));
    let mut table = csv::Reader::from_path(folder.path().join("a.csv")).expect("a table");
    let rows: Vec<_> = table.records().map(|row| row.expect("a row")).collect();
    assert_eq!((rows.len(), &rows[0][0], &rows[1][0]), (2, "ga", "random-search"));
    let picture = read("a.svg");
    assert!(picture.contains("ga, 3 of 3") && picture.contains("<polygon"), "{picture}");
    assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");

    let quiet = [&SMALL[..], &["ga", "--quiet"]].concat();
    let output = deme(folder.path(), &quiet).output().expect("the command runs");
    assert_eq!(text(&output.stderr), "");
    // Trials leave no run folders.
    let names = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(names, 3);
}

#[test]
fn flags_on_layers_apply_to_strategies_with_layers() {
    let folder = folder();
    let layers = ["--network", "3:relu", "--activation", "sin"];
    let arguments = [&SMALL[..], &["neat,ga"], &layers].concat();
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    let (table, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{notes}");
    let row = |name: &str| table.lines().find(|line| line.starts_with(&format!("| {name} ")));
    assert!(row("neat").is_some_and(|row| row.contains("| graph ")), "{table}");
    assert!(row("ga").is_some_and(|row| row.contains("| 3:relu ")), "{table}");
    let note = "note: only strategies with layers use --network 3:relu and --activation sin; \
                neat evolves its topology";
    assert!(notes.contains(note), "{notes}");
    // If no strategy has layers, the flags cannot be meant.
    let arguments = [&SMALL[..], &["neat,neat:paper=true"], &layers].concat();
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("--network: expected nothing, because neat evolves"), "{message}");
    // Without these flags there is no note.
    let output = deme(folder.path(), &[&SMALL[..], &["neat,ga"]].concat()).output();
    assert!(!text(&output.expect("the command runs").stderr).contains("layers"));
}

#[test]
fn strategies_optimise_novelty_if_asked() {
    let run = ["compare", "maze", "--strategies", "neat,ga", "--seeds", "2", "--json"];
    let small = ["--population", "10", "--generations", "3", "--backend", "cpu"];
    let of = |novelty: &[&str]| json(&[&run[..], &small, novelty].concat()).1["trials"].clone();
    let (plain, novel) = (of(&["--novelty=false"]), of(&["--novelty"]));
    assert_eq!(novel.as_array().map(Vec::len), Some(4));
    assert_ne!(plain, novel);
    let stripped = |trials: &Value| {
        let scores = trials.as_array().expect("trials").iter().map(|trial| trial["score"].clone());
        scores.collect::<Vec<_>>()
    };
    assert_eq!(stripped(&novel), stripped(&of(&["--novelty=threshold=6"])));
}

#[test]
fn bad_input_is_refused_and_nothing_is_written() {
    let folder = folder();
    let cases: [(&[&str], &[&str]); 10] = [
        (&["cartpol"], &["unknown task 'cartpol'", "cartpole", "digits"]),
        (&["xor", "--strategies", "ga,sgd"], &["unknown strategy 'sgd'", "openai-es"]),
        (&["xor", "--strategies", "ga:sigmma=1"], &["'sigmma'", "sigma"]),
        (&["xor", "--strategies", "ga:sigma"], &["--strategies", "NAME:KEY=VALUE"]),
        (&["xor", "--strategies", "ga,ga"], &["'ga' twice"]),
        (&["xor", "--seeds", "0"], &["--seeds", "from 1"]),
        (&["xor", "--novelty"], &["--novelty", "maze, got xor"]),
        (&["xor", "--jobs", "0"], &["--jobs", "from 1"]),
        (&["xor", "--svg", "nowhere/a.svg"], &["nowhere/a.svg", "folder"]),
        (&[], &["TASK"]),
    ];
    for (arguments, words) in cases {
        let arguments = [&["compare", "--csv", "a.csv"], arguments].concat();
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        for word in words {
            assert!(message.contains(word), "{arguments:?}: '{word}' is not in: {message}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
