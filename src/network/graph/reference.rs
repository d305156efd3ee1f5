//! The reference implementation of graphs: each node after its sources, in double precision.
//!
//! It shares neither the order nor the pruning of the compiled form, so that it also checks the
//! compilation. Nodes that wait for their sources are on a list rather than on the call stack: a
//! graph may be deeper than any stack.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};

use super::{Aggregation, Connection, Graph};

/// A graph that runs step by step, with the values of its nodes in the previous step.
pub struct ReferenceGraph<G> {
    graph: G,
    /// The enabled connections to each node, by their index in the graph.
    incoming: Vec<Vec<usize>>,
    previous: HashMap<u32, f64>,
}

impl<G: Borrow<Graph>> ReferenceGraph<G> {
    /// Prepares a graph for the first step of an episode.
    ///
    /// # Panics
    /// Panics if a connection leads to a node that does not exist.
    pub fn new(graph: G) -> Self {
        let genes: &Graph = graph.borrow();
        let mut incoming = vec![Vec::new(); genes.nodes.len()];
        for (index, connection) in genes.connections.iter().enumerate() {
            if connection.enabled {
                incoming[genes.position(connection.target).expect("a checked graph")].push(index);
            }
        }
        Self { graph, incoming, previous: HashMap::new() }
    }

    /// The genes.
    pub fn graph(&self) -> &Graph {
        self.graph.borrow()
    }

    /// Resets the previous values to zero at the start of an episode.
    pub fn reset(&mut self) {
        self.previous.clear();
    }

    /// The value of a node in the previous step.
    pub fn previous(&self, id: u32) -> f64 {
        self.previous.get(&id).copied().unwrap_or(0.0)
    }

    /// Sets the value of a node in the previous step.
    pub fn set_previous(&mut self, id: u32, number: f64) {
        self.previous.insert(id, number);
    }

    /// Runs a step: takes `f64[inputs]` and returns `f64[outputs]`.
    ///
    /// # Panics
    /// Panics if the graph has a cycle without a recurrent connection.
    pub fn step(&mut self, observation: &[f64]) -> Vec<f64> {
        let mut values = HashMap::new();
        for (id, &number) in observation.iter().enumerate() {
            values.insert(id as u32, number);
        }
        values.insert(self.graph().bias(), 1.0);
        for node in 0..self.graph().nodes.len() {
            self.find_value(node, &mut values);
        }
        let outputs = (0..self.graph().outputs).map(|output| self.graph().first_output() + output);
        let outputs = outputs.map(|id| values[&id]).collect();
        self.previous = values;
        outputs
    }

    /// Computes the value of a node in this step, after those of its sources.
    fn find_value(&self, node: usize, values: &mut HashMap<u32, f64>) {
        let mut waiting = vec![node];
        let mut begun = HashSet::new();
        while let Some(&node) = waiting.last() {
            let id = self.graph().nodes[node].id;
            let above = waiting.len();
            if !values.contains_key(&id) {
                let unknown = self.connections_to(node).filter(|connection| {
                    !connection.recurrent && !values.contains_key(&connection.source)
                });
                let source = |connection: &Connection| self.graph().position(connection.source);
                waiting.extend(unknown.map(|unknown| source(unknown).expect("a checked graph")));
            }
            if waiting.len() > above {
                // Its sources have been visited since the first visit, unless one waits for it.
                assert!(begun.insert(node), "a cycle without a recurrent connection");
                continue;
            }
            if !values.contains_key(&id) {
                values.insert(id, self.value(node, values));
            }
            waiting.pop();
        }
    }

    /// The enabled connections to a node.
    fn connections_to(&self, node: usize) -> impl Iterator<Item = &Connection> {
        self.incoming[node].iter().map(|&index| &self.graph().connections[index])
    }

    /// The value of a node whose sources have theirs.
    fn value(&self, node: usize, values: &HashMap<u32, f64>) -> f64 {
        let terms: Vec<f64> = self
            .connections_to(node)
            .map(|connection| {
                let number = match connection.recurrent {
                    true => self.previous(connection.source),
                    false => values[&connection.source],
                };
                f64::from(connection.weight) * number
            })
            .collect();
        let node = &self.graph().nodes[node];
        let sum = if terms.is_empty() { 0.0 } else { aggregate(node.aggregation, &terms) };
        node.activation.apply(f64::from(node.response) * sum)
    }
}

fn aggregate(aggregation: Aggregation, terms: &[f64]) -> f64 {
    match aggregation {
        Aggregation::Sum => terms.iter().sum(),
        Aggregation::Product => terms.iter().product(),
        Aggregation::Maximum => terms.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Aggregation::Minimum => terms.iter().copied().fold(f64::INFINITY, f64::min),
        Aggregation::Mean => terms.iter().sum::<f64>() / terms.len() as f64,
    }
}
