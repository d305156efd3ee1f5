//! Lane policies: layers and the graph with the same weights act alike.

use approx::assert_relative_eq;
use deme::network::{Activation, Aggregation, Connection, Graph, Network, Node, Phenotype};
use deme::random::{Counter, Stream};
use deme::task::{self, Assignment, Kind, Outcome, Span};

const FIRST: Counter = Counter { seed: 3, stream: Stream::Training, generation: 1, individual: 4 };
const STEPS: Span = Span::Episode(30);

/// The graph of a network without hidden layers.
fn graph(network: &Network, genome: &[f32]) -> Graph {
    let (inputs, outputs) = (network.inputs() as u32, network.outputs() as u32);
    let node = |output: u32| Node {
        id: inputs + 1 + output,
        activation: Activation::Linear,
        aggregation: Aggregation::Sum,
        response: 1.0,
    };
    // Weights are in the order of inputs, followed by the biases; the bias is one more input.
    let connection = |innovation: u32| Connection {
        innovation,
        source: innovation / outputs,
        target: inputs + 1 + innovation % outputs,
        weight: genome[innovation as usize],
        enabled: true,
        recurrent: false,
    };
    let connections = (0..(inputs + 1) * outputs).map(connection).collect();
    Graph { inputs, outputs, nodes: (0..outputs).map(node).collect(), connections }
}

#[test]
fn a_graph_acts_as_the_layers_with_its_weights() {
    let pendulum = task::by_name("pendulum").expect("it is in the registry");
    let Kind::Control(simulation) = pendulum.kind() else { panic!("a control task") };
    let network = pendulum.network("", Activation::Linear).expect("no hidden layers");
    let genome = |item: usize| -> Vec<f32> {
        (0..network.parameters()).map(|gene| ((7 * gene + 5 * item) as f32).sin()).collect()
    };
    let graphs: Vec<Phenotype> = (0..20)
        .map(|item| Phenotype::compile(&graph(&network, &genome(item))).expect("no cycle"))
        .collect();
    let graphs: Vec<&Phenotype> = graphs.iter().collect();
    let play = |assignment: Assignment<'_>| {
        let mut outcomes = vec![Outcome::default(); graphs.len()];
        simulation.rollout_lanes(&network, assignment, FIRST, STEPS, &mut outcomes, None);
        outcomes
    };
    let write = |item: usize, room: &mut [f32]| room.copy_from_slice(&genome(item));
    let layered = play(Assignment::Individuals { genome: &write, episodes: 2 });
    let by_graphs = play(Assignment::Graphs { graphs: &graphs, episodes: 2 });
    for (found, expected) in by_graphs.iter().zip(&layered) {
        assert_eq!(found.steps, expected.steps);
        assert_relative_eq!(found.reward, expected.reward, max_relative = 1e-4);
    }
    let rewards: Vec<f64> = by_graphs.iter().map(|outcome| outcome.reward).collect();
    assert!(rewards.iter().any(|reward| (reward - rewards[0]).abs() > 1.0), "{rewards:?}");
}
