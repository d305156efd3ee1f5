//! The policies that act in sixteen lanes: networks of layers, or graphs.

use crate::math::{Instructions, LANES, Lanes};
use crate::network::{GraphLanes, Network, Phenotype, Scratch, SharedGenome, WeightSource};

/// The policies of sixteen lanes. A rollout calls them through a table of functions: one call a
/// step of sixteen lanes costs nothing that can be measured, and the loop is compiled once for a
/// task.
pub trait LanePolicies<I> {
    /// Puts the individual of a work item into a lane.
    fn assign(&mut self, item: usize, lane: usize);
    /// Releases a lane for which no work item is left.
    fn release(&mut self, lane: usize);
    /// Clears the hidden state of a lane in which an episode begins.
    fn reset_lane(&mut self, lane: usize);
    /// Returns the outputs of all lanes for their observations.
    fn act<'s>(&'s mut self, observation: &'s [Lanes<I>]) -> &'s [Lanes<I>];
}

/// Networks of layers, with a genome per lane or one for all lanes.
pub(super) struct LayeredPolicies<'a, I, G> {
    network: &'a Network,
    genomes: G,
    scratch: Scratch<Lanes<I>>,
}

impl<'a, I: Instructions, G> LayeredPolicies<'a, I, G> {
    #[inline(always)]
    pub fn new(network: &'a Network, genomes: G) -> Self {
        Self { network, genomes, scratch: Scratch::for_network(network) }
    }
}

impl<I: Instructions, G: GenomeSource<I>> LanePolicies<I> for LayeredPolicies<'_, I, G> {
    #[inline(always)]
    fn assign(&mut self, item: usize, lane: usize) {
        self.genomes.assign(item, lane);
    }
    #[inline(always)]
    fn release(&mut self, _: usize) {}
    #[inline(always)]
    fn reset_lane(&mut self, lane: usize) {
        self.scratch.reset_lane(lane);
    }
    #[inline(always)]
    fn act<'s>(&'s mut self, observation: &'s [Lanes<I>]) -> &'s [Lanes<I>] {
        self.genomes.forward(self.network, observation, &mut self.scratch)
    }
}

/// Graphs, one per work item or one for all work items.
pub(super) struct GraphPolicies<'a, I> {
    batch: GraphLanes<'a, I>,
    graphs: Vec<&'a Phenotype>,
}

impl<'a, I: Instructions> GraphPolicies<'a, I> {
    pub fn new(graphs: Vec<&'a Phenotype>) -> Self {
        Self { batch: GraphLanes::for_graphs(&graphs), graphs }
    }
}

impl<I: Instructions> LanePolicies<I> for GraphPolicies<'_, I> {
    #[inline(always)]
    fn assign(&mut self, item: usize, lane: usize) {
        self.batch.assign(lane, self.graphs[item.min(self.graphs.len() - 1)]);
    }
    #[inline(always)]
    fn release(&mut self, lane: usize) {
        self.batch.release(lane);
    }
    #[inline(always)]
    fn reset_lane(&mut self, lane: usize) {
        self.batch.reset_lane(lane);
    }
    #[inline(always)]
    fn act<'s>(&'s mut self, observation: &'s [Lanes<I>]) -> &'s [Lanes<I>] {
        self.batch.step(observation)
    }
}

/// The genomes of sixteen lanes.
pub trait GenomeSource<I: Instructions> {
    /// Loads the genome of a work item into a lane.
    fn assign(&mut self, item: usize, lane: usize);
    /// Returns the outputs of the networks.
    fn forward<'a>(
        &'a self,
        network: &'a Network,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>];
}

/// One genome for all lanes: a champion's.
impl<I: Instructions> GenomeSource<I> for SharedGenome<'_> {
    #[inline(always)]
    fn assign(&mut self, _: usize, _: usize) {}
    #[inline(always)]
    fn forward<'a>(
        &'a self,
        network: &'a Network,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>] {
        network.forward_out_of_line(self, observation, scratch)
    }
}

/// A genome in each lane.
pub(super) struct LaneGenomes<'a, I> {
    /// `[parameters]`.
    lanes: Vec<Lanes<I>>,
    /// `f32[parameters]`: the genome that is being loaded.
    row: Vec<f32>,
    /// The lanes whose genes are all finite.
    finite: [bool; LANES],
    genome: &'a dyn Fn(usize, &mut [f32]),
}

impl<'a, I: Instructions> LaneGenomes<'a, I> {
    #[inline(always)]
    pub fn new(genes: usize, genome: &'a dyn Fn(usize, &mut [f32])) -> Self {
        let lanes = vec![Lanes::default(); genes];
        Self { lanes, row: vec![0.0; genes], finite: [true; LANES], genome }
    }
}

impl<I: Instructions> GenomeSource<I> for LaneGenomes<'_, I> {
    #[inline(always)]
    fn assign(&mut self, item: usize, lane: usize) {
        (self.genome)(item, &mut self.row);
        self.finite[lane] = self.row.iter().all(|gene| gene.is_finite());
        for (lanes, &gene) in self.lanes.iter_mut().zip(&self.row) {
            lanes.0[lane] = gene;
        }
    }
    #[inline(always)]
    fn forward<'a>(
        &'a self,
        network: &'a Network,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>] {
        network.forward_out_of_line(self, observation, scratch)
    }
}

impl<I: Instructions> WeightSource<Lanes<I>> for LaneGenomes<'_, I> {
    type Gene = Lanes<I>;
    #[inline(always)]
    fn row(&self, first: usize, count: usize) -> &[Lanes<I>] {
        &self.lanes[first..first + count]
    }
    #[inline(always)]
    fn splat(gene: Lanes<I>) -> Lanes<I> {
        gene
    }
    #[inline(always)]
    fn is_finite(&self) -> bool {
        self.finite == [true; LANES]
    }
}
