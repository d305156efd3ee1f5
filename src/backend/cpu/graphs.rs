//! Graphs on the samples of a data set: scores and outputs.

use rayon::prelude::*;

use super::batch::batch_size;
use crate::backend::graphs::CompiledGraphs;
use crate::math::{Instructions, Lanes, run_simd};
use crate::network::{GraphPasses, Phenotype, Samples, Sink};
use crate::task::{DataScore, DataSet, Split};

/// The scores of all individuals on a split of a data set, in order.
pub(super) fn data_scores(
    graphs: &CompiledGraphs,
    data: &DataSet,
    split: Split,
    samples: &Samples,
) -> impl Iterator<Item = DataScore> {
    let weights = data.error_weights(split);
    let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
    let size = batch_size(all.len());
    let scores = all.par_chunks(size).map(|graphs| {
        data.evaluate_graphs(graphs, split, samples, &weights)
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
