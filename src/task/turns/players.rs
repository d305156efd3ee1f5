//! Players: whoever acts in sixteen lanes, by layers or as graphs.

use crate::math::{Instructions, Lanes};
use crate::network::{Crew, Genome, Network, Phenotype, Scratch, Shared};

/// Who plays in the lanes. A task is compiled once for a population of layered networks, which is
/// what is hot, and once more for whoever else there is.
pub(super) trait Players<I> {
    /// Seats the individual of a turn in a lane.
    fn seat(&mut self, turn: usize, lane: usize);
    /// No turn is left for a lane.
    fn rise(&mut self, lane: usize);
    /// An episode begins in a lane.
    fn forget_lane(&mut self, lane: usize);
    /// What all say to what they see.
    fn act<'s>(&'s mut self, observation: &'s [Lanes<I>]) -> &'s [Lanes<I>];
}

/// Networks of layers.
pub(super) struct Layered<'a, I, G> {
    network: &'a Network,
    genomes: G,
    scratch: Scratch<Lanes<I>>,
}

impl<'a, I: Instructions, G> Layered<'a, I, G> {
    #[inline(always)]
    pub fn new(network: &'a Network, genomes: G) -> Self {
        Self { network, genomes, scratch: Scratch::of(network) }
    }
}

impl<I: Instructions, G: Seating<I>> Players<I> for Layered<'_, I, G> {
    #[inline(always)]
    fn seat(&mut self, turn: usize, lane: usize) {
        self.genomes.seat(turn, lane);
    }
    #[inline(always)]
    fn rise(&mut self, _: usize) {}
    #[inline(always)]
    fn forget_lane(&mut self, lane: usize) {
        self.scratch.forget_lane(lane);
    }
    #[inline(always)]
    fn act<'s>(&'s mut self, observation: &'s [Lanes<I>]) -> &'s [Lanes<I>] {
        self.genomes.forward(self.network, observation, &mut self.scratch)
    }
}

/// Graphs: one a turn, or one for all turns.
pub(super) struct Graphs<'a, I> {
    pub crew: Crew<'a, I>,
    pub graphs: &'a [&'a Phenotype],
}

impl<I: Instructions> Players<I> for Graphs<'_, I> {
    #[inline(always)]
    fn seat(&mut self, turn: usize, lane: usize) {
        self.crew.seat(lane, self.graphs[turn.min(self.graphs.len() - 1)]);
    }
    #[inline(always)]
    fn rise(&mut self, lane: usize) {
        self.crew.rise(lane);
    }
    #[inline(always)]
    fn forget_lane(&mut self, lane: usize) {
        self.crew.forget_lane(lane);
    }
    #[inline(always)]
    fn act<'s>(&'s mut self, observation: &'s [Lanes<I>]) -> &'s [Lanes<I>] {
        self.crew.step(observation)
    }
}

/// Genomes that lanes play with.
pub(super) trait Seating<I: Instructions> {
    /// Seats the individual of a turn in a lane.
    fn seat(&mut self, turn: usize, lane: usize);
    /// What the networks give.
    fn forward<'a>(
        &'a self,
        network: &'a Network,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>];
}

/// Champions are examined once in a while, so their pass need not be compiled for each task.
impl<I: Instructions> Seating<I> for Shared<'_> {
    #[inline(always)]
    fn seat(&mut self, _: usize, _: usize) {}
    #[inline(always)]
    fn forward<'a>(
        &'a self,
        network: &'a Network,
        observation: &'a [Lanes<I>],
        scratch: &'a mut Scratch<Lanes<I>>,
    ) -> &'a [Lanes<I>] {
        network.forward_apart(self, observation, scratch)
    }
}

/// A genome in each lane: `lanes[gene]`.
pub(super) struct Seats<'a, I> {
    lanes: Vec<Lanes<I>>,
    row: Vec<f32>,
    genome: &'a dyn Fn(usize, &mut [f32]),
}

impl<'a, I: Instructions> Seats<'a, I> {
    #[inline(always)]
    pub fn new(genes: usize, genome: &'a dyn Fn(usize, &mut [f32])) -> Self {
        Self { lanes: vec![Lanes::default(); genes], row: vec![0.0; genes], genome }
    }
}

impl<I: Instructions> Seating<I> for Seats<'_, I> {
    #[inline(always)]
    fn seat(&mut self, turn: usize, lane: usize) {
        (self.genome)(turn, &mut self.row);
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
        network.forward_here(self, observation, scratch)
    }
}

impl<I: Instructions> Genome<Lanes<I>> for Seats<'_, I> {
    type Gene = Lanes<I>;
    #[inline(always)]
    fn row(&self, first: usize, count: usize) -> &[Lanes<I>] {
        &self.lanes[first..first + count]
    }
    #[inline(always)]
    fn spread(gene: Lanes<I>) -> Lanes<I> {
        gene
    }
}
