//! Exports: every format computes what the champion does, and an outside witness says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use deme::champion::{Champion, Origin, Rule, Scaling};
use deme::export;
use deme::network::{Activation, Initial, Network};
use deme::task;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use serde_json::Value;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/graphs").join(name)
}

fn champion(task: &str, spec: &str) -> Champion {
    let task = task::named(task).expect("a task");
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a spec");
    let genome = network.initial(Initial::Normal(0.6), 5);
    let (task_name, strategy) = (task.about().name.to_string(), "ga".into());
    let origin = Origin { task: task_name, strategy, generation: 1, seed: 5 };
    Champion::new(origin, task.as_ref(), network, genome)
}

/// Every rule, cell and activation, scaled and not.
fn champions() -> Vec<Champion> {
    let scaling =
        Scaling { means: vec![0.1, -0.2, 0.3], scales: vec![2.0, 0.5, 3.0], clip: Some(1.5) };
    let specs = [
        ("cartpole", "5-4:relu"),
        ("cartpole", "6:gelu-5:silu-4:sin-3:softsign:nobias-2:sigmoid-out:nobias"),
        ("pendulum", "4:gru-3"),
        ("double-pole-hidden", "3:elman:softsign-2:gru:nobias"),
        ("xor", "4:sigmoid"),
        ("digits", "7"),
        ("mountaincar-continuous", "none"),
    ];
    let mut all: Vec<Champion> =
        specs.into_iter().map(|(task, spec)| champion(task, spec)).collect();
    all.push(champion("pendulum", "4:gru").with_scaling(scaling).expect("three numbers"));
    all
}

/// Observations, the same in every run.
fn observations(inputs: usize) -> Vec<Vec<f32>> {
    let number = |step: usize, k: usize| (1.3 * (step * 5 + k * 3) as f32).sin() * 1.5;
    (0..12).map(|step| (0..inputs).map(|k| number(step, k)).collect()).collect()
}

#[test]
fn graphs_are_those_that_onnxruntime_has_confirmed() {
    let witness = std::fs::read_to_string(golden("witness.json")).expect("the witness");
    let witness: Value = serde_json::from_str(&witness).expect("JSON");
    let cases = witness["cases"].as_object().expect("cases");
    assert!(cases.len() >= 5);
    for (name, case) in cases {
        let file = golden(&format!("{name}.safetensors"));
        let mut champion = Champion::read(&file).expect("a champion");
        let graph = std::fs::read(golden(&format!("{name}.onnx"))).expect("a graph");
        assert!(export::onnx(&champion).expect("a graph") == graph, "{name}: another graph");
        champion.begin_episode();
        let rows = case["steps"].as_array().expect("steps");
        assert!(rows.len() >= 20, "{name}");
        for row in rows {
            let numbers = |key: &str| -> Vec<f64> {
                let list = row[key].as_array().expect("numbers").iter();
                list.map(|number| number.as_f64().expect("a number")).collect()
            };
            let outputs = champion.outputs(&numbers("observation")).expect("outputs");
            for (ours, theirs) in outputs.iter().zip(numbers("outputs")) {
                assert!((ours - theirs).abs() <= 1e-5, "{name}: {ours} and {theirs}");
            }
            let (action, theirs) = (champion.decide(&outputs), numbers("action"));
            assert_eq!(action.len(), theirs.len(), "{name}");
            for (ours, theirs) in action.iter().zip(theirs) {
                assert!((ours - theirs).abs() <= 1e-5 * ours.abs().max(1.0), "{name}");
            }
        }
    }
}

#[test]
fn wgsl_is_valid_for_every_kind_of_champion() {
    for champion in champions() {
        let text = export::wgsl(&champion).expect("a shader");
        let shader = naga::front::wgsl::parse_str(&text)
            .unwrap_or_else(|error| panic!("{}\n{text}", error.emit_to_string(&text)));
        let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
        let valid = validator.validate(&shader);
        assert!(valid.is_ok(), "{}: {valid:?}", champion.shape());
        assert!(
            shader
                .functions
                .iter()
                .any(|(_, function)| { function.name.as_deref() == Some("act") })
        );
    }
}

/// A program that runs every exported function on every observation.
fn program(champions: &[Champion]) -> String {
    let mut text = String::new();
    for (index, champion) in champions.iter().enumerate() {
        let module = export::rust(champion).expect("a module");
        let module = module.replace("//! ", "// ").replace("//!\n", "").replace("#![", "#[");
        text.push_str(&format!("#[allow(dead_code)]\nmod champion{index} {{\n{module}\n}}\n"));
    }
    text.push_str("fn main() {\n");
    for (index, champion) in champions.iter().enumerate() {
        let memory = champion.layers().unwrap().0.memory();
        text.push_str(&format!("    let mut memory = [0.0f32; {memory}];\n    let _ = memory;\n"));
        for observation in observations(champion.inputs()) {
            let memory = if memory > 0 { ", &mut memory" } else { "" };
            text.push_str(&format!(
                "    println!(\"{{:?}}\", champion{index}::act(&{observation:?}{memory}));\n"
            ));
        }
        text.push_str("    let _ = &mut memory;\n");
    }
    text.push_str("}\n");
    text
}

#[test]
fn rust_computes_what_the_champion_does_without_the_standard_library() {
    let mut champions = champions();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (source, binary) = (folder.path().join("all.rs"), folder.path().join("all"));
    std::fs::write(&source, program(&champions)).expect("a program");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let mut command = Command::new(rustc);
    command.args(["--edition", "2021", "-o"]).arg(&binary).arg(&source);
    let compiled = command.output().expect("rustc runs");
    let problems = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{problems}");
    let said = Command::new(&binary).output().expect("the program runs");
    let said = String::from_utf8(said.stdout).expect("text");
    let mut lines = said.lines();
    for champion in &mut champions {
        for observation in observations(champion.inputs()) {
            let expected = champion.act(&observation).expect("an action");
            let line = lines.next().expect("a line for each action");
            match champion.rule() {
                Rule::Side => assert_eq!(line == "true", expected == [1.0]),
                Rule::Force { .. } => {
                    let force: f64 = line.trim_matches(['[', ']']).parse().expect("a number");
                    let limit = 1e-5 * expected[0].abs().max(1.0);
                    assert!((force - expected[0]).abs() <= limit, "{line}, {expected:?}");
                }
                _ => assert_eq!(line.parse::<f64>().expect("a number"), expected[0]),
            }
        }
    }
    // Each as a library without the standard one.
    for champion in &champions {
        let module = export::rust(champion).expect("a module");
        let module = module.replacen("\n#![allow", "\n#![no_std]\n#![allow", 1);
        std::fs::write(&source, module).expect("a module");
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
        let mut command = Command::new(rustc);
        command.args(["--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "-o"]);
        let compiled = command.arg(folder.path().join("lib")).arg(&source).output();
        let compiled = compiled.expect("rustc runs");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    }
}

#[test]
fn json_has_the_layers_as_they_are() {
    let champion = champion("pendulum", "4:gru-3");
    let text = export::json(&champion).expect("a document");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["task"], "pendulum");
    assert_eq!(document["rule"]["limit"], 2.0);
    let layers = document["layers"].as_array().expect("layers");
    assert_eq!(layers.len(), 3);
    assert_eq!(layers[0]["recurrent_weight"].as_array().expect("rows").len(), 12);
    let weight = layers[1]["weight"][2][3].as_f64().expect("a number") as f32;
    let (network, genome) = champion.layers().unwrap();
    let tensors = network.tensors(genome);
    let tensor = tensors.iter().find(|tensor| tensor.name == "layer1.weight").expect("a tensor");
    assert_eq!(weight, tensor.values[2 * 4 + 3]);
}

#[test]
fn a_point_is_written_as_numbers_and_is_no_network() {
    let champion = champion("sphere", "none");
    assert!(export::json(&champion).expect("a document").contains("\"point\""));
    for refused in [
        export::onnx(&champion).map(drop),
        export::wgsl(&champion).map(drop),
        export::rust(&champion).map(drop),
    ] {
        let message = refused.expect_err("no network").to_string();
        assert!(message.contains("expected a network of layers, got a point"), "{message}");
    }
}
