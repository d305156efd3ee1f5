//! Populations of graphs on the fast CPU path.

use rayon::prelude::*;

use super::{Cpu, Crew, crew, episodes_side_by_side};
use crate::backend::Episodes;
use crate::backend::graphs::Compiled;
use crate::math::{Instructions, Lanes, vectorised};
use crate::network::{GraphPasses, Phenotype, Samples, Sink};
use crate::random::Place;
use crate::task::{Cast, DataSet, Outcome, Part, Simulation, Verdict};

impl Cpu {
    /// The outcomes of all individuals and what was seen, as [`Cpu::outcomes`] of genomes.
    pub(super) fn graph_outcomes(
        &self,
        graphs: &Compiled,
        simulation: &dyn Simulation,
        episodes: &Episodes,
    ) -> (Vec<Outcome>, Vec<f64>) {
        let individuals = graphs.phenotypes.len();
        let span = episodes.span(simulation.shape().step_limit);
        let count = episodes.count as usize;
        let words = self.words_seen();
        let side_by_side = episodes_side_by_side(individuals, count, 0);
        let each = if side_by_side { count } else { 1 };
        let mut outcomes = vec![Outcome::default(); individuals * each];
        let mut seen = vec![0.0; individuals * each * words];
        let together = if side_by_side { count } else { individuals };
        let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
        self.crews(&mut outcomes, &mut seen, together).into_par_iter().for_each(|crew| {
            let Crew { first, outcomes, normaliser } = crew;
            if side_by_side {
                let cast = Cast::EpisodesOfGraph(all[first / count]);
                let first = Place { individual: (first % count) as u32, ..episodes.first() };
                simulation.turns(&self.network, cast, first, span, outcomes, normaliser);
            } else {
                let graphs = &all[first..first + outcomes.len()];
                let cast = Cast::Graphs { graphs, episodes: episodes.count };
                simulation.turns(&self.network, cast, episodes.first(), span, outcomes, normaliser);
            }
        });
        (graphs.put_back(&outcomes, each), graphs.put_back(&seen, each * words))
    }
}

/// How all individuals do on a part of a data set, in order.
pub(super) fn verdicts(
    graphs: &Compiled,
    data: &DataSet,
    part: Part,
    samples: &Samples,
) -> impl Iterator<Item = Verdict> {
    let variance = data.variance(part);
    let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
    let crew = crew(all.len());
    let judged = all.par_chunks(crew).map(|graphs| {
        data.judge_graphs(graphs, part, samples, variance).into_iter().map(Some).collect::<Vec<_>>()
    });
    let judged = judged.collect::<Vec<_>>().concat();
    graphs.put_back(&judged, 1).into_iter().flatten()
}

/// What all individuals say to all samples: `f32[individuals][samples][outputs]`.
pub(super) fn forward(graphs: &Compiled, samples: &Samples) -> Vec<f32> {
    let all: Vec<&Phenotype> = graphs.phenotypes.iter().collect();
    let outputs = all.first().map_or(0, |graph| graph.outputs.len());
    let each = samples.count() * outputs;
    let written = all.par_iter().map(|&graph| {
        let mut rows = [Rows { outputs: vec![0.0; each] }];
        vectorised(GraphPasses { graphs: &[graph], samples, sinks: &mut rows });
        let [rows] = rows;
        rows.outputs
    });
    graphs.put_back(&written.collect::<Vec<_>>().concat(), each)
}

/// Writes outputs out, sample by sample.
struct Rows {
    outputs: Vec<f32>,
}

impl Sink for Rows {
    #[inline(always)]
    fn take<I: Instructions>(&mut self, first: usize, count: usize, outputs: &[Lanes<I>]) {
        for lane in 0..count {
            for (place, output) in outputs.iter().enumerate() {
                self.outputs[(first + lane) * outputs.len() + place] = output.0[lane];
            }
        }
    }
}
