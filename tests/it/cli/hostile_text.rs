//! Text of other people: names and cells that hold escape sequences, direction controls or millions
//! of characters never reach a terminal as they are.

use std::fs;

use deme::error::is_control;
use tempfile::TempDir;

use super::{deme, text};

/// A name that would colour the terminal, fill its clipboard, and reverse a line.
const HOSTILE: &str = "\u{1b}]52;c;cHduZWQ=\u{7}\u{1b}[31mRED\u{202e}\u{9b}2J";

/// A table whose column name, class name and one cell are hostile.
fn table(folder: &TempDir) {
    let rows = (0..40).map(|row| {
        let class = if row % 2 == 0 { "even" } else { HOSTILE };
        format!("{},{},{class}\n", row, row % 2)
    });
    let rows: String = rows.collect();
    let header = format!("{HOSTILE},x,label\n");
    fs::write(folder.path().join("t.csv"), header + &rows).expect("a file of the test");
}

/// Runs a command, and asserts that neither of its outputs holds a control character.
fn assert_clean(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = deme(folder.path(), arguments).output().expect("the command runs");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    for stream in [&out, &err] {
        let found = stream.chars().find(|&letter| is_control(letter) && letter != '\n');
        assert_eq!(found, None, "{arguments:?}: {stream}");
    }
    (output.status.code(), out, err)
}

#[test]
fn escape_sequences_of_a_table_never_reach_the_terminal() {
    let folder = TempDir::new().expect("a temporary folder");
    table(&folder);
    let train = ["train", "t.csv", "--generations", "2", "--backend", "cpu", "--out", "run"];
    let (code, out, _) = assert_clean(&folder, &train);
    assert_eq!(code, Some(0), "{out}");
    for arguments in [
        &["play", "run"] as &[&str],
        &["play", "run", "--json"],
        &["report", "run", "--markdown", "a.md"],
        &["export", "run", "--json", "a.json"],
        &["train", "t.csv", "--target", HOSTILE, "--out", HOSTILE],
        &["train", "t.csv", "--target", "nothing"],
        &["train", HOSTILE],
        &["train", "xor", "--strategy", HOSTILE],
        &["train", "xor", "--set", HOSTILE],
        &["train", "xor", "--generations", HOSTILE],
        &["train", "xor", "--backend", HOSTILE],
        &["resume", HOSTILE],
        &["play", HOSTILE],
        &["report", HOSTILE],
        &[HOSTILE],
    ] {
        assert_clean(&folder, arguments);
    }
}

#[test]
fn json_keeps_hostile_names_as_they_are() {
    let folder = TempDir::new().expect("a temporary folder");
    table(&folder);
    let train = ["train", "t.csv", "--generations", "1", "--backend", "cpu", "--json", "--out"];
    let hostile_path = format!("run{HOSTILE}").replace('/', "");
    let (code, out, err) = assert_clean(&folder, &[&train[..], &[&hostile_path]].concat());
    assert_eq!(code, Some(0), "{err}");
    let document: serde_json::Value = serde_json::from_str(&out).expect("one JSON document");
    assert_eq!(document["run_directory"], hostile_path.as_str());
}

#[test]
fn a_huge_cell_is_not_repeated() {
    let folder = TempDir::new().expect("a temporary folder");
    let cell = "z".repeat(3_000_000);
    for (name, rows) in [
        ("feature.csv", format!("x,label\n1,a\n{cell},b\n2,a\n3,b\n")),
        ("header.csv", format!("{cell},label\n1,a\n2,b,3\n")),
        ("ragged.csv", format!("x,label\n1,a\n2,{cell},3\n")),
    ] {
        fs::write(folder.path().join(name), rows).expect("a file of the test");
        let (code, out, err) = assert_clean(&folder, &["train", name, "--target", "label"]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}: {err}");
        assert!(err.len() < 3000, "{name}: {} bytes", err.len());
    }
}
