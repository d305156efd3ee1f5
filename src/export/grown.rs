//! A grown network as statements, for the text formats: each in its own words, all in one order.
//!
//! A node is a number `nN` of the name of its gene. Its first edge begins it, each other one joins
//! it, and the activation ends it; memories are written behind the last node, so that all read what
//! was given a step before.

use std::fmt::Write;

use super::program::activated;
use crate::champion::Champion;
use crate::error::Result;
use crate::network::{Aggregation, Phenotype};

/// A graph as it is run, and the genes of its nodes.
pub(super) struct Grown {
    pub phenotype: Phenotype,
    /// The numbers of the nodes, in the order in which they are computed.
    pub ids: Vec<u32>,
}

/// How a language says it.
pub(super) struct Words {
    /// Before a variable that changes.
    pub variable: &'static str,
    /// What is remembered.
    pub memory: &'static str,
    /// The larger, and the smaller, of two numbers.
    pub larger: fn(&str, &str) -> String,
    pub smaller: fn(&str, &str) -> String,
}

impl Grown {
    /// The graph of a champion; none of layers.
    ///
    /// # Errors
    /// A graph with a cycle in one step.
    pub fn of(champion: &Champion) -> Result<Option<Self>> {
        let Some(graph) = champion.graph() else { return Ok(None) };
        let ids = graph.needed()?.into_iter().map(|place| graph.nodes[place].id).collect();
        Ok(Some(Self { phenotype: Phenotype::of(graph)?, ids }))
    }

    /// What stands for a slot; the bias for nothing, as it is 1.
    fn slot(&self, slot: i32, words: &Words) -> Option<String> {
        let Ok(place) = usize::try_from(slot) else {
            return Some(format!("{}[{}]", words.memory, -1 - slot));
        };
        let inputs = self.phenotype.inputs;
        match place.checked_sub(inputs + 1) {
            Some(node) => Some(format!("n{}", self.ids[node])),
            None => (place < inputs).then(|| format!("x[{place}]")),
        }
    }

    /// The numbers that the network puts out, a comma between them.
    pub fn outputs(&self, words: &Words) -> String {
        let names = self.phenotype.outputs.iter().filter_map(|&slot| self.slot(slot, words));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// Writes the nodes of a program's graph, and what it remembers.
pub(super) fn statements(text: &mut String, grown: &Grown, words: &Words) {
    let mut first = 0;
    for (unit, id) in grown.phenotype.units.iter().zip(&grown.ids) {
        let row = &grown.phenotype.edges[first..unit.end as usize];
        first = unit.end as usize;
        let mut terms = row.iter().map(|edge| match grown.slot(edge.source, words) {
            Some(source) => format!("{:?} * {source}", edge.weight),
            None => format!("{:?}", edge.weight),
        });
        let name = format!("n{id}");
        let begin = terms.next().unwrap_or_else(|| "0.0".into());
        let join = |term: String| match unit.aggregation {
            Aggregation::Sum | Aggregation::Mean => format!("{name} += {term}"),
            Aggregation::Product => format!("{name} *= {term}"),
            Aggregation::Maximum => format!("{name} = {}", (words.larger)(&name, &term)),
            Aggregation::Minimum => format!("{name} = {}", (words.smaller)(&name, &term)),
        };
        let mut changes: Vec<String> = terms.map(join).collect();
        if unit.aggregation == Aggregation::Mean && row.len() > 1 {
            changes.push(format!("{name} /= {:?}", row.len() as f32));
        }
        let joined = match unit.response == 1.0 {
            true => name.clone(),
            false => format!("{:?} * {name}", unit.response),
        };
        let given = activated(unit.activation, &joined);
        if given != name {
            changes.push(format!("{name} = {given}"));
        }
        let variable = if changes.is_empty() { "let" } else { words.variable };
        let _ = writeln!(text, "    {variable} {name}: f32 = {begin};");
        for change in changes {
            let _ = writeln!(text, "    {change};");
        }
    }
    for (place, &slot) in grown.phenotype.memories.iter().enumerate() {
        if let Some(value) = grown.slot(slot, words) {
            let _ = writeln!(text, "    {}[{place}] = {value};", words.memory);
        }
    }
}
