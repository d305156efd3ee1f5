//! Tests of graphs: checking, compiling, packing and running them.

use deme::error::Error;
use deme::math::{Instructions, LANES, Lanes, Real, SimdWork, run_simd};
use deme::network::{
    Activation, Aggregation, Connection, Graph, GraphLanes, MAX_PALETTE_WORDS, Node, Phenotype,
    Ports, ReferenceGraph, max_packed_words, pack_phenotypes,
};
use deme::random::{Counter, Stream};
use proptest::prelude::*;

fn node(id: u32, activation: Activation) -> Node {
    Node { id, activation, aggregation: Aggregation::Sum, response: 1.0 }
}

fn connection(innovation: u32, source: u32, target: u32, weight: f32) -> Connection {
    Connection { innovation, source, target, weight, enabled: true, recurrent: false }
}

/// A graph with two inputs, one output (3), and hidden nodes from 4 on.
fn graph(hidden: u32, connections: &[(u32, u32)]) -> Graph {
    let connections = connections.iter().enumerate();
    let connections = connections
        .map(|(n, &(source, target))| connection(n as u32, source, target, 0.5 + n as f32));
    Graph {
        inputs: 2,
        outputs: 1,
        nodes: std::iter::once(3)
            .chain(4..4 + hidden)
            .map(|id| node(id, Activation::Linear))
            .collect(),
        connections: connections.collect(),
    }
}

#[track_caller]
fn refused(graph: &Graph, words: &str) {
    let error = graph.check().unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn invalid_graphs_are_refused() {
    let sound = graph(2, &[(0, 4), (4, 5), (5, 3)]);
    sound.check().unwrap();
    let with = |change: fn(&mut Graph)| {
        let mut graph = sound.clone();
        change(&mut graph);
        graph
    };
    refused(&with(|graph| graph.nodes[0].id = 9), "the outputs first");
    refused(&with(|graph| graph.nodes.swap(1, 2)), "numbers in ascending order");
    refused(&with(|graph| graph.nodes[1].response = f32::NAN), "NaN at node 4");
    refused(&with(|graph| graph.connections[1].innovation = 0), "innovations in ascending order");
    refused(&with(|graph| graph.connections[1].target = 2), "nodes that compute");
    refused(&with(|graph| graph.connections[1].source = 77), "nodes that exist");
    refused(&with(|graph| graph.connections[0].recurrent = true), "recurrent ones");
    refused(&with(|graph| graph.connections[0].weight = f32::INFINITY), "finite weights");
}

#[test]
fn only_a_cycle_with_a_recurrent_connection_is_accepted() {
    let mut cyclic = graph(3, &[(0, 4), (4, 5), (5, 6), (6, 4), (6, 3)]);
    cyclic.check().unwrap();
    let error = Phenotype::compile(&cyclic).unwrap_err().to_string();
    assert!(error.contains("a recurrent connection in every cycle"), "{error}");
    cyclic.connections[3].recurrent = true;
    assert_eq!(Phenotype::compile(&cyclic).unwrap().state_nodes, [6]);
    cyclic.connections[3].recurrent = false;
    cyclic.connections[3].enabled = false;
    assert!(Phenotype::compile(&cyclic).is_ok());
}

#[test]
fn nodes_that_no_output_needs_are_left_out() {
    // Node 4 is used, 5 has no target, 6 feeds only 5, and the connection from 7 is disabled.
    let mut graph = graph(4, &[(0, 4), (4, 3), (1, 5), (6, 5), (0, 6), (7, 3), (2, 7)]);
    graph.connections[5].enabled = false;
    let phenotype = Phenotype::compile(&graph).unwrap();
    assert_eq!((phenotype.nodes.len(), phenotype.edges.len()), (2, 2));
    let sources: Vec<i32> = phenotype.edges.iter().map(|edge| edge.source).collect();
    assert_eq!((sources, &phenotype.outputs[..]), (vec![0, 3], &[4][..]));
}

#[test]
fn nodes_are_sorted_by_depth() {
    // The older node 4 needs node 5.
    let graph = graph(2, &[(0, 5), (5, 4), (4, 3), (0, 3)]);
    let phenotype = Phenotype::compile(&graph).unwrap();
    let sources: Vec<i32> = phenotype.edges.iter().map(|edge| edge.source).collect();
    // Slots: inputs 0 and 1, bias 2, then 5, 4 and the output.
    assert_eq!(sources, [0, 3, 4, 0]);
    assert_eq!(phenotype.outputs, [5]);
}

#[test]
fn a_deep_chain_does_not_overflow_the_stack() {
    const LENGTH: u32 = 50_000;
    let links: Vec<(u32, u32)> = (4..3 + LENGTH).map(|id| (id + 1, id)).collect();
    let graph = graph(LENGTH, &[&[(4, 3)], &links[..]].concat());
    assert_eq!(Phenotype::compile(&graph).unwrap().nodes.len(), LENGTH as usize + 1);
}

#[test]
fn topologies_differ_in_everything_but_weights() {
    let base = graph(1, &[(0, 4), (4, 3), (1, 3)]);
    let of = |change: fn(&mut Graph)| {
        let mut graph = base.clone();
        change(&mut graph);
        Phenotype::compile(&graph).unwrap()
    };
    let plain = of(|_| ());
    assert!(plain.has_topology_of(&of(|graph| graph.connections[0].weight = 9.0)));
    let changes: [fn(&mut Graph); 4] = [
        |graph| graph.connections[0].source = 1,
        |graph| graph.nodes[1].activation = Activation::Tanh,
        |graph| graph.nodes[1].aggregation = Aggregation::Mean,
        |graph| graph.connections[2].enabled = false,
    ];
    for change in changes {
        let other = of(change);
        assert!(!plain.has_topology_of(&other));
        assert_ne!(plain.topology, other.topology);
    }
}

#[test]
fn a_node_takes_one_word_and_an_edge_one_and_a_half() {
    let graphs = [graph(1, &[(0, 4), (4, 3)]), graph(0, &[])]
        .map(|graph| Phenotype::compile(&graph).expect("sound"));
    let words = pack_phenotypes(&graphs).expect("small graphs");
    // A palette of one response, then the heads: first node, counts, first weight.
    assert_eq!(words[..2], [1, 1f32.to_bits()]);
    assert_eq!(words[2..8], [8, 2, 12, 14, 1, 16]);
    let linear = Activation::Linear as u32;
    assert_eq!(words[8..10], [linear | 1 << 16; 2]);
    // The first input, the hidden node; then the output's slot.
    assert_eq!(words[10..12], [3 << 16, 4]);
    assert_eq!(words[12..14], [0.5f32, 1.5].map(f32::to_bits));
    assert_eq!(words[14..], [linear, 3]);
    for graph in &graphs {
        assert!(
            max_packed_words(graph)
                >= pack_phenotypes(std::slice::from_ref(graph)).unwrap().len() - 2
        );
    }
}

#[test]
fn responses_beyond_the_palette_come_before_the_weights() {
    let mut base = graph(300, &[]);
    for id in 4..304 {
        let innovation = base.connections.len() as u32;
        base.connections.push(connection(innovation, 0, id, 0.25));
        base.connections.push(connection(innovation + 1, id, 3, 0.25));
    }
    for (place, node) in base.nodes.iter_mut().enumerate() {
        node.response = 1.0 + place as f32;
    }
    let phenotype = Phenotype::compile(&base).expect("sound");
    let words = pack_phenotypes(std::slice::from_ref(&phenotype)).expect("a graph");
    assert_eq!(words[0], 255);
    let own = words.len() - 256 - 3 - 301 - (600 + 1usize).div_ceil(2) - 600;
    assert_eq!(own, 301 - 255);
    assert!(words.len() <= MAX_PALETTE_WORDS + max_packed_words(&phenotype));
}

#[test]
fn graphs_of_other_tasks_are_refused() {
    let graph = graph(0, &[(0, 3)]);
    let ports = Ports { inputs: 2, outputs: 1, ordered: false };
    graph.check_ports(ports).unwrap();
    let wrong = graph.check_ports(Ports { inputs: 3, ..ports });
    assert!(matches!(wrong, Err(Error::Invalid { .. })));
    let mut recurrent = graph;
    recurrent.connections.push(Connection { recurrent: true, ..connection(1, 3, 3, 0.5) });
    recurrent.check_ports(Ports { ordered: true, ..ports }).unwrap();
    let error = recurrent.check_ports(ports).unwrap_err().to_string();
    assert!(error.contains("no order"), "{error}");
}

/// A random graph: forward connections to later nodes, recurrent connections to any.
fn random_graph(seed: u64, individual: u32) -> Graph {
    let place = Counter { seed, stream: Stream::Verification, generation: 0, individual };
    let mut units = (0..).flat_map(|block| place.uniforms(block));
    let mut below = |count: usize| (units.next().unwrap() * count as f32) as u32;
    let hidden = below(7);
    let mut graph = graph(hidden, &[]);
    for node in &mut graph.nodes {
        node.activation = Activation::ALL[below(Activation::ALL.len()) as usize];
        node.aggregation = Aggregation::ALL[below(Aggregation::ALL.len()) as usize];
        node.response = 0.5 + below(4) as f32 / 4.0;
    }
    for innovation in 0..below(20) {
        let recurrent = below(3) == 0;
        // The order of forward connections: inputs, bias, hidden nodes, output.
        let order = |place: u32| match place {
            0..3 => place,
            last if last == 3 + hidden => 3,
            middle => middle + 1,
        };
        let target = 3 + below(hidden as usize + 1);
        let source =
            if recurrent { 3 + below(hidden as usize + 1) } else { below(target as usize) };
        graph.connections.push(Connection {
            enabled: below(5) > 0,
            recurrent,
            ..connection(innovation, order(source), order(target), below(17) as f32 / 8.0 - 1.0)
        });
    }
    graph
}

/// The outputs of each lane over some steps.
struct GraphSteps<'a> {
    graphs: &'a [Phenotype],
    steps: usize,
}

impl SimdWork for GraphSteps<'_> {
    type Output = Vec<Vec<f32>>;

    #[inline(always)]
    fn run<I: Instructions>(self) -> Self::Output {
        let all: Vec<&Phenotype> = self.graphs.iter().collect();
        let mut lanes = GraphLanes::<I>::for_graphs(&all);
        for (lane, graph) in all.iter().enumerate() {
            lanes.assign(lane, graph);
        }
        let mut said = vec![Vec::new(); all.len()];
        for step in 0..self.steps {
            let observation =
                [Lanes::from_f64(0.5 + step as f64), Lanes::from_f64(-0.25 * step as f64)];
            let outputs = lanes.step(&observation);
            for (lane, said) in said.iter_mut().enumerate() {
                said.push(outputs[0].0[lane]);
            }
        }
        said
    }
}

const STEPS: usize = 4;

proptest! {
    #[test]
    fn lanes_agree_with_the_reference_and_with_themselves_alone(seed in any::<u64>()) {
        let genes: Vec<Graph> = (0..LANES as u32).map(|i| random_graph(seed, i)).collect();
        let graphs: Vec<Phenotype> = genes.iter().map(|g| Phenotype::compile(g).unwrap()).collect();
        let together = run_simd(GraphSteps { graphs: &graphs, steps: STEPS });
        for (lane, gene) in genes.iter().enumerate() {
            gene.check().unwrap();
            let alone = run_simd(GraphSteps { graphs: &graphs[lane..=lane], steps: STEPS });
            let bits = |said: &[f32]| said.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&alone[0]), bits(&together[lane]), "{}", gene);
            let mut reference = ReferenceGraph::new(gene);
            let mut largest = 1.0f64;
            for (step, &found) in together[lane].iter().enumerate() {
                let expected = reference.step(&[0.5 + step as f64, -0.25 * step as f64])[0];
                let nodes = gene.nodes.iter().map(|node| reference.previous(node.id).abs());
                largest = nodes.fold(largest, f64::max);
                let found = f64::from(found);
                // Errors accumulate over the steps, and the sine of a large argument amplifies
                // them.
                let limit = 1e-4 * largest;
                prop_assert!(
                    (found - expected).abs() <= limit || largest > 1e3,
                    "step {step}: {found}, not {expected}"
                );
            }
        }
    }
}
