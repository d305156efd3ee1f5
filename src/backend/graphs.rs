//! Compiled graphs, sorted so that neighbours have similar costs.
//!
//! Lanes that run side by side finish together if their graphs cost the same, and are fastest if
//! the graphs share a topology. So individuals are scored in the order of their topologies, and
//! their scores are returned in the order of the population.

use std::sync::Arc;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::network::{Graph, Phenotype, Ports};
use crate::population::Graphs;

/// The smallest number of graphs that a thread compiles. Fewer are not worth another thread.
const GRAPHS_PER_THREAD: usize = 64;

/// Checks that every graph fits a task and can be evaluated.
///
/// # Errors
/// Returns an error about the first graph that does not fit or has a cycle of feed-forward
/// connections.
pub(super) fn check(graphs: &Graphs, ports: Ports) -> Result<()> {
    CompiledGraphs::compile(graphs, ports).map(|_| ())
}

/// A population of graphs, compiled.
#[derive(Debug)]
pub(super) struct CompiledGraphs {
    /// The graphs in the order of the population.
    graphs: Arc<[Arc<Graph>]>,
    /// The compiled graphs, sorted by topology.
    pub phenotypes: Vec<Phenotype>,
    /// The individual of each phenotype.
    order: Vec<u32>,
}

impl CompiledGraphs {
    /// Compiles a population.
    ///
    /// # Errors
    /// Returns an error about the first graph that does not fit the task or has a cycle of
    /// feed-forward connections.
    pub fn compile(graphs: &Graphs, ports: Ports) -> Result<Self> {
        let individuals = &graphs.individuals;
        let compile = |(index, graph): (usize, &Arc<Graph>)| {
            let phenotype = graph.check_ports(ports).and_then(|()| Phenotype::compile(graph));
            phenotype.map_err(|error| error.with_individual(index))
        };
        let mut phenotypes: Vec<Phenotype> = individuals
            .par_iter()
            .enumerate()
            .with_min_len(GRAPHS_PER_THREAD)
            .map(compile)
            .collect::<Result<_>>()?;
        let mut order: Vec<u32> = (0..individuals.len() as u32).collect();
        order.sort_by_key(|&individual| phenotypes[individual as usize].topology);
        let mut ordered = Vec::with_capacity(phenotypes.len());
        for &individual in &order {
            ordered.push(std::mem::take(&mut phenotypes[individual as usize]));
        }
        Ok(Self { graphs: Arc::clone(individuals), phenotypes: ordered, order })
    }

    /// Sorts values from the order of the phenotypes to the order of the population. There are
    /// `each` values for each individual.
    pub fn in_population_order<T: Copy + Default>(&self, values: &[T], each: usize) -> Vec<T> {
        let mut sorted = vec![T::default(); values.len()];
        for (position, &individual) in self.order.iter().enumerate() {
            let individual = individual as usize;
            sorted[individual * each..][..each].copy_from_slice(&values[position * each..][..each]);
        }
        sorted
    }

    /// The position of each individual's phenotype.
    pub fn positions(&self) -> Vec<u32> {
        let mut positions = vec![0; self.order.len()];
        for (position, &individual) in (0..).zip(&self.order) {
            positions[individual as usize] = position;
        }
        positions
    }

    /// The individual of the phenotype at a position.
    pub fn individual_at(&self, position: usize) -> usize {
        self.order[position] as usize
    }

    /// The weights of an individual's enabled connections.
    ///
    /// # Errors
    /// Returns an error if the index is out of range.
    pub fn individual(&self, index: usize) -> Result<Vec<f32>> {
        let graph = self.graphs.get(index).ok_or_else(|| {
            let expected = format!("a number below {}", self.graphs.len());
            Error::invalid("an individual's index", expected, index)
        })?;
        Ok(graph.weights())
    }
}
