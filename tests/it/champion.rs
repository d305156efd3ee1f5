//! Tests of champions: one that is read from a file acts as the one that was written.

use std::path::Path;
use std::sync::Arc;

use deme::champion::{Champion, NodeRole, Origin, Readout, Scaling};
use deme::export;
use deme::network::{
    Activation, Aggregation, Connection, Graph, Initialisation, Network, Node, Ports,
};
use deme::play;
use deme::task::{self, Actions, Task};

fn champion(task: &dyn Task, spec: &str) -> Champion {
    let network = Network::parse(spec, task.inputs(), task.outputs(), Activation::Tanh);
    let network = network.expect("a spec");
    let genome = network.initialise(Initialisation::Normal(0.5), 7);
    let (task_name, strategy) = (task.about().name.to_string(), "ga".into());
    let origin = Origin { task: task_name, strategy, generation: 3, seed: u64::MAX };
    Champion::new(origin, task, network, genome)
}

/// Fixed observations.
fn observations(inputs: usize) -> impl Iterator<Item = Vec<f32>> {
    (0..20).map(move |step| (0..inputs).map(|k| ((step * 7 + k * 3) as f32).sin()).collect())
}

fn reread(champion: &Champion, folder: &Path) -> Champion {
    champion.write(folder).expect("a file");
    Champion::read(folder).expect("the champion")
}

#[test]
fn a_champion_that_is_read_acts_as_the_one_that_was_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for task in task::all() {
        if task.kind_is_function() {
            continue;
        }
        let specs: &[&str] = match task.step_limit() {
            0 => &["5:relu", "none"],
            _ => &["5", "4:gru-3:elman:relu", "6:nobias-out:nobias", "4:softsign-4:gelu-2:sin"],
        };
        for spec in specs {
            let mut written = champion(task.as_ref(), spec);
            let mut read = reread(&written, folder.path());
            assert_eq!(read.origin(), written.origin());
            assert_eq!(read.layers(), written.layers());
            assert_eq!(read.readout(), written.readout());
            for observation in observations(task.inputs()) {
                let expected = written.act(&observation).expect("an action");
                assert_eq!(read.act(&observation).expect("an action"), expected);
            }
        }
    }
}

fn grown(task: &dyn Task, recurrent: bool) -> Champion {
    let id = task.inputs() as u32 + 1;
    let node = |id| Node {
        id,
        activation: Activation::Tanh,
        aggregation: Aggregation::Sum,
        response: 1.5,
    };
    let connection = |innovation, source, target, recurrent| Connection {
        innovation,
        source,
        target,
        weight: 0.75,
        enabled: true,
        recurrent,
    };
    let (inputs, outputs) = (task.inputs() as u32, task.outputs() as u32);
    // The last node is hidden. It feeds the first output, which may feed it a step later.
    let hidden = id + outputs;
    let connections = vec![
        connection(0, 0, hidden, false),
        connection(1, hidden, id, false),
        connection(2, id, hidden, recurrent),
    ];
    let graph = Graph { inputs, outputs, nodes: (id..=hidden).map(node).collect(), connections };
    let (name, strategy) = (task.about().name.to_string(), "neat".into());
    let origin = Origin { task: name, strategy, generation: 2, seed: 5 };
    Champion::from_graph(origin, task, Arc::new(graph))
}

#[test]
fn a_graph_that_is_read_acts_as_the_one_that_was_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let task = task::by_name("pendulum").expect("it is in the registry");
    let mut written = grown(task.as_ref(), true);
    let mut read = reread(&written, folder.path());
    assert_eq!(read.graph(), written.graph());
    let observation = [0.5, -0.25, 1.0];
    let first = written.act(&observation).expect("an action");
    let second = written.act(&observation).expect("an action");
    assert_ne!(first, second, "it has a hidden state");
    for expected in [&first, &second] {
        assert_eq!(&read.act(&observation).expect("an action"), expected);
    }
    read.begin_episode();
    assert_eq!(read.act(&observation).expect("an action"), first);
}

#[test]
fn a_file_with_an_invalid_graph_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let task = task::by_name("pendulum").expect("it is in the registry");
    grown(task.as_ref(), false).write(folder.path()).expect("a file");
    let error = Champion::read(folder.path()).err().expect("a cycle in one step").to_string();
    assert!(error.contains("champion.safetensors"), "{error}");
    let text = r#"{"inputs":4000000000,"outputs":1,"nodes":[],"connections":[]}"#;
    let ports = Ports { inputs: 4_000_000_000, outputs: 1, ordered: true };
    let error = Graph::from_json(text, ports).expect_err("more than the text holds");
    assert!(error.contains("got 4000000000"), "{error}");
}

/// A shorthand for a task's kind.
trait Kinds {
    fn kind_is_function(&self) -> bool;
}

impl Kinds for Box<dyn Task> {
    fn kind_is_function(&self) -> bool {
        matches!(self.kind(), task::Kind::Function(_))
    }
}

#[test]
fn the_hidden_state_lasts_until_an_episode_begins() {
    let task = task::by_name("double-pole-hidden").expect("a task");
    let mut champion = champion(task.as_ref(), "4:gru");
    let seen = [0.3, -0.2, 0.1];
    let first = champion.act(&seen).expect("an action");
    assert_ne!(champion.act(&seen).expect("an action"), first);
    champion.begin_episode();
    assert_eq!(champion.act(&seen).expect("an action"), first);
}

#[test]
fn readouts_follow_from_the_tasks() {
    let rule = |name: &str| Readout::for_task(task::by_name(name).expect("a task").as_ref());
    assert_eq!(rule("cartpole"), Readout::Choice { count: 2 });
    assert_eq!(rule("pendulum"), Readout::Force { count: 1, limit: 2.0 });
    assert_eq!(rule("digits"), Readout::Class { count: 10 });
    assert_eq!(rule("xor"), Readout::Side);
    assert_eq!(rule("sphere"), Readout::Point);
    let mut action = [0.0];
    Actions::Force { count: 1, limit: 2.0 }.decide(&[0.3], &mut action);
    let decide = |name, outputs: &[f64]| rule(name).decide(outputs).expect("outputs of the task");
    assert_eq!(decide("pendulum", &[0.3]), action);
    assert_eq!(decide("cartpole", &[0.5, 0.5]), [0.0]);
    assert_eq!([decide("xor", &[0.1]), decide("xor", &[0.0])], [[1.0], [0.0]]);
    for (name, outputs) in [("cartpole", 1), ("cartpole", 3), ("pendulum", 0), ("xor", 0)] {
        let error = rule(name).decide(&vec![0.0; outputs]).expect_err("another number of outputs");
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

#[test]
fn one_output_is_counted_as_one() {
    let refusal = |readout: Readout| readout.check(2).expect_err("two outputs").to_string();
    let side = refusal(Readout::Side);
    assert!(side.contains("expected 1 output, because the answer"), "{side}");
    let force = refusal(Readout::Force { count: 1, limit: 2.0 });
    assert!(force.contains("expected 1 output, because the action"), "{force}");
    let mut champion = champion(&*task::by_name("mountaincar").expect("a task"), "");
    let observation = champion.act(&[0.0]).expect_err("one number of two").to_string();
    assert!(observation.contains("expected 2 numbers"), "{observation}");
}

#[test]
fn a_wrong_observation_or_a_missing_file_is_refused() {
    let task = task::by_name("cartpole").expect("a task");
    let message = champion(task.as_ref(), "4").act(&[0.0; 3]).expect_err("three numbers");
    assert!(message.to_string().contains("expected 4 numbers"), "{message}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let message = Champion::read(folder.path()).err().expect("no file").to_string();
    assert!(message.contains("champion.safetensors"), "{message}");
}

#[test]
fn metadata_of_a_network_larger_than_the_file_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let task = task::by_name("cartpole").expect("a task");
    champion(task.as_ref(), "4").write(folder.path()).expect("a file");
    let file = folder.path().join("champion.safetensors");
    for (key, value) in [("network", "65536-65536-65536"), ("inputs", "18446744073709551615")] {
        let mut packed = deme::tensor_file::TensorFile::read(&file).expect("a file");
        packed.set_metadata(key, value);
        packed.write(folder.path(), "other.safetensors").expect("a file");
        let message = Champion::read(&folder.path().join("other.safetensors"));
        let message = message.err().expect("a refusal").to_string();
        assert!(message.contains("expected"), "{message}");
    }
}

/// Reads a champion of cartpole or pendulum after a change of its metadata.
fn forged(task: &str, key: &str, value: &str) -> Result<Champion, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let task = task::by_name(task).expect("a task");
    champion(task.as_ref(), "4").write(folder.path()).expect("a file");
    let file = folder.path().join("champion.safetensors");
    let mut packed = deme::tensor_file::TensorFile::read(&file).expect("a file");
    packed.set_metadata(key, value);
    packed.write(folder.path(), "champion.safetensors").expect("a file");
    Champion::read(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn an_action_that_does_not_fit_the_outputs_or_the_task_is_refused() {
    for action in [
        r#"{"rule":"choice","count":3}"#,
        r#"{"rule":"choice","count":1}"#,
        r#"{"rule":"choice","count":0}"#,
        r#"{"rule":"choice","count":18446744073709551615}"#,
        r#"{"rule":"force","count":0,"limit":1.0}"#,
        r#"{"rule":"force","count":2,"limit":1.0}"#,
        r#"{"rule":"class","count":2}"#,
        r#"{"rule":"side"}"#,
        r#"{"rule":"number"}"#,
        r#"{"rule":"point"}"#,
    ] {
        let error = forged("cartpole", "action", action).err().expect("another action");
        assert!(error.contains("expected"), "{error}");
    }
    for limit in ["-2.0", "0.0", "2.5", "1e999", "null"] {
        let action = format!(r#"{{"rule":"force","count":1,"limit":{limit}}}"#);
        forged("pendulum", "action", &action).err().expect("another limit");
    }
    forged("pendulum", "action", r#"{"rule":"force","count":1,"limit":2.0}"#).expect("its own");
    forged("cartpole", "task", "pendulum").err().expect("another task");
    // A task of a library's user is not known here, but its outputs are.
    forged("cartpole", "task", "a task of my own").expect("two choices for two outputs");
}

/// A graph of one input and one output, with a chain of hidden nodes between them.
fn chain(hidden: u32) -> Champion {
    let node = |id| Node {
        id,
        activation: Activation::Linear,
        aggregation: Aggregation::Sum,
        response: 1.0,
    };
    let connection = |innovation, source, target| Connection {
        innovation,
        source,
        target,
        weight: 1.0,
        enabled: true,
        recurrent: false,
    };
    // The chain goes from the highest number down, so that each node comes before its source.
    let last = 2 + hidden;
    let mut connections = vec![connection(0, 0, last), connection(1, 3, 2)];
    connections.extend((3..last).map(|id| connection(id, id + 1, id)));
    let nodes = (2..=last).map(node).collect();
    let graph = Graph { inputs: 1, outputs: 1, nodes, connections };
    let (task, strategy) = ("a chain".to_owned(), "neat".into());
    let origin = Origin { task, strategy, generation: 1, seed: 1 };
    Champion::from_graph(origin, task::by_name("pendulum").expect("a task").as_ref(), graph.into())
}

#[test]
fn a_graph_as_deep_as_it_is_large_acts_and_is_written() {
    let hidden = 60_000;
    let mut deep = chain(hidden);
    assert_eq!(deep.outputs(&[0.25]).expect("an output"), [0.25]);
    let error = play::draw_network(&deep).expect_err("too many columns").to_string();
    assert!(error.contains("100 columns"), "{error}");
    for format in export::FORMATS {
        // Each takes a fraction of a second. A format that is quadratic takes minutes.
        let started = std::time::Instant::now();
        let _ = (format.encode)(&deep);
        let seconds = started.elapsed().as_secs();
        assert!(seconds < 20, "{} takes {seconds} s", format.name);
    }
}

#[test]
fn observations_are_scaled_and_clipped_before_the_network_sees_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let task = task::by_name("pendulum").expect("a task");
    let scaling = Scaling { means: vec![0.5; 3], scales: vec![2.0; 3], clip: Some(5.0) };
    let mut plain = champion(task.as_ref(), "4");
    let scaled = champion(task.as_ref(), "4").with_scaling(scaling.clone()).expect("for three");
    let mut read = reread(&scaled, folder.path());
    assert_eq!(read.scaling(), Some(&scaling));
    let expected = plain.act(&[1.0, -5.0, 5.0]).expect("an action");
    assert_eq!(read.act(&[1.0, -9.0, 100.0]).expect("an action"), expected);
    for scaling in [
        Scaling { means: vec![0.0; 2], ..scaling.clone() },
        Scaling { scales: vec![f64::NAN; 3], ..scaling.clone() },
        Scaling { clip: Some(0.0), ..scaling },
    ] {
        assert!(champion(task.as_ref(), "4").with_scaling(scaling).is_err());
    }
}

#[test]
fn a_diagram_has_the_weights_that_a_champion_acts_by() {
    let task = task::by_name("pendulum").expect("a task");
    // The diagram is evaluated by hand: column by column, recurrent edges a step late.
    for spec in ["none", "5-3:relu:nobias", "4:elman:softsign-2:elman"] {
        let mut champion = champion(task.as_ref(), spec);
        let diagram = champion.diagram().expect("one weight a connection");
        let mut before = vec![0.0; diagram.nodes.len()];
        for observation in observations(3) {
            let mut now = vec![0.0; diagram.nodes.len()];
            for (place, node) in diagram.nodes.iter().enumerate() {
                if node.role == NodeRole::Input {
                    now[place] = f64::from(observation[place]);
                    continue;
                }
                let wires = diagram.edges.iter().filter(|wire| wire.target == place);
                let terms = wires.map(|wire| {
                    let from = if wire.recurrent { &before } else { &now };
                    f64::from(wire.weight) * from[wire.source]
                });
                let sum = terms.sum::<f64>() + f64::from(node.bias.unwrap_or(0.0));
                now[place] = Activation::by_name(&node.function).expect("its name").apply(sum);
            }
            let wide: Vec<f64> = observation.iter().copied().map(f64::from).collect();
            let outputs = champion.outputs(&wide).expect("outputs");
            let given = now.last().expect("an output");
            assert!((given - outputs[0]).abs() < 1e-9, "{spec}: {given} and {outputs:?}");
            before = now;
        }
    }
    assert!(champion(task.as_ref(), "4:gru").diagram().is_err_and(|error| error.is_input()));
    let sphere = task::by_name("sphere").expect("a task");
    assert!(champion(sphere.as_ref(), "").diagram().is_err_and(|error| error.is_input()));
}

#[test]
fn the_diagram_of_a_graph_has_named_nodes_by_depth() {
    let task = task::by_name("pendulum").expect("a task");
    let diagram = grown(task.as_ref(), true).diagram().expect("a graph");
    let nodes: Vec<(&str, usize, &str)> =
        diagram.nodes.iter().map(|node| (&*node.name, node.column, &*node.function)).collect();
    let inputs = [("cos", 0, ""), ("sin", 0, ""), ("turning", 0, ""), ("bias", 0, "")];
    assert_eq!(nodes[..4], inputs);
    assert_eq!(nodes[4..], [("5", 1, "tanh(1.5 sum)"), ("torque", 2, "tanh(1.5 sum)")]);
    let ends: Vec<(usize, usize, bool)> =
        diagram.edges.iter().map(|wire| (wire.source, wire.target, wire.recurrent)).collect();
    assert_eq!(ends, [(0, 4, false), (4, 5, false), (5, 4, true)]);
    assert_eq!((diagram.columns, diagram.left_out), (3, 0));
    // Outputs keep their order, although the first one is computed last.
    let task = task::by_name("acrobot").expect("a task");
    let diagram = grown(task.as_ref(), false).diagram();
    assert!(diagram.is_err(), "a cycle in one step has no columns");
    let diagram = grown(task.as_ref(), true).diagram().expect("a graph");
    let outputs = diagram.nodes.iter().filter(|node| node.role == NodeRole::Output);
    let outputs: Vec<(&str, usize)> = outputs.map(|node| (&*node.name, node.column)).collect();
    assert_eq!(outputs, [("torque -1", 2), ("torque 0", 2), ("torque 1", 2)]);
}

#[test]
fn the_ports_of_xor_have_the_names_of_its_description() {
    let champion = champion(&task::xor(), "2");
    let names = champion.port_names();
    assert_eq!((names.inputs, names.outputs), (vec!["a".into(), "b".into()], vec!["xor".into()]));
    let diagram = champion.diagram().expect("a diagram");
    let shown: Vec<&str> = diagram.nodes.iter().map(|node| node.name.as_str()).collect();
    assert!(shown.starts_with(&["a", "b"]) && shown.ends_with(&["xor"]), "{shown:?}");
    let json = export::json(&champion).expect("a document");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["observation"], serde_json::json!(["a", "b"]));
}

#[test]
fn a_folder_without_a_champion_is_told_from_a_run_at_its_beginning() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refused = || Champion::read(folder.path()).err().expect("no champion").to_string();
    assert!(refused().contains("begin a run with deme train"), "{}", refused());
    for (file, words) in [("study.json", "one of its trials"), ("config.toml", "deme resume")] {
        std::fs::write(folder.path().join(file), "").expect("a new file");
        assert!(refused().contains(words), "{}", refused());
    }
}
