//! Populations of graphs on the fast CPU path.

use rayon::prelude::*;

use super::{Cpu, WorkBatch, batch_size, episodes_side_by_side};
use crate::backend::Episodes;
use crate::backend::graphs::CompiledGraphs;
use crate::math::{Instructions, Lanes, run_simd};
use crate::network::{GraphPasses, Phenotype, Samples, Sink};
use crate::random::Counter;
use crate::task::{Assignment, DataScore, DataSet, Outcome, Simulation, Split};

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

/// The scores of all individuals on a split of a data set, in order.
pub(super) fn data_scores(
    graphs: &CompiledGraphs,
    data: &DataSet,
    split: Split,
    samples: &Samples,
) -> impl Iterator<Item = DataScore> {
    let variance = data.variance(split);
    let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
    let size = batch_size(all.len());
    let scores = all.par_chunks(size).map(|graphs| {
        data.evaluate_graphs(graphs, split, samples, variance)
            .into_iter()
            .map(Some)
            .collect::<Vec<_>>()
    });
    let scores = scores.collect::<Vec<_>>().concat();
    graphs.in_population_order(&scores, 1).into_iter().flatten()
}

/// The outputs of all individuals for all samples: `f32[individuals][samples][outputs]`.
pub(super) fn forward(graphs: &CompiledGraphs, samples: &Samples) -> Vec<f32> {
    let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
    let outputs = all.first().map_or(0, |graph| graph.outputs.len());
    let each = samples.count() * outputs;
    let written = all.par_iter().map(|&graph| {
        let mut rows = [OutputRows { outputs: vec![0.0; each] }];
        run_simd(GraphPasses { graphs: &[graph], samples, sinks: &mut rows });
        let [rows] = rows;
        rows.outputs
    });
    graphs.in_population_order(&written.collect::<Vec<_>>().concat(), each)
}

/// A sink that stores the outputs, sample by sample.
struct OutputRows {
    outputs: Vec<f32>,
}

impl Sink for OutputRows {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        for lane in 0..count {
            for (place, output) in outputs.iter().enumerate() {
                self.outputs[(first + lane) * outputs.len() + place] = output.0[lane];
            }
        }
    }
}
