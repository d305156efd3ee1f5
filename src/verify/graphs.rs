//! Rung 4, `graphs`: single passes through graphs of many shapes, and single steps of recurrent
//! graphs. Each step starts from the hidden state of the reference.
//!
//! The reference evaluates the genes recursively, so this rung also tests the code that compiles
//! and packs graphs.

use std::sync::Arc;

use super::forward::{FORWARD_UNITS, UNIT, random_samples};
use super::steps::UniformDraws;
use super::{Comparison, Implementation, Rung};
use crate::backend::{Backend, ForwardBackend, Reference};
use crate::error::Result;
use crate::network::{
    Activation, Aggregation, Connection, Graph, Network, Node, Phenotype, Ports, ReferenceGraph,
};
use crate::population::{Graphs, Proposal};
use crate::task::Task;

const INPUTS: u32 = 3;
const OUTPUTS: u32 = 2;
/// Individuals of each shape, a few more than there are lanes.
const INDIVIDUALS: usize = 19;
const SAMPLES: usize = 37;
/// Steps of an episode. The hidden states settle long before its end.
const STEPS: usize = 25;

/// A shape: its name, the length of its longest path in nodes, and the function that builds it.
type GraphShape = (&'static str, u32, fn(&mut GraphBuilder));

const SHAPES: [GraphShape; 9] = [
    ("no connections", 1, |_| ()),
    ("no hidden nodes", 1, |builder| builder.connect_inputs()),
    ("a deep chain", 61, |builder| builder.chain(60)),
    // More nodes than the palette of a kernel has responses.
    ("a wide layer", 2, |builder| builder.layer(300)),
    ("paths of two lengths", 4, GraphBuilder::paths),
    ("every activation and aggregation", 2, GraphBuilder::every_function),
    ("a random graph", 31, |builder| builder.random(30, 120, 0)),
    ("disabled genes", 31, GraphBuilder::partly_disabled),
    ("different topologies", 31, GraphBuilder::differing),
];

const RECURRENT: [GraphShape; 4] = [
    ("a node with a loop", 2, GraphBuilder::own_loop),
    ("a loop of three nodes", 4, GraphBuilder::loop_of_three),
    ("recurrent outputs", 2, GraphBuilder::feedback),
    ("a random graph with loops", 21, |builder| builder.random(20, 60, 25)),
];

pub(super) fn check(implementation: &dyn Implementation) -> Result<Vec<Rung>> {
    checks(implementation).collect()
}

/// Checks one shape after another. A planted fault needs only the first ones.
pub(super) fn checks(
    implementation: &dyn Implementation,
) -> impl Iterator<Item = Result<Rung>> + '_ {
    let passes = SHAPES.iter().map(move |shape| check_pass(implementation, shape));
    passes.chain(RECURRENT.iter().map(move |shape| check_steps(implementation, shape)))
}

/// Individuals of a shape. Their weights differ; their topologies differ only if the shape says so.
fn individuals(
    inputs: u32,
    outputs: u32,
    build: fn(&mut GraphBuilder),
    seed: u64,
) -> Vec<Arc<Graph>> {
    let builder = |individual: usize| {
        let mut builder = GraphBuilder::new(inputs, outputs, seed, individual);
        build(&mut builder);
        Arc::new(builder.graph)
    };
    (0..INDIVIDUALS).map(builder).collect()
}

/// A population of graphs with many topologies, for a task with these ports.
pub(super) fn population(ports: Ports, individuals: usize) -> Proposal {
    let builder = |individual: usize| {
        let (inputs, outputs) = (ports.inputs as u32, ports.outputs as u32);
        let mut builder = GraphBuilder::new(inputs, outputs, 7, individual);
        builder.differing();
        if ports.ordered {
            builder.recur(individual % 5);
        }
        Arc::new(builder.graph)
    };
    Proposal::Graphs(Graphs { individuals: (0..individuals).map(builder).collect() })
}

const CRITERION: &str = "16 units in the last place of the largest number, times the depth";

fn check_pass(
    implementation: &dyn Implementation,
    &(name, depth, build): &GraphShape,
) -> Result<Rung> {
    let (inputs, outputs) = (INPUTS as usize, OUTPUTS as usize);
    let task: Arc<dyn Task> = Arc::new(random_samples(inputs, outputs, SAMPLES));
    let network = Network::parse("", inputs, outputs, Activation::Linear)?;
    let graphs = individuals(INPUTS, OUTPUTS, build, 1);
    let largest = largest(&graphs, &task);
    let proposal = Proposal::Graphs(Graphs { individuals: graphs.into() });
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    reference.spawn(&proposal)?;
    let expected = reference.forward()?;
    let mut backend = implementation.backend(task, network, None)?;
    backend.spawn(&proposal)?;
    let found = backend.forward()?;

    let mut errors = Comparison::new("4 graphs", name, CRITERION);
    let limit = FORWARD_UNITS * UNIT * largest * f64::from(depth);
    errors.check_that(found.len() == expected.len(), || format!("{} outputs", found.len()));
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let (individual, rest) = (i / (SAMPLES * outputs), i % (SAMPLES * outputs));
        let at = || {
            let (sample, output) = (rest / outputs, rest % outputs);
            format!("individual {individual}, sample {sample}, output {output}")
        };
        errors.check(f64::from(got), f64::from(want), limit, at);
    }
    Ok(errors.into_rung())
}

/// The largest magnitude of any node in the graphs, or 1 if it is smaller.
fn largest(graphs: &[Arc<Graph>], task: &Arc<dyn Task>) -> f64 {
    let crate::task::Kind::Data(data) = task.kind() else { return 1.0 };
    let mut largest = 1.0f64;
    for graph in graphs {
        let mut reference = ReferenceGraph::new(&**graph);
        for sample in 0..SAMPLES {
            let features: Vec<f64> = data.sample(sample).iter().copied().map(f64::from).collect();
            reference.step(&features);
            let nodes = graph.nodes.iter().map(|node| reference.previous(node.id).abs());
            largest = nodes.fold(largest, f64::max);
        }
    }
    largest
}

fn check_steps(
    implementation: &dyn Implementation,
    &(name, depth, build): &GraphShape,
) -> Result<Rung> {
    let (mut graphs, mut cases, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    let mut largest = 1.0f64;
    let mut numbers = UniformDraws::new(5);
    for graph in individuals(INPUTS, OUTPUTS, build, 2) {
        let state = Phenotype::compile(&graph)?.state_nodes;
        let mut reference = ReferenceGraph::new(&*graph);
        for _ in 0..STEPS {
            let observation: Vec<f32> = (0..INPUTS).map(|_| numbers.number()).collect();
            graphs.push(Arc::clone(&graph));
            cases.extend_from_slice(&observation);
            for &id in &state {
                // Both sides start from a hidden state that single precision can represent.
                let number = reference.previous(id) as f32;
                reference.set_previous(id, f64::from(number));
                cases.push(number);
            }
            let observation: Vec<f64> = observation.into_iter().map(f64::from).collect();
            expected.extend(reference.step(&observation));
            expected.extend(state.iter().map(|&id| reference.previous(id)));
            let nodes = graph.nodes.iter().map(|node| reference.previous(node.id).abs());
            largest = nodes.fold(largest, f64::max);
        }
    }
    let found = implementation.step_graphs(&graphs, &cases)?;
    let mut errors = Comparison::new("4 graphs", name, CRITERION);
    let limit = FORWARD_UNITS * UNIT * largest * f64::from(depth);
    errors.check_that(found.len() == expected.len(), || format!("{} numbers", found.len()));
    let words = expected.len() / graphs.len();
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let (case, number) = (i / words, i % words);
        let at = || format!("individual {}, step {}, number {number}", case / STEPS, case % STEPS);
        errors.check(f64::from(got), want, limit, at);
    }
    Ok(errors.into_rung())
}

/// A graph under construction. The weights differ between individuals; the topology differs only
/// if the shape says so.
struct GraphBuilder {
    graph: Graph,
    weights: UniformDraws,
    topology: UniformDraws,
    individual: usize,
}

impl GraphBuilder {
    fn new(inputs: u32, outputs: u32, seed: u64, individual: usize) -> Self {
        let graph = Graph { inputs, outputs, nodes: Vec::new(), connections: Vec::new() };
        let weights = UniformDraws::new(1000 * seed + individual as u64);
        let mut builder = Self { graph, weights, topology: UniformDraws::new(seed), individual };
        for _ in 0..outputs {
            builder.node(Activation::Linear, Aggregation::Sum);
        }
        builder
    }

    fn node(&mut self, activation: Activation, aggregation: Aggregation) -> u32 {
        let id = self.graph.first_output() + self.graph.nodes.len() as u32;
        let response = 0.75 + 0.5 * self.topology.uniform() as f32;
        self.graph.nodes.push(Node { id, activation, aggregation, response });
        id
    }

    fn connect(&mut self, source: u32, target: u32) {
        self.connect_as(source, target, false);
    }

    fn connect_as(&mut self, source: u32, target: u32, recurrent: bool) {
        let innovation = self.graph.connections.len() as u32;
        let weight = 0.7 * self.weights.number();
        let new = Connection { innovation, source, target, weight, enabled: true, recurrent };
        self.graph.connections.push(new);
    }

    fn pick(&mut self, count: u32) -> u32 {
        (self.topology.uniform() * f64::from(count)) as u32
    }

    fn output(&self, place: u32) -> u32 {
        self.graph.first_output() + place % self.graph.outputs
    }

    fn connect_inputs(&mut self) {
        for source in 0..=self.graph.bias() {
            for output in 0..self.graph.outputs {
                self.connect(source, self.output(output));
            }
        }
    }

    fn chain(&mut self, length: u32) {
        let mut source = 0;
        for _ in 0..length {
            let node = self.node(Activation::Tanh, Aggregation::Sum);
            self.connect(source, node);
            self.connect(self.graph.bias(), node);
            source = node;
        }
        self.connect(source, self.output(0));
    }

    fn layer(&mut self, width: u32) {
        for k in 0..width {
            let node = self.node(Activation::Sigmoid, Aggregation::Sum);
            self.connect(k % (self.graph.inputs + 1), node);
            self.connect((k + 1) % self.graph.inputs, node);
            self.connect(node, self.output(k));
        }
    }

    /// Adds three paths from one source to one target: direct, over one node, and over two nodes.
    fn paths(&mut self) {
        let [a, b, c] = [0; 3].map(|_| self.node(Activation::Softsign, Aggregation::Sum));
        for (source, target) in [(0, a), (a, b), (a, c), (b, c), (0, b), (0, c), (1, a)] {
            self.connect(source, target);
        }
        for node in [a, b, c, 0] {
            self.connect(node, self.output(0));
        }
        self.connect(c, self.output(1));
    }

    fn every_function(&mut self) {
        for (k, activation) in Activation::ALL.into_iter().enumerate() {
            for aggregation in Aggregation::ALL {
                let node = self.node(activation, aggregation);
                for source in 0..=self.graph.bias() {
                    self.connect(source, node);
                }
                self.connect(node, self.output(k as u32));
            }
        }
    }

    fn random(&mut self, hidden: u32, connections: usize, recurrent: usize) {
        let first = self.graph.first_hidden();
        for k in 0..hidden {
            let activation = Activation::ALL[k as usize % Activation::ALL.len()];
            self.node(activation, Aggregation::Sum);
        }
        for _ in 0..connections {
            // Hidden nodes have sources among earlier nodes; outputs have any sources.
            let target = self.pick(hidden + self.graph.outputs);
            let (target, before) = if target < hidden {
                (first + target, target)
            } else {
                (self.output(target), hidden)
            };
            let source = self.pick(self.graph.inputs + 1 + before);
            let is_input = source <= self.graph.bias();
            let source = if is_input { source } else { first + source - self.graph.inputs - 1 };
            self.connect(source, target);
        }
        self.recur(recurrent);
    }

    /// Adds recurrent connections between any nodes.
    fn recur(&mut self, count: usize) {
        let (first, nodes) = (self.graph.first_output(), self.graph.nodes.len() as u32);
        for _ in 0..count {
            let (source, target) = (first + self.pick(nodes), first + self.pick(nodes));
            self.connect_as(source, target, true);
        }
    }

    fn partly_disabled(&mut self) {
        self.random(30, 120, 0);
        for place in 0..self.graph.connections.len() {
            self.graph.connections[place].enabled = self.topology.uniform() < 0.5;
        }
    }

    /// Adds a random topology, one of eleven.
    fn differing(&mut self) {
        self.topology = UniformDraws::new(50 + self.individual as u64 % 11);
        self.connect_inputs();
        let hidden = self.pick(12);
        self.random(hidden, 3 * hidden as usize, 0);
    }

    fn own_loop(&mut self) {
        let node = self.node(Activation::Tanh, Aggregation::Sum);
        self.connect(0, node);
        self.connect_as(node, node, true);
        self.connect(node, self.output(0));
        self.connect(node, self.output(1));
    }

    fn loop_of_three(&mut self) {
        let [a, b, c] = [0; 3].map(|_| self.node(Activation::Tanh, Aggregation::Sum));
        for (source, target) in [(0, a), (1, a), (a, b), (b, c), (c, self.output(0))] {
            self.connect(source, target);
        }
        self.connect_as(c, a, true);
        self.connect_as(a, self.output(1), true);
    }

    fn feedback(&mut self) {
        self.connect_inputs();
        let (first, second) = (self.output(0), self.output(1));
        for (source, target) in [(first, second), (second, first), (first, first)] {
            self.connect_as(source, target, true);
        }
        for connection in self.graph.connections.iter_mut().filter(|c| c.recurrent) {
            // A loop of linear nodes stays bounded if its gain is below 1.
            connection.weight = connection.weight.clamp(-0.4, 0.4);
        }
    }
}
