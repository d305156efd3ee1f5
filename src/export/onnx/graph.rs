//! A graph as ONNX operations: every number is a column, `f32[batch][1]`, and a node joins the
//! columns of its edges.
//!
//! The hidden state is `memory0`, `f32[batch][states]`, one column per node, in the order of the
//! phenotype's `state_sources`.

use super::{Message, OnnxGraph, attribute};
use crate::export::graph::GraphNodes;
use crate::network::{Aggregation, Edge, PhenotypeNode};

/// The type of an attribute that is a list of whole numbers.
const ATTRIBUTE_INTS: u64 = 7;

impl OnnxGraph {
    /// Adds the nodes of a graph whose input is `value`; returns the name of its outputs.
    pub(super) fn graph_nodes(&mut self, graph: &GraphNodes, value: &str) -> String {
        let phenotype = &graph.phenotype;
        // The bias is one more input, which is always 1.
        let padding = self.whole_numbers(&[0, 0, 0, 1]);
        let one = self.number(1.0);
        let padded = self.apply("Pad", &[value, &padding, &one]);
        let mut slots = self.columns(&padded, phenotype.inputs + 1, "seen");
        let mut states = Vec::new();
        if !phenotype.state_sources.is_empty() {
            self.input("memory0", super::FLOAT, phenotype.state_sources.len());
            states = self.columns("memory0", phenotype.state_sources.len(), "before");
        }
        let bias = slots[phenotype.inputs].clone();
        let mut first = 0;
        for (node, id) in phenotype.nodes.iter().zip(&graph.ids) {
            let edges = &phenotype.edges[first..node.end as usize];
            first = node.end as usize;
            let sources: Vec<&str> = edges
                .iter()
                .map(|edge| match usize::try_from(edge.source) {
                    Ok(slot) => slots[slot].as_str(),
                    Err(_) => states[(-1 - edge.source) as usize].as_str(),
                })
                .collect();
            let joined = self.join(node, edges, &sources, *id, &bias);
            let scaled = match node.response == 1.0 {
                true => joined,
                false => {
                    let response = self.number(node.response);
                    self.apply("Mul", &[&joined, &response])
                }
            };
            let value = self.activate(node.activation, scaled);
            slots.push(value);
        }
        let names = |sources: &[i32]| -> Vec<&str> {
            sources.iter().map(|&slot| slots[slot as usize].as_str()).collect()
        };
        if !phenotype.state_sources.is_empty() {
            let axis = vec![attribute("axis", 1)];
            self.node("Concat", &names(&phenotype.state_sources), "memory0_next", axis);
            self.output("memory0_next", super::FLOAT, Some(phenotype.state_sources.len()));
        }
        self.concatenate(&names(&phenotype.outputs))
    }

    /// Joins the columns of a node's edges, each times its weight.
    fn join(
        &mut self,
        node: &PhenotypeNode,
        edges: &[Edge],
        sources: &[&str],
        id: u32,
        bias: &str,
    ) -> String {
        if edges.is_empty() {
            // A product with the bias yields one zero for each row of the batch.
            let zero = self.number(0.0);
            return self.apply("Mul", &[bias, &zero]);
        }
        let columns = self.concatenate(sources);
        let weights: Vec<f32> = edges.iter().map(|edge| edge.weight).collect();
        let name = format!("node{id}");
        let reduction = match node.aggregation {
            Aggregation::Sum => {
                return self.product(&columns, &name, [1, edges.len()], [&weights, &[]]);
            }
            Aggregation::Product => "ReduceProd",
            Aggregation::Maximum => "ReduceMax",
            Aggregation::Minimum => "ReduceMin",
            Aggregation::Mean => "ReduceMean",
        };
        let weight = self.numbers(&format!("{name}.weight"), &[1, edges.len()], &weights);
        let terms = self.apply("Mul", &[&columns, &weight]);
        let to = self.new_name("value");
        let axes = Message::default().bytes(1, "axes").whole(8, 1).whole(20, ATTRIBUTE_INTS);
        self.node(reduction, &[&terms], &to, vec![axes, attribute("keepdims", 1)]);
        to
    }

    /// Concatenates columns.
    pub(super) fn concatenate(&mut self, columns: &[&str]) -> String {
        let to = self.new_name("value");
        self.node("Concat", columns, &to, vec![attribute("axis", 1)]);
        to
    }

    /// Splits a value into columns, whose names begin with `prefix`.
    pub(super) fn columns(&mut self, value: &str, count: usize, prefix: &str) -> Vec<String> {
        let names: Vec<String> = (0..count).map(|column| format!("{prefix}{column}")).collect();
        let node = Message::default().bytes(1, value);
        let node = names.iter().fold(node, |node, name| node.bytes(2, name));
        let name = format!("Split_{}", self.nodes.len());
        let node = node.bytes(3, name).bytes(4, "Split");
        self.nodes.push(node.messages(5, [attribute("axis", 1)]));
        names
    }

    /// Adds constant whole numbers; returns their name.
    fn whole_numbers(&mut self, values: &[i64]) -> String {
        let name = self.new_name("wholes");
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Message::default().whole(1, values.len() as u64).whole(2, super::INT64);
        self.numbers.push(tensor.bytes(8, &name).bytes(9, bytes));
        name
    }
}
