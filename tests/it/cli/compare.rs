//! `deme compare`: its table, its JSON document, its files and its refusals.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

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
        "validation_median",
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
    // The first line of progress comes before the first trial ends.
    assert!(notes.contains("\nrunning 6 trials of xor, "), "{notes}");
    let is_known = |line: &str| line.starts_with("note: ") || line.contains(" trials");
    assert!(notes.lines().all(is_known), "{notes}");
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
fn the_flag_of_the_population_applies_to_strategies_with_one() {
    let folder = folder();
    let compare = |strategies: &str| {
        let arguments = ["compare", "xor", "--seeds", "1", "--generations", "2", "--population"];
        let arguments = [&arguments[..], &["12", "--strategies", strategies]].concat();
        let output = deme(folder.path(), &arguments).output().expect("the command runs");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, table, notes) = compare("adam,ga");
    assert_eq!(code, Some(0), "{notes}");
    for (name, population) in [("adam", "| 1 "), ("ga", "| 12 ")] {
        let row = table.lines().find(|line| line.starts_with(&format!("| {name} ")));
        assert!(row.is_some_and(|row| row.contains(population)), "{table}");
    }
    let note = "note: only strategies with a population use --population 12; adam trains one";
    assert!(notes.contains(note), "{notes}");
    // If no strategy has a population, the flag cannot be meant.
    for strategies in ["adam,sgd", "adam:population=3,ga"] {
        let (code, _, message) = compare(strategies);
        assert_eq!(code, Some(2), "{message}");
        assert!(message.contains("--population: expected 1"), "{message}");
    }
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
    let cases: [(&[&str], &[&str]); 12] = [
        (&["cartpol"], &["unknown task 'cartpol'", "cartpole", "digits"]),
        (&["xor", "--strategies", "ga,bfgs"], &["unknown strategy 'bfgs'", "openai-es"]),
        (&["xor", "--strategies", "ga:sigmma=1"], &["'sigmma'", "sigma"]),
        (&["xor", "--strategies", "ga:sigma"], &["--strategies", "NAME:KEY=VALUE"]),
        (&["xor", "--strategies", "ga,ga"], &["'ga' twice"]),
        (&["xor", "--seeds", "0"], &["--seeds", "from 1"]),
        (&["xor", "--novelty"], &["--novelty", "maze, got xor"]),
        (&["xor", "--strategies", "ga:novelty=true"], &["--novelty", "maze, got xor"]),
        (&["xor", "--strategies", "ga:episodes=x"], &["episodes of ga", "a whole number"]),
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

/// Each trial of a study with a folder is a run that the other commands read.
#[test]
fn a_folder_holds_a_run_for_each_trial() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = deme(folder.path(), arguments).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let first = run(&[&SMALL[..], &["ga,ga:sigma=0.5", "--out", "study", "--json"]].concat());
    let names = fs::read_dir(folder.path().join("study")).expect("the folder");
    let names =
        names.map(|entry| entry.expect("an entry").file_name().into_string().expect("text"));
    let expected = [
        ".lock",
        "curves.svg",
        "ga,sigma=0.5-1",
        "ga,sigma=0.5-2",
        "ga,sigma=0.5-3",
        "ga-1",
        "ga-2",
        "ga-3",
        "results.json",
        "study.json",
    ];
    assert_eq!(names.collect::<BTreeSet<_>>(), expected.map(String::from).into());
    assert_eq!(fs::read_to_string(folder.path().join("study/results.json")).expect("text"), first);
    let document: Value = serde_json::from_str(&first).expect("one document");
    for trial in document["trials"].as_array().expect("trials") {
        let path = trial["run_directory"].as_str().expect("a path");
        let summary = fs::read_to_string(folder.path().join(path).join("summary.json"));
        let summary: Value = serde_json::from_str(&summary.expect("a summary")).expect("JSON");
        assert_eq!((&summary["score"], &summary["seed"]), (&trial["score"], &trial["seed"]));
        assert!(folder.path().join(path).join("curve.svg").exists());
    }
    run(&["play", "study/ga-2"]);
    run(&["export", "study/ga-2", "--json", "champion.json"]);
    run(&["report", "study/ga-1", "study/ga-2", "study/ga,sigma=0.5-1"]);
    // Continuing a complete study reads it: even the times are the same.
    let again = run(&["compare", "--resume", "study", "--json", "--quiet"]);
    let again: Value = serde_json::from_str(&again).expect("one document");
    assert_eq!((&again["trials"], &again["curves"]), (&document["trials"], &document["curves"]));
    for (arguments, words) in [
        (&["compare", "xor", "--out", "study"][..], "--out study: expected a folder that does not"),
        (&["compare", "--resume", "study", "--seeds", "4"], "--seeds: expected 3"),
        (&["compare", "cartpole", "--resume", "study"], "TASK: expected xor"),
        (&["compare", "--resume", "study", "--out", "other"], "--out"),
        (&["compare", "--resume", "nothing"], "--resume nothing: expected the folder of a study"),
    ] {
        let output = deme(folder.path(), arguments).output().expect("the command runs");
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_study_is_left_alone_while_another_process_works_in_it() {
    let folder = folder();
    let study = [&SMALL[..], &["ga", "--out", "study"]].concat();
    let output = deme(folder.path(), &study).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let results = || fs::read(folder.path().join("study/results.json")).expect("the results");
    let before = results();
    let lock = fs::OpenOptions::new().append(true).open(folder.path().join("study/.lock"));
    let lock = lock.expect("the lock of the study");
    lock.lock().expect("no other process");
    let resume = || deme(folder.path(), &["compare", "--resume", "study"]).output();
    let output = resume().expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("study: expected a folder that no process works in"), "{message}");
    assert_eq!(results(), before);
    lock.unlock().expect("a lock of this process");
    let output = resume().expect("the command runs");
    let notes = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{notes}");
    assert!(notes.contains("of xor have ended before") && !notes.contains("running 3"), "{notes}");
    // Of a trial without a summary, nobody knows that it has ended.
    fs::remove_file(folder.path().join("study/ga-1/summary.json")).expect("a summary");
    let notes = text(&resume().expect("the command runs").stderr);
    assert!(notes.contains("running 1 trial of xor, 1 at once; 2 of 3 have ended"), "{notes}");
}

#[test]
fn all_files_are_written_or_none() {
    let folder = folder();
    let files = ["ga", "--csv", "rows", "--markdown", "rows"];
    let output = deme(folder.path(), &[&SMALL[..], &files].concat()).output();
    let output = output.expect("the command runs");
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("expected a file for each output, got one file for two"), "{message}");
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

/// Starts a study, interrupts it once its first trial has ended, and returns what it printed.
#[cfg(unix)]
fn interrupted(at: &Path, more: &[&str], has_ended: &dyn Fn() -> bool) -> (String, String) {
    use std::process::{Command, Stdio};
    let run =
        ["compare", "cartpole", "--strategies", "ga,openai-es", "--seeds", "3", "--jobs", "1"];
    let size =
        ["--until", "never", "--population", "8", "--generations", "1500", "--backend", "cpu"];
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("deme"));
    command.current_dir(at).args(run).args(size).args(more);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a process");
    let begun = std::time::Instant::now();
    while !has_ended() {
        assert!(begun.elapsed().as_secs() < 60, "no trial ended in a minute");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("kill runs").success());
    let output = child.wait_with_output().expect("an output");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_and_shows_what_is_known() {
    let folder = folder();
    let first = folder.path().join("study/ga-1/summary.json");
    let (table, notes) = interrupted(folder.path(), &["--out", "study"], &|| first.exists());
    assert!(table.contains("| ga ") && table.contains(" of 6 trials are missing"), "{table}");
    assert!(notes.contains("continue with\n  deme compare --resume study"), "{notes}");
    let output = deme(folder.path(), &["compare", "--resume", "study"]).output();
    let output = output.expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("missing"));

    // Without a folder, the table still has the trials that ended, and a note says what is lost.
    let begun = std::time::Instant::now();
    let (table, notes) = interrupted(folder.path(), &[], &|| {
        begun.elapsed() > std::time::Duration::from_millis(400)
    });
    assert!(table.contains("trials are missing"), "{table}");
    assert!(notes.contains("the others are lost; --out DIR keeps every trial"), "{notes}");
}
