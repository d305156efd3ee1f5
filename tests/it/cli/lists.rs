//! `deme tasks`, `strategies` and `devices`, and the help.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use super::{deme, text};

fn output(arguments: &[&str]) -> String {
    let output = deme(&std::env::temp_dir(), arguments).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn list(command: &str) -> Vec<Value> {
    serde_json::from_str(&output(&[command, "--json"])).expect("a JSON array")
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|entry| entry["name"].as_str().expect("a name")).collect()
}

#[test]
fn every_task_and_strategy_is_listed_with_a_description() {
    for command in ["tasks", "strategies", "devices"] {
        for entry in list(command) {
            assert!(!entry["name"].as_str().expect("a name").is_empty());
            assert!(!entry["description"].as_str().expect("a description").is_empty());
        }
    }
    let tasks = deme::task::all();
    let known: Vec<_> = tasks.iter().map(|task| task.about().name.as_ref()).collect();
    assert_eq!(names(&list("tasks")), known);
    let known: Vec<_> = deme::strategy::all().iter().map(|entry| entry.name).collect();
    assert_eq!(names(&list("strategies")), known);
}

#[test]
fn defaults_of_tasks_exist() {
    let strategies = list("strategies");
    for task in list("tasks") {
        let defaults = &task["defaults"];
        let strategy = strategies.iter().find(|entry| entry["name"] == defaults["strategy"]);
        let settings = strategy.expect("a known strategy")["settings"].as_array().expect("a list");
        for key in defaults["settings"].as_object().expect("an object").keys() {
            assert!(settings.iter().any(|setting| setting["key"] == *key), "{task}");
        }
        deme::run::Config::for_task(task["name"].as_str().expect("a name")).expect("a good run");
    }
}

#[test]
fn tables_are_aligned_and_name_everything() {
    let tasks = output(&["tasks"]);
    let column = tasks.lines().next().and_then(|line| line.find("DESCRIPTION")).expect("a header");
    for task in deme::task::all() {
        let name = format!("{} ", task.about().name);
        let line = tasks.lines().find(|line| line.starts_with(&name)).expect("a line for each");
        assert_eq!(line.find(task.about().summary.as_ref()), Some(column), "{line}");
    }
    let strategies = output(&["strategies"]);
    for setting in deme::strategy::all().iter().flat_map(|entry| entry.settings) {
        assert!(strategies.contains(setting.key) && strategies.contains(setting.meaning));
    }
    assert!(output(&["devices"]).contains("--backend auto takes"));
}

#[test]
fn the_help_fits_a_screen_and_shows_examples() {
    let help = output(&["--help"]);
    assert!(help.lines().count() <= 24, "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    assert_eq!(help.lines().filter(|line| line.starts_with("  deme ")).count(), 3);
    let version = output(&["--version"]);
    assert_eq!(version.trim(), format!("deme {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_flag_says_its_default() {
    let running = ["train", "resume", "play", "export", "report", "compare"];
    let looking = ["verify", "bench", "devices", "tasks", "strategies"];
    for command in running.into_iter().chain(looking) {
        let help = output(&[command, "--help"]);
        let flags = help.split("\n      --").skip(1);
        for flag in flags.map(|flag| flag.split("\n  -h").next().unwrap_or(flag)) {
            // A file that is written where it is named has no default.
            let is_output = flag.contains("<FILE>") && !flag.starts_with("config");
            let is_said = flag.contains("[default:") || is_output;
            assert!(is_said, "{command}: --{flag}");
        }
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("deme"))
        .args(["strategies", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    let mut message = String::new();
    let mut errors = child.stderr.take().expect("a pipe");
    errors.read_to_string(&mut message).expect("UTF-8");
    let status = child.wait().expect("the command ends");
    assert!(message.is_empty() && status.code() == Some(0), "{status}: {message}");
}
