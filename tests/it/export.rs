//! Exports: every format computes the same actions as the champion, and onnxruntime confirms it.

mod metadata;
mod wgsl;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use deme::champion::{Champion, Origin, Readout, Scaling, StandardisationPrecision};
use deme::export;
use deme::network::{
    Activation, Aggregation, Connection, Graph, Initialisation, Network, Node, Phenotype,
};
use deme::task::{self, DataFile};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use serde_json::{Value, json};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/graphs").join(name)
}

fn champion(task: &str, spec: &str) -> Champion {
    let task = task::by_name(task).expect("a task");
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a spec");
    let genome = network.initialise(Initialisation::Normal(0.6), 5);
    let (task_name, strategy) = (task.about().name.to_string(), "ga".into());
    let origin = Origin { task: task_name, strategy, generation: 1, seed: 5 };
    Champion::new(origin, task.as_ref(), network, genome)
}

/// A graph for a task. It has a hidden node of every activation and aggregation, each connected to
/// the inputs, the bias, the node before it and, if wanted, its own output of the step before. One
/// more node has no incoming connections, and one leads to no output.
fn graph_champion(task: &str, recurrent: bool) -> Champion {
    let task = task::by_name(task).expect("a task");
    let (inputs, outputs) = (task.inputs() as u32, task.outputs() as u32);
    let (mut nodes, mut connections): (Vec<Node>, Vec<Connection>) = (Vec::new(), Vec::new());
    let mut connect = |source: u32, target: u32, recurrent: bool| {
        let innovation = connections.len() as u32;
        let weight = 0.9 * (2.7 * innovation as f32 + 1.0).sin();
        let enabled = innovation % 7 != 3;
        connections.push(Connection { innovation, source, target, weight, enabled, recurrent });
    };
    let functions = Activation::ALL.into_iter().flat_map(|activation| {
        Aggregation::ALL.into_iter().map(move |aggregation| (activation, aggregation))
    });
    let mut functions: Vec<_> = functions.collect();
    functions.push((Activation::Sigmoid, Aggregation::Maximum));
    functions.push((Activation::Tanh, Aggregation::Sum));
    let (first, unconnected) = (inputs + 1 + outputs, functions.len() as u32 - 2);
    for output in 0..outputs {
        let (activation, aggregation) = (Activation::Linear, Aggregation::Sum);
        nodes.push(Node { id: inputs + 1 + output, activation, aggregation, response: 0.5 });
    }
    for ((activation, aggregation), index) in functions.into_iter().zip(0..) {
        let (id, response) = (first + index, if index % 3 == 0 { 0.75 } else { 1.0 });
        nodes.push(Node { id, activation, aggregation, response });
        if index == unconnected + 1 {
            connect(0, id, false);
            continue;
        }
        (0..outputs).for_each(|output| connect(id, inputs + 1 + output, false));
        if index == unconnected {
            continue;
        }
        (0..=inputs.min(4)).for_each(|source| connect(source, id, false));
        connect(inputs, id, false);
        if index > 0 {
            connect(id - 1, id, false);
        }
        if recurrent {
            connect(id, id, true);
        }
    }
    if recurrent {
        connect(inputs + 1, first, true);
    }
    let graph = Graph { inputs, outputs, nodes, connections };
    graph.check().expect("a valid graph");
    let (task_name, strategy) = (task.about().name.to_string(), "neat".into());
    let origin = Origin { task: task_name, strategy, generation: 1, seed: 5 };
    Champion::from_graph(origin, task.as_ref(), Arc::new(graph))
}

/// The size of a champion's hidden state.
fn state_size(champion: &Champion) -> usize {
    match champion.graph() {
        Some(graph) => Phenotype::compile(graph).expect("no cycle").state_sources.len(),
        None => champion.layers().expect("layers").0.state_size(),
    }
}

/// A champion of random weights for a table.
fn champion_of_table(text: &str) -> Champion {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("table.csv");
    std::fs::write(&path, text).expect("a table");
    let data = DataFile::new(&path).read().expect("a good table").data;
    let network = Network::parse("5", data.inputs, data.outputs, Activation::Tanh);
    let network = network.expect("a spec");
    let genome = network.initialise(Initialisation::Normal(0.6), 5);
    let (task, strategy) = ("table".into(), "ga".into());
    let origin = Origin { task, strategy, generation: 1, seed: 5 };
    Champion::new(origin, &data, network, genome)
}

/// The champions of tables whose columns, or whose target, `f32` cannot hold: time stamps in
/// milliseconds, and amounts with 13 digits.
fn wide_champions() -> Vec<Champion> {
    let rows = |row: &dyn Fn(usize) -> String| (0..60).map(row).collect::<String>();
    let stamp = |i: usize| 1_700_000_000_000 + (i * 17) % 30;
    let late = rows(&|i| format!("{},{},{}\n", i % 7, stamp(i), ["no", "yes"][stamp(i) % 2]));
    let price = rows(&|i| format!("{},{}.25\n", i % 11, stamp(i)));
    let both = rows(&|i| format!("{},{}.25\n", stamp(i), 2_000_000_000_000 + (i * i) % 50));
    [format!("a,stamp,late\n{late}"), format!("a,price\n{price}"), format!("stamp,price\n{both}")]
        .iter()
        .map(|text| champion_of_table(text))
        .collect()
}

/// Champions of every readout, cell, activation and aggregation, with and without scaling.
fn champions() -> Vec<Champion> {
    let scaling =
        Scaling { means: vec![0.1, -0.2, 0.3], scales: vec![2.0, 0.5, 3.0], clip: Some(1.5) };
    let specs = [
        ("cartpole", "5-4:relu"),
        ("cartpole", "6:gelu-5:silu-4:sin-3:softsign:nobias-2:sigmoid-out:nobias"),
        ("cartpole", "7:step"),
        ("pendulum", "4:gru-3"),
        ("double-pole-hidden", "3:elman:softsign-2:gru:nobias"),
        ("xor", "4:sigmoid"),
        ("digits", "7"),
        ("mountaincar-continuous", "none"),
    ];
    let mut all: Vec<Champion> =
        specs.into_iter().map(|(task, spec)| champion(task, spec)).collect();
    all.push(champion("pendulum", "4:gru").with_scaling(scaling.clone()).expect("three numbers"));
    all.extend([
        graph_champion("cartpole", false),
        graph_champion("xor", false),
        graph_champion("digits", false),
    ]);
    all.extend([
        graph_champion("double-pole-hidden", true),
        graph_champion("mountaincar-continuous", true),
    ]);
    all.push(graph_champion("pendulum", true).with_scaling(scaling).expect("three numbers"));
    all
}

/// Fixed observations: numbers of `f32`, or for a wide column numbers around its mean.
fn observations(champion: &Champion) -> Vec<Vec<f64>> {
    let number = |step: usize, k: usize| {
        let number = f64::from((1.3 * (step * 5 + k * 3) as f32).sin() * 1.5);
        match champion.observation_precisions()[k] {
            StandardisationPrecision::Single => number,
            _ => (champion.scaling().expect("a table").means[k] + 9.0 * number).round(),
        }
    };
    (0..12).map(|step| (0..champion.inputs()).map(|k| number(step, k)).collect()).collect()
}

#[test]
fn onnx_graphs_are_those_that_onnxruntime_has_confirmed() {
    let witness = std::fs::read_to_string(golden("witness.json")).expect("the witness");
    let witness: Value = serde_json::from_str(&witness).expect("JSON");
    let cases = witness["cases"].as_object().expect("cases");
    assert!(cases.len() >= 12);
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
            let action = champion.decide(&outputs).expect("its own outputs");
            // Both outputs of a regression are in the unit of the target.
            let scale = champion.output_scalings().first().copied();
            let limit = 1e-5 * scale.map_or(1.0, |by| by.deviation);
            let outputs = if scale.is_some() { action.clone() } else { outputs };
            for (key, ours) in [("outputs", outputs), ("action", action)] {
                let theirs = numbers(key);
                assert_eq!(ours.len(), theirs.len(), "{name}");
                for (ours, theirs) in ours.iter().zip(theirs) {
                    let is_force = key == "action" && scale.is_none();
                    let limit = limit * if is_force { ours.abs().max(1.0) } else { 1.0 };
                    // An answer of 13 digits has a rounding error of its own, in double precision.
                    let limit = limit + f64::EPSILON * ours.abs();
                    assert!((ours - theirs).abs() <= limit, "{name}, {key}: {ours}, not {theirs}");
                }
            }
        }
    }
}

#[test]
fn wgsl_is_valid_for_every_kind_of_champion() {
    for champion in champions().into_iter().chain(wide_champions()) {
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
        let module = module.replace("//! ", "// ").replace("#![", "#[");
        text.push_str(&format!("#[allow(dead_code)]\nmod champion{index} {{\n{module}\n}}\n"));
    }
    text.push_str("fn main() {\n");
    for (index, champion) in champions.iter().enumerate() {
        let state = state_size(champion);
        text.push_str(&format!("    let mut memory = [0.0f32; {state}];\n    let _ = memory;\n"));
        for observation in observations(champion) {
            let memory = if state > 0 { ", &mut memory" } else { "" };
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
    champions.extend(wide_champions());
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
        for observation in observations(champion) {
            let expected = champion.act_on(&observation).expect("an action");
            let line = lines.next().expect("a line for each action");
            match champion.readout() {
                Readout::Side => assert_eq!(line == "true", expected == [1.0]),
                Readout::Force { .. } => {
                    let force: f64 = line.trim_matches(['[', ']']).parse().expect("a number");
                    let limit = 1e-5 * expected[0].abs().max(1.0);
                    assert!((force - expected[0]).abs() <= limit, "{line}, {expected:?}");
                }
                Readout::Number => {
                    let answer: f64 = line.parse().expect("a number");
                    let deviation = champion.output_scalings()[0].deviation;
                    assert!((answer - expected[0]).abs() <= 1e-5 * deviation, "{line}");
                }
                _ => assert_eq!(line.parse::<f64>().expect("a number"), expected[0]),
            }
        }
    }
    // Every module compiles as a library without the standard library.
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
    assert_eq!((&document["seed"], &document["generation"]), (&json!(5), &json!(1)));
    assert_eq!(document["observation"].as_array().expect("names").len(), 3);
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
fn numbers_that_f32_cannot_hold_are_standardised_in_double_precision() {
    let [mut stamps, prices, both] = wide_champions().try_into().ok().expect("three");
    use StandardisationPrecision::{Pair, Single};
    assert_eq!(stamps.observation_precisions(), [Single, Pair]);
    assert_eq!(stamps.wide_inputs(), ["stamp"]);
    let precisions =
        |champion: &Champion| [champion.observation_precision(), champion.answer_precision()];
    assert_eq!(
        [&stamps, &prices, &both].map(precisions),
        [[Pair, Single], [Single, Pair], [Pair; 2]]
    );
    // Two neighbouring milliseconds are one number of f32.
    let refused = stamps.act(&[1.0, 1.7e12]).expect_err("f32 is too coarse").to_string();
    assert!(refused.contains("'stamp'") && refused.contains("act_on"), "{refused}");
    let json: Value = serde_json::from_str(&export::json(&stamps).unwrap()).unwrap();
    assert_eq!(json["input"]["precision"], "f64");
    let text = export::rust(&both).expect("a module");
    assert!(text.contains("act(observation: &[f64; 1]) -> f64"), "{text}");
    // WGSL has no double precision: two numbers of f32 hold 48 digits of a binary number.
    let nanoseconds = |i: usize| format!("{},{}\n", 1_700_000_000_000_000_000 + i * 1_000, i % 2);
    let rows: String = (0..60).map(nanoseconds).collect();
    let champion = champion_of_table(&format!("stamp,odd\n{rows}"));
    let refused = export::wgsl(&champion).expect_err("too many digits").to_string();
    assert!(refused.contains("'stamp'") && refused.contains("--onnx"), "{refused}");
    for far in ["1e150", "1e-150"] {
        let rows: String = (1..60).map(|i| format!("{}{},{}\n", i, &far[1..], i % 2)).collect();
        assert!(export::wgsl(&champion_of_table(&format!("far,odd\n{rows}"))).is_err(), "{far}");
    }
}

#[test]
fn a_point_is_written_as_numbers_and_is_no_network() {
    let champion = champion("sphere", "none");
    assert!(export::json(&champion).expect("a document").contains("\"point\""));
    for refused in [
        export::onnx(&champion).map(drop),
        export::wgsl(&champion).map(drop),
        export::rust(&champion).map(drop),
        export::dot(&champion).map(drop),
    ] {
        let message = refused.expect_err("no network").to_string();
        assert!(message.contains("expected a network, got a point"), "{message}");
    }
}

#[test]
fn the_golden_graphs_have_every_activation_aggregation_and_loops() {
    let champion = Champion::read(&golden("functions.safetensors")).expect("a champion");
    let graph = champion.graph().expect("a graph");
    let phenotype = Phenotype::compile(graph).expect("no cycle");
    // The files are older than `step`, which is exported in a network of layers.
    for activation in Activation::ALL.into_iter().filter(|&which| which != Activation::Step) {
        for aggregation in Aggregation::ALL {
            let is_this =
                |node: &&Node| (node.activation, node.aggregation) == (activation, aggregation);
            assert!(
                graph.nodes.iter().any(|node| is_this(&node)),
                "{activation:?} {aggregation:?}"
            );
        }
    }
    assert!(phenotype.state_sources.len() > 30 && phenotype.nodes.len() < graph.nodes.len());
    let loops = Champion::read(&golden("loops.safetensors")).expect("a champion");
    assert!(
        state_size(&loops) > 0,
        "evolution made no loop; make the golden graph with another seed"
    );
    assert_eq!(state_size(&Champion::read(&golden("grown.safetensors")).expect("a champion")), 0);
}

#[test]
fn no_format_writes_nodes_that_lead_to_no_output() {
    let champion = graph_champion("pendulum", true);
    // The last node leads to no output, and the one before it has no incoming connections.
    let last = champion.graph().expect("a graph").nodes.last().expect("a node").id;
    let (rust, wgsl) = (export::rust(&champion).unwrap(), export::wgsl(&champion).unwrap());
    for text in [&rust, &wgsl] {
        assert!(!text.contains(&format!("n{last}:")) && text.contains(&format!("n{}:", last - 1)));
    }
    let onnx = export::onnx(&champion).expect("a graph");
    let has = |word: &str| onnx.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(has("memory0_next") && has("ReduceProd") && !has(&format!("node{last}.weight")));
}

#[test]
fn dot_has_every_node_in_its_column_and_every_connection_with_its_weight() {
    for champion in [graph_champion("pendulum", true), champion("pendulum", "3:elman-2:relu")] {
        let (text, diagram) = (export::dot(&champion).unwrap(), champion.diagram().unwrap());
        let edges: Vec<&str> = text.lines().filter(|line| line.contains(" -> ")).collect();
        assert_eq!(edges.len(), diagram.edges.len());
        for (line, edge) in edges.iter().zip(&diagram.edges) {
            assert!(line.starts_with(&format!("    {} -> {} [", edge.source, edge.target)));
            assert!(line.contains(&format!("weight_value=\"{:?}\"", edge.weight)), "{line}");
            assert_eq!(line.contains("style=dashed, constraint=false"), edge.recurrent);
        }
        assert_eq!(text.matches("rank=same").count(), diagram.columns - 2);
        let columns: Vec<&str> = text.split("rank=").skip(1).collect();
        for (index, node) in diagram.nodes.iter().enumerate() {
            assert!(columns[node.column].contains(&format!("\n        {index} [label=")));
        }
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
    let gated = export::dot(&champion("pendulum", "4:gru")).expect_err("three weights each");
    assert!(gated.to_string().contains("layer 1 has gates"), "{gated}");
}
