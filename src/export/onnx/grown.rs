//! A grown network as operations: every number is a column, `f32[batch][1]`, and a node joins the
//! columns that come in.
//!
//! What the graph remembers is `memory0`, `f32[batch][memories]`: a column a node, in the order of
//! its phenotype's memories.

use super::{Graph, Message, attribute};
use crate::export::grown::Grown;
use crate::network::{Aggregation, Edge, Unit};

/// The type of an attribute that is a list of whole numbers.
const ATTRIBUTE_LIST: u64 = 7;

impl Graph {
    /// Writes a graph that sees `value`; gives back the name of its outputs.
    pub(super) fn grown(&mut self, grown: &Grown, value: &str) -> String {
        let phenotype = &grown.phenotype;
        // The bias is one more input, which is always 1.
        let behind = self.wholes(&[0, 0, 0, 1]);
        let one = self.number(1.0);
        let seen = self.then("Pad", &[value, &behind, &one]);
        let mut slots = self.columns(&seen, phenotype.inputs + 1, "seen");
        let mut memories = Vec::new();
        if !phenotype.memories.is_empty() {
            self.input("memory0", phenotype.memories.len());
            memories = self.columns("memory0", phenotype.memories.len(), "before");
        }
        let bias = slots[phenotype.inputs].clone();
        let mut first = 0;
        for (unit, id) in phenotype.units.iter().zip(&grown.ids) {
            let row = &phenotype.edges[first..unit.end as usize];
            first = unit.end as usize;
            let sources: Vec<&str> = row
                .iter()
                .map(|edge| match usize::try_from(edge.source) {
                    Ok(slot) => slots[slot].as_str(),
                    Err(_) => memories[(-1 - edge.source) as usize].as_str(),
                })
                .collect();
            let joined = self.joined(unit, row, &sources, *id, &bias);
            let scaled = match unit.response == 1.0 {
                true => joined,
                false => {
                    let response = self.number(unit.response);
                    self.then("Mul", &[&joined, &response])
                }
            };
            let given = self.activated(unit.activation, scaled);
            slots.push(given);
        }
        let of = |places: &[i32]| -> Vec<&str> {
            places.iter().map(|&slot| slots[slot as usize].as_str()).collect()
        };
        if !phenotype.memories.is_empty() {
            let axis = vec![attribute("axis", 1)];
            self.node("Concat", &of(&phenotype.memories), "memory0_next", axis);
            self.output("memory0_next", super::SINGLE, Some(phenotype.memories.len()));
        }
        self.beside(&of(&phenotype.outputs))
    }

    /// What a node joins: the columns that come in, each times its weight.
    fn joined(
        &mut self,
        unit: &Unit,
        row: &[Edge],
        sources: &[&str],
        id: u32,
        bias: &str,
    ) -> String {
        if row.is_empty() {
            // Zero, but as many as there are rows in the batch.
            let zero = self.number(0.0);
            return self.then("Mul", &[bias, &zero]);
        }
        let columns = self.beside(sources);
        let weights: Vec<f32> = row.iter().map(|edge| edge.weight).collect();
        let name = format!("node{id}");
        let reduction = match unit.aggregation {
            Aggregation::Sum => {
                return self.product(&columns, &name, [1, row.len()], [&weights, &[]]);
            }
            Aggregation::Product => "ReduceProd",
            Aggregation::Maximum => "ReduceMax",
            Aggregation::Minimum => "ReduceMin",
            Aggregation::Mean => "ReduceMean",
        };
        let weight = self.numbers(&format!("{name}.weight"), &[1, row.len()], &weights);
        let terms = self.then("Mul", &[&columns, &weight]);
        self.unnamed += 1;
        let to = format!("value{}", self.unnamed);
        let axes = Message::default().bytes(1, "axes").whole(8, 1).whole(20, ATTRIBUTE_LIST);
        self.node(reduction, &[&terms], &to, vec![axes, attribute("keepdims", 1)]);
        to
    }

    /// Columns beside each other.
    fn beside(&mut self, columns: &[&str]) -> String {
        self.unnamed += 1;
        let to = format!("value{}", self.unnamed);
        self.node("Concat", columns, &to, vec![attribute("axis", 1)]);
        to
    }

    /// The columns of a value, by names that begin with a word.
    fn columns(&mut self, value: &str, count: usize, word: &str) -> Vec<String> {
        let names: Vec<String> = (0..count).map(|column| format!("{word}{column}")).collect();
        let node = Message::default().bytes(1, value);
        let node = names.iter().fold(node, |node, name| node.bytes(2, name));
        let name = format!("Split_{}", self.nodes.len());
        let node = node.bytes(3, name).bytes(4, "Split");
        self.nodes.push(node.messages(5, [attribute("axis", 1)]));
        names
    }

    /// Adds whole numbers, and gives back their name.
    fn wholes(&mut self, values: &[i64]) -> String {
        self.unnamed += 1;
        let name = format!("wholes{}", self.unnamed);
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let tensor = Message::default().whole(1, values.len() as u64).whole(2, super::LONG);
        self.numbers.push(tensor.bytes(8, &name).bytes(9, bytes));
        name
    }
}
