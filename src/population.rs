//! Populations: the recipes they are made from, and the layout they are packed in.
//!
//! A strategy describes a population by a [`Proposal`], a few kilobytes; a backend makes the
//! individuals where they are scored.
//!
//! # The packed layout
//!
//! All genomes stand in one buffer of `f32` or `f16`, in blocks of `lanes` individuals. Within a
//! block the same gene of neighbouring individuals is adjacent, so that neighbours on a device read
//! neighbouring words:
//!
//! ```text
//!           block 0                                block 1
//!          ┌─────────────────────────────────────┬────────────────────── ..
//!  gene 0  │ i0 i1 i2 .. i(L-1)                  │ iL i(L+1) ..
//!  gene 1  │ i0 i1 i2 .. i(L-1)                  │
//!   ..     │                                     │       L = lanes
//!  gene G-1│ i0 i1 i2 .. i(L-1)                  │       G = genes
//!          └─────────────────────────────────────┴────────────────────── ..
//!  place of (individual i, gene g) = ((i / L) * S + g) * L + i % L          S = stride
//! ```
//!
//! With one lane a block is a genome, and the buffer is a plain matrix of rows. The last block may
//! be partly empty. In single precision the stride S is G; in half precision it is the next
//! multiple of eight, so that every row begins at a multiple of sixteen bytes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::{Graph, Precision, Substrate};
use crate::random::{Place, Stream};

/// The sizes of a packed population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Individuals.
    pub individuals: usize,
    /// Genes of each.
    pub genes: usize,
    /// Individuals in a block.
    pub lanes: usize,
    /// What genes are kept in.
    pub precision: Precision,
}

impl Layout {
    /// The place of a gene of an individual, in numbers from the buffer's beginning.
    pub fn place(&self, individual: usize, gene: usize) -> usize {
        (individual / self.lanes * self.stride() + gene) * self.lanes + individual % self.lanes
    }

    /// Rows of a block: its genes, and in half precision what fills them up.
    pub fn stride(&self) -> usize {
        match self.precision {
            Precision::Single => self.genes,
            Precision::Half => self.genes.next_multiple_of(8),
        }
    }

    /// Blocks in the buffer.
    pub fn blocks(&self) -> usize {
        self.individuals.div_ceil(self.lanes)
    }

    /// Numbers of a block.
    pub fn block_numbers(&self) -> usize {
        self.stride() * self.lanes
    }

    /// Bytes of a block.
    pub fn block_bytes(&self) -> usize {
        self.block_numbers() * self.precision.bytes()
    }

    /// Bytes of the buffer.
    pub fn bytes(&self) -> usize {
        self.blocks() * self.block_bytes()
    }
}

/// Where the noise of a population comes from: all but individual and block of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoiseKey {
    /// The run's seed.
    pub seed: u64,
    /// The generation, counted from 0.
    pub generation: u32,
}

impl NoiseKey {
    /// The place of an individual's draws.
    pub fn place(&self, stream: Stream, individual: usize) -> Place {
        let individual = individual as u32;
        Place { seed: self.seed, stream, generation: self.generation, individual }
    }
}

/// How far individuals stray from a centre.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// The same standard deviation for every gene.
    Uniform(f32),
    /// A standard deviation for each gene.
    PerGene(Arc<[f32]>),
}

/// A cloud around a centre: `genome = centre + scale * noise`.
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// `f32[genes]`.
    pub centre: Arc<[f32]>,
    /// Standard deviations.
    pub scale: Scale,
    /// Where the noise comes from.
    pub noise: NoiseKey,
    /// Individuals.
    pub individuals: usize,
    /// Whether individuals 2k and 2k + 1 have the same noise with opposite signs; the noise is
    /// then that of individual k.
    pub mirrored: bool,
}

/// How two parents make a child.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Crossover {
    /// The child is its first parent.
    None,
    /// Each gene is the second parent's with this probability (Syswerda 1989).
    Uniform(f32),
    /// Each gene is drawn evenly from the parents' interval, lengthened by this share of itself on
    /// both sides (BLX-alpha, Eshelman and Schaffer 1993).
    Blend(f32),
}

/// One child's parents, as indices into the last population.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable, Serialize, Deserialize,
)]
#[repr(C)]
pub struct Parents {
    /// The first parent.
    pub first: u32,
    /// The second parent; the first again where there is no crossover.
    pub second: u32,
    /// 1 where the child mutates, 0 where it is an exact copy of what crossover gives.
    pub mutates: u32,
}

/// Children of the last population.
#[derive(Clone, Debug, PartialEq)]
pub struct Offspring {
    /// One entry a child.
    pub parents: Arc<[Parents]>,
    /// How two parents make a child; a child whose parents are the same one is a copy of it.
    pub crossover: Crossover,
    /// The standard deviation of a mutation.
    pub mutation: f32,
    /// The probability that a gene of a mutating child mutates.
    pub mutation_rate: f32,
    /// Where crossover and mutation draw from.
    pub noise: NoiseKey,
}

/// Genomes written out.
#[derive(Clone, Debug, PartialEq)]
pub struct Explicit {
    /// `f32[individuals][genes]`, row-major.
    pub genomes: Arc<[f32]>,
    /// Genes of each.
    pub genes: usize,
}

/// Graphs written out: individuals of any topology, which backends compile and pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Graphs {
    /// One an individual, all with as many inputs and outputs.
    pub individuals: Arc<[Arc<Graph>]>,
}

/// Genomes painted by graphs, each gene by what its individual's graph says of the two ends of the
/// connection (HyperNEAT).
#[derive(Clone, Debug, PartialEq)]
pub struct Painted {
    /// One an individual, of six inputs and one output.
    pub graphs: Graphs,
    /// Where genes are, and what answers mean.
    pub substrate: Arc<Substrate>,
}

/// One individual, written out.
#[derive(Clone, Debug, PartialEq)]
pub enum Individual {
    /// The genome of a network of layers.
    Genome(Vec<f32>),
    /// A graph.
    Graph(Arc<Graph>),
}

impl Individual {
    /// The parameters of the network: the genome, or the weights of a graph's enabled connections.
    pub fn parameters(&self) -> Vec<f32> {
        match self {
            Self::Genome(genome) => genome.clone(),
            Self::Graph(graph) => graph.weights(),
        }
    }

    /// The graph, if it is one.
    pub fn graph(&self) -> Option<&Arc<Graph>> {
        match self {
            Self::Genome(_) => None,
            Self::Graph(graph) => Some(graph),
        }
    }

    /// The recipe of a population of this one alone.
    pub fn alone(&self) -> Proposal {
        match self {
            Self::Genome(genome) => {
                let (genomes, genes) = (Arc::from(&genome[..]), genome.len());
                Proposal::Explicit(Explicit { genomes, genes })
            }
            Self::Graph(graph) => Proposal::Graphs(Graphs { individuals: [graph.clone()].into() }),
        }
    }
}

/// A recipe for a population.
#[derive(Clone, Debug, PartialEq)]
pub enum Proposal {
    /// A cloud around a centre.
    Gaussian(Gaussian),
    /// Children of the last population.
    Offspring(Offspring),
    /// Genomes written out.
    Explicit(Explicit),
    /// Graphs written out.
    Graphs(Graphs),
    /// Genomes painted by graphs.
    Painted(Painted),
}

impl Proposal {
    /// Individuals that it makes.
    pub fn individuals(&self) -> usize {
        match self {
            Self::Gaussian(gaussian) => gaussian.individuals,
            Self::Offspring(offspring) => offspring.parents.len(),
            Self::Explicit(explicit) => explicit.genomes.len() / explicit.genes.max(1),
            Self::Graphs(graphs) => graphs.individuals.len(),
            Self::Painted(painted) => painted.graphs.individuals.len(),
        }
    }

    /// Individuals that children can be bred from: graphs have genomes of other kinds.
    pub fn parents(&self) -> Option<usize> {
        (!matches!(self, Self::Graphs(_))).then(|| self.individuals())
    }

    /// Checks the recipe against the genes of the network and the population before it; graphs have
    /// genes of their own.
    ///
    /// # Errors
    /// Lengths that do not fit, deviations that are not finite or are negative, shares that are
    /// none, parents that do not exist, graphs that are none.
    pub fn check(&self, genes: usize, previous: Option<usize>) -> Result<()> {
        match self {
            Self::Gaussian(gaussian) => gaussian.check(genes),
            Self::Offspring(offspring) => offspring.check(previous),
            Self::Explicit(explicit) => explicit.check(genes),
            Self::Graphs(graphs) => graphs.check(),
            Self::Painted(painted) => painted.check(genes),
        }
    }
}

impl Gaussian {
    fn check(&self, genes: usize) -> Result<()> {
        expect_length("a Gaussian proposal's centre", genes, self.centre.len())?;
        if let Scale::PerGene(scale) = &self.scale {
            expect_length("a Gaussian proposal's scale", genes, scale.len())?;
        }
        let scales = match &self.scale {
            Scale::Uniform(scale) => std::slice::from_ref(scale),
            Scale::PerGene(scale) => scale,
        };
        if let Some(bad) = scales.iter().find(|scale| !(scale.is_finite() && **scale >= 0.0)) {
            return Err(Error::invalid("a Gaussian proposal's scale", "a finite number >= 0", bad));
        }
        if self.mirrored && self.individuals % 2 == 1 {
            let expected = "an even number of individuals with mirrored sampling";
            return Err(Error::invalid("a Gaussian proposal", expected, self.individuals));
        }
        Ok(())
    }
}

impl Offspring {
    fn check(&self, previous: Option<usize>) -> Result<()> {
        let Some(previous) = previous else {
            let expected = "a population spawned before";
            return Err(Error::invalid("an Offspring proposal", expected, "none"));
        };
        let missing = |parents: &&Parents| parents.first.max(parents.second) as usize >= previous;
        if let Some(bad) = self.parents.iter().find(missing) {
            let expected = format!("indices below {previous}");
            let got = format!("{bad:?}");
            return Err(Error::invalid("an Offspring proposal's parents", expected, got));
        }
        let finite = |value: f32| value.is_finite() && value >= 0.0;
        let share = |value: f32| (0.0..=1.0).contains(&value);
        let (crosses, amount) = match self.crossover {
            Crossover::None => (true, 0.0),
            Crossover::Uniform(rate) => (share(rate), rate),
            Crossover::Blend(alpha) => (finite(alpha), alpha),
        };
        let checks = [
            ("mutation", finite(self.mutation), "a finite number >= 0", self.mutation),
            (
                "mutation rate",
                share(self.mutation_rate),
                "a number from 0 to 1",
                self.mutation_rate,
            ),
            ("crossover", crosses, "a rate from 0 to 1, or a finite number >= 0", amount),
        ];
        match checks.into_iter().find(|(_, fits, _, _)| !fits) {
            None => Ok(()),
            Some((what, _, expected, got)) => {
                let what = format!("an Offspring proposal's {what}");
                Err(Error::invalid(what, expected, got))
            }
        }
    }
}

impl Explicit {
    fn check(&self, genes: usize) -> Result<()> {
        expect_length("an Explicit proposal's genes", genes, self.genes)?;
        if !self.genomes.len().is_multiple_of(genes) {
            let expected = format!("a multiple of {genes} numbers");
            return Err(Error::invalid("an Explicit proposal", expected, self.genomes.len()));
        }
        Ok(())
    }
}

impl Graphs {
    fn check(&self) -> Result<()> {
        for (index, graph) in self.individuals.iter().enumerate() {
            graph.check().map_err(|error| error.of_individual(index))?;
        }
        Ok(())
    }
}

impl Painted {
    fn check(&self, genes: usize) -> Result<()> {
        expect_length("a Painted proposal's substrate", genes, self.substrate.genes())?;
        self.graphs.check()
    }
}

fn expect_length(what: &str, expected: usize, got: usize) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::invalid(what, format!("{expected} genes"), got))
}

/// The weights of a recombination, one an individual.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Weights of the noise.
    pub first: Vec<f32>,
    /// Weights of its square, where a strategy wants that too.
    pub second: Option<Vec<f32>>,
}

/// What a recombination gives: two genomes long at most, whatever the population.
///
/// The noise of a Gaussian individual is what its recipe drew, signs of mirrored pairs included; of
/// an Explicit individual it is the genome itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `f64[genes]`: the sum over individuals of weight * noise.
    pub first: Vec<f64>,
    /// `f64[genes]`: the sum over individuals of weight * noise^2.
    pub second: Option<Vec<f64>>,
}
