//! The recommendation of a generation: the individual that a run validates after it.

use std::sync::Arc;

use super::Run;
use crate::error::Result;
use crate::population::{Individual, Proposal};
use crate::strategy::{Fitness, Recommendation};
use crate::task::Kind;

impl Run<'_> {
    /// Returns the individual to validate, which is the one that the strategy recommends.
    ///
    /// Two kinds of runs take the fittest individual of the generation instead: on a function,
    /// whose values are exact, and in a search for novelty, whose strategy does not know the
    /// fitness.
    pub(super) fn recommended_individual(
        &mut self,
        proposal: &Proposal,
        fitness: &Fitness,
    ) -> Result<Individual> {
        let is_function = matches!(self.config.task.kind(), Kind::Function(_));
        let takes_fittest = is_function || self.novelty.is_some();
        let recommendation = match fitness.best() {
            Some(_) if takes_fittest => Recommendation::Individual(fitness.order()[0]),
            _ => self.strategy.recommend(),
        };
        Ok(match (recommendation, proposal) {
            (Recommendation::Individual(index), Proposal::Graphs(graphs)) => {
                Individual::Graph(Arc::clone(&graphs.individuals[index]))
            }
            (Recommendation::Individual(index), _) => {
                Individual::Genome(self.backend.individual(index)?)
            }
            (Recommendation::Genome(mut genome), _) => {
                // The genome is rounded before it is scored, so the score is that of the network
                // that is handed over.
                self.config.network.precision().round_all(&mut genome);
                Individual::Genome(genome)
            }
            (Recommendation::Graph(graph), _) => Individual::Graph(graph),
        })
    }
}
