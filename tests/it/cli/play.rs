//! `deme play`: scores, files and refusals.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};

fn trained(task: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let arguments = ["train", task, "--backend", "cpu", "--out", "run", "--quiet"];
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    folder
}

fn play(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let arguments = [&["play"][..], arguments].concat();
    let output = deme(folder.path(), &arguments).output().expect("the command runs");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_champion_has_the_score_of_its_run_and_is_traced_and_drawn() {
    let folder = trained("cartpole");
    let files = ["--trace", "t.csv", "--gif", "a.gif", "--svg", "s.svg", "--json"];
    let (code, out, notes) = play(&folder, &[&["run"][..], &files].concat());
    assert_eq!(code, Some(0), "{notes}");
    for file in ["t.csv", "a.gif", "s.svg"] {
        let bytes = fs::metadata(folder.path().join(file)).expect("a file").len();
        let line = notes.lines().find(|line| line.starts_with(&format!("wrote {file} (")));
        let written = line.expect("a line for each file").replace(',', "");
        assert!(written.ends_with(&format!("({bytes} bytes)")), "{notes}");
    }
    let played: Value = serde_json::from_str(&out).expect("one JSON document");
    let summary = fs::read_to_string(folder.path().join("run/summary.json")).expect("a summary");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    // The champion keeps the pole near the top, where both precisions give the same episodes.
    let scores = [&played, &summary].map(|json| json["score"].as_f64().expect("a score"));
    assert!((scores[0] - scores[1]).abs() < 1.0, "{scores:?}");
    let trace = fs::read_to_string(folder.path().join("t.csv")).expect("a trace");
    let steps = (scores[0] * 100.0).round() as usize;
    assert_eq!(trace.lines().count(), 1 + steps);
    assert!(fs::read(folder.path().join("a.gif")).expect("a GIF").starts_with(b"GIF89a"));
    assert!(fs::read_to_string(folder.path().join("s.svg")).expect("a drawing").contains("<svg"));
    let (_, printed, _) = play(&folder, &["run"]);
    assert!(printed.contains("95% confidence interval") && printed.contains("median"), "{printed}");
    assert!(!printed.contains('\u{1b}'));
    // A run computes in single precision: another score of the same episodes is explained.
    assert_eq!(played["run_score"], summary["score"]);
    let path = folder.path().join("run/summary.json");
    let other = Value::from(scores[1] - 0.57);
    let mut changed = summary.clone();
    changed["score"] = other;
    fs::write(&path, changed.to_string()).expect("a summary");
    let (_, printed, _) = play(&folder, &["run"]);
    assert!(printed.contains("the run reported") && printed.contains("precision"), "{printed}");
    let (_, printed, _) = play(&folder, &["run", "--episodes", "1"]);
    assert!(printed.contains("over 1 held-out episode") && !printed.contains("reported"));
    assert!(!printed.contains("1 held-out episodes"), "{printed}");
}

#[test]
fn invalid_runs_and_flags_are_refused() {
    let folder = trained("xor");
    let (code, printed, _) = play(&folder, &["run", "--svg", "m.svg"]);
    assert_eq!(
        (code, printed.starts_with("xor: accuracy 1 over 4 ")),
        (Some(0), true),
        "{printed}"
    );
    for (arguments, words) in [
        (&["run", "--gif", "a.gif"][..], "--gif: expected a run on a control task, got one on xor"),
        (&["run", "--trace", "a.csv"], "deme predict writes a prediction for each row"),
        (&["run", "--gif", "a.gif"], "deme play --svg draws predictions"),
        (&["run", "--episodes", "0"], "--episodes"),
        (&["nowhere"], "nowhere"),
        (&["run", "--gif", "x.mp4"], "--gif: expected a file whose name ends in .gif, got x.mp4"),
        (&["run", "--svg", "x.png"], "--svg: expected a file whose name ends in .svg, got x.png"),
        (&["run", "--graph", "x.dot"], "--graph: expected a file whose name ends in .svg, got x"),
        (&["run", "--trace", "x.json"], "--trace: expected a file whose name ends in .csv, got x"),
        (&["run", "--svg", "no/folder/m.svg"], "no/folder/m.svg"),
    ] {
        let (code, printed, message) = play(&folder, arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {message}");
        assert!(printed.is_empty() && message.contains(words), "{arguments:?}: {message}");
    }
    let file = folder.path().join("run/champion.safetensors");
    let mut bytes = fs::read(&file).expect("a champion");
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&file, bytes).expect("a damaged champion");
    let (code, _, message) = play(&folder, &["run"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("champion.safetensors: expected the bytes of the"), "{message}");
}

#[test]
fn the_champion_of_a_function_is_shown_as_a_point() {
    let folder = trained("sphere-25");
    let (code, printed, message) = play(&folder, &["run"]);
    assert_eq!(code, Some(0), "{message}");
    assert!(
        printed.starts_with("sphere-25: value ") && printed.contains("(solved at"),
        "{printed}"
    );
    assert!(printed.contains("\n  x[0]  ") && printed.contains("and 5 more"), "{printed}");
    let (_, printed, _) = play(&folder, &["run", "--json"]);
    let score: Value = serde_json::from_str(&printed).expect("one JSON document");
    let point = score["point"].as_array().expect("a point");
    let numbers = point.iter().map(|x| x.as_f64().expect("a number"));
    let value: f64 = numbers.map(|x| x * x).sum();
    assert!((value + score["score"].as_f64().expect("a score")).abs() < 1e-12, "{printed}");
    assert_eq!(point.len(), 25);
    for (flag, file) in [("--svg", "a.svg"), ("--gif", "a.gif"), ("--trace", "a.csv")] {
        let (code, printed, message) = play(&folder, &["run", flag, file]);
        assert_eq!((code, &*printed), (Some(2), ""));
        assert!(message.starts_with(&format!("error: {flag}: expected a run ")), "{message}");
        // No advice leads to another refusal.
        assert!(message.contains("deme report draws the curve"), "{message}");
        assert!(flag == "--svg" || !message.contains("--svg"), "{message}");
    }
}

#[test]
fn the_network_of_a_champion_is_drawn_with_layers_or_as_a_graph() {
    let folder = TempDir::new().expect("a temporary folder");
    for (out, strategy) in [("grown", "neat"), ("layers", "ga")] {
        let run = ["train", "xor", "--backend", "cpu", "--strategy", strategy, "--out", out];
        let output = deme(folder.path(), &run).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let (code, printed, message) = play(&folder, &[out, "--graph", "network.svg"]);
        assert_eq!((code, printed.starts_with("xor: accuracy")), (Some(0), true), "{message}");
        let svg = fs::read_to_string(folder.path().join("network.svg")).expect("a drawing");
        assert!(svg.starts_with("<svg") && svg.contains("weights to +"), "{svg}");
        assert_eq!(svg.contains(">bias<"), out == "grown");
        assert_eq!(svg.contains("fill is its bias"), out == "layers");
    }
    let run = ["train", "pendulum", "--backend", "cpu", "--network", "2:gru", "--out", "gates"];
    let run = [&run[..], &["--generations", "2"]].concat();
    deme(folder.path(), &run).output().expect("the command runs");
    let (code, printed, message) = play(&folder, &["gates", "--graph", "gates.svg"]);
    assert_eq!((code, printed.starts_with("pendulum: mean return")), (Some(0), true), "{message}");
    let svg = fs::read_to_string(folder.path().join("gates.svg")).expect("a drawing");
    assert!(svg.starts_with("<svg") && svg.contains("reset gate"), "{svg}");
}
