//! The reference implementation of graphs: recursion over the genes in double precision.
//!
//! It shares neither the order nor the pruning of the compiled form, so that it also checks the
//! compilation.

use std::borrow::Borrow;
use std::collections::HashMap;

use super::{Aggregation, Graph};

/// A graph that runs step by step, with the values of its nodes in the previous step.
pub struct ReferenceGraph<G> {
    graph: G,
    previous: HashMap<u32, f64>,
}

impl<G: Borrow<Graph>> ReferenceGraph<G> {
    /// Prepares a graph for the first step of an episode.
    pub fn new(graph: G) -> Self {
        Self { graph, previous: HashMap::new() }
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
    /// Overflows the stack if the graph has a cycle without a recurrent connection.
    pub fn step(&mut self, observation: &[f64]) -> Vec<f64> {
        let mut values = HashMap::new();
        for (id, &number) in observation.iter().enumerate() {
            values.insert(id as u32, number);
        }
        values.insert(self.graph().bias(), 1.0);
        for node in &self.graph().nodes {
            self.value(node.id, &mut values);
        }
        let outputs = (0..self.graph().outputs).map(|output| self.graph().first_output() + output);
        let outputs = outputs.map(|id| values[&id]).collect();
        self.previous = values;
        outputs
    }

    /// The value of a node in this step, computed once.
    fn value(&self, id: u32, values: &mut HashMap<u32, f64>) -> f64 {
        if let Some(&value) = values.get(&id) {
            return value;
        }
        let node = self.graph().nodes.iter().find(|node| node.id == id).expect("a checked graph");
        let mut terms = Vec::new();
        for connection in self.graph().connections.iter().filter(|c| c.enabled && c.target == id) {
            let number = if connection.recurrent {
                self.previous(connection.source)
            } else {
                self.value(connection.source, values)
            };
            terms.push(f64::from(connection.weight) * number);
        }
        let sum = if terms.is_empty() { 0.0 } else { aggregate(node.aggregation, &terms) };
        let value = node.activation.apply(f64::from(node.response) * sum);
        values.insert(id, value);
        value
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
