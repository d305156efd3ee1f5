//! Graphs made ready to be scored: compiled, and put in an order in which neighbours cost alike.
//!
//! Lanes that run side by side finish together if they have as much to do, and are fastest where
//! they have one topology; so individuals are scored in the order of their topologies, and their
//! scores are put back in the order that they came in.

use std::sync::Arc;

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::network::{Graph, Phenotype, Ports};
use crate::population::Graphs;

/// Graphs that one thread compiles at once: fewer are not worth waking another for.
const SHARE: usize = 64;

/// Checks that a population fits a task.
///
/// # Errors
/// The first individual that does not, or has a cycle without a step.
pub(super) fn check(graphs: &Graphs, ports: Ports) -> Result<()> {
    Compiled::of(graphs, ports).map(|_| ())
}

/// A population of graphs, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The genes, one an individual.
    graphs: Arc<[Arc<Graph>]>,
    /// Those of individual `order[place]` stand in `place`.
    pub phenotypes: Vec<Phenotype>,
    order: Vec<u32>,
}

impl Compiled {
    /// Compiles a population.
    ///
    /// # Errors
    /// The first individual that does not fit the task or has a cycle without a step.
    pub fn of(graphs: &Graphs, ports: Ports) -> Result<Self> {
        let individuals = &graphs.individuals;
        let compile = |(index, graph): (usize, &Arc<Graph>)| {
            let phenotype = graph.check_ports(ports).and_then(|()| Phenotype::of(graph));
            phenotype.map_err(|error| error.of_individual(index))
        };
        let mut phenotypes: Vec<Phenotype> = individuals
            .par_iter()
            .enumerate()
            .with_min_len(SHARE)
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

    /// Values that stand in the order of the phenotypes, in the order of the individuals; so many
    /// of each.
    pub fn put_back<T: Copy + Default>(&self, values: &[T], each: usize) -> Vec<T> {
        let mut back = vec![T::default(); values.len()];
        for (place, &individual) in self.order.iter().enumerate() {
            let individual = individual as usize;
            back[individual * each..][..each].copy_from_slice(&values[place * each..][..each]);
        }
        back
    }

    /// The place in which each individual's phenotype stands.
    pub fn places(&self) -> Vec<u32> {
        let mut places = vec![0; self.order.len()];
        for (place, &individual) in (0..).zip(&self.order) {
            places[individual as usize] = place;
        }
        places
    }

    /// The individual whose phenotype stands in a place.
    pub fn individual_at(&self, place: usize) -> usize {
        self.order[place] as usize
    }

    /// The weights of an individual's enabled connections.
    ///
    /// # Errors
    /// An index that is not in the population.
    pub fn individual(&self, index: usize) -> Result<Vec<f32>> {
        let graph = self.graphs.get(index).ok_or_else(|| {
            let expected = format!("a number below {}", self.graphs.len());
            Error::invalid("an individual's index", expected, index)
        })?;
        Ok(graph.weights())
    }
}
