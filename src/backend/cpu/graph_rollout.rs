//! Graphs in control tasks: the rollouts of a population.

use rayon::prelude::*;

use super::Cpu;
use super::batch::{WorkBatch, episodes_side_by_side};
use crate::backend::Episodes;
use crate::backend::graphs::CompiledGraphs;
use crate::network::Phenotype;
use crate::random::Counter;
use crate::task::{Assignment, Outcome, Simulation};

impl Cpu {
    /// Returns the outcomes and the observation sums of all graphs, see [`Cpu::outcomes`].
    pub(super) fn graph_outcomes(
        &self,
        graphs: &CompiledGraphs,
        simulation: &dyn Simulation,
        episodes: &Episodes,
    ) -> (Vec<Outcome>, Vec<f64>) {
        let individuals = graphs.phenotypes.len();
        let span = episodes.rollout_span(simulation.shape().step_limit);
        let count = episodes.count as usize;
        let words = self.sum_words();
        let side_by_side = episodes_side_by_side(individuals, count, 0);
        let each = if side_by_side { count } else { 1 };
        let mut outcomes = vec![Outcome::default(); individuals * each];
        let mut sums = vec![0.0; individuals * each * words];
        let group = if side_by_side { count } else { individuals };
        let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
        self.batches(&mut outcomes, &mut sums, group).into_par_iter().for_each(|batch| {
            let WorkBatch { first, outcomes, normaliser } = batch;
            if side_by_side {
                let assignment = Assignment::EpisodesOfGraph(all[first / count]);
                let first =
                    Counter { individual: (first % count) as u32, ..episodes.first_counter() };
                simulation.rollout_lanes(
                    &self.network,
                    assignment,
                    first,
                    span,
                    outcomes,
                    normaliser,
                );
            } else {
                let graphs = &all[first..first + outcomes.len()];
                let assignment = Assignment::Graphs { graphs, episodes: episodes.count };
                simulation.rollout_lanes(
                    &self.network,
                    assignment,
                    episodes.first_counter(),
                    span,
                    outcomes,
                    normaliser,
                );
            }
        });
        (
            graphs.in_population_order(&outcomes, each),
            graphs.in_population_order(&sums, each * words),
        )
    }
}
