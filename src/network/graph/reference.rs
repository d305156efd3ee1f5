//! The reference of graphs: recursion over the genes themselves, in double precision.
//!
//! It shares nothing with the compiled form, neither order nor pruning, so that what compiles
//! graphs is checked too.

use std::borrow::Borrow;
use std::collections::HashMap;

use super::{Aggregation, Graph};

/// A graph that is run step by step, and what its nodes gave a step before.
pub struct ReferenceGraph<G> {
    graph: G,
    before: HashMap<u32, f64>,
}

impl<G: Borrow<Graph>> ReferenceGraph<G> {
    /// A graph that remembers nothing yet.
    pub fn new(graph: G) -> Self {
        Self { graph, before: HashMap::new() }
    }

    /// Its genes.
    pub fn graph(&self) -> &Graph {
        self.graph.borrow()
    }

    /// Forgets everything: an episode begins.
    pub fn reset(&mut self) {
        self.before.clear();
    }

    /// What a node gave in the last step.
    pub fn previous(&self, id: u32) -> f64 {
        self.before.get(&id).copied().unwrap_or(0.0)
    }

    /// Lets a node have given a number in the last step.
    pub fn set_previous(&mut self, id: u32, number: f64) {
        self.before.insert(id, number);
    }

    /// The outputs of a step: `f64[inputs]` in, `f64[outputs]` out.
    ///
    /// # Panics
    /// If the graph has a cycle without a recurrent connection: a stack ends.
    pub fn step(&mut self, observation: &[f64]) -> Vec<f64> {
        let mut given = HashMap::new();
        for (id, &number) in observation.iter().enumerate() {
            given.insert(id as u32, number);
        }
        given.insert(self.graph().bias(), 1.0);
        for node in &self.graph().nodes {
            self.value(node.id, &mut given);
        }
        let outputs = (0..self.graph().outputs).map(|output| self.graph().first_output() + output);
        let outputs = outputs.map(|id| given[&id]).collect();
        self.before = given;
        outputs
    }

    /// What a node gives; what has been given already is not computed again.
    fn value(&self, id: u32, given: &mut HashMap<u32, f64>) -> f64 {
        if let Some(&value) = given.get(&id) {
            return value;
        }
        let node = self.graph().nodes.iter().find(|node| node.id == id).expect("a checked graph");
        let mut terms = Vec::new();
        for connection in self.graph().connections.iter().filter(|c| c.enabled && c.target == id) {
            let number = if connection.recurrent {
                self.previous(connection.source)
            } else {
                self.value(connection.source, given)
            };
            terms.push(f64::from(connection.weight) * number);
        }
        let joined = if terms.is_empty() { 0.0 } else { join(node.aggregation, &terms) };
        let value = node.activation.apply(f64::from(node.response) * joined);
        given.insert(id, value);
        value
    }
}

fn join(aggregation: Aggregation, terms: &[f64]) -> f64 {
    match aggregation {
        Aggregation::Sum => terms.iter().sum(),
        Aggregation::Product => terms.iter().product(),
        Aggregation::Maximum => terms.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Aggregation::Minimum => terms.iter().copied().fold(f64::INFINITY, f64::min),
        Aggregation::Mean => terms.iter().sum::<f64>() / terms.len() as f64,
    }
}
