//! `DEME_VECTORS`: an unknown instruction set is refused; a known one is used and recorded.

use deme::math::InstructionSet;
use serde_json::Value;
use tempfile::TempDir;

use super::{deme, text};

const VARIABLE: &str = "DEME_VECTORS";

/// The JSON document of a command with a value of the variable.
fn json_with(value: &str, arguments: &[&str]) -> Value {
    let folder = TempDir::new().expect("a temporary folder");
    let output = deme(folder.path(), arguments).env(VARIABLE, value).output();
    let output = output.expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{value}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn every_command_refuses_sets_that_this_processor_does_not_have() {
    let missing =
        InstructionSet::ALL.into_iter().find(|set| !set.is_available()).expect("no one has all");
    let commands: [&[&str]; 6] = [
        &["train", "xor"],
        &["verify", "xor", "--backend", "cpu"],
        &["bench", "cartpole", "--backend", "cpu"],
        &["devices"],
        &["tasks"],
        &["strategies"],
    ];
    for arguments in commands {
        for name in [missing.name(), "sse9", "AVX2", ""] {
            let folder = TempDir::new().expect("a temporary folder");
            let output = deme(folder.path(), arguments).env(VARIABLE, name).output();
            let output = output.expect("the command runs");
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?} {name}: {message}");
            assert_eq!(message.lines().count(), 1, "{message}");
            assert!(message.contains(VARIABLE), "{message}");
            assert!(message.contains(&format!("'{name}'")), "{message}");
            for set in InstructionSet::available() {
                assert!(message.contains(set.name()), "{message}");
            }
            assert!(output.stdout.is_empty());
            assert_eq!(folder.path().read_dir().expect("the folder").count(), 0);
        }
    }
}

#[test]
fn every_set_of_this_processor_passes_verification_and_is_recorded() {
    for name in InstructionSet::available().into_iter().map(InstructionSet::name) {
        let report = json_with(name, &["verify", "--backend", "cpu", "--json"]);
        assert_eq!(report["passed"], true, "{name}");
        let adapter = report["adapter"].as_str().expect("an adapter");
        assert!(adapter.ends_with(name), "{name}: {adapter}");
        let flags = "bench cartpole --population 16 --steps 4 --samples 1 --backend cpu --json";
        let flags: Vec<&str> = flags.split(' ').collect();
        assert_eq!(json_with(name, &flags)["machine"]["vectors"], name);
    }
}

#[test]
fn a_run_has_the_same_bits_with_every_set_that_has_fused_multiply_add() {
    let fused = InstructionSet::available().into_iter().filter(|&set| set != InstructionSet::Plain);
    let fused: Vec<_> = fused.map(InstructionSet::name).collect();
    for task in ["cartpole", "digits"] {
        let trained = |name: &&str| {
            let run = ["train", task, "--backend", "cpu", "--generations", "4", "--json"];
            let mut summary = json_with(name, &run);
            for key in ["wall_seconds", "setup_seconds", "phase_seconds", "run_directory"] {
                summary.as_object_mut().expect("an object").remove(key);
            }
            summary
        };
        let summaries: Vec<Value> = fused.iter().map(trained).collect();
        assert!(summaries.windows(2).all(|pair| pair[0] == pair[1]), "{task}: {summaries:?}");
    }
}

#[test]
fn the_widest_set_is_the_default_and_the_others_are_listed() {
    let folder = TempDir::new().expect("a temporary folder");
    let known = InstructionSet::available();
    let output = deme(folder.path(), &["devices"]).env_remove(VARIABLE).output();
    let devices = text(&output.expect("the command runs").stdout);
    let line = devices.lines().last().expect("a line on the CPU");
    assert!(line.contains(&format!("computes with {}", known[0].name())), "{line}");
    assert!(known.iter().all(|set| line.contains(set.name())), "{line}");
    let output = deme(folder.path(), &["--help"]).output().expect("the command runs");
    let help = text(&output.stdout);
    assert!(InstructionSet::ALL.iter().all(|set| help.contains(set.name())), "{help}");
    assert!(help.contains(VARIABLE), "{help}");
}
