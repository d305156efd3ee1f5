//! `deme tasks`, `deme strategies` and `deme devices`: lists, and descriptions of one.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use super::{deme, output};

fn list(command: &str) -> Vec<Value> {
    serde_json::from_str(&output(&[command, "--json"])).expect("a JSON array")
}

fn names(list: &[Value]) -> Vec<&str> {
    list.iter().map(|record| record["name"].as_str().expect("a name")).collect()
}

#[test]
fn every_task_and_strategy_is_listed_with_a_description() {
    for command in ["tasks", "strategies", "devices"] {
        for record in list(command) {
            assert!(!record["name"].as_str().expect("a name").is_empty());
            assert!(!record["description"].as_str().expect("a description").is_empty());
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
        let strategy = strategies.iter().find(|record| record["name"] == defaults["strategy"]);
        let settings = strategy.expect("a known strategy")["settings"].as_array().expect("a list");
        for key in defaults["settings"].as_object().expect("an object").keys() {
            assert!(settings.iter().any(|setting| setting["key"] == *key), "{task}");
        }
        deme::run::Config::for_task(task["name"].as_str().expect("a name")).expect("a valid run");
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
    for entry in deme::strategy::all() {
        assert!(strategies.contains(entry.name) && strategies.contains(entry.summary));
    }
    assert!(output(&["devices"]).contains("--backend auto takes"));
}

#[test]
fn a_task_is_described_in_full_as_text_markdown_and_json() {
    for task in deme::task::all() {
        let (name, description) = (task.about().name.as_ref(), task.description());
        let [text, markdown] = [&[][..], &["--markdown"]]
            .map(|format| output(&[&["tasks", name][..], format].concat()));
        for quantity in description.inputs.iter().chain(&description.outputs) {
            for word in [quantity.name.as_ref(), &quantity.meaning, quantity.unit] {
                assert!(text.contains(word) && markdown.contains(word), "{name}: {word}\n{text}");
            }
        }
        for (_, fact) in &description.facts {
            assert!(text.contains(fact) && markdown.contains(fact), "{name}: {fact}\n{text}");
        }
        assert!(markdown.starts_with(&format!("# {name}\n")), "{markdown}");
        let json = output(&["tasks", name, "--json"]);
        let json: Value = serde_json::from_str(&json).expect("one JSON document");
        assert_eq!(json["name"], name);
        for (field, count) in [("input_quantities", "inputs"), ("output_quantities", "outputs")] {
            let quantities = json[field].as_array().expect("a list").iter();
            let sum: u64 = quantities.filter_map(|quantity| quantity["count"].as_u64()).sum();
            // The outputs of a choice are its actions.
            assert_eq!(Some(sum), json[count].as_u64(), "{name}: {field}");
        }
    }
}

#[test]
fn a_strategy_is_described_in_full_as_text_markdown_and_json() {
    for entry in deme::strategy::all() {
        let [text, markdown] = [&[][..], &["--markdown"]]
            .map(|format| output(&[&["strategies", entry.name][..], format].concat()));
        for part in [entry.summary, entry.idea, entry.when, entry.source] {
            assert!(!part.is_empty() && text.contains(part), "{}: {part}\n{text}", entry.name);
        }
        for setting in entry.settings {
            for part in [setting.key, setting.meaning, setting.default] {
                assert!(text.contains(part) && markdown.contains(part), "{part}\n{text}");
            }
        }
        assert!(markdown.starts_with(&format!("# {}\n", entry.name)), "{markdown}");
        let json = output(&["strategies", entry.name, "--json"]);
        let json: Value = serde_json::from_str(&json).expect("one JSON document");
        assert_eq!((&json["name"], &json["idea"]), (&entry.name.into(), &entry.idea.into()));
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
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

#[test]
fn an_unknown_name_is_refused_with_a_suggestion() {
    for (arguments, close) in [(["tasks", "cartpol"], "cartpole"), (["strategies", "NEAT"], "neat")]
    {
        let output = deme(&std::env::temp_dir(), &arguments).output().expect("the command runs");
        let message = super::text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(&format!("did you mean '{close}'?")), "{message}");
    }
}
