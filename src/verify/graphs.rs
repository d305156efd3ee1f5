//! Rung 4, `graphs`: single passes of graphs of many shapes, and single steps of those that
//! remember, each begun from what the reference remembers.
//!
//! The reference recurses over the genes, so what compiles and packs graphs is on trial as well.

use std::sync::Arc;

use super::forward::{FORWARD_UNITS, UNIT, random_samples};
use super::steps::Draws;
use super::{Comparison, Rung, Subject};
use crate::backend::{Backend, Forward, Reference};
use crate::error::Result;
use crate::network::{
    Activation, Aggregation, Connection, Graph, Naive, Network, Node, Phenotype, Ports,
};
use crate::population::{Graphs, Proposal};
use crate::task::Task;

const INPUTS: u32 = 3;
const OUTPUTS: u32 = 2;
/// Individuals of each shape, a few more than lanes.
const INDIVIDUALS: usize = 19;
const SAMPLES: usize = 37;
/// Steps of an episode; memories have settled long before its end.
const STEPS: usize = 25;

/// A shape: its name, the nodes in a row that a number passes at most, and who draws it.
type Shape = (&'static str, u32, fn(&mut Sketch));

const SHAPES: [Shape; 9] = [
    ("no connections", 1, |_| ()),
    ("no hidden nodes", 1, |sketch| sketch.connect_inputs()),
    ("a deep chain", 61, |sketch| sketch.chain(60)),
    // More nodes than a palette has responses.
    ("a wide layer", 2, |sketch| sketch.layer(300)),
    ("paths of two lengths", 4, Sketch::paths),
    ("every activation and aggregation", 2, Sketch::every_function),
    ("a random graph", 31, |sketch| sketch.random(30, 120, 0)),
    ("genes that are disabled", 31, Sketch::partly_disabled),
    ("graphs that differ", 31, Sketch::differing),
];

const RECURRENT: [Shape; 4] = [
    ("a node that remembers itself", 2, Sketch::own_loop),
    ("a loop of three", 4, Sketch::loop_of_three),
    ("outputs that are remembered", 2, Sketch::feedback),
    ("a random graph with loops", 21, |sketch| sketch.random(20, 60, 25)),
];

pub(super) fn climb(subject: &dyn Subject) -> Result<Vec<Rung>> {
    let mut rungs = Vec::new();
    for shape in &SHAPES {
        rungs.push(passes(subject, shape)?);
    }
    for shape in &RECURRENT {
        rungs.push(steps(subject, shape)?);
    }
    Ok(rungs)
}

/// Individuals of a shape; all but the differing ones have one topology.
fn individuals(inputs: u32, outputs: u32, draw: fn(&mut Sketch), seed: u64) -> Vec<Arc<Graph>> {
    let sketch = |individual: usize| {
        let mut sketch = Sketch::new(inputs, outputs, seed, individual);
        draw(&mut sketch);
        Arc::new(sketch.graph)
    };
    (0..INDIVIDUALS).map(sketch).collect()
}

/// Graphs of many topologies for tasks of these ports, to be played with.
pub(super) fn population(ports: Ports, individuals: usize) -> Proposal {
    let sketch = |individual: usize| {
        let (inputs, outputs) = (ports.inputs as u32, ports.outputs as u32);
        let mut sketch = Sketch::new(inputs, outputs, 7, individual);
        sketch.differing();
        if ports.ordered {
            sketch.recur(individual % 5);
        }
        Arc::new(sketch.graph)
    };
    Proposal::Graphs(Graphs { individuals: (0..individuals).map(sketch).collect() })
}

const WORDS: &str = "16 units in the last place of the largest number, times the depth";

fn passes(subject: &dyn Subject, &(name, depth, draw): &Shape) -> Result<Rung> {
    let (inputs, outputs) = (INPUTS as usize, OUTPUTS as usize);
    let task: Arc<dyn Task> = Arc::new(random_samples(inputs, outputs, SAMPLES));
    let network = Network::parse("", inputs, outputs, Activation::Linear)?;
    let graphs = individuals(INPUTS, OUTPUTS, draw, 1);
    let largest = largest(&graphs, &task);
    let proposal = Proposal::Graphs(Graphs { individuals: graphs.into() });
    let mut reference = Reference::new(Arc::clone(&task), network.clone());
    reference.spawn(&proposal)?;
    let expected = reference.forward()?;
    let mut backend = subject.backend(task, network, None)?;
    backend.spawn(&proposal)?;
    let found = backend.forward()?;

    let mut errors = Comparison::new("4 graphs", name, WORDS);
    let limit = FORWARD_UNITS * UNIT * largest * f64::from(depth);
    errors.holds(found.len() == expected.len(), || format!("{} outputs", found.len()));
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let (individual, rest) = (i / (SAMPLES * outputs), i % (SAMPLES * outputs));
        let at = || {
            let (sample, output) = (rest / outputs, rest % outputs);
            format!("individual {individual}, sample {sample}, output {output}")
        };
        errors.check(f64::from(got), f64::from(want), limit, at);
    }
    Ok(errors.rung())
}

/// The largest number that stands anywhere in the graphs, or 1.
fn largest(graphs: &[Arc<Graph>], task: &Arc<dyn Task>) -> f64 {
    let crate::task::Kind::Data(data) = task.kind() else { return 1.0 };
    let mut largest = 1.0f64;
    for graph in graphs {
        let mut naive = Naive::of(&**graph);
        for sample in 0..SAMPLES {
            let features: Vec<f64> = data.sample(sample).iter().copied().map(f64::from).collect();
            naive.step(&features);
            let nodes = graph.nodes.iter().map(|node| naive.remembered(node.id).abs());
            largest = nodes.fold(largest, f64::max);
        }
    }
    largest
}

fn steps(subject: &dyn Subject, &(name, depth, draw): &Shape) -> Result<Rung> {
    let (mut graphs, mut cases, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    let mut largest = 1.0f64;
    let mut draws = Draws::new(5);
    for graph in individuals(INPUTS, OUTPUTS, draw, 2) {
        let remembered = Phenotype::of(&graph)?.remembered;
        let mut naive = Naive::of(&*graph);
        for _ in 0..STEPS {
            let observation: Vec<f32> = (0..INPUTS).map(|_| draws.number()).collect();
            graphs.push(Arc::clone(&graph));
            cases.extend_from_slice(&observation);
            for &id in &remembered {
                // What single precision can hold of the memory is where both begin.
                let number = naive.remembered(id) as f32;
                naive.remember(id, f64::from(number));
                cases.push(number);
            }
            let observation: Vec<f64> = observation.into_iter().map(f64::from).collect();
            expected.extend(naive.step(&observation));
            expected.extend(remembered.iter().map(|&id| naive.remembered(id)));
            let nodes = graph.nodes.iter().map(|node| naive.remembered(node.id).abs());
            largest = nodes.fold(largest, f64::max);
        }
    }
    let found = subject.recall_graphs(&graphs, &cases)?;
    let mut errors = Comparison::new("4 graphs", name, WORDS);
    let limit = FORWARD_UNITS * UNIT * largest * f64::from(depth);
    errors.holds(found.len() == expected.len(), || format!("{} numbers", found.len()));
    let words = expected.len() / graphs.len();
    for (i, (&got, &want)) in found.iter().zip(&expected).enumerate() {
        let (case, number) = (i / words, i % words);
        let at = || format!("individual {}, step {}, number {number}", case / STEPS, case % STEPS);
        errors.check(f64::from(got), want, limit, at);
    }
    Ok(errors.rung())
}

/// A graph that is being drawn. Weights differ between individuals; the topology does where a shape
/// says so.
struct Sketch {
    graph: Graph,
    weights: Draws,
    topology: Draws,
    individual: usize,
}

impl Sketch {
    fn new(inputs: u32, outputs: u32, seed: u64, individual: usize) -> Self {
        let graph = Graph { inputs, outputs, nodes: Vec::new(), connections: Vec::new() };
        let weights = Draws::new(1000 * seed + individual as u64);
        let mut sketch = Self { graph, weights, topology: Draws::new(seed), individual };
        for _ in 0..outputs {
            sketch.node(Activation::Linear, Aggregation::Sum);
        }
        sketch
    }

    fn node(&mut self, activation: Activation, aggregation: Aggregation) -> u32 {
        let id = self.graph.first_output() + self.graph.nodes.len() as u32;
        let response = 0.75 + 0.5 * self.topology.unit() as f32;
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
        (self.topology.unit() * f64::from(count)) as u32
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

    /// The same source reaches the same target straight, over one node, and over two.
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
            // Later nodes take from earlier ones, outputs from all.
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

    /// Recurrent connections between any nodes.
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
            self.graph.connections[place].enabled = self.topology.unit() < 0.5;
        }
    }

    /// Topologies of their own.
    fn differing(&mut self) {
        self.topology = Draws::new(50 + self.individual as u64 % 11);
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
            // Loops of linear nodes stay small if they lose more than they bring back.
            connection.weight = connection.weight.clamp(-0.4, 0.4);
        }
    }
}
