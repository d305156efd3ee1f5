//! The graph of a champion, as the formats need it.

use crate::champion::Champion;
use crate::error::Result;
use crate::network::Phenotype;

/// A compiled graph, and the ids of its nodes.
pub(super) struct GraphNodes {
    /// The compiled graph.
    pub phenotype: Phenotype,
    /// The ids of the nodes, in the order in which they are computed.
    pub ids: Vec<u32>,
}

impl GraphNodes {
    /// Compiles the graph of a champion; returns `None` for layers.
    ///
    /// # Errors
    ///
    /// Returns an error if the graph has a cycle within one step.
    pub fn new(champion: &Champion) -> Result<Option<Self>> {
        let Some(graph) = champion.graph() else { return Ok(None) };
        let nodes = graph.required_nodes()?.into_iter();
        let ids = nodes.map(|index| graph.nodes[index].id).collect();
        Ok(Some(Self { phenotype: Phenotype::compile(graph)?, ids }))
    }
}
